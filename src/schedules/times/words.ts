/**
 * The grammar of plain words: clauses in any order ("every weekday", "at 9:30", "in march"), each of which fills in its part of a draft;
 * sentence.ts makes a timing of it. What may mean two things is answered with a question.
 */
import { readOnce } from './once.ts'
import type { ReadWhen, WhenContext } from './parse.ts'
import { NotUnderstood, needClock, type Reader, readClocks, reader, refuse } from './reader.ts'
import { type Draft, timingOf } from './sentence.ts'
import {
  clockWords,
  fillers,
  monthWords,
  numberWords,
  ordinalWords,
  rhythmWords,
  unitWords,
  weekdayGroups,
  weekdayWords,
} from './vocabulary.ts'

export function readWords(text: string, context: WhenContext): ReadWhen {
  try {
    const once = readOnce(text, context)
    return { ok: true, timing: once ?? timingOf(readDraft(reader(text)), context) }
  } catch (error) {
    if (error instanceof NotUnderstood) return { ok: false, problem: error.message }
    throw error
  }
}

function readDraft(from: Reader): Draft {
  const draft: Draft = {
    every: null,
    weekdays: [],
    nth: [],
    dates: [],
    yearly: [],
    months: [],
    times: [],
    minutes: [],
    span: null,
    recurs: false,
    day: null,
    night: false,
  }
  while (!from.isAtEnd()) readClause(from, draft)
  return draft
}

function readClause(from: Reader, draft: Draft) {
  if (fillers.has(from.peek())) return void from.next()
  if (from.take('every', 'each')) return readEvery(from, draft)
  if (from.take('at', '@')) return readAt(from, draft)
  if (from.take('on')) return readOn(from, draft)
  if (from.take('in', 'during')) return readMonths(from, draft)
  if (from.take('between')) return readSpan(from, draft, ['and', '-', '–', 'to'])
  if (from.take('from')) return readFrom(from, draft)
  if (from.take('a', 'per')) return from.take('month', 'year', 'week', 'day') ? undefined : refuse(from.peek())
  const rhythm = rhythmWords.get(from.peek())
  if (rhythm) {
    if (from.next() === 'nightly') draft.night = true
    return setEvery(draft, ...rhythm)
  }
  if (from.peek() === 'month' || from.peek() === 'months') return void from.next()
  if (from.peek().includes(':') || clockWords.has(from.peek()) || from.peek(1) === 'am' || from.peek(1) === 'pm')
    return addTimes(from, draft)
  readDays(from, draft, false)
}

/** After "every": a number of units, days of the week, days of the month, months. */
function readEvery(from: Reader, draft: Draft) {
  draft.recurs = true
  if (from.take('half') && from.take('hour')) return setEvery(draft, 30, 'minute')
  const word = from.peek()
  const count = numberWords.get(word) ?? (/^\d+$/.test(word) ? Number(word) : null)
  const unit = unitWords.get(from.peek(count === null ? 0 : 1))
  const isOrdinal = word === 'second' && (weekdayWords.has(from.peek(1)) || ['day', 'and', ','].includes(from.peek(1)))
  if (unit && !isOrdinal) {
    if (count !== null) from.next()
    from.next()
    return setEvery(draft, count ?? 1, unit)
  }
  if (count !== null && weekdayWords.has(from.peek(1)))
    throw new NotUnderstood(
      `Write "every ${count} weeks on ${from.peek(1)}", or "the second ${from.peek(1)} of the month".`,
    )
  if (count !== null && /^[a-z]{3,}$|^[./]$/.test(from.peek(1)) && !monthWords.has(from.peek(1))) refuse(from.peek(1))
  readDays(from, draft, true)
}

function setEvery(draft: Draft, count: number, unit: NonNullable<Draft['every']>['unit']) {
  if (draft.every && (draft.every.count !== count || draft.every.unit !== unit))
    throw new NotUnderstood('There are two intervals in this; make two schedules of it.')
  draft.every = { count, unit }
  draft.recurs = true
}

function addTimes(from: Reader, draft: Draft) {
  if (draft.times.length > 0)
    throw new NotUnderstood('There are two times in different places of this; make two schedules of it.')
  const times = readClocks(from)
  if (times.length > 1 || !from.take('to', 'until', 'till', '-', '–')) return void draft.times.push(...times)
  if (draft.span) throw new NotUnderstood('There are two spans of hours in this; make two schedules of it.')
  draft.span = { from: times[0]!, to: needClock(from) }
}

/** After "at": times, or the minute of every hour. */
function readAt(from: Reader, draft: Draft) {
  if (!from.take('minute', 'minutes', ':')) return addTimes(from, draft)
  do {
    const word = from.next()
    if (!/^\d{1,2}$/.test(word)) refuse(word)
    if (Number(word) > 59) throw new NotUnderstood(`Minute ${word} is over 59.`)
    draft.minutes.push(Number(word))
  } while (/^\d{1,2}$/.test(from.peek(1)) && from.take(',', 'and'))
}

function readOn(from: Reader, draft: Draft) {
  from.take('the')
  readDays(from, draft, false)
}

/** After "from": two days of the week, or two times. */
function readFrom(from: Reader, draft: Draft) {
  if (weekdayWords.has(from.peek())) return readDays(from, draft, false)
  readSpan(from, draft, ['to', 'until', 'till', '-', '–', 'through', 'and'])
}

function readSpan(from: Reader, draft: Draft, joints: string[]) {
  if (draft.span) throw new NotUnderstood('There are two spans of hours in this; make two schedules of it.')
  const start = needClock(from)
  if (!from.take(...joints)) refuse(from.peek())
  draft.span = { from: start, to: needClock(from) }
}

function readMonths(from: Reader, draft: Draft) {
  from.take('every', 'each')
  if (!monthWords.has(from.peek())) refuse(from.peek())
  readList(from, monthWords, 12, 1, draft.months)
}

/** Days of the week, of the month or of the year, in a list. */
function readDays(from: Reader, draft: Draft, isEvery: boolean) {
  const word = from.peek()
  const group = weekdayGroups.get(word)
  if (group) {
    from.next()
    draft.recurs ||= isEvery || word.endsWith('s')
    draft.day ??= word
    return void draft.weekdays.push(...group)
  }
  if ((word === 'working' || word === 'business') && ['day', 'days'].includes(from.peek(1))) {
    from.next()
    from.next()
    draft.recurs = true
    return void draft.weekdays.push(1, 2, 3, 4, 5)
  }
  if (weekdayWords.has(word)) {
    const count = draft.weekdays.length
    const last = readList(from, weekdayWords, 7, 0, draft.weekdays)
    draft.recurs ||= isEvery || last.endsWith('days') || draft.weekdays.length - count > 1
    draft.day ??= word
    if (from.peek() === 'the')
      throw new NotUnderstood('A weekday that is also a day of the month is written in cron: "0 9 13 * +FRI".')
    return
  }
  if (monthWords.has(word)) return readMonthFirst(from, draft)
  if (ordinalOf(from) !== null) return readOrdinals(from, draft, isEvery)
  if (/^\d{1,2}$/.test(word) && monthWords.has(from.peek(1))) {
    from.next()
    return void draft.yearly.push({ day: Number(word), month: monthWords.get(from.next())! })
  }
  if (/^\d+$/.test(word) && unitWords.has(from.peek(1)))
    throw new NotUnderstood(
      `Again and again, or once? Write "every ${word} ${from.peek(1)}" or "in ${word} ${from.peek(1)}".`,
    )
  refuse(/^\d+$/.test(word) && ['/', '.'].includes(from.peek(1)) ? from.peek(1) : word)
}

/** `monday to friday and sunday`; answers the last word. Ranges may run over the end: `friday to monday`. */
function readList(
  from: Reader,
  words: ReadonlyMap<string, number>,
  size: number,
  first: number,
  into: number[],
): string {
  for (;;) {
    let last = from.next()
    const start = words.get(last)!
    into.push(start)
    if (words.has(from.peek(1)) && from.take('to', 'through', '-', '–')) {
      last = from.next()
      const end = words.get(last)!
      for (let value = start; value !== end; ) {
        value = ((value - first + 1) % size) + first
        into.push(value)
      }
    }
    const ahead = from.peek(1) === 'and' ? 2 : 1
    if (![',', 'and', '&', 'or'].includes(from.peek()) || !words.has(from.peek(ahead))) return last
    for (let count = 0; count < ahead; count++) from.next()
  }
}

/** `december 24`, `december 24th`; else the month alone. */
function readMonthFirst(from: Reader, draft: Draft) {
  const day = /^(\d{1,2})(st|nd|rd|th)?$/.exec(from.peek(1))
  if (!day || from.peek(2) === 'am' || from.peek(2) === 'pm')
    return void readList(from, monthWords, 12, 1, draft.months)
  const month = monthWords.get(from.next())!
  from.next()
  draft.yearly.push({ day: Number(day[1]), month })
}

/** `first`, `1st`, `last`. */
function ordinalOf(from: Reader): number | 'L' | null {
  const word = from.peek()
  if (word === 'last') return 'L'
  const digits = /^(\d+)(st|nd|rd|th)$/.exec(word)
  return digits ? Number(digits[1]) : (ordinalWords.get(word) ?? null)
}

/** `first and third monday`, `1st, 15th and last day`, `last weekday`, `24th of december`. */
function readOrdinals(from: Reader, draft: Draft, isEvery: boolean) {
  const ordinals: (number | 'L')[] = []
  for (;;) {
    const ordinal = ordinalOf(from)
    if (ordinal === null) break
    ordinals.push(ordinal)
    from.next()
    let ahead = 0
    while ([',', 'and', '&', 'the'].includes(from.peek(ahead))) ahead++
    if (ahead === 0 || !isOrdinal(from.peek(ahead))) break
    while (ahead-- > 0) from.next()
  }
  const what = from.peek()
  const isWorkday =
    weekdayGroups.get(what)?.length === 5 || ((what === 'working' || what === 'business') && from.peek(1) === 'day')
  const isDay = what === 'day' || what === 'days'
  if (isEvery && (isWorkday || isDay || weekdayWords.has(what))) askWhich(from, ordinals, what)
  if (isWorkday) {
    from.next()
    from.take('day')
    return addWorkdays(ordinals, draft)
  }
  if (weekdayWords.has(what)) {
    const weekdays: number[] = []
    readList(from, weekdayWords, 7, 0, weekdays)
    for (const ordinal of ordinals)
      if (ordinal !== 'L' && ordinal > 5)
        throw new NotUnderstood('A month has a first to a fifth of each weekday, and a last one.')
    draft.nth.push(...weekdays.flatMap((weekday) => ordinals.map((nth) => ({ weekday, nth }))))
    draft.recurs = true
  } else addDates(from, draft, ordinals, isDay)
}

const isOrdinal = (word: string) => word === 'last' || /^\d+(st|nd|rd|th)$/.test(word) || ordinalWords.has(word)

/** "every second monday" is a famous one. */
function askWhich(from: Reader, ordinals: (number | 'L')[], what: string) {
  let ahead = 1
  while (['of', 'the', 'every', 'each', 'a'].includes(from.peek(ahead))) ahead++
  const isOfMonth = ahead > 1 && (from.peek(ahead) === 'month' || monthWords.has(from.peek(ahead)))
  const nth = ordinals.find((ordinal) => ordinal !== 'L' && ordinal > 1)
  if (isOfMonth || nth === undefined) return
  const unit = what === 'day' ? 'days' : 'weeks'
  const suffix = nth === 2 ? 'nd' : nth === 3 ? 'rd' : 'th'
  throw new NotUnderstood(`The ${nth}${suffix} ${what} of the month, or every ${nth} ${unit}? Write one of them.`)
}

function addWorkdays(ordinals: (number | 'L')[], draft: Draft): void {
  for (const ordinal of ordinals) {
    if (ordinal !== 'L' && ordinal !== 1)
      throw new NotUnderstood(
        'Of weekdays only the first and the last one of the month are known; write a day, as in "on the 3rd".',
      )
    draft.dates.push(ordinal === 'L' ? 'LW' : '1W')
  }
  draft.recurs = true
}

function addDates(from: Reader, draft: Draft, ordinals: (number | 'L')[], isDay: boolean): void {
  if (isDay) from.next()
  else if (ordinals.includes('L')) refuse(from.peek())
  for (const ordinal of ordinals)
    if (ordinal !== 'L' && ordinal > 31) throw new NotUnderstood(`Day ${ordinal} is over 31.`)
  if (from.peek() === 'of' && monthWords.has(from.peek(1))) from.next()
  if (isDay || !monthWords.has(from.peek())) {
    draft.dates.push(...ordinals)
    draft.recurs = true
    return
  }
  const months: number[] = []
  readList(from, monthWords, 12, 1, months)
  draft.yearly.push(...months.flatMap((month) => ordinals.map((day) => ({ day: Number(day), month }))))
}
