import { afterAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { migrations } from '../../src/db/migrations.ts'
import { openDatabase } from '../../src/db/open.ts'
import { nextBound, percentileOf } from '../../src/runs/percentiles.ts'
import { createRunStats, dayMs, hourMs, outcomes } from '../../src/runs/stats.ts'
import { createRunStore } from '../../src/runs/store.ts'
import { tempFolder } from '../harness/folder.ts'
import { newRun } from '../harness/rows.ts'

const folder = tempFolder()
const open = (name: string, given = migrations) => openDatabase(join(folder, `${name}.db`), { migrations: given })
type Db = ReturnType<typeof open>

let seed = 11
const random = (below: number) => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % below
}

const now = Date.UTC(2026, 10, 21, 3, 20)
const seeded = Array.from({ length: 400 }, (_, i) => ({
  scriptId: 1 + random(3),
  status: outcomes[random(10)] ?? 'success',
  queuedAt: now - random(6) * dayMs - random(dayMs),
  durationMs: random(8) === 0 ? null : Math.floor(10 ** (random(700) / 100)),
  isOpen: i % 20 === 0,
}))

function addScripts(db: Db) {
  for (let id = 1; id <= 3; id++)
    db.$client.run(
      `INSERT INTO scripts (id, slug, runtime, filename, created_at, updated_at) VALUES (${id}, 's${id}', 'python', 's${id}.py', 0, 0)`,
    )
}

/** By the writes of the gateway: accepted, then ended, some of them interrupted by the next start. */
function addByStore(db: Db) {
  const store = createRunStore({ db })
  const end = {
    ...{ exitCode: 0, signal: null, errorType: null, reason: null, result: null, files: [], stderrTail: '' },
    ...{
      logLines: 0,
      logBytes: 0,
      outputBytes: 0,
      cpuMs: null,
      memoryBytesPeak: null,
      processesPeak: null,
      limitHit: null,
    },
  }
  for (const { scriptId, status, queuedAt, durationMs, isOpen } of seeded) {
    const { id } = store.insert(newRun({ scriptId, queuedAt, status: 'running', startedAt: queuedAt }))
    if (!isOpen) store.finish(id, { ...end, status, durationMs, finishedAt: queuedAt + (durationMs ?? 0) })
  }
}

function addAsRows(db: Db) {
  for (const { scriptId, status, queuedAt, durationMs, isOpen } of seeded)
    db.$client
      .query(
        `INSERT INTO runs (script_id, status, trigger, params, content_hash, queued_at, finished_at, duration_ms)
        VALUES ($scriptId, $status, 'api', '{}', '', $queuedAt, $finishedAt, $durationMs)`,
      )
      .run({
        ...{ scriptId, queuedAt, status: isOpen ? 'running' : status },
        ...{ finishedAt: isOpen ? null : queuedAt, durationMs: isOpen ? null : durationMs },
      } as never)
}

const tables = (db: Db) =>
  ['run_counts', 'run_durations'].map((table) => db.$client.query(`SELECT * FROM ${table} ORDER BY 1, 2, 3, 4`).all())

describe('what is kept as runs end is what a count over them gives', () => {
  const db = open('kept')
  addScripts(db)
  addByStore(db)
  const { stats } = createRunStats({ db })
  afterAll(() => db.$client.close())

  const exact = (values: number[], share: number) => values[Math.max(1, Math.ceil(share * values.length)) - 1] ?? null
  const isNear = (estimate: number | null, value: number | null) =>
    value === null ? estimate === null : estimate !== null && Math.abs(estimate - value) <= 0.05 * value

  test.each([
    ['a day by the hour', { from: now - dayMs, to: now }, hourMs],
    ['a week by six hours', { from: now - 7 * dayMs, to: now }, 6 * hourMs],
    ['a month by the day', { from: now - 30 * dayMs, to: now }, dayMs],
    ['a year by weeks', { from: now - 300 * dayMs, to: now }, 7 * dayMs],
    ['of one script', { from: now - dayMs, to: now, scriptId: 2 }, hourMs],
    ['of the scripts that are seen', { from: now - 7 * dayMs, to: now, scriptIds: [1, 3] }, 6 * hourMs],
    ['of a script that is not seen', { from: now - dayMs, to: now, scriptId: 2, scriptIds: [1] }, hourMs],
    ['of none', { from: now - dayMs, to: now, scriptIds: [] }, hourMs],
  ])('%s', (_, asked, stepMs) => {
    const got = stats({ ...asked, now })
    expect(got.stepMs).toBe(stepMs)
    expect(got.from <= asked.from && got.to >= asked.to && got.to - got.from === got.steps.length * stepMs).toBe(true)
    const { scriptId, scriptIds } = asked as { scriptId?: number; scriptIds?: number[] }
    const ended = seeded.filter(
      (run) =>
        !run.isOpen &&
        (scriptId === undefined || run.scriptId === scriptId) &&
        (!scriptIds || scriptIds.includes(run.scriptId)),
    )
    const within = (from: number, to: number) => ended.filter(({ queuedAt }) => queuedAt >= from && queuedAt < to)
    const counted = (runs: typeof ended) =>
      Object.fromEntries(outcomes.map((name) => [name, runs.filter(({ status }) => status === name).length]))
    expect(got.total).toEqual(counted(within(got.from, got.to)) as never)
    expect(got.steps).toEqual(got.steps.map(({ at }) => ({ at, ...counted(within(at, at + stepMs)) })) as never)
    const taken = (runs: typeof ended) => runs.flatMap(({ durationMs }) => durationMs ?? []).sort((a, b) => a - b)
    for (const { at, runs, p50, p95 } of got.durations) {
      const values = taken(within(at, at + stepMs))
      expect([runs, isNear(p50, exact(values, 0.5)), isNear(p95, exact(values, 0.95))]).toEqual([
        values.length,
        true,
        true,
      ])
    }
    const totals = [1, 2, 3]
      .map((id) => ({ id, values: taken(within(got.from, got.to).filter((run) => run.scriptId === id)) }))
      .map(({ id, values }) => ({ id, values, ms: values.reduce((sum, ms) => sum + ms, 0) }))
      .filter(({ ms }) => ms > 0)
      .sort((a, b) => b.ms - a.ms)
    expect(got.scripts.map((one) => [one.scriptId, one.totalMs])).toEqual(totals.map(({ id, ms }) => [id, ms]))
    got.scripts.forEach(({ p50, p95 }, i) => {
      const { values } = totals[i]!
      expect([isNear(p50, exact(values, 0.5)), isNear(p95, exact(values, 0.95))]).toEqual([true, true])
    })
  })

  test('the migration counts what was there before it, and rows that come ended are counted, too', () => {
    const old = open('old', migrations.slice(0, 12))
    addScripts(old)
    addAsRows(old)
    old.$client.close()
    const migrated = open('old')
    expect(tables(migrated)).toEqual(tables(db))
    migrated.$client.close()
    const rows = open('rows')
    addScripts(rows)
    addAsRows(rows)
    expect(tables(rows)).toEqual(tables(db))
    rows.$client.close()
  })

  test('what a start finds running is counted as interrupted', () => {
    const before = stats({ from: now - 30 * dayMs, to: now, now }).total
    createRunStore({ db }).interruptAll(now, 'gone')
    const after = stats({ from: now - 30 * dayMs, to: now, now }).total
    expect(after).toEqual({ ...before, interrupted: before.interrupted + seeded.filter(({ isOpen }) => isOpen).length })
  })

  test('runs that are removed stay counted; a script that is forgotten does not', () => {
    const before = stats({ from: now - 30 * dayMs, to: now, now }).total
    const ofThird = stats({ from: now - 30 * dayMs, to: now, scriptId: 3, now }).total
    db.$client.run('DELETE FROM runs')
    expect(stats({ from: now - 30 * dayMs, to: now, now }).total).toEqual(before)
    db.$client.run('DELETE FROM scripts WHERE id = 3')
    const after = stats({ from: now - 30 * dayMs, to: now, now }).total
    expect(after.success).toBe(before.success - ofThird.success)
    expect(stats({ from: now - 30 * dayMs, to: now, scriptId: 3, now }).total.success).toBe(0)
  })

  test('hours are kept for 35 days, days for 400', () => {
    const { tidy } = createRunStats({ db })
    const kept = () =>
      (db.$client.query('SELECT DISTINCT hours FROM run_counts ORDER BY 1').all() as { hours: number }[]).map(
        ({ hours }) => hours,
      )
    tidy(now + 20 * dayMs)
    expect(kept()).toEqual([1, 24])
    tidy(now + 42 * dayMs)
    expect(kept()).toEqual([24])
    tidy(now + 410 * dayMs)
    expect(kept()).toEqual([])
  })
})

test('the bounds in the database are those that percentiles are read with', () => {
  const db = open('bounds')
  const bounds = (
    db.$client.query('SELECT from_ms FROM duration_bounds ORDER BY 1').all() as { from_ms: number }[]
  ).map(({ from_ms }) => from_ms)
  expect(bounds.slice(1)).toEqual(bounds.slice(0, -1).map(nextBound))
  expect(bounds.at(-1)! > 30 * dayMs).toBe(true)
  db.$client.close()
  const worst = bounds.slice(0, -1).flatMap((fromMs) => {
    const middle = percentileOf([{ fromMs, runs: 1 }], 0.5)!
    return [fromMs, nextBound(fromMs) - 1].map((ms) => (ms === 0 ? middle : Math.abs(middle - ms) / ms))
  })
  expect(Math.max(...worst)).toBeLessThan(0.05)
  expect(percentileOf([], 0.5)).toBeNull()
})
