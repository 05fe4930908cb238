/** Another program holds the database: nobody waits for it, nothing is made up, and all is well when it lets go. */
import { Database } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'

const gateway = await startApp({
  'python/waits.py': pythonScript({}, 'while not os.path.exists("_go"): time.sleep(0.02)\nprint("done")'),
  'python/quick.py': pythonScript({}, 'print("done")'),
})
const other = new Database(join(gateway.dataDir, 'gateway.db'))
afterAll(() => other.close())

const settings = (timeoutMin: number) => ({
  method: 'PUT',
  body: JSON.stringify({ timeout_min: timeoutMin }),
  headers: { 'content-type': 'application/json' },
})

test('while it is locked reads go on, writes are refused at once, an end is told and then stored', async () => {
  await gateway.json('/api/scripts/quick/run') // what retention wants to write about
  const ids: number[] = []
  for (let i = 0; i < 5; i++) {
    const { body } = await gateway.json<{ run_id: number }>('/api/scripts/waits/run?async=1')
    ids.push(body.run_id)
  }
  const rowOf = (id: number) =>
    other.query<{ status: string }, [number]>('SELECT status FROM runs WHERE id = ?').get(id)
  let longestMs = 0
  let last = performance.now()
  const heart = setInterval(() => {
    const at = performance.now()
    longestMs = Math.max(longestMs, at - last)
    last = at
  }, 1)

  other.run('BEGIN EXCLUSIVE')
  try {
    writeFileSync(join(gateway.scriptsDir, 'python/_go'), '') // where a confined script sees it
    const runOf = async (id: number) => (await gateway.json<Run>(`/api/runs/${id}`)).body
    for (const id of ids)
      await eventually(`run ${id} is told as ended`, async () => (await runOf(id)).status === 'success')
    expect(ids.map((id) => rowOf(id)?.status)).toEqual(ids.map(() => 'running')) // it could not be stored
    for (const path of ['/health', '/ready', '/api/runs', '/api/scripts', '/api/settings', `/api/runs/${ids[0]}/logs`])
      expect([path, (await gateway.fetch(path)).status]).toEqual([path, 200])
    for (const [path, init] of [
      ['/api/scripts/quick/run', undefined],
      ['/api/scripts/quick/run?async=1', undefined],
      ['/api/settings', settings(7)],
      ['/api/scripts/quick', { ...settings(7), body: '{"alias": "other"}' }],
    ] as const) {
      const { status, headers, body } = await gateway.json<{ error: { type: string; message: string } }>(path, init)
      expect([path, status, body.error.type]).toEqual([path, 503, 'unavailable'])
      expect(headers.get('retry-after')).toBe('1')
      expect(body.error.message).toContain('Another program holds')
    }
    const pass = await gateway.json<{ problem: string }>('/api/retention/cleanup', { method: 'POST' })
    expect([pass.status, pass.body.problem]).toEqual([200, expect.stringContaining('Another program holds')])
  } finally {
    other.run('ROLLBACK')
  }
  clearInterval(heart)
  console.info(`a locked database: longest block ${longestMs.toFixed(0)} ms`)
  expect(longestMs).toBeLessThan(2000) // it was 5 s a write

  await eventually('the ends are stored', () => ids.every((id) => rowOf(id)?.status === 'success'))
  expect(await gateway.json('/api/scripts/quick/run')).toMatchObject({ status: 200, body: { data: 'done\n' } })
  expect((await gateway.json('/api/settings', settings(7))).status).toBe(200)
}, 60_000)
