/** A package.json: the packages that it asks for, and what in it is refused. Bun itself never gets to see the file. */
import type { Problem } from '../../errors.ts'
import { describeJsonError } from '../../scripts/json-position.ts'
import type { Requirement } from '../model.ts'
import { npmNameProblem, parseNpmVersion } from './npm-spec.ts'
import type { Policy } from './policy.ts'
import { problemsMax, requirementsMax } from './requirements-file.ts'

export interface PackageJson {
  requirements: Requirement[]
  /** name → version; null where there are none. */
  overrides: Record<string, string> | null
  /** Path such as `/dependencies/name`. */
  problems: Problem[]
}

/** Both are installed; of a package in both, the second counts, as with npm. */
export const dependencyFields = ['dependencies', 'optionalDependencies'] as const

const refusedFields: Record<string, string> = {
  workspaces: 'Repositories of many packages are not installed: declare what the script needs under "dependencies".',
  patchedDependencies: 'Packages are installed as they are published, without patches: leave it out.',
  resolutions: 'Write it as "overrides", which npm and Bun both understand.',
}

/** null where it says nothing of packages: many a folder has one for its "type" alone. Throws nothing. */
export function parsePackageJson(text: string, policy: Policy): PackageJson | null {
  const problems: Problem[] = []
  const refuse = (path: string, message: string) => {
    if (problems.length < problemsMax) problems.push({ path, message })
  }
  const found = () => ({ requirements: [...requirements.values()], overrides, problems })
  const requirements = new Map<string, Requirement>()
  let overrides: PackageJson['overrides'] = null

  const parsed = parseJson(text)
  if ('problem' in parsed) {
    refuse('', parsed.problem)
    return found()
  }
  const { value } = parsed
  if (dependencyFields.every((field) => value[field] === undefined)) return null
  for (const [field, message] of Object.entries(refusedFields))
    if (Object.hasOwn(value, field) && !isEmpty(value[field])) refuse(`/${field}`, message)

  for (const field of dependencyFields)
    for (const [name, version] of entriesOf(value[field], `/${field}`, refuse)) {
      const requirement = read(name, version, `/${field}/${pointer(name)}`)
      if (!requirement) continue
      if (requirements.size < requirementsMax || requirements.has(name)) requirements.set(name, requirement)
      else refuse(`/${field}`, `There are more than ${requirementsMax} packages.`)
    }
  const forced: [string, string][] = []
  for (const [name, version] of entriesOf(value.overrides, '/overrides', refuse)) {
    const path = `/overrides/${pointer(name)}`
    if (typeof version === 'object')
      refuse(path, 'Overrides for one package alone are not taken: write the name and one version for all.')
    else if (typeof version === 'string' && version.startsWith('$'))
      refuse(path, 'Write the version itself instead of a name with "$".')
    else {
      const requirement = read(name, version, path)
      if (requirement) forced.push([name, requirement.url ?? (requirement.version || '*')])
    }
  }
  if (forced.length > 0) overrides = Object.fromEntries(forced)
  return found()

  function read(name: string, version: unknown, path: string): Requirement | null {
    const nameProblem = npmNameProblem(name)
    if (nameProblem) refuse(path, `${JSON.stringify(name.slice(0, 80))} ${nameProblem}.`)
    else if (typeof version !== 'string') refuse(path, 'The version must be a text such as "^1.0.0".')
    else {
      const parsed = parseNpmVersion(version, policy)
      if (!('problem' in parsed)) return npmRequirement(name, parsed)
      refuse(path, parsed.problem)
    }
    return null
  }
}

export const npmRequirement = (
  name: string,
  { version, url }: { version: string; url: string | null },
): Requirement => ({
  ...{ name, key: name, version, url },
  ...{ extras: [], marker: null, hashes: [] },
})

/** The object that the text is, or why it is none: a sentence. */
export function parseJson(text: string): { value: Record<string, unknown> } | { problem: string } {
  const json = text.startsWith('\ufeff') ? text.slice(1) : text
  try {
    const value: unknown = JSON.parse(json)
    if (isObject(value)) return { value }
    return { problem: 'It must be a JSON object, such as {"dependencies": {"is-odd": "^3.0.1"}}.' }
  } catch {
    return { problem: `It is not JSON: ${describeJsonError(json)}.` }
  }
}

function entriesOf(value: unknown, path: string, refuse: (path: string, message: string) => void): [string, unknown][] {
  if (value === undefined) return []
  if (isObject(value)) return Object.entries(value)
  refuse(path, 'It must be an object of names and versions, such as {"is-odd": "^3.0.1"}.')
  return []
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isEmpty = (value: unknown) =>
  value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0)

/** A name as a step of a JSON pointer. */
const pointer = (name: string) => name.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1')
