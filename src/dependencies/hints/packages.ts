/** Which package has a module: by its name, or by a table where the names differ. */
import { builtinModules } from 'node:module'
import { pythonLibrary } from './python-library.ts'
import { pythonPackages, sharedModules, sharedRoots } from './python-packages.ts'

/**
 * Packages that have this module of Python, the usual one first; empty when it is of the language itself, or one that many
 * packages share (`google.cloud`). `members`: what is imported out of it, which may be what says the package.
 */
export function pythonPackagesOf(module: string, members: readonly string[] = []): string[] {
  const root = module.split('.')[0] ?? ''
  if (sharedRoots.has(root))
    return [...new Set([module, ...members.map((one) => `${module}.${one}`)].flatMap(sharedOf))]
  const listed = Object.hasOwn(pythonPackages, root) ? pythonPackages[root]!.split(' ') : []
  if (listed.length > 0) return listed
  return pythonLibrary.has(root) || root.startsWith('_') ? [] : [root]
}

/** What of a module that many packages share is in one of its own: the table's, or as they are named as a rule. */
function sharedOf(name: string): string[] {
  const listed = Object.keys(pythonPackages).find((one) => name === one || name.startsWith(`${one}.`))
  if (listed) return pythonPackages[listed]!.split(' ')
  for (const [pattern, wanted] of sharedModules) {
    const match = pattern.exec(name)
    const part = (index: string) => (match?.[Number(index)] ?? '').replace(/_v\d\w*$/, '').replaceAll('_', '-')
    if (match) return [wanted.replace(/\$(\d)/g, (_, index: string) => part(index))]
  }
  return []
}

/** Modules that Bun brings along, though they look like packages of npm. */
const bundled = [
  'bun',
  'ws',
  'undici',
  'node-fetch',
  'isomorphic-fetch',
  '@vercel/fetch',
  'abort-controller',
  'utf-8-validate',
]
const javascriptBuiltins: ReadonlySet<string> = new Set([...builtinModules, ...bundled])

/** Package of a specifier (`@scope/x/sub` → `@scope/x`); null for files, addresses, and what is of Bun itself. */
export function javascriptPackageOf(specifier: string): string | null {
  const [name] = /^(@[a-z0-9-][\w.-]*\/)?[A-Za-z0-9][\w.-]*(?=\/|$)/.exec(specifier) ?? []
  if (name === undefined || javascriptBuiltins.has(specifier) || javascriptBuiltins.has(name)) return null
  return name
}
