/** Changes to the text of a declaration: what is not changed stays as it was, with its comments and its order. */
import { GatewayError } from '../../errors.ts'
import type { Requirement } from '../model.ts'
import { writeInline } from './inline.ts'
import { setMember } from './json-edit.ts'
import { joinLines, type LogicalLine, logicalLines, splitLines } from './logical-lines.ts'
import { dependencyFields, parseJson } from './package-json.ts'
import { renderRequirement } from './pep508.ts'
import { optionProblem } from './pip-options.ts'
import type { Policy } from './policy.ts'
import { parseLine } from './requirements-file.ts'

/** `exactly`: these and no others; `add`: these beside what is there; `remove`: keys that go. */
export type Change = { kind: 'add' | 'exactly'; requirements: readonly Requirement[] } | { kind: 'remove'; key: string }

/** The requirement as it is to stand where `before` did: a marker stays, hashes go with the version they were of. */
function standingIn(before: Requirement, wanted: Requirement): Requirement {
  const isAddressKept = before.url !== null && wanted.url === null && wanted.version === ''
  const isSame =
    before.extras.join() === wanted.extras.join() &&
    (isAddressKept || (before.version === wanted.version && before.url === wanted.url))
  return isSame ? before : { ...wanted, marker: before.marker }
}

/** The set as it is after the change, in its order. */
export function changeSet(before: readonly Requirement[], change: Change): Requirement[] {
  if (change.kind === 'remove') return before.filter(({ key }) => key !== change.key)
  const wanted = new Map(change.requirements.map((one) => [one.key, one]))
  const kept = before.flatMap((one) => {
    const other = wanted.get(one.key)
    return other ? [standingIn(one, other)] : change.kind === 'add' ? [one] : []
  })
  const there = new Set(before.map(({ key }) => key))
  return [...kept, ...change.requirements.filter(({ key }) => !there.has(key))]
}

/** A requirements.txt after the change. Lines that are refused stay, but for `exactly`. */
export function editRequirements(text: string, change: Change, policy: Policy): string {
  const { lines, ...form } = splitLines(text)
  const wanted = new Map(change.kind === 'remove' ? [] : change.requirements.map((one) => [one.key, one]))
  const placed = new Set<string>()
  const written = logicalLines(lines).flatMap((line) => edited(line, lines.slice(line.from, line.to + 1)))
  const added = [...wanted.values()].filter(({ key }) => !placed.has(key)).flatMap(requirementLines)
  const hasEnd = written.at(-1) === ''
  return joinLines({
    ...form,
    lines: [...(hasEnd ? written.slice(0, -1) : written), ...added, ...(hasEnd || added.length > 0 ? [''] : [])],
  })

  function edited(line: LogicalLine, asWritten: string[]): string[] {
    if (line.text === '') return asWritten
    if (line.text.startsWith('-'))
      return change.kind !== 'exactly' || optionProblem(line.text, policy) === null ? asWritten : []
    const parsed = parseLine(line.text, policy)
    if ('problem' in parsed) return change.kind === 'exactly' ? [] : asWritten
    const before = parsed.requirement
    if (change.kind === 'remove') return before.key === change.key ? [] : asWritten
    const other = wanted.get(before.key)
    if (!other) return change.kind === 'add' ? asWritten : []
    placed.add(before.key)
    const after = standingIn(before, other)
    return after === before ? asWritten : [`${renderRequirement(after)}${line.comment ? `  ${line.comment}` : ''}`]
  }
}

/** One line, and one for each hash. */
export function requirementLines(requirement: Requirement): string[] {
  const lines = [renderRequirement(requirement), ...requirement.hashes.map((hash) => `    --hash=${hash}`)]
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line))
}

/** A package.json after the change. Throws `conflict` when it is none. */
export function editPackageJson(text: string, change: Change): string {
  const parsed = parseJson(text)
  if ('problem' in parsed)
    throw new GatewayError('conflict', `The package.json cannot be changed here. ${parsed.problem}`)
  let changed = text
  for (const field of dependencyFields) {
    const before = parsed.value[field]
    const isOptional = field === 'optionalDependencies'
    if (before === undefined && isOptional) continue
    const entries = new Map(Object.entries(isRecord(before) ? before : {}))
    const optional = parsed.value.optionalDependencies
    const isElsewhere = (name: string) => !isOptional && isRecord(optional) && Object.hasOwn(optional, name)
    const after = changeEntries(entries, change, { isElsewhere, adds: !isOptional })
    if (JSON.stringify([...after]) !== JSON.stringify([...entries]) || before === undefined)
      changed = setMember(changed, field, Object.fromEntries(after))
  }
  return changed
}

function changeEntries(
  before: Map<string, unknown>,
  change: Change,
  { isElsewhere, adds }: { isElsewhere(name: string): boolean; adds: boolean },
): Map<string, unknown> {
  const after = new Map(before)
  if (change.kind === 'remove') {
    after.delete(change.key)
    return after
  }
  const wanted = new Map(change.requirements.map((one) => [one.key, one]))
  if (change.kind === 'exactly') for (const name of before.keys()) if (!wanted.has(name)) after.delete(name)
  for (const [name, { version, url }] of wanted) {
    const old = before.get(name)
    if (old === undefined && (!adds || isElsewhere(name))) continue
    const isAddressKept = typeof old === 'string' && /^https?:/i.test(old) && version === '' && url === null
    if (!isAddressKept) after.set(name, url ?? (version || '*'))
  }
  const names = [...before.keys()]
  const wasSorted = names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name)
  return wasSorted ? new Map([...after].sort(([one], [other]) => (one < other ? -1 : 1))) : after
}

/** The script with another set in its block. `before`: what stands there. Throws `conflict` where that cannot be done. */
export function editInline(source: string, before: readonly Requirement[], change: Change): string {
  const written = writeInline(source, changeSet(before, change))
  if (written === null)
    throw new GatewayError(
      'conflict',
      'The block "# /// script" of this script cannot be changed here: change its "dependencies" in the script itself.',
    )
  return written
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
