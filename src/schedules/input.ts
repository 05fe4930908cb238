/** What a client sent for a schedule, member by member: shapes and bounds. What it means is for draft.ts. */
import type { Problem } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { gotValue } from '../scripts/values.ts'
import {
  type HeartbeatSignal,
  heartbeatSignals,
  misfirePolicies,
  overlapPolicies,
  type RetryRule,
  retryOutcomes,
} from './model.ts'
import type { Schedule, ScheduleInput } from './view-model.ts'

export const bounds = {
  expressionLengthMax: 200,
  timezoneLengthMax: 64,
  descriptionLengthMax: 1000,
  paramsBytesMax: 256 * 1024,
  jitterSecMax: 24 * 60 * 60,
  misfireWindowMinMax: 31 * 24 * 60,
  misfireMaxMax: 100,
  retryCountMax: 20,
  retryDelaySecMax: 24 * 60 * 60,
  retryFactorMax: 10,
  urlLengthMax: 2000,
} as const

/** `retry` with its defaults filled in; addresses and times are still texts. */
export type Given = Omit<ScheduleInput, 'retry'> & { retry?: RetryRule | null }

/** Members that answers have and that nobody sets: what was read may be sent back. */
const answered = [
  ...['id', 'script_id', 'kind', 'words', 'state', 'problems', 'next_runs', 'last_run', 'missed'],
  ...['created_at', 'updated_at', 'created_by'],
] as const satisfies (keyof Schedule)[]
/** Of these, the ones that somebody may mean to set. The others follow from the rest, or change by the minute. */
const fixed: readonly string[] = ['id', 'script_id', 'state', 'created_at', 'created_by']

/** Every member that fits, and what is wrong with the others. `before`: of a change, the schedule as it is shown. */
export function readInput(input: unknown, before: Schedule | null): { given: Given; problems: Problem[] } {
  if (!isObject(input))
    return { given: {}, problems: [{ path: '', message: 'must be an object with the members of a schedule' }] }
  const problems: Problem[] = []
  const given: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(input)) {
    const path = `/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`
    const read = Object.hasOwn(readers, name) ? readers[name as keyof ScheduleInput] : undefined
    if (value === undefined) continue
    if (read && isDefault(name, value)) given[name] = defaults[name as keyof typeof defaults]
    else if (read) given[name] = withHint(read, name, value, path, problems)
    else problems.push(...strangerProblems(name, path, value, before))
    if (problems.length >= problemsMax) break
  }
  return { given: given as Given, problems }
}

/** What null means, of a new one and of a change: clients that fill in forms send it for what nobody filled in. */
const defaults = {
  /** The setting schedule_timezone, or the gateway's own: draft.ts knows. */
  timezone: '',
  ...{ description: '', params: {}, enabled: true, starts_at: null, ends_at: null, jitter_sec: 0 },
  ...{ misfire: 'once', misfire_window_min: 60, misfire_max: 10, overlap: 'skip', retry: null },
  ...{ heartbeat_url: null, heartbeat_signals: ['success'] },
} as const satisfies { [K in keyof Omit<ScheduleInput, 'cron_expression'>]: unknown }

/** Where a text has no meaning when it is empty, that is the default, too. */
const emptyable = ['timezone', 'starts_at', 'ends_at', 'heartbeat_url']

const isDefault = (name: string, value: unknown) =>
  Object.hasOwn(defaults, name) && (value === null || (value === '' && emptyable.includes(name)))

const kindOf = (value: unknown) => (Array.isArray(value) ? 'list' : typeof value)
const kindOfNull: Readonly<Record<string, string>> = { starts_at: 'string', ends_at: 'string', heartbeat_url: 'string' }

/** Who sent another type than the member has is told that there is a default. */
function withHint(read: Read<unknown>, name: string, value: unknown, path: string, problems: Problem[]): unknown {
  const found: Problem[] = []
  const given = read(value, path, found)
  const usual = Object.hasOwn(defaults, name) ? defaults[name as keyof typeof defaults] : undefined
  const isOtherType = usual !== undefined && kindOf(value) !== (kindOfNull[name] ?? kindOf(usual))
  const hint = isOtherType ? '; leave it out, or send null, for the default' : ''
  problems.push(
    ...found.map((problem) => (problem.path === path ? { path, message: problem.message + hint } : problem)),
  )
  return given
}

const problemsMax = 50

function strangerProblems(name: string, path: string, value: unknown, before: Schedule | null): Problem[] {
  if (before && Object.hasOwn(before, name)) {
    if (!fixed.includes(name) || Bun.deepEquals(value, before[name as keyof Schedule])) return []
    const how = name === 'state' ? ': `enabled` pauses a schedule' : ''
    return [{ path, message: `is the gateway's to say and cannot be set${how}` }]
  }
  if ((answered as readonly string[]).includes(name))
    return [{ path, message: "is the gateway's to say: leave it out" }]
  return [{ path, message: unknownMember(name, Object.keys(readers)) }]
}

function unknownMember(name: string, names: string[]): string {
  const meant = nearest(name, names)
  return meant ? `is not known here; did you mean "${meant}"?` : `is not known here; there are ${names.join(', ')}`
}

/** undefined where it does not fit, with a problem. */
type Read<T> = (value: unknown, path: string, problems: Problem[]) => T | undefined

/** What fits `isFit`; `what` says what does. */
const fitting =
  <T>(what: string, isFit: (value: unknown) => boolean, isSecret = false): Read<T> =>
  (value, path, problems) => {
    if (isFit(value)) return value as T
    problems.push({ path, message: `must be ${what}${gotValue(value, isSecret)}` })
  }

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isClean = (value: unknown): value is string =>
  typeof value === 'string' && !value.includes('\0') && value.isWellFormed()

const text = (lengthMax: number, lengthMin = 0) =>
  fitting<string>(
    lengthMin === 0 ? `a text of at most ${lengthMax} characters` : `a text of ${lengthMin} to ${lengthMax} characters`,
    (value) => isClean(value) && value.length <= lengthMax && value.trim().length >= lengthMin,
  )
const number = (min: number, max: number) =>
  fitting<number>(
    `a number from ${min} to ${max}`,
    (value) => typeof value === 'number' && value >= min && value <= max,
  )
const whole = (min: number, max: number) =>
  fitting<number>(
    `a whole number from ${min} to ${max}`,
    (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
  )
const bool = fitting<boolean>('true or false', (value) => typeof value === 'boolean')
const oneOf = <T extends string>(names: readonly T[]) =>
  fitting<T>(`one of ${names.join(', ')}`, (value) => names.includes(value as T))
const someOf = <T extends string>(names: readonly T[]) =>
  fitting<T[]>(
    `a list with one or more of ${names.join(', ')}, each once`,
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((one) => names.includes(one)) &&
      new Set(value).size === value.length,
  )
const orNull =
  <T>(read: Read<T>): Read<T | null> =>
  (value, path, problems) =>
    value === null ? null : read(value, path, problems)

const moment = text(64, 1)

const readParams: Read<Record<string, unknown>> = (value, path, problems) => {
  if (!isObject(value)) {
    problems.push({ path, message: 'must be an object with the parameters as members, such as {"name": "value"}' })
    return undefined
  }
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes <= bounds.paramsBytesMax) return value
  problems.push({
    path,
    message: `must have at most ${bounds.paramsBytesMax} bytes as JSON; got ${bytes}. Give what is long as an address`,
  })
  return undefined
}

const retryReaders: { [K in keyof RetryRule]: Read<RetryRule[K]> } = {
  count: whole(1, bounds.retryCountMax),
  delay_sec: number(1, bounds.retryDelaySecMax),
  factor: number(1, bounds.retryFactorMax),
  delay_max_sec: number(1, bounds.retryDelaySecMax),
  jitter: number(0, 1),
  on: someOf(retryOutcomes),
}

const readRetry: Read<RetryRule> = (value, path, problems) => {
  if (!isObject(value)) {
    problems.push({ path, message: 'must be an object such as {"count": 3}, or null for no retries' })
    return undefined
  }
  const found: Problem[] = []
  const given: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const read = Object.hasOwn(retryReaders, name) ? retryReaders[name as keyof RetryRule] : undefined
    if (read && member === null && name !== 'count') continue // its default
    if (read) given[name] = read(member, `${path}/${name}`, found)
    else found.push({ path: `${path}/${name.slice(0, 100)}`, message: unknownMember(name, Object.keys(retryReaders)) })
  }
  if (value.count === undefined)
    found.push({ path: `${path}/count`, message: 'is required: how many further attempts' })
  problems.push(...found)
  return found.length === 0 ? withDefaults(given as Partial<RetryRule> & { count: number }, path, problems) : undefined
}

function withDefaults(given: Partial<RetryRule> & { count: number }, path: string, problems: Problem[]) {
  const rule: RetryRule = {
    ...{ delay_sec: 60, factor: 2, delay_max_sec: Math.max(3600, given.delay_sec ?? 60), jitter: 0.1 },
    on: [...retryOutcomes],
    ...given,
  }
  if (rule.delay_max_sec >= rule.delay_sec) return rule
  problems.push({ path: `${path}/delay_max_sec`, message: `must be at least delay_sec (${rule.delay_sec})` })
  return undefined
}

/** http(s), and nothing that is only for browsers. Its value is a secret: no message repeats it. */
const readUrl = fitting<string>(
  'an http(s) address such as https://hc-ping.com/…',
  (value) => {
    if (!isClean(value) || value.length > bounds.urlLengthMax || /\s/.test(value) || !/^https?:\/\//i.test(value))
      return false
    return URL.canParse(value) && new URL(value).hash === ''
  },
  true,
)

const readers = {
  cron_expression: text(bounds.expressionLengthMax, 1),
  timezone: text(bounds.timezoneLengthMax, 1),
  description: text(bounds.descriptionLengthMax),
  params: readParams,
  enabled: bool,
  starts_at: orNull(moment),
  ends_at: orNull(moment),
  jitter_sec: number(0, bounds.jitterSecMax),
  misfire: oneOf(misfirePolicies),
  misfire_window_min: whole(1, bounds.misfireWindowMinMax),
  misfire_max: whole(1, bounds.misfireMaxMax),
  overlap: oneOf(overlapPolicies),
  retry: orNull(readRetry),
  /** A host that comes back as it was shown stands for the address. */
  heartbeat_url: orNull(((value, path, problems) =>
    typeof value === 'string' && isHost(value) ? value : readUrl(value, path, problems)) as Read<string>),
  heartbeat_signals: someOf<HeartbeatSignal>(heartbeatSignals),
} satisfies { [K in keyof Required<ScheduleInput>]: Read<unknown> }

/** As an address is shown. */
export const isHost = (text: string) => text !== '' && !text.includes('/') && URL.canParse(`http://${text}`)
