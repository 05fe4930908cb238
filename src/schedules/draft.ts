/** From what was sent to what is stored: all that is wrong with it is said at once. */
import { GatewayError, type Problem } from '../errors.ts'
import type { Entry } from '../scripts/catalog.ts'
import type { Setting } from '../settings/settings.ts'
import { fireTime } from './fire-time.ts'
import { type Given, isHost, readInput } from './input.ts'
import type { TimePlan, Timing } from './model.ts'
import { readMoment } from './moment.ts'
import { fileProblems, fitParams, hiddenIn, shownParams, unmaskParams } from './params.ts'
import type { NewSchedule } from './queries.ts'
import type { ScheduleSecrets } from './sealed.ts'
import type { ScheduleRow } from './table.ts'
import { nextAfter } from './times/next.ts'
import { movedOnce } from './times/once.ts'
import { parseWhen, type ReadWhen } from './times/parse.ts'
import { neverDue } from './times/warnings.ts'
import { normalZone, systemZone } from './times/zone.ts'
import { zoneHint } from './times/zone-hint.ts'
import type { Schedule } from './view-model.ts'

export interface DraftDeps {
  setting: Setting
  secrets: ScheduleSecrets
  /** Names of parameters that will be set later: without them it is broken, and not refused. */
  lacks?: string[]
  /** From 0 to less than 1. */
  random(): number
}

/** What is there already. */
export interface Before {
  row: ScheduleRow
  shown: Schedule
  /** Whether who asks may edit the script. */
  mayEdit: boolean
}

/** The columns that a client has a say in, and when it is due next. */
export type Draft = Omit<NewSchedule, 'scriptId' | 'createdAt' | 'updatedAt' | 'createdBy'>

/**
 * `before`: what is left out stays as it is there; without it, it gets its default. Throws `validation` with everything that is
 * wrong, and `conflict` where parameters are sent for a script whose schema is not known.
 */
export function draftOf(
  { setting, secrets, random, lacks = [] }: DraftDeps,
  entry: Entry,
  input: unknown,
  before: Before | null,
  now: number,
): Draft {
  const { given, problems } = readInput(input, before?.shown ?? null)
  const row = before?.row
  const when = readWhen(given, row, setting, now, problems)
  const ofParams = readParams(entry, given, before, { secrets, setting, lacks }, problems)
  const heartbeatUrl = readHeartbeat(given, before, entry.row.id, secrets, problems)
  if (problems.length > 0 || !when) throw refused(problems)
  const jitterMs = given.jitter_sec === undefined ? (row?.jitterMs ?? 0) : Math.round(given.jitter_sec * 1000)
  const enabled = given.enabled ?? row?.enabled ?? true
  return {
    ...when,
    ...ofParams,
    heartbeatUrl,
    description: given.description ?? row?.description ?? '',
    enabled,
    jitterMs,
    misfire: given.misfire ?? row?.misfire ?? 'once',
    misfireWindowMs:
      given.misfire_window_min === undefined ? (row?.misfireWindowMs ?? hourMs) : given.misfire_window_min * minuteMs,
    misfireMax: given.misfire_max ?? row?.misfireMax ?? 10,
    overlap: given.overlap ?? row?.overlap ?? 'skip',
    retry: given.retry === undefined ? (row?.retry ?? null) : given.retry,
    heartbeatSignals: given.heartbeat_signals ?? row?.heartbeatSignals ?? ['success'],
    ...nextTimes({ ...when, enabled, jitterMs }, row, now, random),
  }
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export function refused(problems: Problem[]): GatewayError {
  const said = problems.slice(0, 5).map(saidOf)
  const more = problems.length > 5 ? [`And ${problems.length - 5} more.`] : []
  return new GatewayError('validation', `The schedule is not valid: ${[...said, ...more].join(' ')}`, {
    details: problems,
  })
}

/** With the name of the member, unless it is a sentence of its own. */
function saidOf({ path, message }: Problem): string {
  const isSentence = /^[A-Z"]/.test(message)
  const text = isSentence ? message : `${path.slice(1) || 'it'} ${message}`
  return /[.?!]$/.test(text) ? text : `${text}.`
}

interface When extends TimePlan {
  expression: string
}

/** What says when it is due; null with problems. `mayBeNever`: one that is never due is no problem. */
export function readWhen(
  given: Given,
  row: ScheduleRow | undefined,
  setting: Setting,
  now: number,
  problems: Problem[],
  { mayBeNever = false } = {},
): When | null {
  const zone =
    given.timezone === undefined
      ? (row?.timezone ?? usualZone(setting))
      : given.timezone === '' // the default
        ? usualZone(setting)
        : zoneOf(given.timezone, problems)
  const timezone = zone ?? usualZone(setting) // what else is wrong is said, too
  const startsAt = boundOf('starts_at', given.starts_at, timezone, row?.startsAt ?? null, problems)
  const endsAt = boundOf('ends_at', given.ends_at, timezone, row?.endsAt ?? null, problems)
  const isTurned = startsAt !== null && endsAt !== null && endsAt < startsAt
  if (isTurned) problems.push({ path: '/ends_at', message: 'must not be before starts_at' })
  const expression = (given.cron_expression ?? row?.expression)?.trim()
  if (expression === undefined) {
    // one that was sent and does not fit has its problem already
    if (!problems.some(({ path }) => path === '/cron_expression')) problems.push(missingExpression)
    return null
  }
  const isSaidAgain = given.cron_expression !== undefined
  const timing = timingOf(expression, { timezone, startsAt, now }, row, isSaidAgain)
  if ('problem' in timing) {
    problems.push({ path: '/cron_expression', message: timing.problem })
    return null
  }
  const when = { expression, timing, timezone, startsAt, endsAt }
  if (zone === null) return null
  if (!mayBeNever && !isTurned && (!row || isOtherPlan(when, row))) refuseNever(when, now, given, problems)
  return when
}

const missingExpression = {
  path: '/cron_expression',
  message: 'is required: cron such as "30 9 * * 1-5", @daily, or words such as "every weekday at 9:30"',
}

/** The zone of schedules that name none. */
export const usualZone = (setting: Setting): string => normalZone(setting('schedule_timezone')) ?? systemZone()

/** The proper name; null with a problem. */
export function zoneOf(name: string, problems: Problem[]): string | null {
  const zone = normalZone(name)
  if (zone) return zone
  problems.push({
    path: '/timezone',
    message: `must be an IANA time zone such as Europe/Berlin or UTC; got ${JSON.stringify(name.slice(0, 64))}${zoneHint(name)}`,
  })
  return null
}

function boundOf(
  name: 'starts_at' | 'ends_at',
  text: string | null | undefined,
  timezone: string,
  before: number | null,
  problems: Problem[],
): number | null {
  if (text === undefined) return before
  if (text === null) return null
  const at = readMoment(text, timezone, { isEnd: name === 'ends_at' })
  if (at !== null) return at
  problems.push({
    path: `/${name}`,
    message: `must be a time such as 2027-03-01T09:00:00Z, or a day such as 2027-03-01; got ${JSON.stringify(text)}`,
  })
  return null
}

/**
 * The same words in the same zone mean what they meant when they were written: "in 10 minutes" is not put off by who changes the description,
 * and neither are the times that "every 7 minutes" is counted from. Words of one moment that are said again once it is over
 * (`isSaidAgain`) mean a new one.
 */
function timingOf(
  expression: string,
  context: { timezone: string; startsAt: number | null; now: number },
  row: ScheduleRow | undefined,
  isSaidAgain: boolean,
): Timing | { problem: string } {
  const parse = () => parseWhen(expression, context)
  const parsed = row?.expression === expression ? sameWords(row, context, isSaidAgain, parse) : parse()
  return parsed.ok ? parsed.timing : { problem: parsed.problem }
}

function sameWords(
  row: ScheduleRow,
  { timezone, startsAt, now }: { timezone: string; startsAt: number | null; now: number },
  isSaidAgain: boolean,
  parse: () => ReadWhen,
): ReadWhen {
  const { timing, expression } = row
  const kept: ReadWhen = { ok: true, timing }
  if (timing.kind !== 'once') return row.timezone === timezone && row.startsAt === startsAt ? kept : parse()
  if (isSaidAgain && timing.at <= now && row.nextAt === null) {
    const anew = parse()
    if (anew.ok) return anew // "today at 9" is over, and is what it was
  }
  return row.timezone === timezone ? kept : movedOnce(expression, timing.at, row.timezone, timezone)
}

const isOtherPlan = (a: TimePlan, b: TimePlan) =>
  a.timezone !== b.timezone || a.startsAt !== b.startsAt || a.endsAt !== b.endsAt || !Bun.deepEquals(a.timing, b.timing)

function refuseNever(when: TimePlan, now: number, given: Given, problems: Problem[]) {
  if (nextFrom(when, now) !== null) return
  const isOver = when.endsAt !== null && when.endsAt <= now
  if (isOver && given.ends_at) problems.push({ path: '/ends_at', message: 'is over: it would never run' })
  else problems.push({ path: '/cron_expression', message: whyNever(when, now) })
}

function whyNever(when: TimePlan, now: number): string {
  const unbound = { ...when, startsAt: null, endsAt: null }
  return nextFrom(unbound, now) === null
    ? (neverDue(unbound, now)[0] ?? 'is never due')
    : 'is never due between its start and its end'
}

const nextFrom = (plan: TimePlan, now: number) => nextAfter(plan, Math.max(now, (plan.startsAt ?? 0) - 1))

/** What did not change stays: a time that is due at this moment is not lost, and no jitter is drawn anew. */
function nextTimes(
  plan: TimePlan & Pick<ScheduleRow, 'enabled' | 'jitterMs'>,
  row: ScheduleRow | undefined,
  now: number,
  random: () => number,
): Pick<ScheduleRow, 'nextAt' | 'fireAt'> {
  if (!plan.enabled) return { nextAt: null, fireAt: null }
  const isSame = row?.enabled && !isOtherPlan(plan, row)
  if (isSame && row.jitterMs === plan.jitterMs) return { nextAt: row.nextAt, fireAt: row.fireAt }
  const nextAt = isSame ? row.nextAt : nextFrom(plan, now)
  return { nextAt, fireAt: fireTime(plan, nextAt, plan.jitterMs, random) }
}

function readParams(
  entry: Entry,
  given: Given,
  was: Before | null,
  { secrets, setting, lacks }: Required<Pick<DraftDeps, 'secrets' | 'setting' | 'lacks'>>,
  problems: Problem[],
): Pick<ScheduleRow, 'params' | 'sealedParams' | 'problems'> {
  const row = was?.row
  if (given.params === undefined && row)
    return {
      ...{ params: row.params, sealedParams: row.sealedParams },
      problems: given.timezone === undefined ? row.problems : row.problems.filter(({ path }) => path !== '/timezone'),
    }
  if (entry.state === 'error' || entry.state === 'missing') throw unknownSchema(entry)
  const before = was && { shown: was.row.params, mayEdit: was.mayEdit, open: () => secrets.openParams(was.row) }
  const { params: sent, problems: lost } = unmaskParams(entry.params, given.params ?? {}, before)
  // Hidden stays what came back as a mask; what was sent anew is as secret as the schema says.
  const hidden = new Set([...hiddenIn(row?.params ?? {})].filter((name) => given.params?.[name] !== sent[name]))
  const own = [...lost, ...fileProblems(entry.params, sent, setting('local_file_access_patterns'))]
  const fitted = fitParams(entry, sent, hidden).problems.filter(({ path }) => !own.some((one) => one.path === path))
  const isLater = ({ path }: Problem) => lacks.some((name) => path === `/params/${name}`)
  const isRead = !problems.some(({ path }) => path === '/params') // else there are none to look at
  if (isRead) problems.push(...own, ...fitted.filter((problem) => !isLater(problem)))
  return {
    params: shownParams(entry.params, sent, hidden),
    sealedParams: Buffer.from(secrets.sealParams(entry.row.id, sent)),
    problems: fitted.filter(isLater),
  }
}

const unknownSchema = ({ state, row }: Entry) =>
  new GatewayError(
    'conflict',
    state === 'missing'
      ? 'The file of the script is gone: its parameters cannot be checked before it comes back.'
      : `The script has an error, so its parameters cannot be checked: ${row.error}`,
  )

function readHeartbeat(
  { heartbeat_url: url }: Given,
  before: Before | null,
  scriptId: number,
  secrets: ScheduleSecrets,
  problems: Problem[],
): ScheduleRow['heartbeatUrl'] {
  if (url === undefined || (url !== null && url === before?.shown.heartbeat_url))
    return before?.row.heartbeatUrl ?? null
  if (url === null) return null
  if (!isHost(url)) return Buffer.from(secrets.sealHeartbeat(scriptId, url))
  problems.push({ path: '/heartbeat_url', message: 'must be an http(s) address such as https://hc-ping.com/…' })
  return null
}
