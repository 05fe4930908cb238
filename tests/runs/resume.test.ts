/** What waits survives a restart, and what was interrupted is run again where its script says so. */
import { Database } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import type { Config } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'

const argsMap = { secret: { type: 'str', secret: true }, input: { type: 'file' }, ms: { type: 'int', default: 60_000 } }
const echo = pythonScript(
  argsMap,
  'print("begun", flush=True)\ntime.sleep(int(args["ms"]) / 1000)\nprint(json.dumps({"text": args["input"] and open(args["input"]).read(), "length": len(args["secret"] or "")}))',
)

const apps: App[] = []
afterAll(() => Promise.all(apps.map((app) => app.close(0))))

function gatewayIn(folder: string, environment: Partial<Config> = {}) {
  const scriptsDir = join(folder, 'scripts')
  mkdirSync(join(scriptsDir, 'python'), { recursive: true })
  const write = (name: string, text: string) => writeFileSync(join(scriptsDir, 'python', name), text)
  /** `meanwhile`: between the opening of the database and the look at the scripts, after which runs are taken up. */
  async function start(meanwhile = () => {}) {
    const app = await createApp(
      {
        environment: { auth: 'off', kill_grace_sec: 0.2, run_slots: 1, ...environment },
        dataDir: join(folder, 'data'),
        scriptsDir,
      },
      { log: silentLog(), isolation: unconfined },
    )
    apps.push(app)
    meanwhile()
    const url = await app.listen('127.0.0.1', 0)
    await app.ready
    const get = async (id: number) => (await (await fetch(`${url}/api/runs/${id}`)).json()) as Run
    return {
      app,
      url,
      get,
      async run(body: unknown, slug = 'echo') {
        const isForm = body instanceof FormData
        const init = {
          method: 'POST',
          headers: { prefer: 'respond-async' },
          body: isForm ? body : JSON.stringify(body),
        }
        if (!isForm) Object.assign(init.headers, { 'content-type': 'application/json' })
        const answer = await fetch(`${url}/api/scripts/${slug}/run`, init)
        return ((await answer.json()) as { run_id: number }).run_id
      },
      ended: (id: number) =>
        eventually(`run ${id} ends`, async () => {
          const run = await get(id)
          return run.finished_at ? run : undefined
        }),
      running: (id: number) => eventually(`run ${id} runs`, async () => (await get(id)).status === 'running'),
    }
  }
  return { start, write, folder }
}

const withFile = (ms: number) => {
  const form = new FormData()
  form.set('payload', JSON.stringify({ ms, secret: 'geheim' }))
  form.set('input', new File(['what was sent'], 'sent.txt'))
  return form
}

test('runs that wait when the gateway stops wait on, with their secrets and uploads, and begin in their order', async () => {
  const gateway = gatewayIn(tempFolder())
  gateway.write('echo.py', echo)
  const before = await gateway.start()
  const first = await before.run({})
  await before.running(first)
  const waiting = [
    await before.run(withFile(0)),
    await before.run({ ms: 0, secret: 'abc' }),
    await before.run({ ms: 0 }),
  ]
  const asked = fetch(`${before.url}/api/scripts/echo/run?ms=0`) // waits for its end
  await eventually('it waits too', async () => (await before.get(5))?.status === 'queued')
  await before.app.close(0)
  expect((await asked).status).toBe(202) // told where it goes on, instead of a lie or a cut
  const after = await gateway.start()
  expect((await after.get(first)).status).toBe('interrupted')
  const ends = []
  for (const id of [...waiting, 5]) ends.push(await after.ended(id))
  expect(ends.map(({ status, result }) => [status, result?.type === 'json' && result.data])).toEqual([
    ['success', { text: 'what was sent', length: 6 }],
    ['success', { text: null, length: 3 }],
    ['success', { text: null, length: 0 }],
    ['success', { text: null, length: 0 }],
  ])
  const begun = ends.map(({ started_at }) => started_at!)
  expect(begun).toEqual([...begun].sort())
  const uploads = join(gateway.folder, 'data/tmp/uploads')
  await eventually('the uploads are gone with their run', () => readdirSync(uploads).length === 0)
})

test('a run that waits can be cancelled before and after the restart', async () => {
  const gateway = gatewayIn(tempFolder())
  gateway.write('echo.py', echo)
  const before = await gateway.start()
  await before.running(await before.run({}))
  const [one, two] = [await before.run({ ms: 0 }), await before.run({ ms: 0 })]
  const cancel = (url: string, id: number) => fetch(`${url}/api/runs/${id}/cancel`, { method: 'POST' })
  await cancel(before.url, one)
  await before.app.close(0)
  const after = await gateway.start()
  expect([(await after.get(one)).status, (await after.ended(two)).status]).toEqual(['cancelled', 'success'])
})

test.each([
  ['gone', (folder: string) => rmSync(join(folder, 'scripts/python/echo.py')), 'missing'],
  [
    'changed so that the parameters do not fit',
    (folder: string) =>
      writeFileSync(
        join(folder, 'scripts/python/echo.py'),
        pythonScript({ other: { type: 'int', required: true } }, 'pass'),
      ),
    'do not fit',
  ],
])('a run whose script is %s after the restart ends as interrupted, with the reason', async (_, change, reason) => {
  const gateway = gatewayIn(tempFolder())
  gateway.write('echo.py', echo)
  const before = await gateway.start()
  await before.running(await before.run({}))
  const id = await before.run({ ms: 0 })
  await before.app.close(0)
  change(gateway.folder)
  const after = await gateway.start()
  expect(await after.ended(id)).toMatchObject({ status: 'interrupted', reason: expect.stringContaining(reason) })
})

test('on_interrupt: an interrupted run is run again, with what it was given, and at most three times', async () => {
  const gateway = gatewayIn(tempFolder())
  gateway.write('echo.py', echo)
  gateway.write('.echo.policy.json', JSON.stringify({ on_interrupt: 'retry' }))
  let now = await gateway.start()
  const first = await now.run(withFile(60_000))
  await now.running(first)
  for (const attempt of [2, 3]) {
    await now.app.close(0)
    now = await gateway.start()
    const id = first + attempt - 1
    await now.running(id)
    expect(await now.get(id)).toMatchObject({
      trigger: 'retry',
      retry_of: id - 1,
      attempt,
      params: { secret: '••••••' },
    })
    expect((await now.get(id - 1)).status).toBe('interrupted')
  }
  await now.app.close(0)
  now = await gateway.start()
  expect(await now.get(first + 2)).toMatchObject({
    ...{ status: 'interrupted', reason: expect.stringContaining('not run again: it was tried 3 times') },
  })
  expect((await fetch(`${now.url}/api/runs`).then((answer) => answer.json())) as object).toMatchObject({ total: 3 })
  for (const id of [first, first + 1, first + 2])
    expect((await now.get(id)).attempts?.map((one) => [one.id, one.attempt, one.status])).toEqual([
      [first, 1, 'interrupted'],
      [first + 1, 2, 'interrupted'],
      [first + 2, 3, 'interrupted'],
    ])
  const last = await fetch(`${now.url}/api/runs?attempts=last`).then((answer) => answer.json())
  expect(last as object).toMatchObject({ total: 1, items: [{ id: first + 2 }] })
  expect(last.items[0]).not.toHaveProperty('attempts')
  expect(readdirSync(join(gateway.folder, 'data/tmp/uploads'))).toEqual([])
})

test('a database that is locked when runs are taken up delays them, and loses none', async () => {
  const gateway = gatewayIn(tempFolder())
  gateway.write('echo.py', echo)
  gateway.write('.echo.policy.json', JSON.stringify({ on_interrupt: 'retry' }))
  const before = await gateway.start()
  const first = await before.run({})
  await before.running(first)
  const waiting = await before.run({ ms: 0 })
  await before.app.close(0)
  const other = new Database(join(gateway.folder, 'data/gateway.db'))
  const after = await gateway.start(() => other.run('BEGIN EXCLUSIVE'))
  expect([(await after.get(first)).status, (await after.get(waiting)).status]).toEqual(['interrupted', 'queued'])
  other.run('ROLLBACK')
  other.close()
  expect((await after.ended(waiting)).status).toBe('success')
  await after.running(waiting + 1)
  expect(await after.get(waiting + 1)).toMatchObject({ retry_of: first, attempt: 2 })
})

test('a run that ended by itself is not run again', async () => {
  const gateway = gatewayIn(tempFolder(), { on_interrupt: 'retry' })
  gateway.write('echo.py', echo)
  const before = await gateway.start()
  const id = await before.run({ ms: 0 })
  await before.ended(id)
  await before.app.close(0)
  const after = await gateway.start()
  expect((await fetch(`${after.url}/api/runs`).then((answer) => answer.json())) as object).toMatchObject({ total: 1 })
})

test('with another key the parameters of a waiting run are lost, and it says so', async () => {
  const gateway = gatewayIn(tempFolder())
  gateway.write('echo.py', echo)
  const before = await gateway.start()
  await before.running(await before.run({}))
  const id = await before.run({ ms: 0 })
  await before.app.close(0)
  rmSync(join(gateway.folder, 'data/secrets.key'))
  const after = await gateway.start()
  expect(await after.ended(id)).toMatchObject({ status: 'interrupted', reason: expect.stringContaining('key') })
})
