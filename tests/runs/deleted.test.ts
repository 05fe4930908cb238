/** A run that was deleted by a slip comes back as it was; and nothing is half there, whenever the gateway dies. */
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { eq } from 'drizzle-orm'
import { openDatabase } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import { createDeletedRuns } from '../../src/runs/deleted.ts'
import { folderName } from '../../src/runs/plan.ts'
import { createRunStore } from '../../src/runs/store.ts'
import { type RunRow, runs } from '../../src/runs/table.ts'
import { createScriptStore } from '../../src/scripts/store.ts'
import { failureOf } from '../harness/failure.ts'
import { tempFolder } from '../harness/folder.ts'
import { newRun } from '../harness/rows.ts'

const dataDir = tempFolder()
const db = openDatabase(join(dataDir, 'gateway.db'))
afterAll(() => db.$client.close())
const store = createRunStore({ db })
const script = createScriptStore(db).insert({
  ...{ runtime: 'python', filename: 'a.py', slug: 'a', createdAt: 1, updatedAt: 1 },
})
const logPath = (id: number) => join(dataDir, 'logs', `${id}.log`)
const resultPath = (id: number) => join(dataDir, 'logs', `${id}.result.json`)
let [now, hasRoom] = [1_000_000, true]
/** As after a start: what could be brought back is not known any more. */
const start = (given: Partial<typeof store> = {}) =>
  createDeletedRuns({
    ...{ db, store: { ...store, ...given }, logPath, resultPath, dataDir },
    ...{ hasRoom: () => hasRoom, clock: { now: () => now }, log: silentLog() },
  })
let deleted = start()

const queuedAt = Date.UTC(2026, 0, 31, 23, 30)
const outputOf = (id: number) => join(dataDir, 'static/a/resources', folderName({ id, queuedAt }))
const filesOf = (id: number) => [logPath(id), `${logPath(id)}.tail.17`, resultPath(id), join(outputOf(id), 'sub/a.txt')]

const change = (id: number, to: Partial<RunRow>) => db.update(runs).set(to).where(eq(runs.id, id)).run()

function made(given: Partial<RunRow> = {}): number {
  const { id } = store.insert(newRun({ scriptId: script.id, queuedAt }))
  const finished = { status: 'success', durationMs: 1200, finishedAt: queuedAt + 1 } as const
  change(id, { ...finished, request: Buffer.from([0, 255, 1]), logKeptBytes: 7, outputKeptBytes: 9, ...given })
  for (const path of filesOf(id)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${id}`)
  }
  return id
}

/** What is there of a run: its files' texts, and its row. */
const left = (id: number) => ({
  row: store.get(id),
  files: filesOf(id).map((path) => existsSync(path) && readFileSync(path, 'utf8')),
})
const whole = (id: number) => filesOf(id).map(() => `${id}`)
const gone: ReturnType<typeof left> = { row: undefined, files: [false, false, false, false] }
const tooLate = 'deleted too long ago'
const counts = () => ['run_counts', 'run_durations'].map((table) => db.$client.query(`SELECT * FROM ${table}`).all())
const bin = () => readdirSync(join(dataDir, 'deleted/runs')).sort()
const place = (name: string) => join(dataDir, 'deleted/runs', name)

describe('deleted on a page', () => {
  test('it comes back for whoever deleted it, with its number, log, result and files, and is not counted anew', async () => {
    const [id, other] = [made(), made()]
    const before = { ...left(id), counts: counts() }
    expect(await deleted.remove(id, 'anna')).toBe(true)
    expect(left(id)).toEqual(gone)
    expect(counts()).toEqual(before.counts)
    expect(await failureOf(deleted.bringBack(id, 'bert'))).toContain(tooLate)
    expect([deleted.deletedBy(id, 'bert'), deleted.deletedBy(id, 'anna')]).toEqual([null, script.id])

    const back = deleted.bringBack(id, 'anna')
    expect(deleted.isBusy(id)).toBe(true)
    await back
    expect(deleted.isBusy(id)).toBe(false)
    expect(left(id)).toEqual({ files: whole(id), row: { ...before.row!, logKeptBytes: null, outputKeptBytes: null } })
    expect(counts()).toEqual(before.counts)
    expect([bin(), left(other).files]).toEqual([[], whole(other)])
    expect(await failureOf(deleted.bringBack(id, 'anna'))).toContain(tooLate)
    expect(await deleted.remove(id, 'anna')).toBe(true)
  })

  test.each([
    ['as it went', [1, 0]],
    ['the other way round', [0, 1]],
  ])('attempts know each other again, brought back %s', async (_, order) => {
    const first = made()
    const later = [made({ firstAttemptId: first, attempt: 2 }), made({ firstAttemptId: first, attempt: 3 })]
    const ids = [first, ...later]
    for (const [i, id] of ids.entries()) change(id, { nextAttemptId: ids[i + 1] ?? null })
    const next = () => ids.map((id) => store.get(id)?.nextAttemptId)
    for (const id of later) await deleted.remove(id, 'anna')
    expect(next()).toEqual([null, undefined, undefined])
    for (const i of order) await deleted.bringBack(later[i]!, 'anna')
    expect(next()).toEqual([later[0], later[1], null])
  })

  test('after a quarter of an hour it is gone for good, and so are its files', async () => {
    const id = made()
    await deleted.remove(id, 'anna')
    await deleted.tidy()
    expect(bin()).toContain(`${id}`)
    now += 15 * 60_000 + 1
    expect(await failureOf(deleted.bringBack(id, 'anna'))).toContain(tooLate)
    await deleted.tidy()
    expect(bin()).toEqual([])
  })

  test('a key that a later run was given stays that one’s', async () => {
    const id = made({ idempotencyKey: 'k', requestHash: 'x' })
    await deleted.remove(id, 'anna')
    const later = made({ idempotencyKey: 'k', requestHash: 'x' })
    await deleted.bringBack(id, 'anna')
    expect([store.get(id)?.idempotencyKey, store.get(later)?.idempotencyKey]).toEqual([null, 'k'])
  })

  test('on a full disk nothing is kept, and what was goes', async () => {
    const [kept, id] = [made(), made()]
    await deleted.remove(kept, 'anna')
    hasRoom = false
    expect(await deleted.remove(id, 'anna')).toBe(false)
    await deleted.tidy()
    hasRoom = true
    expect([left(id), bin(), deleted.deletedBy(kept, 'anna')]).toEqual([gone, [], null])
  })

  test('where the row cannot be removed all of it is there as before', async () => {
    const id = made()
    const failing = start({
      removeAttempt() {
        throw new Error('database is locked')
      },
    })
    expect(await failureOf(failing.remove(id, 'anna'))).toContain('locked')
    expect([left(id).files, bin()]).toEqual([whole(id), []])
  })
})

test('none comes back while its script goes with all its runs, and none is on its way when they go', async () => {
  const [id, other] = [made(), made()]
  await deleted.remove(id, 'anna')
  const late = deleted.remove(other, 'anna')
  await deleted.forgetScript(script.id)
  expect(await late).toBe(true)
  expect([deleted.deletedBy(id, 'anna'), deleted.deletedBy(other, 'anna')]).toEqual([null, null])
})

test('of as many as one act takes each comes back, whatever was deleted since', async () => {
  const [first, ...others] = Array.from({ length: 201 }, () => made())
  for (const id of [first!, ...others]) await deleted.remove(id, 'anna')
  expect(deleted.deletedBy(first!, 'anna')).toBe(script.id)
  await deleted.forgetScript(script.id)
  await deleted.tidy()
})

test('over the API nothing is kept; what is not over is refused', async () => {
  const [id, running] = [made(), made({ status: 'running', finishedAt: null })]
  expect(await deleted.remove(id)).toBe(false)
  expect([left(id), bin()]).toEqual([gone, []])
  expect(await failureOf(deleted.remove(running, 'anna'))).toContain('has not ended')
  expect(await failureOf(deleted.remove(id, 'anna'))).toContain('There is no run')
})

describe('the gateway dies', () => {
  /** As a kill leaves it: of a run that can be brought back, under the name that it had then. */
  async function killed(id: number, end: string) {
    await deleted.remove(id, 'anna')
    renameSync(place(`${id}`), place(`${id}${end}`))
  }

  test.each([
    ['after it was deleted', '', false],
    ['before its row went', '.going', true],
    ['when its row had gone', '.going', false],
  ])('%s: it is gone, with all that was kept of it', async (_, end, hasRow) => {
    const id = made()
    const row = db.$client.query('SELECT * FROM runs WHERE id = ?').get(id) as Record<string, never>
    await killed(id, end)
    if (hasRow)
      db.$client.query(`INSERT INTO runs VALUES (${Object.keys(row).map(() => '?')})`).run(...Object.values(row))
    deleted = start()
    await deleted.takeUp()
    await deleted.tidy()
    expect([left(id), bin()]).toEqual([gone, []])
  })

  test.each([
    ['none of its files was back', []],
    ['some of its files were back', ['log', 'output']],
  ])('while it came back, when %s: it is back', async (_, moved) => {
    const id = made()
    await killed(id, '.back')
    if (moved.includes('log')) renameSync(place(`${id}.back/${id}.log`), logPath(id))
    if (moved.includes('output')) renameSync(place(`${id}.back/output`), outputOf(id))
    deleted = start()
    await deleted.takeUp()
    expect([left(id).files, store.get(id)?.status, bin()]).toEqual([whole(id), 'success', []])
  })

  test('when all of it was back, and some of what it had lain in was gone: nothing of that stays', async () => {
    const id = made()
    await deleted.remove(id, 'anna')
    await deleted.bringBack(id, 'anna')
    mkdirSync(place(`${id}.back`))
    await start().takeUp()
    expect([left(id).files, bin()]).toEqual([whole(id), []])
  })
})
