/** How a run may end badly, and what the caller is told. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { type Answer, json, post } from './formats.ts'

const gateway = await startApp({
  'python/fail.py': pythonScript(
    { code: { type: 'int', default: 3 } },
    'print("line one")\nsys.stderr.write("it broke: żółw\\n")\nprint(json.dumps({"partial": [1, 2]}))\nsys.exit(int(args["code"]))',
  ),
  'python/raise.py': pythonScript({}, 'raise ValueError("no such colour")'),
  'python/chatty.py': pythonScript({}, 'sys.stderr.write("ż" * 10000 + "the end"); print("not json"); sys.exit(1)'),
  'python/suicide.py': pythonScript({}, 'import signal; os.kill(os.getpid(), signal.SIGSEGV)'),
  'python/sleep.py': pythonScript(
    {},
    'print("asleep", flush=True); print(json.dumps({"so": "far"}), flush=True); time.sleep(60)',
  ),
  'python/stubborn.py': pythonScript(
    {},
    'import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print("no", flush=True); time.sleep(60)',
  ),
  'python/family.py': pythonScript(
    {},
    'import subprocess; subprocess.Popen(["sleep", "61.5"], start_new_session=True); print("x", flush=True); time.sleep(60)',
  ),
  'js/flood.js': javascriptScript({}, "const x = 'x'.repeat(1023) + '\\n'\nfor (;;) process.stdout.write(x)"),
  'js/hoard.js': `import { writeFileSync } from 'node:fs'
${javascriptScript({}, "writeFileSync(process.env.OUTPUT_DIR + '/big', new Uint8Array(300_000))")}`,
  'python/fill.py': pythonScript(
    { where: { type: 'str', required: true } },
    'with open(os.path.join(os.environ[args["where"]], "endless"), "wb") as f:\n    while True:\n        f.write(b"x" * 10_000); f.flush(); time.sleep(0.01)',
  ),
  'js/ok.js': javascriptScript({}, 'console.log(1)'),
  'js/broken.js': 'export default {}\nprocess.exit(1)',
  'python/syntax.py': 'if __name__ == "__main__":\n    print(',
  'python/none.py': 'print("no entry point")',
  'js/gone.js': javascriptScript({}, 'console.log(1)'),
})
const set = async (value: Record<string, unknown>) =>
  expect((await gateway.json('/api/settings', { ...json(value), method: 'PUT' })).status).toBe(200)
const slugOf = (filename: string) => gateway.app.scripts().find((script) => script.filename === filename)!.slug
const idOf = (filename: string) => gateway.app.scripts().find((script) => script.filename === filename)!.id

describe('scripts that cannot be run: 409, and why', () => {
  test.each([
    ['broken.js', /It has no schema/],
    ['syntax.py', /Syntax|never closed|cannot be run/],
    ['none.py', /entry point/],
  ])('%s', async (filename, message) => {
    const { status, body } = await post(gateway, slugOf(filename), {})
    expect([status, body.error.type, body.script_id]).toEqual([409, 'conflict', idOf(filename)])
    expect(body.error.message).toMatch(message)
  })

  test('a file that has gone', async () => {
    const slug = slugOf('gone.js')
    expect((await post(gateway, slug, {})).status).toBe(200)
    rmSync(join(gateway.scriptsDir, 'js/gone.js'))
    await eventually('it is missing', () => gateway.app.scriptCounts().missing === 1)
    const { status, body } = await post(gateway, slug, {})
    expect([status, body.error.type]).toEqual([409, 'conflict'])
    expect(body.error.message).toMatch(/file of the script is gone/)
  })
})

describe('failures: 500 with what the script said', () => {
  test('exit code, last of stderr, and the JSON it printed', async () => {
    const { status, body } = await post(gateway, 'fail', {})
    const { run_id, duration_ms, ...rest } = body
    expect(status).toBe(500)
    expect<unknown>(rest).toEqual({
      status: 'error',
      code: 500,
      error: { type: 'script', message: 'The script ended with exit code 3.' },
      script_id: idOf('fail.py'),
      stderr: 'it broke: żółw\n',
      data: { partial: [1, 2] },
    })
    expect(run_id).toBeGreaterThan(0)
    expect(duration_ms).toBeGreaterThan(0)
    const run = await gateway.json<Record<string, unknown>>(`/api/runs/${run_id}`)
    expect(run.body).toMatchObject({ status: 'failed', exit_code: 3, signal: null, stderr: 'it broke: żółw\n' })
    expect(run.body.result).toEqual({ type: 'json', data: { partial: [1, 2] } })
  })

  test('an exception: its traceback', async () => {
    const { status, body } = await post(gateway, 'raise', {})
    expect([status, body.error.message]).toEqual([500, 'The script ended with exit code 1.'])
    expect(body.stderr).toMatch(/Traceback[\s\S]*ValueError: no such colour/)
    expect('data' in body).toBe(false)
  })

  test('a long stderr: its last 4 KiB, whole characters', async () => {
    const { body } = await post(gateway, 'chatty', {})
    expect(body.stderr).toEndWith('the end')
    expect(Buffer.byteLength(body.stderr)).toBeGreaterThan(4090)
    expect(Buffer.byteLength(body.stderr)).toBeLessThanOrEqual(4096)
    expect(body.stderr).not.toContain('�')
    expect('data' in body).toBe(false)
  })

  test('a signal has its name', async () => {
    const { status, body } = await post(gateway, 'suicide', {})
    expect([status, body.error.type]).toEqual([500, 'script'])
    expect(body.error.message).toContain('SIGSEGV')
    const run = await gateway.json<Record<string, unknown>>(`/api/runs/${body.run_id}`)
    expect(run.body).toMatchObject({ exit_code: null, signal: 'SIGSEGV', status: 'failed' })
  })
})

describe('limits', () => {
  test('time: 504, and the whole family has ended', async () => {
    const scripts = ['sleep', 'stubborn', 'family']
    const logOf = async (id: number) => (await gateway.fetch(`/api/runs/${id}/logs`)).text()
    let answers: Awaited<ReturnType<typeof post>>[] = []
    // On a busy machine the shortest time is over before they have begun what they do: those are told, too, and tried again.
    for (const sec of [0.3, 3, 12]) {
      await set({ timeout_min: sec / 60 })
      answers = await Promise.all(scripts.map((slug) => post(gateway, slug, {})))
      for (const { status, body } of answers) {
        expect([status, body.code, body.error.type]).toEqual([504, 504, 'timeout'])
        expect(body.error.message).toBe(`Stopped at its time limit of ${sec} s (setting timeout_min).`)
        expect(body.duration_ms).toBeGreaterThanOrEqual(sec * 1000 - 10)
        expect(body.duration_ms).toBeLessThan(60_000) // what they would have taken
      }
      const logs = await Promise.all(answers.map(({ body }) => logOf(body.run_id)))
      if (['far', 'no', 'x'].every((word, at) => logs[at]?.includes(word))) break
    }
    await set({ timeout_min: null })
    expect(answers[0]!.body.data).toEqual({ so: 'far' })
    const run = await gateway.json<Record<string, unknown>>(`/api/runs/${answers[1]!.body.run_id}`)
    expect(run.body).toMatchObject({ status: 'timeout', signal: 'SIGKILL' })
    const isGone = () => !Bun.spawnSync(['ps', '-eo', 'args']).stdout.toString().includes('sleep 61.5')
    await eventually('the child in a session of its own has ended', isGone)
  })

  test('output: 507', async () => {
    await set({ output_bytes_max: 200_000 })
    const { status, body } = await post(gateway, 'flood', {})
    expect([status, body.code, body.error.type]).toEqual([507, 507, 'resource'])
    expect(body.error.message).toContain('output_bytes_max')
    const run = await gateway.json<Record<string, unknown>>(`/api/runs/${body.run_id}`)
    expect(run.body).toMatchObject({ status: 'killed', result: null })
    const log = await (await gateway.fetch(`/api/runs/${body.run_id}/logs`)).text()
    expect(log.length).toBeLessThanOrEqual(200_001) // the end of the last line
  })

  test('files in OUTPUT_DIR: 507 too', async () => {
    const { status, body } = await post(gateway, 'hoard', {})
    expect([status, body.error.type]).toEqual([507, 'resource'])
    expect(readdirSync(join(gateway.dataDir, 'static/hoard/resources'))).toEqual([])
    await set({ output_bytes_max: null })
    expect((await post(gateway, 'hoard', {})).status).toBe(200)
  })
})

describe('a script that fills the disk is stopped while it does, and what it wrote is gone', () => {
  test.each(['OUTPUT_DIR', 'TMPDIR'])('%s', async (where) => {
    await set({ output_bytes_max: 300_000 })
    const { status, body } = await post(gateway, 'fill', { where })
    expect([status, body.error.type]).toEqual([507, 'resource'])
    expect(body.error.message).toContain(`in ${where}, its output limit (setting output_bytes_max)`)
    expect(readdirSync(join(gateway.dataDir, 'static/fill/resources'))).toEqual([])
    expect(readdirSync(join(gateway.dataDir, 'tmp')).filter((name) => name.startsWith('run-'))).toEqual([])
    await set({ output_bytes_max: null })
  })
})

describe('the queue', () => {
  const start = (headers: Record<string, string> = {}) =>
    gateway.json<Answer>('/api/scripts/sleep/run', json({}, { prefer: 'respond-async', ...headers }))
  const cancel = (id: number) => gateway.fetch(`/api/runs/${id}/cancel`, { method: 'POST' })
  const statusOf = async (id: number) => (await gateway.json<{ status: string }>(`/api/runs/${id}`)).body.status

  test('full: 429 with Retry-After, and no row; a slot that is free again is used', async () => {
    await set({ run_slots: 1, queue_length_max: 0 })
    const first = await start()
    const refused = await post(gateway, 'ok', {})
    expect([refused.status, refused.body.error.type]).toEqual([429, 'busy'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(refused.body.run_id).toBeUndefined()

    await set({ queue_length_max: 1 })
    const waiting = post(gateway, 'ok', {})
    await eventually('it waits', async () => (await gateway.json('/ready')).body.queued === 1)
    expect((await post(gateway, 'ok', {})).status).toBe(429)
    await cancel(first.body.run_id)
    expect((await waiting).status).toBe(200)
    expect((await gateway.finished(first.body.run_id)).status).toBe('cancelled')
  })

  test('a waiting run can be cancelled; it never starts', async () => {
    await set({ run_slots: 1, queue_length_max: 5 })
    const [first, second] = [await start(), await start()]
    expect(second.body.status).toBe('queued')
    const waiter = gateway.json<Answer>('/api/scripts/ok/run', json({}))
    const third = await eventually('the third waits', async () => {
      const { body } = await gateway.json<{ items: { id: number }[] }>(
        `/api/runs?status=queued&script_id=${idOf('ok.js')}`,
      )
      return body.items[0]
    })
    for (const { id } of [{ id: second.body.run_id }, third]) expect((await cancel(id)).status).toBe(200)
    const run = await gateway.finished(second.body.run_id)
    expect(run).toMatchObject({ status: 'cancelled', started_at: null, duration_ms: null, exit_code: null })
    expect(run.reason).toContain('cancelled')
    const { status, body } = await waiter
    expect([status, body.error.type, body.run_id]).toEqual([500, 'script', third.id])
    await cancel(first.body.run_id)
    await gateway.finished(first.body.run_id)
  })

  test('more slots let those begin that wait already', async () => {
    await set({ run_slots: 1, queue_length_max: 5 })
    const [first, second] = [await start(), await start()]
    expect(await statusOf(second.body.run_id)).toBe('queued')
    await set({ run_slots: 4 })
    await eventually('the second begins', async () => (await statusOf(second.body.run_id)) === 'running', 2000)
    for (const { body } of [first, second]) await cancel(body.run_id)
    for (const { body } of [first, second]) await gateway.finished(body.run_id)
  })

  test('a script’s own limit holds nobody else up', async () => {
    await set({ run_slots: 4, run_slots_per_script: 1 })
    const [first, second] = [await start(), await start()]
    expect([first.body.status, second.body.status]).toEqual(['running', 'queued'])
    expect((await post(gateway, 'ok', {})).status).toBe(200)
    for (const { body } of [second, first]) await cancel(body.run_id)
    await gateway.finished(first.body.run_id)
    await set({ run_slots: null, run_slots_per_script: null, queue_length_max: null })
  })
})

describe('cancelling', () => {
  test('a running script: its caller is told, its output is kept', async () => {
    const answer = post(gateway, 'sleep', {})
    const id = await eventually('it prints', async () => {
      const { body } = await gateway.json<{ items: { id: number }[] }>('/api/runs?status=running')
      const [run] = body.items
      return run && (await (await gateway.fetch(`/api/runs/${run.id}/logs`)).text()).includes('far') ? run.id : null
    })
    const asked = await gateway.json<{ id: number }>(`/api/runs/${id}/cancel`, { method: 'POST' })
    expect([asked.status, asked.body.id]).toEqual([200, id])
    const { status, body } = await answer
    expect([status, body.error.type, body.run_id]).toEqual([500, 'script', id])
    expect(body.error.message).toMatch(/cancelled/)
    expect(await gateway.finished(id)).toMatchObject({ status: 'cancelled', log_lines: 2 })
  })

  test('one that has ended is answered as it is', async () => {
    const { body } = await post(gateway, 'ok', {})
    const again = await gateway.json<{ status: string }>(`/api/runs/${body.run_id}/cancel`, { method: 'POST' })
    expect([again.status, again.body.status]).toEqual([200, 'success'])
  })

  test('one that never was: 404; by GET: 404 or 405, and nothing ends', async () => {
    expect((await gateway.json('/api/runs/99999/cancel', { method: 'POST' })).status).toBe(404)
    expect((await gateway.fetch('/api/runs/1/cancel')).status).toBeOneOf([404, 405])
  })
})

test('every file of every run that has ended is where the run says', async () => {
  const { body } = await post(gateway, 'hoard', {})
  expect(existsSync(join(gateway.dataDir, new URL(body.files[0]!.url).pathname))).toBe(true)
})
