/** Which topmost folders a JavaScript reaches by imports that are written out. Nothing is run. */
import { readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'
import { realPath } from '../../isolation/paths.ts'
import { codeStampOf, isFreshCode } from '../../scripts/stamp.ts'

const modulesMax = 500
const moduleBytesMax = 1024 * 1024

export interface Reach {
  /** Names of folders in the root, sorted; empty: only files at the top. */
  folders: string[]
  /** Whether nothing that was read has changed since. About 1 µs for each module. */
  isCurrent(): boolean
}

interface Entry {
  /** Absolute. */
  root: string
  /** Absolute, below `root`. */
  file: string
}

/** Follows imports of imports, as long as they stay below `root`. A folder counts even where the file is not there yet. */
export function reachOf({ root, file }: Entry): Reach {
  const folders = new Set<string>()
  const stamps = new Map<string, string>()
  const missing: string[] = []
  const links = new Map<string, string>()
  const realRoot = realOf(root)
  const openedAt = Date.now()
  let isSure = true
  const open = [file]
  while (open.length > 0 && stamps.size < modulesMax) {
    const path = settled(open.pop()!)
    if (path === null) continue
    const stats = statOf(path)
    if (stamps.has(path) || !stats?.isFile()) continue
    stamps.set(path, codeStampOf(stats))
    if (isFreshCode(stats, openedAt)) isSure = false
    addFolder(path)
    if (stats.size > moduleBytesMax) continue
    for (const target of importsOf(path)) {
      if (!target.startsWith(root + sep)) continue
      addFolder(target)
      const there = filesOf(target)
      if (there.length === 0) missing.push(target)
      open.push(...there)
    }
  }
  return {
    folders: [...folders].filter((name) => statOf(join(root, name))?.isDirectory()).sort(),
    isCurrent: () => {
      if (!isSure) return false
      for (const [path, stamp] of stamps) {
        const stats = statOf(path)
        if (!stats || codeStampOf(stats) !== stamp) return false
      }
      for (const [link, real] of links) if (realOf(link) !== real) return false
      return !missing.some((target) => filesOf(target).length > 0)
    },
  }

  /** Where Bun imports it from; null: not from here. */
  function settled(path: string): string | null {
    const real = realOf(path)
    const inRoot = real.startsWith(realRoot + sep) ? join(root, relative(realRoot, real)) : null
    if (inRoot !== path) links.set(path, real)
    return inRoot
  }

  function addFolder(path: string) {
    const [top = '', ...below] = relative(root, path).split(sep)
    // An import of a folder has nothing below it, and brings its index in.
    if (below.length > 0 || path !== file) folders.add(top)
  }
}

const extensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs']
const endings = extensions.flatMap((one) => [one, `/index${one}`])

/** What an import of it may mean: the file itself, or else every one that Bun might take. */
function filesOf(target: string): string[] {
  if (isFile(target)) return [target]
  const others = [...endings.map((ending) => target + ending), target.replace(/\.([mc]?)js(x?)$/, '.$1ts$2')]
  return others.filter(isFile)
}

const isFile = (path: string) => statOf(path)?.isFile() ?? false

/** As it is where there is nothing. */
const realOf = (path: string) => realPath(path) ?? path

const statOf = (path: string): Stats | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined // ENOTDIR, EACCES: Bun cannot import it either, and says so
  }
}

/** Making one takes longer than to scan a module. */
const scanners: Partial<Record<'js' | 'ts' | 'tsx', Bun.Transpiler>> = {}

/** Absolute paths, as they are written: mostly without an ending. What cannot be read or parsed imports nothing. */
function importsOf(file: string): string[] {
  const extension = extname(file)
  const loader = extension.endsWith('x') ? 'tsx' : /ts$/.test(extension) ? 'ts' : /js$/.test(extension) ? 'js' : null
  if (!loader) return []
  try {
    scanners[loader] ??= new Bun.Transpiler({ loader })
    const imports = scanners[loader].scanImports(readFileSync(file, 'utf8'))
    return imports.flatMap(({ path }) => (/^\.\.?(\/|$)/.test(path) ? [resolve(dirname(file), path)] : []))
  } catch {
    return []
  }
}
