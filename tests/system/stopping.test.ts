/** What the terminal says when the gateway is asked to stop. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stoppingWords } from '../../src/system/stopping.ts'
import { pythonScript } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { gatewayCommand } from '../harness/gateway.ts'

const rows: [running: number, queued: number, drainSec: number, words: string][] = [
  [0, 0, 10, 'Stopping.'],
  [1, 0, 10, 'Stopping: 1 run gets up to 10 s to finish; a second signal hurries.'],
  [2, 3, 0.5, 'Stopping: 2 runs get up to 0.5 s to finish, 3 runs wait for the next start; a second signal hurries.'],
  [0, 1, 10, 'Stopping: 1 run waits for the next start.'],
  [2, 0, 0, 'Stopping: 2 runs are ended.'],
]
test.each(rows)('%d running, %d waiting, %d s', (running, queued, drainSec, words) => {
  expect(stoppingWords({ running, queued }, drainSec)).toBe(words)
})

const scriptsDir = join(tempFolder(), 'scripts')
mkdirSync(join(scriptsDir, 'python'), { recursive: true })
writeFileSync(join(scriptsDir, 'python/waits.py'), pythonScript({}, 'time.sleep(60)'))

/** `run_slots` is 1: what comes second waits. */
async function startGateway(drainSec: string) {
  const gateway = Bun.spawn(gatewayCommand(), {
    env: {
      ...{
        PATH: process.env.PATH ?? '',
        AUTH: 'off',
        PORT: '0',
        RUN_SLOTS: '1',
        DRAIN_SEC: drainSec,
        KILL_GRACE_SEC: '0.2',
      },
      ...{ DATA_DIR: tempFolder(), SCRIPTS_DIR: scriptsDir },
    },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  afterThis.push(gateway)
  const reader = gateway.stdout.getReader()
  let said = ''
  async function until(words: string) {
    while (!said.includes(words)) {
      const { done, value } = await reader.read()
      if (done) throw new Error(`The gateway ended: ${said}`)
      said += new TextDecoder().decode(value)
    }
  }
  await until(' ready')
  const url = /http:\/\/localhost:\d+/.exec(said)?.[0] ?? ''
  const run = (query = '') => fetch(`${url}/api/scripts/waits/run${query}`, { method: 'POST' })
  return { gateway, until, url, run }
}

const afterThis: Bun.Subprocess[] = []
afterAll(() => {
  for (const child of afterThis) child.kill('SIGKILL')
})

test('the gateway says how many runs it waits for, and at a second signal that it does not', async () => {
  const { gateway, until, run } = await startGateway('30')
  for (let i = 0; i < 3; i++) await run('?async=1')
  gateway.kill('SIGTERM')
  await until('Stopping: 1 run gets up to 30 s to finish, 2 runs wait for the next start; a second signal hurries.\n')
  gateway.kill('SIGTERM')
  await until('Stopping at once.\n')
  expect(await gateway.exited).toBe(0)
})

test('while it drains it refuses runs, and after DRAIN_SEC whoever waits is told how the run ended', async () => {
  const { gateway, until, url, run } = await startGateway('1')
  const asked = run()
  await eventually('it runs', async () => {
    const { running } = (await (await fetch(`${url}/ready`)).json()) as { running: number }
    return running === 1
  })
  gateway.kill('SIGTERM')
  await until('Stopping: 1 run')
  const [refused, ready] = [await run(), await fetch(`${url}/ready`)]
  expect([refused.status, refused.headers.get('retry-after'), ready.status]).toEqual([503, '5', 503])
  expect(await ready.json()).toMatchObject({ status: 'stopping', running: 1, queued: 0 })
  const answer = await asked
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await answer.json()).toMatchObject({ run_id: 1, error: { type: 'unavailable' } })
  expect(await gateway.exited).toBe(0)
})
