/** Retention through the front door: what callers are told of a run whose log and files are gone. */
import { expect, test } from 'bun:test'
import { existsSync, rmSync } from 'node:fs'
import { systemClock } from '../../src/clock.ts'
import type { LastPass, StorageStatus } from '../../src/retention/model.ts'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'

const dayMs = 86_400_000
const later = { ms: 0 }
const gateway = await startApp(
  {
    'python/leaves.py': pythonScript(
      {},
      'print("a line", file=sys.stderr)\nopen(os.environ["OUTPUT_DIR"] + "/made.txt", "w").write("x" * 5000)\nprint(json.dumps({"n": 1}))',
    ),
    'python/prints.py': pythonScript({}, 'sys.stdout.buffer.write(b"\\x89PNG\\r\\n\\x1a\\n" + bytes(2000))'),
    'python/silent.py': pythonScript({}, 'pass'),
    'python/long.py': pythonScript({}, 'print(json.dumps(["x" * 100] * 1000))'),
  },
  { retention_days: 0 },
  { clock: { ...systemClock, now: () => Date.now() + later.ms } },
)

const call = (slug: string, key?: string) =>
  gateway.json<{ run_id: number; url?: string; files?: { url: string }[]; files_expired_at?: string }>(
    `/api/scripts/${slug}/run`,
    key ? { headers: { 'idempotency-key': key } } : {},
  )
const clean = () => gateway.json<LastPass>('/api/retention/cleanup', { method: 'POST' })
const runOf = async (id: number) => (await gateway.json<Run>(`/api/runs/${id}`)).body

test('a run without its log and files says so on every route, and one that printed nothing does not', async () => {
  const leaves = await call('leaves', 'key-1')
  const prints = await call('prints')
  const silent = await call('silent')
  const long = await call('long')
  const [id, fileId, silentId, longId] = [leaves, prints, silent, long].map(({ body }) => body.run_id) as number[]
  const address = new URL(leaves.body.files?.[0]?.url ?? '').pathname

  expect((await clean()).body).toMatchObject({ problem: null, removed: { runs: 0, logs: 0, outputs: 0 } })
  const { body: before } = await gateway.json<StorageStatus>('/api/retention/status')
  expect(before.kept).toMatchObject({ runs: 4, unmeasured_runs: 0 })
  expect(before.kept.log_bytes).toBeGreaterThan(6)
  expect(before.kept.output_bytes).toBeGreaterThan(5000 + 2000 + 100_000)
  expect((await gateway.fetch(address)).status).toBe(200)
  expect(await runOf(longId!)).toMatchObject({ result: { type: 'json' }, files_expired_at: null })

  later.ms = 31 * dayMs
  expect((await gateway.json<StorageStatus>('/api/retention/status')).body.due).toMatchObject({ runs: 0, outputs: 3 })
  const { body: pass } = await clean()
  expect(pass).toMatchObject({ problem: null, removed: { runs: 0, outputs: 3, orphans: 0 } })
  expect(pass.removed.bytes).toBe(before.kept.log_bytes + before.kept.output_bytes)

  const when = new Date(Date.now() + later.ms).toISOString().slice(0, 10)
  const run = await runOf(id!)
  expect(run).toMatchObject({ status: 'success', files: [], result: { type: 'json', data: { n: 1 } } })
  expect([run.log_expired_at?.slice(0, 10), run.files_expired_at?.slice(0, 10)]).toEqual([when, when])
  expect(await runOf(fileId!)).toMatchObject({ result: null, files: [], files_expired_at: run.files_expired_at })
  expect(await runOf(longId!)).toMatchObject({ result: null, files_expired_at: run.files_expired_at })
  const listed = await gateway.json<{ items: Run[] }>('/api/runs')
  expect(listed.body.items.find((one) => one.id === fileId)).toMatchObject({ result: null, files: [] })
  expect((await gateway.fetch(address)).status).toBe(404)

  const log = await gateway.json<{ error: { type: string; message: string } }>(`/api/runs/${id}/logs`)
  expect([log.status, log.body.error.type]).toEqual([404, 'not_found'])
  expect(log.body.error.message).toContain(`removed by retention on ${when}`)
  const events = await (await gateway.fetch(`/api/runs/${id}/events`)).text()
  expect(events).toContain('event: execution_finished')
  expect(events).not.toContain('log_output')
  expect(await (await gateway.fetch(`/executions/${id}`)).text()).toContain(`removed by retention on ${when}`)
  expect(await (await gateway.fetch(`/executions/${fileId}`)).text()).toContain('Files of this run were removed')

  expect(await runOf(silentId!)).toMatchObject({ log_expired_at: null, files_expired_at: null })
  expect((await gateway.fetch(`/api/runs/${silentId}/logs`)).status).toBe(200)

  // Asked again with its key: the same run, which says what is left of it.
  const again = await call('leaves', 'key-1')
  expect(again.body).toMatchObject({ run_id: id, type: 'json', files_expired_at: run.files_expired_at })
  expect(again.body.files).toBeUndefined()
})

test('a log whose file somebody removed is missing, not empty', async () => {
  const { run_id } = (await call('leaves')).body
  rmSync(gateway.app.runs.logPath(run_id))
  const { status, body } = await gateway.json<{ error: { message: string } }>(`/api/runs/${run_id}/logs`)
  expect([status, body.error.message]).toEqual([404, `The log of run ${run_id} is missing: somebody removed its file.`])
  expect(await (await gateway.fetch(`/executions/${run_id}`)).text()).toContain('somebody removed its file')
})

test('a removed run is not there, its key is free again, and its number is not given out anew', async () => {
  const first = (await call('silent', 'key-2')).body.run_id
  const second = (await call('silent')).body.run_id
  await gateway.json('/api/settings', { method: 'PUT', body: '{"retention_days": 1}', headers: json })
  later.ms += 2 * dayMs
  const running = (await call('silent')).body.run_id
  expect((await clean()).body.removed.runs).toBeGreaterThanOrEqual(2)
  expect(await statusOf(first)).toBe(404)
  expect(await statusOf(second)).toBe(404)
  expect(await statusOf(running)).toBe(200)
  const again = (await call('silent', 'key-2')).body.run_id
  expect(again).toBeGreaterThan(running)
  expect(existsSync(gateway.app.runs.logPath(first))).toBe(false)
})

test('below disk_free_bytes_min nothing runs, the answer has both numbers, and it goes on by itself', async () => {
  const put = (value: number | null) =>
    gateway.json('/api/settings', {
      method: 'PUT',
      body: JSON.stringify({ disk_free_bytes_min: value }),
      headers: json,
    })
  await put(1024 ** 4)
  const { status, body } = await gateway.json<{ error: { type: string; message: string } }>('/api/scripts/silent/run')
  expect([status, body.error.type]).toEqual([507, 'resource'])
  expect(body.error.message).toMatch(
    /nearly full: .* are free, and 1 TiB have to stay free \(setting disk_free_bytes_min\)/,
  )
  expect((await gateway.json<StorageStatus>('/api/retention/status')).body.disk.problem).toBe(body.error.message)
  await put(null)
  expect((await call('silent')).status).toBe(200)
})

const json = { 'content-type': 'application/json' }
const statusOf = async (id: number) => (await gateway.fetch(`/api/runs/${id}`)).status
