/** What a JavaScript or TypeScript source imports, as Bun reads it, with the lines. */
import { extname } from 'node:path'
import { lineCounter } from './lines.ts'
import type { Import } from './python-imports.ts'

const importsMax = 200

/** Of its own files, too. Types only, and what only types are used of, are left out. `file`: its ending says the language. */
export function javascriptImports(text: string, file: string): Import[] {
  const modules = [...new Set(scan(text, file).map(({ path }) => path))].slice(0, importsMax)
  const lines = linesOf(modules, text)
  return modules.map((module) => ({
    ...{ module, members: [], line: lines.get(module) ?? 1 },
    ...{ isOptional: false, either: null },
  }))
}

/** What cannot be parsed imports nothing; the entry point check says why. */
function scan(text: string, file: string) {
  try {
    // At run time, too, an import that only types are used of is dropped from TypeScript.
    const language =
      extname(file) === '.ts' ? ({ loader: 'ts', trimUnusedImports: true } as const) : { loader: 'js' as const }
    return new Bun.Transpiler(language).scanImports(text)
  } catch {
    return []
  }
}

/** Of each, the first place that looks like an import, or else the first in quotes at all. In one pass: texts may be long. */
function linesOf(modules: string[], text: string): Map<string, number> {
  const lines = new Map<string, number>()
  const sure = new Set<string>()
  if (modules.length === 0) return lines
  const escaped = modules.toSorted((a, b) => b.length - a.length).map((module) => RegExp.escape(module))
  const lineAt = lineCounter(text)
  for (const { 0: module, index } of text.matchAll(new RegExp(`(?<=['"\`])(?:${escaped.join('|')})(?=['"\`])`, 'g'))) {
    if (sure.has(module)) continue
    const isSure = isImport(text, index - 1)
    if (isSure || !lines.has(module)) lines.set(module, lineAt(index))
    if (isSure) sure.add(module)
  }
  return lines
}

/** `at`: of the quote. */
function isImport(text: string, at: number): boolean {
  const before = text.slice(Math.max(text.lastIndexOf('\n', at - 1) + 1, at - 500, 0), at)
  return /\b(from|import|require|resolve)\s{0,9}\(?\s{0,9}$/.test(before) && !/^\s*(\/\/|\/?\*)/.test(before)
}
