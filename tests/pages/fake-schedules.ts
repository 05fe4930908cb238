/** Schedules that only pretend: a few of each kind, and a journal of what was asked. */
import { GatewayError } from '../../src/errors.ts'
import type { OccurrenceState } from '../../src/schedules/model.ts'
import { localText } from '../../src/schedules/times/zone.ts'
import type {
  CalendarDay,
  CrontabEntry,
  Occurrence,
  Schedule,
  ScheduleFilter,
  ScheduleInput,
  SchedulerStatus,
  Schedules,
  Upcoming,
} from '../../src/schedules/view-model.ts'
import { epoch, iso } from './samples.ts'

const dayMs = 86_400_000

export const scheduleOf = (id: number, scriptId: number, rest: Partial<Schedule> = {}): Schedule => ({
  ...{ id, script_id: scriptId, cron_expression: '30 9 * * 1-5', kind: 'cron', words: 'Every weekday at 09:30' },
  ...{ timezone: 'Europe/Berlin', description: '', params: {}, enabled: true, state: 'active', problems: [] },
  ...{ starts_at: null, ends_at: null, jitter_sec: 0, misfire: 'once', misfire_window_min: 60, misfire_max: 10 },
  ...{ overlap: 'skip', retry: null, heartbeat_url: null, heartbeat_signals: ['success'] },
  next_runs: [1, 2, 3].map((day) => new Date(epoch + day * dayMs - id * 60_000).toISOString()),
  ...{ last_run: null, missed: 0, created_at: iso(90_000), updated_at: iso(90_000), created_by: 'anna' },
  ...rest,
})

export const occurrenceOf = (id: number, state: OccurrenceState, rest: Partial<Occurrence> = {}): Occurrence => ({
  ...{ id, schedule_id: 1, script_id: 3, due_at: iso(id * 86_400), is_manual: false, state, reason: null },
  ...{ run_id: null, run_status: null, attempt: 1, retry_at: null, count: 1, last_due_at: null },
  ...{ is_seen: false, asked_by: null },
  ...rest,
})

export const hostileText = '"\'></textarea><img src=x onerror=alert(1)>'

const lastRun = { id: 48_900, status: 'success', queued_at: iso(300), finished_at: iso(200), duration_ms: 90 } as const

export interface FakeSchedules extends Schedules {
  fake: {
    all: Schedule[]
    occurrences: Occurrence[]
    status: Partial<SchedulerStatus>
    /** What was asked to change something, one line each. */
    asked: string[]
    /** What the next change is refused for. */
    refuse: GatewayError | null
    /** What was sent to create or update. */
    inputs: ScheduleInput[]
  }
}

export function fakeSchedules(): FakeSchedules {
  const fake: FakeSchedules['fake'] = {
    all: [
      scheduleOf(1, 3, {
        ...{ description: 'Before the shop opens', last_run: lastRun, missed: 3, heartbeat_url: 'hc-ping.com' },
        params: { images: 'https://example.com/a.zip', width: 1600, token: '••••••', sizes: [320, 640] },
        retry: { count: 3, delay_sec: 60, factor: 2, delay_max_sec: 3600, jitter: 0.1, on: ['failed', 'timeout'] },
      }),
      scheduleOf(2, 3, {
        ...{ cron_expression: 'every hour', words: 'Every hour', enabled: false, state: 'paused', next_runs: [] },
        last_run: { ...lastRun, status: 'cancelled' },
      }),
      scheduleOf(3, 4, {
        ...{ state: 'broken', next_runs: [], words: 'Every 15 minutes', cron_expression: '*/15 * * * *' },
        problems: [{ path: '/params/a', message: 'must be a whole number; got "x"' }],
      }),
      scheduleOf(4, 1, {
        ...{ kind: 'once', words: 'Once, on 1 November 2026 at 03:00', cron_expression: '2026-11-01 03:00' },
        ...{ state: 'ended', next_runs: [], timezone: 'UTC' },
      }),
      scheduleOf(5, 16, { description: hostileText, words: hostileText, cron_expression: hostileText }),
      scheduleOf(6, 7, { cron_expression: 'every 5 minutes', words: 'Every 5 minutes', kind: 'every' }),
    ],
    occurrences: [
      occurrenceOf(9, 'claimed'),
      occurrenceOf(8, 'waiting', { reason: 'Run 48,000 is not over yet.' }),
      occurrenceOf(7, 'started', { run_id: 48_002, run_status: 'failed', attempt: 2, retry_at: iso(-240) }),
      occurrenceOf(6, 'started', { run_id: 48_900, run_status: 'success', is_manual: true, asked_by: 'anna' }),
      occurrenceOf(5, 'skipped', { reason: 'An earlier run of this schedule was not over.' }),
      occurrenceOf(4, 'missed', { count: 3, last_due_at: iso(1000), reason: 'The gateway was down.' }),
      occurrenceOf(3, 'failed', { reason: hostileText }),
    ],
    ...{ status: {}, asked: [], refuse: null, inputs: [] },
  }
  const say = (line: string) => {
    fake.asked.push(line)
    if (fake.refuse) throw fake.refuse
  }
  /** As the service has it: a member that is there is set. */
  const strict = (input: object) => {
    const empty = Object.keys(input).filter((name) => input[name as keyof typeof input] === undefined)
    if (empty.length > 0) throw new GatewayError('validation', `${empty.join(', ')} must not be undefined.`)
  }
  const matching = ({ id, ids, scriptId, scriptIds, state, q = '' }: ScheduleFilter) =>
    fake.all.filter(
      (one) =>
        (id === undefined || one.id === id) &&
        (ids === undefined || ids.includes(one.id)) &&
        (scriptId === undefined || one.script_id === scriptId) &&
        (scriptIds === undefined || scriptIds.includes(one.script_id)) &&
        (state === undefined || one.state === state || (state === 'missed' && one.missed > 0)) &&
        `${one.words} ${one.description}`.toLowerCase().includes(q.toLowerCase()),
    )
  const get = (scriptId: number, id: number) => {
    const found = fake.all.find((one) => one.id === id && one.script_id === scriptId)
    if (!found) throw new GatewayError('not_found', 'There is no such schedule of this script.')
    return found
  }
  const upcomingOf = (timezone: string, count: number): Upcoming[] =>
    Array.from({ length: count }, (_, index) => {
      const at = epoch + (index + 1) * dayMs
      const note = index === 1 ? '02:30 does not exist on this day, clocks go forward: it runs at 03:00' : null
      return { at: new Date(at).toISOString(), local: localText(at, timezone), note }
    })
  const changed = ({ retry: _, params, ...input }: ScheduleInput): Partial<Schedule> => ({
    ...(Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<Schedule>),
    ...(params && { params }),
  })

  return {
    fake,
    list(filter, { limit, offset, order = 'id' }) {
      const place = ({ state, next_runs }: Schedule) => `${state === 'ended' ? 1 : 0} ${next_runs[0] ?? '9'}`
      const found = matching(filter)
      const all = order === 'id' ? found : found.toSorted((a, b) => place(a).localeCompare(place(b)))
      return { items: all.slice(offset, offset + limit), total: all.length }
    },
    get,
    create(scriptId, input, asker) {
      strict(input)
      fake.inputs.push(input)
      say(`create ${scriptId} by ${asker.name}`)
      const made = scheduleOf(100 + fake.all.length, scriptId, { ...changed(input), words: 'A new one' })
      fake.all.push(made)
      return made
    },
    update(scriptId, id, input) {
      strict(input)
      fake.inputs.push(input)
      say(`update ${scriptId} ${id} ${Object.keys(input).length === 1 ? JSON.stringify(input) : ''}`.trim())
      return Object.assign(get(scriptId, id), changed(input))
    },
    remove(scriptId, id) {
      say(`remove ${scriptId} ${id}`)
      fake.all.splice(fake.all.indexOf(get(scriptId, id)), 1)
    },
    restore(scriptId, id) {
      say(`restore ${scriptId} ${id}`)
      const back = scheduleOf(id, scriptId)
      fake.all.push(back)
      return back
    },
    preview(input, count) {
      strict(input)
      const { cron_expression: text = '', timezone = 'UTC' } = input
      const refuse = (path: string, message: string) => {
        throw new GatewayError('validation', 'The schedule does not fit.', { details: [{ path, message }] })
      }
      if (text.includes('nonsense')) refuse('/cron_expression', `"${text}" says no time: write "every day at 9:00"`)
      if (timezone === 'Mars/Base') refuse('/timezone', `"${timezone}" is no time zone`)
      const warnings = text.includes('31') ? ['Months without a 31st are passed over.'] : []
      return { kind: 'cron', words: `Means ${text}`, timezone, upcoming: upcomingOf(timezone, count), warnings }
    },
    upcoming(scriptId, id, count) {
      const { state, timezone } = get(scriptId, id)
      return state === 'active' ? upcomingOf(timezone, count) : []
    },
    occurrences(scriptId, id, { limit, offset }) {
      const all = fake.occurrences.filter((one) => one.schedule_id === get(scriptId, id).id)
      return { items: all.slice(offset, offset + limit), total: all.length }
    },
    async calendar(filter, { from, to }) {
      const days: CalendarDay[] = []
      for (let at = Date.parse(from); at <= Date.parse(to); at += dayMs)
        days.push({
          date: new Date(at).toISOString().slice(0, 10),
          entries: matching(filter)
            .filter(({ state }) => state === 'active')
            .filter((_, index) => (at / dayMs + index) % 3 !== 0)
            .map(({ id, script_id }) => ({
              ...{ schedule_id: id, script_id, count: id === 6 ? 288 : 1 },
              times: [{ at: new Date(at).toISOString(), local: 'Sun 14 Mar 2027 09:30 CET' }],
            })),
        })
      return days
    },
    async runNow(scriptId, id, asker) {
      say(`run ${scriptId} ${id} by ${asker.name}`)
      return { run_id: 48_900 }
    },
    markSeen(filter) {
      say(`seen ${JSON.stringify(filter)}`)
      const hit = matching(filter).filter(({ missed }) => missed > 0)
      for (const one of hit) one.missed = 0
      return hit.length
    },
    missed: (filter) => matching(filter).reduce((sum, { missed }) => sum + missed, 0),
    status(filter) {
      const all = matching(filter)
      return {
        ...{ is_scheduling: true, problem: null, is_paused: false, other: null },
        active: all.filter(({ state }) => state === 'active').length,
        broken: all.filter(({ state }) => state === 'broken').length,
        missed: all.reduce((sum, { missed }) => sum + missed, 0),
        next_at: all.flatMap(({ next_runs }) => next_runs).sort()[0] ?? null,
        ...fake.status,
      }
    },
    dueByScript(filter) {
      const soonest = this.soonest(filter, { limit: 1000, isPerScript: true })
      return new Map(soonest.map(({ script_id, at }) => [script_id, Date.parse(at)]))
    },
    soonest(filter, { limit, isPerScript = false }) {
      const due = matching(filter)
        .filter(({ next_runs }) => next_runs.length > 0)
        .toSorted((a, b) => a.next_runs[0]!.localeCompare(b.next_runs[0]!))
      const first = due.filter((one) => due.find(({ script_id }) => script_id === one.script_id) === one)
      return (isPerScript ? first : due).slice(0, limit).map((one) => ({
        ...{ schedule_id: one.id, script_id: one.script_id, words: one.words, timezone: one.timezone },
        description: one.description,
        at: one.next_runs[0]!,
      }))
    },
    nextTimes(filter, limit) {
      const times = matching(filter).flatMap(({ next_runs, ...one }) =>
        next_runs.map((at) => ({
          ...{ schedule_id: one.id, script_id: one.script_id, words: one.words, timezone: one.timezone },
          ...{ description: one.description, at },
        })),
      )
      return times.sort((a, b) => a.at.localeCompare(b.at)).slice(0, limit)
    },
    importCrontab(text, { isApplied, lines, enabled, timezone, asker }) {
      say(`import ${isApplied ? 'for good' : 'dry'} ${lines ?? 'all'} ${enabled} ${timezone} by ${asker.name}`)
      return text.split('\n').map((line, index): CrontabEntry => {
        const isOurs = line.includes('backup')
        const isMade = isApplied && isOurs && (lines?.includes(index + 1) ?? true)
        return {
          ...{ line: index + 1, text: line, timezone: null, warnings: isOurs ? ['Its output is kept here.'] : [] },
          cron_expression: isOurs ? '0 3 * * *' : null,
          ...{ command: line, script_id: isOurs ? 1 : null, params: isOurs ? { a: hostileText } : {} },
          heartbeat_url: isOurs ? `hc.example${hostileText}` : null,
          problem: isOurs ? null : `no script of this gateway is run by it: ${line}`,
          ...{ schedule_id: isMade ? 1 : null, existing_id: line.includes('again') ? 7 : null },
        }
      })
    },
  }
}
