/**
 * Random expressions in random zones over ten years: against cron-parser, croner itself, and a walk over every minute. Two seconds of CPU; more with
 * TIMES_ROUNDS=1000, and TIMES_SEED for other ones.
 */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { CronExpressionParser } from 'cron-parser'
import { Cron } from 'croner'
import { between, lastUpTo, nextAfter } from '../../../src/schedules/times/next.ts'
import { DAY_MS, localAt, MINUTE_MS, nextChange, offsetAt } from '../../../src/schedules/times/offsets.ts'
import { patternsOf } from '../../../src/schedules/times/pattern.ts'
import { localText } from '../../../src/schedules/times/zone.ts'
import { cronPlan } from './plans.ts'

setDefaultTimeout(120_000)

const rounds = Number(Bun.env.TIMES_ROUNDS ?? 40)
const seed = Number(Bun.env.TIMES_SEED ?? 6)
const begin = Date.UTC(2024, 0, 1)
const end = Date.UTC(2034, 0, 1)

const zones = [
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Africa/Cairo',
  'Australia/Sydney',
]

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const random = randomFrom(seed)
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
const number = (min: number, max: number) => min + Math.floor(random() * (max - min + 1))

function field(min: number, max: number, kinds: readonly string[]): string {
  const kind = pick(kinds)
  if (kind === 'any') return '*'
  if (kind === 'step') return `*/${number(2, Math.min(max, 30))}`
  if (kind === 'one') return String(number(min, max))
  if (kind === 'list') return [...new Set([number(min, max), number(min, max), number(min, max)])].join(',')
  const from = number(min, max - 1)
  return `${from}-${number(from, max)}`
}

/** Hours of the night are likelier: that is where clocks change. */
const hour = () =>
  random() < 0.6
    ? pick(['0', '1', '2', '3', '1,2', '0-3', '2,14', '0,1,2,3'])
    : field(0, 23, ['any', 'step', 'one', 'list', 'range'])
const days = () =>
  pick([
    () => '* * *',
    () => `${field(1, 31, ['one', 'list', 'range', 'step'])} ${field(1, 12, ['any', 'list'])} *`,
    () => `* ${field(1, 12, ['any', 'any', 'range'])} ${field(0, 6, ['one', 'list', 'range'])}`,
    () => `${field(1, 31, ['one', 'list'])} * ${field(0, 6, ['one', 'list'])}`,
    () => `L ${field(1, 12, ['any', 'list'])} *`,
    () => `* * ${number(0, 6)}#${number(1, 5)}`,
    () => `* * ${number(0, 6)}L`,
  ])()
const expression = () => `${field(0, 59, ['one', 'one', 'list', 'step', 'range'])} ${hour()} ${days()}`

/** Ten years, or the first 40 times from somewhere in them. */
function spanOf(cron: string, zone: string): { after: number; upTo: number } {
  const after = begin + Math.floor(random() * 9 * 366) * DAY_MS
  const change = nextChange(zone, after, after + 366 * DAY_MS)
  const start = random() < 0.7 && change !== null ? change - number(1, 60) * 3_600_000 : after
  const times = between(cronPlan(cron, zone), start, end, 40)
  return { after: start, upTo: times.at(-1) ?? end }
}

const isPlainZone = (zone: string, at: number) => nextChange(zone, at - 2 * DAY_MS, at + 2 * DAY_MS) === null

test(`nothing is lost or doubled against cron-parser, changes of the clock aside: ${rounds} expressions`, () => {
  const wrong: string[] = []
  for (let round = 0; round < rounds; round++) {
    const [cron, zone] = [expression(), pick(zones)]
    const { after, upTo } = spanOf(cron, zone)
    const ours = between(cronPlan(cron, zone), after, upTo, 1000)
    const theirs: number[] = []
    try {
      const parsed = CronExpressionParser.parse(cron, { tz: zone, currentDate: new Date(after) })
      for (let at = parsed.next().getTime(); at <= upTo && theirs.length < 1000; at = parsed.next().getTime())
        theirs.push(at)
    } catch (error) {
      if (!String(error).includes('loop limit') && !String(error).includes('Out of')) throw error
    }
    const [mine, other] = [ours, theirs].map((times) => times.filter((at) => isPlainZone(zone, at)))
    const odd =
      mine!.length === other!.length
        ? mine!.findIndex((at, index) => at !== other![index])
        : Math.min(mine!.length, other!.length)
    if (odd !== -1)
      wrong.push(`${cron} in ${zone} after ${after}: ${mine!.length} ≠ ${other!.length}: ${mine![odd]} ${other![odd]}`)
  }
  expect(wrong).toEqual([])
})

test(`every time is croner's, at changes of the clock, too: ${rounds} expressions`, () => {
  const wrong: string[] = []
  for (let round = 0; round < rounds; round++) {
    const [cron, zone] = [expression(), pick([...zones, 'Australia/Lord_Howe', 'Africa/Casablanca'])]
    const { after } = spanOf(cron, zone)
    let at = after
    for (let count = 0; count < 25; count++) {
      const ours = nextAfter(cronPlan(cron, zone), at)
      const theirs =
        new Cron(cron, { timezone: zone, paused: true, fixedTimeRule: 'no-wildcard' })
          .nextRun(new Date(at))
          ?.getTime() ?? null
      if (ours !== theirs) wrong.push(`${cron} in ${zone} after ${localText(at, zone)}: ${ours} ≠ ${theirs}`)
      if (ours === null || ours !== theirs) break
      at = ours
    }
  }
  expect(wrong).toEqual([])
})

/** The rules, said once more in another way: of every minute, what the clock shows, and whether it has been due. */
function walked(cron: string, zone: string, from: number, to: number): number[] {
  const [pattern] = patternsOf(cron)
  const isOnClock = (local: number) => {
    const date = new Date(local)
    return pattern!.hours.includes(date.getUTCHours()) && pattern!.minutes.includes(date.getUTCMinutes())
  }
  const due: number[] = []
  const shown = new Set<number>()
  for (let at = from; at <= to; at += MINUTE_MS) {
    const local = localAt(zone, at)
    const skipped: number[] = []
    for (let gone = local - (offsetAt(zone, at) - offsetAt(zone, at - MINUTE_MS)); gone < local; gone += MINUTE_MS)
      skipped.push(gone)
    const isFresh = !pattern!.isFixed || !shown.has(local)
    if ((isOnClock(local) && isFresh) || (pattern!.isFixed && skipped.some(isOnClock))) due.push(at)
    shown.add(local)
  }
  return due
}

test.each(['Australia/Lord_Howe', 'America/New_York', 'America/Nuuk', 'America/Sao_Paulo', 'Africa/Casablanca'])(
  'of the days around changes in %s, a walk over each minute finds the same times',
  (zone) => {
    const wrong: string[] = []
    const start = zone === 'America/Sao_Paulo' ? Date.UTC(2016, 0, 1) : Date.UTC(2026, 0, 1)
    let change = nextChange(zone, start, start + 800 * DAY_MS)
    for (let count = 0; change !== null && count < 4; count++) {
      for (const cron of [
        '30 2 * * *',
        '*/10 0-3 * * *',
        '0,30 0,1,2,3,23 * * *',
        '15 */2 * * *',
        `${field(0, 59, ['list', 'step'])} ${hour()} * * *`,
        '45 22-23 * * *',
      ]) {
        const [from, to] = [change - 30 * 3_600_000, change + 30 * 3_600_000]
        const ours = between(cronPlan(cron, zone), from - 1, to, 1000)
        const theirs = walked(cron, zone, from, to)
        if (ours.join() !== theirs.join()) wrong.push(`${cron} around ${localText(change, zone)}: ${ours} ≠ ${theirs}`)
      }
      change = nextChange(zone, change, change + 400 * DAY_MS)
    }
    expect(wrong).toEqual([])
  },
)

test('lastUpTo is the last of between, with bounds and several expressions, too', () => {
  const wrong: string[] = []
  for (let round = 0; round < rounds * 2; round++) {
    const cron = random() < 0.3 ? `${expression()} | ${expression()}` : expression()
    const zone = pick([...zones, 'Australia/Lord_Howe'])
    const { after, upTo } = spanOf(cron, zone)
    const startsAt = random() < 0.3 ? after + Math.floor((upTo - after) * random()) : null
    const endsAt = random() < 0.3 ? after + Math.floor((upTo - after) * random()) : null
    const plan = { ...cronPlan(cron, zone), startsAt, endsAt }
    const bound = upTo - Math.floor(random() * (upTo - after) * 0.5)
    const last = between(plan, after, bound, 2000).at(-1) ?? null
    const found = lastUpTo(plan, bound, after)
    if (found !== last) wrong.push(`${cron} in ${zone}: ${found} ≠ ${last}`)
  }
  expect(wrong).toEqual([])
})
