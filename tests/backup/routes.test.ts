/** A real gateway: saved over HTTP while runs go on, put back into an empty folder, started there. */
import { afterAll, expect, test } from 'bun:test'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { silentLog } from '../../src/log.ts'
import type { Run } from '../../src/runs/model.ts'
import type { Script } from '../../src/scripts/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { jsonInit } from '../scripts/api.ts'
import { emptyGateway, type Gateway, passphrase, restore, treeOf } from './lab.ts'

const echo = pythonScript(
  { n: { type: 'int', default: 1 } },
  'print(json.dumps({"n": int(args["n"]), "token": os.environ.get("TOKEN")}))',
)
const slow = pythonScript(
  {},
  'open(os.path.join(os.environ["OUTPUT_DIR"], "out.txt"), "w").write("out")\nfor i in range(600): print(i, flush=True); time.sleep(0.1)',
)
const app = await startApp({ 'python/echo.py': echo, 'python/slow.py': slow, 'python/set/data.csv': 'a,b\n' })
const folder = tempFolder()
const passphraseFile = join(folder, 'passphrase')
writeFileSync(passphraseFile, passphrase)

const post = (body: unknown) => app.fetch('/api/backup', jsonInit('POST', body))
const nothingLeft = () =>
  readdirSync(join(app.dataDir, 'tmp')).filter((name) => name.startsWith('backup-')).length === 0

async function save(body: unknown): Promise<string> {
  const response = await post(body)
  expect(response.status).toBe(200)
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'none'
  const file = join(folder, `${Math.random()}-${name}`)
  await Bun.write(file, response)
  return file
}

/** Starts a gateway on what was restored. */
async function startOn({ dataDir, scriptsDir }: Gateway) {
  const restored = await createApp(
    { environment: { auth: 'off', kill_grace_sec: 0.2 }, dataDir, scriptsDir },
    { log: silentLog() },
  )
  afterAll(() => restored.close(0))
  await restored.listen('127.0.0.1', 0)
  await restored.ready
  const ask = async <T>(path: string, init?: RequestInit) =>
    (await restored.handle(new Request(`http://127.0.0.1${path}`, init))).json() as Promise<T>
  return { restored, ask }
}

test('saved while runs go on, restored into an empty folder, and everything is there', async () => {
  await app.fetch('/api/scripts/echo/variables/TOKEN', jsonInit('PUT', { value: 'a-secret-value', secret: true }))
  await app.fetch('/api/scripts/echo', jsonInit('PATCH', { alias: 'Echo', tags: ['demo'] }))
  await app.fetch('/api/settings', jsonInit('PUT', { timeout_min: 7 }))
  const first = (await app.json<{ run_id: number }>('/api/scripts/echo/run?n=4')).body.run_id
  const { run_id: going } = (await app.json<{ run_id: number }>('/api/scripts/slow/run?async=1')).body
  await eventually('it prints', async () => (await (await app.fetch(`/api/runs/${going}/logs`)).text()).includes('3'))

  const busy = { calls: 0, worstMs: 0, isOver: false }
  const calling = (async () => {
    while (!busy.isOver) {
      const startedAt = performance.now()
      const { status } = await app.json('/api/scripts/echo/run')
      if (status !== 200) throw new Error(`a call was answered ${status}`)
      busy.calls++
      busy.worstMs = Math.max(busy.worstMs, performance.now() - startedAt)
    }
  })()
  const file = await save({ passphrase, keys: true, outputs: true })
  busy.isOver = true
  await calling
  await eventually('nothing is left of it', nothingLeft)
  expect((await app.json<Run>(`/api/runs/${going}`)).body.status).toBe('running')
  await app.fetch(`/api/runs/${going}/cancel`, { method: 'POST' })

  const to = emptyGateway(folder)
  await restore(to, file, '--passphrase-file', passphraseFile)
  expect(treeOf(to.scriptsDir)).toMatchObject({ 'python/echo.py': echo, 'python/set/data.csv': 'a,b\n' })
  const { ask, restored } = await startOn(to)
  expect(restored.secretsProblems).toEqual([])
  expect(await ask<Script>('/api/scripts/echo')).toMatchObject({ alias: 'Echo', tags: ['demo'], state: 'active' })
  expect(await ask<Run>(`/api/runs/${first}`)).toMatchObject({ status: 'success', params: { n: 4 } })
  expect(await ask<Run>(`/api/runs/${going}`)).toMatchObject({ status: 'interrupted' })
  const log = await restored.handle(new Request(`http://127.0.0.1/api/runs/${going}/logs`))
  expect(await log.text()).toStartWith('0\n1\n2\n3\n')
  expect(await ask('/api/scripts/echo/run?n=5')).toMatchObject({ data: { n: 5, token: '••••••' } })
  expect(await ask('/api/audit?action=gateway.restore')).toMatchObject({ total: 1 })
  expect(await ask('/api/audit/verify')).toMatchObject({ ok: true })
  const { items } = await ask<{ items: { name: string; value: unknown }[] }>('/api/settings')
  expect(items.find(({ name }) => name === 'timeout_min')?.value).toBe(7)
}, 60_000)

test('without the key, secrets are said to be unreadable, and everything else works', async () => {
  const file = await save({})
  const to = emptyGateway(folder)
  expect(await restore(to, file)).toContain('The key for secrets is not in this backup')
  const { ask, restored } = await startOn(to)
  expect(restored.secretsProblems.join(' ')).toContain('1 secret cannot be read')
  expect(await ask('/api/scripts/echo/run')).toMatchObject({ status: 'error' })
  expect(await ask('/api/scripts/slow')).toMatchObject({ state: 'active' })
}, 60_000)

test('as a form, too; and what was made is in the audit log, without the passphrase', async () => {
  const response = await app.fetch('/api/backup', {
    method: 'POST',
    body: new URLSearchParams({ passphrase, outputs: 'on' }),
  })
  expect((await response.bytes()).length).toBeGreaterThan(1000)
  expect(response.headers.get('content-disposition')).toMatch(
    /^attachment; filename="scriptgateway-\d{8}-\d{4}\.tar\.gz\.age"/,
  )
  const { body } = await app.json<{ items: { after: unknown }[] }>('/api/audit?action=backup')
  expect(body.items[0]?.after).toMatchObject({ encrypted: true, has_outputs: true, has_keys: false })
  expect(JSON.stringify(body)).not.toContain(passphrase)
})

test.each<[string, unknown, number, string]>([
  ['keys without a passphrase', { keys: true }, 422, 'passphrase'],
  ['a short passphrase', { passphrase: 'short' }, 422, '12 to 1000'],
  ['a passphrase that is no text', { passphrase: 5 }, 422, 'must be a text'],
  ['outputs that are no answer', { outputs: 'perhaps' }, 422, 'true or false'],
  ['something unknown', { everything: true }, 422, 'not known'],
])('refused: %s', async (_, body, status, message) => {
  const response = await post(body)
  expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(message)])
  expect(nothingLeft()).toBeTrue()
})

test.each([null, passphrase])(
  'whoever stops downloading leaves nothing behind, with the passphrase %p',
  async (word) => {
    writeFileSync(join(app.dataDir, 'static/large.bin'), crypto.getRandomValues(new Uint8Array(65_536)))
    for (let n = 0; n < 200; n++)
      await Bun.write(join(app.dataDir, `static/large-${n}.bin`), crypto.getRandomValues(new Uint8Array(65_536)))
    const stop = new AbortController()
    const response = await app.fetch('/api/backup', {
      ...jsonInit('POST', { outputs: true, passphrase: word }),
      signal: stop.signal,
    })
    await response.body?.getReader().read()
    expect(nothingLeft()).toBeFalse()
    stop.abort()
    await eventually('nothing is left of it', nothingLeft)
  },
  20_000,
)
