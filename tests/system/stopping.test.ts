/** What the terminal says when the gateway is asked to stop. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { stoppingWords } from '../../src/system/stopping.ts'
import { pythonScript } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'

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

const folder = tempFolder()
const scriptsDir = join(folder, 'scripts')
mkdirSync(join(scriptsDir, 'python'), { recursive: true })
writeFileSync(join(scriptsDir, 'python/waits.py'), pythonScript({}, 'time.sleep(60)'))
const gateway = Bun.spawn([process.execPath, resolve(import.meta.dir, '../../src/main.ts')], {
  env: {
    ...{ PATH: process.env.PATH ?? '', PORT: '0', RUN_SLOTS: '1', DRAIN_SEC: '30', KILL_GRACE_SEC: '0.2' },
    ...{ DATA_DIR: join(folder, 'data'), SCRIPTS_DIR: scriptsDir },
  },
  stdout: 'pipe',
  stderr: 'inherit',
})
afterAll(() => gateway.kill('SIGKILL'))

test('the gateway says how many runs it waits for, and at a second signal that it does not', async () => {
  const reader = gateway.stdout.getReader()
  let said = ''
  async function until(words: string) {
    while (!said.includes(words)) {
      const { done, value } = await reader.read()
      if (done) throw new Error(`The gateway ended: ${said}`)
      said += new TextDecoder().decode(value)
    }
  }
  await until('are ready')
  const url = /http:\/\/localhost:\d+/.exec(said)?.[0] ?? ''
  for (let i = 0; i < 3; i++) await fetch(`${url}/api/scripts/waits/run?async=1`, { method: 'POST' })
  gateway.kill('SIGTERM')
  await until('Stopping: 1 run gets up to 30 s to finish, 2 runs wait for the next start; a second signal hurries.\n')
  gateway.kill('SIGTERM')
  await until('Stopping at once.\n')
  expect(await gateway.exited).toBe(0)
})
