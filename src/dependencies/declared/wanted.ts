/** One package as clients write it, `{name, version}`, checked before it comes near a file. */
import { GatewayError, type Problem } from '../../errors.ts'
import type { RuntimeName } from '../../scripts/model.ts'
import type { Requirement } from '../model.ts'
import type { Dependency } from '../view-model.ts'
import { npmNameProblem, parseNpmVersion } from './npm-spec.ts'
import { npmRequirement } from './package-json.ts'
import { canonicalVersion, parseSpecifiers } from './pep440.ts'
import { normaliseName, parseRequirement } from './pep508.ts'
import { allowRequirement, type Policy } from './policy.ts'

/** Throws `validation` with path `/name` or `/version`. */
export function toRequirement(runtime: RuntimeName, wanted: Dependency, policy: Policy): Requirement {
  const read = readWanted(runtime, wanted, policy)
  if ('problem' in read) throw refused([read.problem])
  return read.requirement
}

/** All of them, none twice. Throws `validation` with paths such as `/2/version`. */
export function toRequirements(runtime: RuntimeName, wanted: readonly Dependency[], policy: Policy): Requirement[] {
  const problems: Problem[] = []
  const found = new Map<string, Requirement>()
  for (const [index, one] of wanted.entries()) {
    const read = readWanted(runtime, one, policy)
    if ('problem' in read) problems.push({ ...read.problem, path: `/${index}${read.problem.path}` })
    else if (found.has(read.requirement.key))
      problems.push({ path: `/${index}/name`, message: `${read.requirement.name} is in the list twice: name it once.` })
    else found.set(read.requirement.key, read.requirement)
  }
  if (problems.length > 0) throw refused(problems)
  return [...found.values()]
}

/** What makes a name in an address or a list the same as a declared one; extras do not count. */
export const keyOf = (runtime: RuntimeName, name: string) =>
  runtime === 'python' ? normaliseName(name.replace(/\[.*$/, '').trim()) : name.trim()

const refused = (problems: Problem[]) =>
  new GatewayError('validation', problems.map(({ message }) => message).join(' '), { details: problems })

type Read = { requirement: Requirement } | { problem: Problem }

function readWanted(runtime: RuntimeName, { name, version }: Dependency, policy: Policy): Read {
  return runtime === 'python'
    ? readPython(name.trim(), version.trim(), policy)
    : readNpm(name.trim(), version.trim(), policy)
}

function readPython(name: string, version: string, policy: Policy): Read {
  const named = parseRequirement(name)
  if ('problem' in named) return { problem: { path: '/name', message: named.problem } }
  const { requirement } = named
  if (requirement.version || requirement.url || requirement.marker !== null)
    return {
      problem: {
        path: '/name',
        message: `${JSON.stringify(name.slice(0, 80))} has more than a name: put the version into "version".`,
      },
    }
  const problem = (message: string) => ({ problem: { path: '/version', message } })
  const address = /^(?:@\s*)?(https?:\/\/.*)$/is.exec(version)?.[1]
  if (address !== undefined) {
    const allowed = allowRequirement({ ...requirement, url: address }, policy)
    return 'problem' in allowed ? problem(allowed.problem) : allowed
  }
  if (/^(latest|\*|any)$/i.test(version))
    return problem('Leave the version empty for any: "*" and "latest" are for npm.')
  if (version.includes(';')) return problem('A marker (after ";") is written into the file itself.')
  const specifiers = parseSpecifiers(canonicalVersion(version) === null ? version : `==${version}`)
  if ('problem' in specifiers) return problem(specifiers.problem)
  return { requirement: { ...requirement, version: specifiers.specifiers } }
}

function readNpm(name: string, version: string, policy: Policy): Read {
  const nameProblem = npmNameProblem(name)
  if (nameProblem)
    return { problem: { path: '/name', message: `${JSON.stringify(name.slice(0, 80))} ${nameProblem}.` } }
  const parsed = parseNpmVersion(version, policy)
  if ('problem' in parsed) return { problem: { path: '/version', message: parsed.problem } }
  return { requirement: npmRequirement(name, parsed) }
}
