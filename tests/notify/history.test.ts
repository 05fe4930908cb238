/** What rules ask of the runs before, on real rows; and that no question reads through all of them. */
import { describe, expect, test } from 'bun:test'
import { createHistoryStore } from '../../src/notify/history-store.ts'
import { createLab, sec } from './lab.ts'

const lab = await createLab()
const store = createHistoryStore({ db: lab.db })
const a = lab.script('a')
const b = lab.script('b')
const later = () => lab.pass(sec)

describe('the run before', () => {
  test('is of the same script without a schedule, or of the same schedule; cancelled ones and attempts aside', () => {
    const first = lab.ended({ scriptId: a })
    expect(store.lastEnded(first)).toBeUndefined()
    later()
    lab.ended({ scriptId: b, status: 'success' })
    lab.ended({ scriptId: a, status: 'success', scheduleId: 7 })
    lab.ended({ scriptId: a, status: 'cancelled' })
    lab.ended({ scriptId: a, status: 'success', nextAttemptId: 99 })
    const second = lab.ended({ scriptId: a, status: 'timeout' })
    expect(store.lastEnded(second)).toBe('failed')
    later()
    const scheduled = lab.ended({ scriptId: a, scheduleId: 7 })
    expect(store.lastEnded(scheduled)).toBe('success')
    expect(store.lastEnded(lab.ended({ scriptId: a, scheduleId: 8 }))).toBeUndefined()
  })

  test('of several that end at once, as a crash ends them, is the one before in their order', () => {
    const script = lab.script('c')
    lab.ended({ scriptId: script, status: 'success' })
    later()
    const [one, two] = [1, 2].map(() => lab.ended({ scriptId: script, status: 'interrupted' }))
    expect([store.lastEnded(one!), store.lastEnded(two!)]).toEqual(['success', 'interrupted'])
  })

  test('of a schedule is what was due before, and what could not be started has failed', () => {
    const due = (dueAt: number, state: string, runId: number | null = null) =>
      lab.db.$client.run(
        'INSERT INTO occurrences (schedule_id, script_id, due_at, claimed_at, state, run_id) VALUES (21, ?, ?, ?, ?, ?)',
        [a, dueAt, dueAt, state, runId],
      )
    lab.db.$client.run(
      `INSERT INTO schedules (id, script_id, expression, timing, timezone, params, sealed_params, misfire, misfire_window_ms,
      misfire_max, overlap, created_at, updated_at) VALUES (21, ?, '', '{}', 'UTC', '{}', x'00', 'once', 1, 1, 'skip', 1, 1)`,
      [a],
    )
    due(1, 'failed')
    due(2, 'ran', lab.ended({ scriptId: a, scheduleId: 21, status: 'success' }).id)
    due(3, 'skipped')
    due(4, 'ran', lab.ended({ scriptId: a, scheduleId: 21, status: 'cancelled' }).id)
    due(5, 'missed')
    expect([1, 2, 3, 5, 9].map((at) => store.lastDue(21, at))).toEqual([
      ...[undefined, 'failed' as const],
      ...(['success', 'success', 'success'] as const),
    ])
  })

  test('what good ones took, the newest first', () => {
    const script = lab.script('d')
    for (const durationMs of [1, 2, 3]) {
      lab.ended({ scriptId: script, status: 'success', durationMs })
      lab.ended({ scriptId: script, status: 'failed', durationMs: 1000 })
      later()
    }
    const run = lab.ended({ scriptId: script, status: 'success', durationMs: 4 })
    expect(store.goodDurations(run, 2)).toEqual([3, 2])
  })
})

test('every question is a walk along an index', () => {
  const said: string[] = []
  const client = lab.db.$client
  const query = client.query.bind(client)
  client.query = ((text: string) => {
    said.push(text)
    return query(text)
  }) as typeof client.query
  for (const schedule_id of [null, 7]) {
    const place = { id: 1, script_id: 1, schedule_id, finished_at: null }
    store.lastEnded(place)
    store.goodDurations(place, 20)
  }
  store.about(1)
  store.schedule(1)
  store.lastDue(7, 1)
  client.query = query as typeof client.query
  expect(said).toHaveLength(7)
  for (const text of said) {
    const steps = client.query<{ detail: string }, never[]>(`EXPLAIN QUERY PLAN ${text}`).all()
    const scans = steps.filter(({ detail }) => /^SCAN (?!\(subquery)/.test(detail))
    expect([text, scans]).toEqual([text, []])
  }
})
