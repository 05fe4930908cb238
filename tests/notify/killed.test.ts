/** kill -9 with deliveries under way and waiting: after the restart they arrive, with the numbers that they had. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { systemClock } from '../../src/clock.ts'
import { silentLog } from '../../src/log.ts'
import { javascriptScript } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'
import { createReceiver } from '../harness/receiver.ts'

const receiver = await createReceiver()
afterAll(receiver.close)
const root = join(import.meta.dir, '../..')

test('a gateway that is killed tells everything after its restart', async () => {
  const folder = tempFolder()
  const [dataDir, scriptsDir] = [join(folder, 'data'), join(folder, 'scripts')]
  mkdirSync(join(scriptsDir, 'js'), { recursive: true })
  writeFileSync(join(scriptsDir, 'js/quick.js'), javascriptScript({}, 'console.log(1)'))
  const program = join(root, 'tests/faults/gateway-that-dies.ts')
  const child = Bun.spawn([process.execPath, program, dataDir, scriptsDir, '0'], { cwd: root, stdout: 'pipe' })
  afterAll(() => child.kill('SIGKILL'))
  const { value } = await child.stdout.getReader().read()
  const url = new TextDecoder().decode(value).trim()
  const send = async (method: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
    return (await response.json()) as { id: number; run_id: number; items: { next_at: string | null }[] }
  }
  await send('PUT', '/api/settings', { notify_local_addresses: true })
  const config = { url: receiver.url('hook'), secret: 'a secret' }
  const { id } = await send('POST', '/api/channels', { name: 'hook', kind: 'webhook', config })
  await send('POST', '/api/notifications/rules', { channel_id: id, events: ['always'] })

  receiver.mode = 'silent'
  const runs = [(await send('POST', '/api/scripts/quick/run', {})).run_id] // answered, whatever the receiver does
  const [first] = await receiver.arrived(1)
  for (const _ of [1, 2]) runs.push((await send('POST', '/api/scripts/quick/run', {})).run_id)
  await eventually('all of them wait', async () => (await send('GET', '/api/deliveries')).items.length === 3)
  child.kill('SIGKILL')
  await child.exited
  receiver.mode = 'ok'

  const app = await createApp(
    { environment: { auth: 'off' }, dataDir, scriptsDir },
    { log: silentLog(), isolation: unconfined, clock: { ...systemClock, now: () => Date.now() + 60_000 } },
  )
  afterAll(() => app.close(0))
  await receiver.arrived(4)
  const told = receiver.requests.slice(1).map(({ body }) => Number(JSON.parse(body).data.run_id))
  expect(told).toEqual(runs)
  expect(receiver.requests[1]!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
}, 30_000)
