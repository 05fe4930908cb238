/** The newest runs in memory are those of the database, whoever writes it. */
import { expect, test } from 'bun:test'
import { openDatabase } from '../../src/db/open.ts'
import { createRecent } from '../../src/runs/recent.ts'
import { createRunStore } from '../../src/runs/store.ts'

const db = openDatabase(':memory:')
const store = createRunStore({ db })
const recent = createRecent({ db, store })
const write = (sql: string) => db.$client.run(sql)
for (const id of [1, 2, 3])
  write(
    `INSERT INTO scripts (id, slug, runtime, filename, created_at, updated_at) VALUES (${id}, 's${id}', 'js', '${id}.js', 0, 0)`,
  )
const insert = (script: number, status: string) =>
  write(
    `INSERT INTO runs (script_id, status, trigger, params, content_hash, queued_at, duration_ms) VALUES (${script}, '${status}', 'api', '{}', '', 1, 5)`,
  )
const shown = (script: number) => ({
  last: recent.lastOf([script]).get(script)?.status ?? null,
  newest: recent
    .sparksOf([script])
    .get(script)!
    .map(({ status }) => status),
})

test.each([
  ['nothing yet', () => {}, { last: null, newest: [] }],
  ['a run comes', () => insert(1, 'running'), { last: 'running', newest: ['running'] }],
  ['it ends', () => write(`UPDATE runs SET status = 'failed'`), { last: 'failed', newest: ['failed'] }],
  ['another comes', () => insert(1, 'success'), { last: 'success', newest: ['failed', 'success'] }],
  [
    'the first turns out to be tried again',
    () => write('UPDATE runs SET next_attempt_id = 2 WHERE id = 1'),
    { last: 'success', newest: ['success'] },
  ],
  ['one of another script comes', () => insert(2, 'failed'), { last: 'success', newest: ['success'] }],
  [
    'what was written is taken back',
    () => {
      write('BEGIN')
      insert(1, 'killed')
      expect(shown(1).last).toBe('killed')
      write('ROLLBACK')
    },
    { last: 'success', newest: ['success'] },
  ],
  ['they are deleted', () => write('DELETE FROM runs WHERE script_id = 1'), { last: null, newest: [] }],
])('%s', (_, act, wanted) => {
  act()
  expect(shown(1)).toEqual(wanted)
})

test('of many the newest twenty are kept, oldest first, in one list until one of them changes', () => {
  for (let i = 0; i < 30; i++) insert(3, i === 29 ? 'success' : 'failed')
  const [first, again] = [recent.sparksOf([3]).get(3), recent.sparksOf([3]).get(3)]
  expect(first).toHaveLength(20)
  expect(first!.at(-1)).toEqual({ status: 'success', duration_ms: 5 })
  expect(again).toBe(first!)
  expect([...recent.lastOf([1, 2, 3])].map(([id, last]) => [id, last?.id])).toEqual([
    [1, undefined],
    [2, 3],
    [3, expect.any(Number)],
  ])
})
