/** What belongs to no run goes; what is somebody else's stays. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { existsSync, mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { createPace } from '../../src/retention/pace.ts'
import { createSweep } from '../../src/retention/sweep.ts'
import { createRetentionStore } from '../../src/runs/retention-store.ts'
import { createLab, dayMs, type Lab, now } from './lab.ts'

let lab: Lab
beforeEach(() => {
  lab = createLab()
  lab.script('a')
})
afterEach(() => lab.db.$client.close())

/** There are runs 1 to 5, of which 3 and 4 are not in the history any more, and 2 has lost its log and its files. */
function history() {
  for (let i = 0; i < 5; i++) lab.run({ log: 10 })
  lab.db.$client.run('DELETE FROM runs WHERE id IN (3, 4)')
  lab.db.$client.run('UPDATE runs SET log_kept_bytes = 0, log_expired_at = 1, output_expired_at = 1 WHERE id = 2')
}

test.each<[string, path: string, stays: boolean]>([
  ['the log of a run that is gone', 'logs/script/0/3.log', false],
  ['a part of its log', 'logs/script/0/4.log.tail.70', false],
  ['its result', 'logs/script/0/4.result.json', false],
  ['the log that retention could not remove', 'logs/script/0/2.log', false],
  ['the result that retention could not remove', 'logs/script/0/2.result.json', false],
  ['the files of a run that is gone', 'static/a/resources/20261121T040506789Z-3/x/y.bin', false],
  ['the files that retention could not remove', 'static/a/resources/20261121T040506789Z-2/y.bin', false],
  ['the files of a script that is gone', 'static/gone/resources/20261121T040506789Z-4/y.bin', false],
  ['the log of a run', 'logs/script/0/1.log', true],
  ['the result of a run', 'logs/script/0/5.result.json', true],
  ['the files of a run', 'static/a/resources/20261121T040506789Z-5/y.bin', true],
  ['files of a run that this database never had: it may be another one', 'logs/script/0/6.log', true],
  ['outputs of a run that this database never had', 'static/a/resources/20261121T040506789Z-600/y.bin', true],
  ['a folder with another name', 'static/a/resources/20261121040506/y.bin', true],
  ['a file with another name', 'logs/script/0/3.txt', true],
  ['what lies beside the folders', 'static/a/3.log', true],
])('%s', async (_, path, stays) => {
  history()
  const file = join(lab.dataDir, path)
  lab.write(file, 10)
  const { problem } = await lab.newRetention().clean()
  expect(problem).toBeNull()
  expect(existsSync(file)).toBe(stays)
})

test('the log of a run that comes back while the sweep is under way stays', async () => {
  history()
  lab.write(join(lab.dataDir, 'logs/script/0/3.log'), 10)
  lab.write(join(lab.dataDir, 'logs/script/0/4.log'), 10)
  const store = createRetentionStore({ db: lab.db })
  const columns = 'script_id, status, trigger, params, content_hash, queued_at, finished_at'
  function owners(...asked: Parameters<typeof store.owners>) {
    const found = store.owners(...asked)
    if (!lab.ids().includes(4))
      lab.db.$client.run(`INSERT INTO runs (id, ${columns}) SELECT 4, ${columns} FROM runs WHERE id = 1`)
    return found
  }
  const sweep = createSweep({ store: { ...store, owners }, dataDir: lab.dataDir, isBusy: (id) => id === 3 })
  expect(await sweep(createPace({ clock: lab.clock, signal: new AbortController().signal }))).toBe(1) // of run 2
  expect([3, 4].map((id) => existsSync(lab.logPath(id)))).toEqual([true, true])
})

test('folders of logs that are empty go, but for the one that is in use', async () => {
  lab.db.$client.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', 4500)")
  lab.run({ log: 1 })
  for (const name of ['0', '3', '4']) mkdirSync(join(lab.dataDir, 'logs/script', name), { recursive: true })
  await lab.newRetention().clean()
  expect(['0', '3', '4'].map((name) => existsSync(join(lab.dataDir, 'logs/script', name)))).toEqual([
    false,
    false,
    true,
  ])
})

test('temporary files older than temp_retention_hours go, 0 keeps them', async () => {
  const file = (name: string, hoursAgo: number) => {
    const dir = join(lab.dataDir, 'tmp/uploads', name)
    lab.write(join(dir, 'f.bin'), 10)
    const at = new Date(now - (hoursAgo * dayMs) / 24)
    for (const path of [join(dir, 'f.bin'), dir]) utimesSync(path, at, at)
    return dir
  }
  const [old, young] = [file('u-old', 25), file('u-young', 1)]
  lab.settings.temp_retention_hours = 0
  await lab.newRetention().clean()
  expect(existsSync(old)).toBe(true)
  lab.settings.temp_retention_hours = 24
  expect((await lab.newRetention().clean()).removed).toMatchObject({ temp_items: 1, temp_bytes: 10 })
  expect([existsSync(old), existsSync(young)]).toEqual([false, true])
})
