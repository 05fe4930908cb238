/** The local modules that a script imports, read off the text. Nothing is run, and nothing outside the folder is read. */
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { schemaFlag } from './args-map.ts'
import type { RuntimeName } from './model.ts'
import { statOrNull } from './stamp.ts'

const modulesMax = 40
const moduleBytesMax = 1024 * 1024

export interface ScriptText {
  runtime: RuntimeName
  /** Absolute. */
  file: string
  text: string
  /** The runtime's folder, absolute: modules are looked for in the script's folder and those above it up to here. */
  root: string
}

/**
 * Whether the script, or a local module that it imports (also through others), mentions --_sys_get_schema. One that
 * does not would take the question for an ordinary start and do its work.
 */
export async function canAnswer(script: ScriptText): Promise<boolean> {
  const mention = schemaFlag.replace(/^-+/, '')
  for await (const { text } of withLocalModules(script)) if (text.includes(mention)) return true
  return false
}

/** The script, and the local modules that it imports, also through others: each when it has been read, the nearest first. */
export async function* withLocalModules(script: ScriptText): AsyncGenerator<ScriptText> {
  yield script
  const seen = new Set([script.file])
  const open = [script]
  while (open.length > 0 && seen.size < modulesMax) {
    for (const file of await localImports(open.shift()!)) {
      if (seen.has(file) || seen.size >= modulesMax) continue
      seen.add(file)
      const module = { ...script, file, text: await readModule(file) }
      yield module
      open.push(module)
    }
  }
}

/** Absolute paths of the local files that a script imports itself. */
export async function localImports(script: ScriptText): Promise<string[]> {
  const candidates = candidatesOf[script.runtime](script).filter((path) => path.startsWith(script.root + sep))
  const isFile = await Promise.all(candidates.slice(0, 1000).map(async (path) => (await statOrNull(path))?.isFile()))
  return candidates.filter((path, index) => isFile[index] && path !== script.file)
}

/** The text of a module, empty when it cannot be read. */
export async function readModule(file: string): Promise<string> {
  const stats = await statOrNull(file)
  if (!stats?.isFile() || stats.size > moduleBytesMax) return ''
  return readFile(file, 'utf8').catch(() => '') // gone since: then it mentions nothing
}

const candidatesOf: Record<RuntimeName, (script: ScriptText) => string[]> = {
  python: (script) => pythonImports(script.text).flatMap((name) => pythonPlaces(name, script)),
  js: ({ text, file }) =>
    jsImports(text, file).flatMap((path) => {
      const base = resolve(dirname(file), path)
      const endings = ['', '.ts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js']
      return [...endings.map((ending) => base + ending), base.replace(/\.js$/, '.ts')]
    }),
}

/** Where a module of this name would be, if it were a local one; absolute. */
export function pythonPlaces(name: string, { file, root }: Pick<ScriptText, 'file' | 'root'>): string[] {
  const folders = [dirname(file)]
  while (folders.at(-1) !== root && folders.length < 10) folders.push(dirname(folders.at(-1)!))
  const path = name.replaceAll('.', '/')
  return folders.flatMap((folder) => [join(folder, `${path}.py`), join(folder, path, '__init__.py')])
}

/** `from a.b import c` gives a.b and a.b.c; dots in front are dropped, the folders above are searched anyway. */
function pythonImports(text: string): string[] {
  const lines = text.matchAll(/^[ \t]*(?:from[ \t]+\.*([\w.]*)[ \t]+import[ \t]+\(?([^\n#]*)|import[ \t]+([^\n#]+))/gm)
  const names = [...lines].flatMap(([, from, members = '', modules]) => {
    if (from === undefined) return splitNames(modules ?? '')
    return [from, ...splitNames(members).map((member) => (from ? `${from}.${member}` : member))]
  })
  return [...new Set(names)].filter((name) => /^\w+(\.\w+)*$/.test(name)).slice(0, 200)
}

const splitNames = (text: string) => text.split(',').map((part) => part.trim().split(/\s/)[0]?.replace(')', '') ?? '')

function jsImports(text: string, file: string): string[] {
  try {
    const imports = new Bun.Transpiler({ loader: file.endsWith('.ts') ? 'ts' : 'js' }).scanImports(text)
    return imports.map(({ path }) => path).filter((path) => path.startsWith('.'))
  } catch {
    return [] // what cannot be parsed imports nothing; the entry point check says why
  }
}
