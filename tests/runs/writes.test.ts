import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { openDatabase } from '../../src/db/open.ts'
import { createRunStore } from '../../src/runs/store.ts'
import type { RunEnd } from '../../src/runs/writes.ts'
import { tempFolder } from '../harness/folder.ts'
import { newRun } from '../harness/rows.ts'

const db = openDatabase(join(tempFolder(), 'gateway.db'))
db.$client.run(
  "INSERT INTO scripts (id, slug, runtime, filename, created_at, updated_at) VALUES (1, 's', 'python', 's.py', 0, 0)",
)
const store = createRunStore({ db })

const accepted = newRun({
  ...{ params: { width: 8, name: 'ä' }, contentHash: 'hash', startedAt: 2 },
  ...{
    startedBy: '127.0.0.1',
    askedBy: 'anna',
    host: 'here',
    environmentHash: 'abc',
    packagesEnvironment: 'def',
    isolation: 'plain',
    priority: 3,
    attempt: 2,
  },
  request: new Uint8Array([1, 0, 255]),
})
const ended: RunEnd = {
  ...{ status: 'success', finishedAt: 5, durationMs: 3, exitCode: 0, signal: null, errorType: null, reason: null },
  ...{ result: { type: 'json', data: { a: [1, null] } }, stderrTail: 'x', logLines: 1, logBytes: 2, outputBytes: 3 },
  ...{ cpuMs: 12, memoryBytesPeak: 1024, processesPeak: 2, limitHit: { limit: 'memory', used: 2, max: 1 } },
  files: [{ url: '/static/a', filename: 'a', size: 1, content_type: 'text/plain' }],
}

test('an accepted run is answered as it is stored', () => {
  const row = store.insert(accepted)
  expect(store.get(row.id)).toEqual(row)
  expect(row).toMatchObject(accepted)
})

test('an ended run is stored with all that it ended with', () => {
  const { id } = store.insert(accepted)
  expect(store.finish(id, ended)).toBe(true)
  expect(store.get(id)).toMatchObject({ ...accepted, ...ended, request: null }) // nobody begins it again
})

test('no result is stored as no value', () => {
  const { id } = store.insert(accepted)
  store.finish(id, { ...ended, result: null })
  expect(db.$client.query(`SELECT result FROM runs WHERE id = ${id}`).get()).toEqual({ result: null })
})

test.each([
  ['a run that has ended', 'running', 'success', 'failed'],
  ['a cancelled run', 'queued', 'cancelled', 'success'],
] as const)('%s does not end a second time', (_, status, first, second) => {
  const { id } = store.insert({ ...accepted, status })
  expect(store.finish(id, { ...ended, status: first })).toBe(true)
  expect(store.finish(id, { ...ended, status: second })).toBe(false)
  expect(store.get(id)?.status).toBe(first)
})

test('a run that waits in the queue cannot succeed', () => {
  const { id } = store.insert({ ...accepted, status: 'queued', startedAt: null })
  expect(store.finish(id, ended)).toBe(false)
})
