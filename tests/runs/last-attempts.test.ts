/** A run that was tried again counts once: as what its last attempt ended with. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { openDatabase } from '../../src/db/open.ts'
import type { RunStatus } from '../../src/runs/model.ts'
import { createRunStore, type RunFilter } from '../../src/runs/store.ts'
import { tempFolder } from '../harness/folder.ts'
import { newRun } from '../harness/rows.ts'

const db = openDatabase(join(tempFolder(), 'gateway.db'))
for (const id of [1, 2])
  db.$client.run(
    `INSERT INTO scripts (id, slug, runtime, filename, created_at, updated_at) VALUES (${id}, 's${id}', 'python', '${id}.py', 0, 0)`,
  )
const store = createRunStore({ db })

/** Runs of each script, attempt after attempt. */
const chains: [scriptId: number, ...attempts: RunStatus[]][] = [
  [1, 'success'],
  [1, 'failed', 'failed', 'success'],
  [2, 'timeout', 'failed'],
  [1, 'failed'],
]
for (const [scriptId, ...attempts] of chains) {
  const ids: number[] = []
  for (const [index, status] of attempts.entries()) {
    const [firstAttemptId = null, retryOf = null] = [ids[0], ids.at(-1)]
    ids.push(store.insert(newRun({ scriptId, status, firstAttemptId, retryOf, attempt: index + 1 })).id)
  }
}

test('its bar and its part of the success rate', () => {
  expect(store.sparks(1, 20).map(({ status }) => status)).toEqual(['failed', 'success', 'success'])
  expect(store.sparks(1, 2).map(({ status }) => status)).toEqual(['failed', 'success'])
  expect(store.sparks(2, 20).map(({ status }) => status)).toEqual(['failed'])
})

test.each<[string, RunFilter, number[]]>([
  ['all of them', {}, [7, 6, 4, 1]],
  ['of a script', { scriptId: 1 }, [7, 4, 1]],
  ['of some scripts', { scriptIds: [2, 3] }, [6]],
  ['that failed', { status: 'failed' }, [7, 6]],
  ['that failed, of a script', { status: 'failed', scriptId: 1 }, [7]],
  ['that were stopped at their limit', { status: 'timeout' }, []],
])('listed and counted: %s', (_, filter, ids) => {
  const wanted = { ...filter, isLastAttempt: true }
  expect(store.list(wanted, { limit: 9 }).map(({ id }) => id)).toEqual(ids)
  expect(store.count(wanted)).toBe(ids.length)
})

test('where one attempt is removed, the others are still one run; without the last one it ended as the one before', () => {
  const listed = () => store.list({ scriptId: 1, isLastAttempt: true }, { limit: 9 }).map(({ id }) => id)
  const remove = (id: number) => store.removeAttempt(store.get(id)!)
  remove(3)
  expect(listed()).toEqual([7, 4, 1])
  remove(4)
  expect(listed()).toEqual([7, 2, 1])
  expect(store.count({ scriptId: 1, isLastAttempt: true })).toBe(3)
})
