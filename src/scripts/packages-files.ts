/** Names of the files beside scripts that say which packages they need: lists, and the locks of what was resolved. */
import { basename } from 'node:path'
import type { RuntimeName } from './model.ts'

const names: Record<RuntimeName, [list: string, lock: string]> = {
  python: ['requirements.txt', 'requirements.lock'],
  js: ['package.json', 'bun.lock'],
}

/** Those that are one script's alone, and go where it goes. */
export const ownPackagesNames = (runtime: RuntimeName, stem: string): string[] =>
  names[runtime].map((name) => `${stem}_${name}`)

/** Whose scripts a list or lock is for, by its name, of a folder (`requirements.txt`) or a script (`x_requirements.txt`); null: it is none. */
export function packagesRuntimeOf(filename: string): RuntimeName | null {
  const [, name = ''] = /^(?:.+_)?(requirements\.(?:txt|lock)|package\.json|bun\.lock)$/.exec(basename(filename)) ?? []
  if (names.python.includes(name)) return 'python'
  return names.js.includes(name) ? 'js' : null
}

/** Any text may be one that a list includes with `-r`. */
export const mayListPackages = (filename: string): boolean =>
  packagesRuntimeOf(filename) !== null || (filename.endsWith('.txt') && !basename(filename).startsWith('.'))
