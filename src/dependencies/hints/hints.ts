/** Imports that nothing declared has: which package each of them needs. Pure. */
import { normaliseName } from '../declared/pep508.ts'
import type { EnvironmentFacts, Requirement } from '../model.ts'
import type { ImportHint } from '../view-model.ts'
import type { ScriptImport } from './imports.ts'
import { javascriptPackageOf, pythonPackagesOf } from './packages.ts'
import { pythonLibrary } from './python-library.ts'
import { sharedRoots } from './python-packages.ts'

export interface Known {
  /** Of the interpreter (RuntimeFacts); empty while they are not known. */
  builtins: ReadonlySet<string>
  /** What is in force; also when it is not installed yet. */
  declared: readonly Pick<Requirement, 'key'>[]
  /** What the script runs with; null: the interpreter as it is. */
  environment: Pick<EnvironmentFacts, 'runtime' | 'packages' | 'modules'> | null
}

/** One for each package, where it is first imported; before that, where it is needed. */
export function hintsOf(
  imports: readonly ScriptImport[],
  runtime: EnvironmentFacts['runtime'],
  known: Known,
): ImportHint[] {
  const judge = runtime === 'python' ? judgePython(known) : judgeJavascript(known)
  const judged = imports.map((one) => ({ one, needs: judge(one) }))
  const isAnotherEnough = enoughElsewhere(judged)
  const hints = new Map<string, ImportHint>()
  for (const { one, needs } of judged) {
    if (needs.length === 0 || isAnotherEnough(one)) continue
    for (const need of needs) {
      const { file, line, isOptional } = one
      const before = hints.get(need.package)
      if (!before || (before.is_optional && !isOptional))
        hints.set(need.package, { ...need, file, line, is_optional: isOptional })
    }
  }
  return [...hints.values()]
}

type Need = Pick<ImportHint, 'module' | 'package' | 'is_found'>
type Judge = (one: ScriptImport) => Need[]

function judgePython({ builtins, declared, environment }: Known): Judge {
  const keys = new Set(declared.map(({ key }) => key))
  for (const { name } of environment?.packages ?? []) keys.add(normaliseName(name))
  const modules = environment?.modules ?? {}
  return ({ module, members, isOwn }) => {
    const root = module.split('.')[0]!
    if (isOwn || (pythonLibrary.has(root) && builtins.has(root))) return []
    return partsOf(module, members).flatMap((name) => {
      const packages = pythonPackagesOf(name)
      const isShared = sharedRoots.has(root)
      const isThere = Object.hasOwn(modules, isShared ? name : root) || keys.has(normaliseName(root))
      if (packages[0] === undefined || isThere || packages.some((one) => keys.has(normaliseName(one)))) return []
      const isFound = environment === null && !isShared && builtins.has(root)
      return [{ module: isShared ? name : root, package: packages[0], is_found: isFound }]
    })
  }
}

/** Of a module that many packages share, the parts that say which: `google.cloud.storage` of `from google.cloud import storage`. */
function partsOf(module: string, members: readonly string[]): string[] {
  return pythonPackagesOf(module).length > 0 ? [module] : members.map((member) => `${module}.${member}`)
}

function judgeJavascript({ builtins, declared, environment }: Known): Judge {
  const names = new Set([...declared.map(({ key }) => key), ...(environment?.packages ?? []).map(({ name }) => name)])
  return ({ module, isBeside }) => {
    const name = javascriptPackageOf(module)
    if (name === null || builtins.has(module) || builtins.has(name) || names.has(name)) return []
    return [{ module, package: name, is_found: environment === null && isBeside }]
  }
}

interface Judged {
  one: ScriptImport
  needs: Need[]
}

/** Another branch of the same `try` or `if` has all that it imports. */
function enoughElsewhere(judged: Judged[]): (one: ScriptImport) => boolean {
  const nameOf = ({ file, either }: ScriptImport) => `${either?.block} ${file}`
  const blocks = Map.groupBy(judged, ({ one }) => nameOf(one))
  const complete = new Map(
    [...blocks].map(([name, members]) => {
      const branches = Map.groupBy(members, ({ one }) => one.either?.branch)
      return [
        name,
        [...branches].flatMap(([branch, all]) => (all.every(({ needs }) => needs.length === 0) ? [branch] : [])),
      ]
    }),
  )
  return (one) =>
    one.either !== null && (complete.get(nameOf(one)) ?? []).some((branch) => branch !== one.either?.branch)
}
