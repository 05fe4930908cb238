/** A gateway that is killed: the real one, as a process, with kill -9. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript } from '../harness/app.ts'
import { failureOf } from '../harness/failure.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { gatewayCommand } from '../harness/gateway.ts'

const root = resolve(import.meta.dir, '../..')
const folder = tempFolder()
const scriptsDir = join(folder, 'scripts_repo')
mkdirSync(join(scriptsDir, 'python'), { recursive: true })
writeFileSync(
  join(scriptsDir, 'python', 'endless.py'),
  pythonScript({}, `import subprocess\nsubprocess.Popen(["setsid", "sleep", "300"])\nprint("begun")\ntime.sleep(300)`),
)
writeFileSync(join(scriptsDir, 'python', 'quick.py'), pythonScript({}, 'print("done")'))

const children: Bun.Subprocess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

async function startGateway(extra: Record<string, string> = {}) {
  const env = {
    PATH: process.env.PATH ?? '',
    DATA_DIR: join(folder, 'data'),
    SCRIPTS_DIR: scriptsDir,
    PORT: '0',
    AUTH: 'off',
    ...extra,
  }
  const child = Bun.spawn([...gatewayCommand(), 'serve'], {
    cwd: root,
    env,
    stdout: 'pipe',
    stderr: 'pipe',
  })
  children.push(child)
  const reader = child.stdout.getReader()
  let said = ''
  while (!said.includes(' ready')) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`The gateway ended: ${said} ${await new Response(child.stderr).text()}`)
    said += new TextDecoder().decode(value)
  }
  reader.releaseLock()
  const url = /http:\/\/localhost:\d+/.exec(said)?.[0] ?? ''
  const ask = async <T>(path: string, init?: RequestInit) => (await (await fetch(url + path, init)).json()) as T
  return { child, url, ask }
}

const begin = { method: 'POST', headers: { prefer: 'respond-async' } }
let running: Awaited<ReturnType<typeof startGateway>>

test('after kill -9 every run is told as what it is, its log is there, and none of its processes is', async () => {
  const first = await startGateway({ RUN_SLOTS: '2' })
  for (let i = 0; i < 3; i++) await first.ask('/api/scripts/endless/run', begin)
  const logOf = async (url: string, id: number) => (await fetch(`${url}/api/runs/${id}/logs`)).text()
  await eventually(
    'two runs print',
    async () => (await logOf(first.url, 1)) + (await logOf(first.url, 2)) === 'begun\nbegun\n',
  )
  const done = await first.ask<{ run_id: number }>('/api/scripts/quick/run', begin) // waits behind the other one
  expect((await first.ask<Run>('/api/runs/1')).status).toBe('running')
  expect(processesOfRuns().length).toBeGreaterThanOrEqual(4) // two scripts, each with a child in a session of its own

  first.child.kill('SIGKILL')
  await first.child.exited
  const second = await startGateway()
  const statuses = async () => {
    const { items } = await second.ask<{ items: Run[] }>('/api/runs')
    return Object.fromEntries(items.map(({ id, status }) => [id, status]))
  }
  expect(await statuses()).toMatchObject({ 1: 'interrupted', 2: 'interrupted' })
  expect(await second.ask('/api/runs/1')).toMatchObject({
    ...{ log_lines: 1, reason: expect.stringContaining('gateway stopped') },
  })
  expect(await logOf(second.url, 1)).toBe('begun\n')
  expect(processesOfRuns(/-[12]$/)).toEqual([])
  await eventually('those that waited go on', async () => (await statuses())[done.run_id] === 'success')
  expect(await statuses()).toEqual({ 1: 'interrupted', 2: 'interrupted', 3: 'running', 4: 'success' })
  expect(await second.ask('/api/scripts/quick/run')).toMatchObject({ status: 'success', run_id: 5, data: 'done\n' })
  running = second
})

/** Pids whose environment says that they belong to a run of this test's gateway, or to one whose folder ends like this. */
function processesOfRuns(end = /$/): string[] {
  const found = Bun.spawnSync(['sh', '-c', `grep -la "OUTPUT_DIR=${folder}" /proc/[0-9]*/environ 2>/dev/null`])
  const files = found.stdout.toString().split('\n').filter(Boolean)
  return files.filter((file) => environmentOf(file).some((one) => one.startsWith('OUTPUT_DIR=') && end.test(one)))
}

function environmentOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\0')
  } catch {
    return [] // gone meanwhile
  }
}

test('a second gateway on the same data is refused, and says which process has it', async () => {
  expect(await failureOf(startGateway())).toContain(`Another gateway (process ${running.child.pid}) uses`)
})

test('a start that fails ends the process, with the reason', async () => {
  const port = new URL(running.url).port
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: join(folder, 'other'), SCRIPTS_DIR: scriptsDir, PORT: port }
  const child = Bun.spawn(gatewayCommand(), {
    cwd: root,
    env,
    stdout: 'pipe',
    stderr: 'pipe',
  })
  children.push(child)
  expect(await child.exited).toBe(1)
  expect(await new Response(child.stderr).text()).toContain(`scriptgateway: Port ${port} is taken`)
  running.child.kill('SIGKILL')
  await running.child.exited
})

test('SIGTERM lets a run finish, refuses new ones, and leaves nothing unfinished', async () => {
  const gateway = await startGateway({ DRAIN_SEC: '20' })
  const answer = gateway.ask('/api/scripts/quick/run')
  await answer
  await gateway.ask('/api/scripts/endless/run', begin)
  gateway.child.kill('SIGTERM')
  await eventually(
    'new runs are refused',
    async () => (await fetch(`${gateway.url}/api/scripts/quick/run`)).status === 503,
  )
  expect((await fetch(`${gateway.url}/ready`)).status).toBe(503)
  gateway.child.kill('SIGTERM') // hurries
  expect(await gateway.child.exited).toBe(0)
  const next = await startGateway()
  // A quick one may still have been accepted, and run, after the endless one.
  const { items } = await next.ask<{ items: Run[] }>('/api/runs')
  expect(items.find(({ status }) => status !== 'success')).toMatchObject({ status: 'interrupted' })
  expect(items.every(({ finished_at }) => finished_at !== null)).toBe(true)
  next.child.kill('SIGTERM')
  expect(await next.child.exited).toBe(0)
})
