/** What a restored database has left undone stays undone: it was done since, or is not true any more. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { hasSealed, quietRestored } from '../../src/backup/quiet.ts'
import { openDatabase } from '../../src/db/open.ts'
import { tempFolder } from '../harness/folder.ts'

const db = openDatabase(join(tempFolder(), 'gateway.db'))
const all = (sql: string) => db.$client.query(sql).all()

test('schedules wait for their next time, nothing is tried again, and nothing is told', () => {
  expect(hasSealed(db.$client)).toBe(false)
  db.$client.run(
    "INSERT INTO scripts (runtime, filename, slug, created_at, updated_at) VALUES ('js', 'a.js', 'a', 1, 1)",
  )
  db.$client.run(`INSERT INTO schedules (script_id, expression, timing, timezone, params, sealed_params, misfire, misfire_window_ms, misfire_max, overlap, next_at, fire_at, created_at, updated_at)
    VALUES (1, '@daily', '{"kind":"cron","cron":"0 0 * * *"}', 'UTC', '{}', x'00', 'once', 1, 1, 'skip', 5, 6, 1, 1)`)
  const states = ['claimed', 'waiting', 'started', 'ran', 'skipped', 'missed']
  for (const [index, state] of states.entries())
    db.$client.run(
      'INSERT INTO occurrences (schedule_id, script_id, due_at, claimed_at, state, retry_at) VALUES (1, 1, ?, 1, ?, ?)',
      [index, state, state === 'started' ? 9 : null],
    )
  db.$client.run("INSERT INTO scheduler VALUES (1, 'me', 'here', 1, 1, 1)")
  for (const state of ['pending', 'held', 'sent'])
    db.$client.run(
      "INSERT INTO deliveries (kind, event, title, body, facts, state, next_at, created_at, lane, queued_at) VALUES ('webhook', 'failure', '', '', '{}', ?, 3, 1, 'x', 1)",
      [state],
    )

  quietRestored(db.$client, 77)

  expect(all('SELECT next_at, fire_at FROM schedules')).toEqual([{ next_at: null, fire_at: null }])
  expect(all('SELECT state, retry_at FROM occurrences ORDER BY due_at')).toEqual(
    ['skipped', 'skipped', 'ran', 'ran', 'skipped', 'missed'].map((state) => ({ state, retry_at: null })),
  )
  expect(all("SELECT reason FROM occurrences WHERE state = 'skipped' AND due_at = 0")).toEqual([
    { reason: 'The gateway was restored from a backup that was made before it began.' },
  ])
  expect(all('SELECT * FROM scheduler')).toEqual([])
  expect(all('SELECT state, next_at FROM deliveries ORDER BY id')).toEqual([
    { state: 'failed', next_at: null },
    { state: 'failed', next_at: null },
    { state: 'sent', next_at: 3 },
  ])
  expect(hasSealed(db.$client)).toBe(true)
  db.$client.close()
})
