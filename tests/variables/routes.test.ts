/** The API, and what a run makes of it: through the front door of a real gateway. */

import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { silentLog } from '../../src/log.ts'
import type { Variable } from '../../src/variables/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { failureOf } from '../harness/failure.ts'
import { tempFolder } from '../harness/folder.ts'

interface Failure {
  error: { type: string; message: string; details?: { path: string; message: string }[] }
}
type Page = { items: Variable[]; total: number }

const shown = `for name in sorted(os.environ):
    if name.startswith("MY_"): print(name + "=" + os.environ[name])
print(os.environ.get("MY_TOKEN", "none"), file=sys.stderr)
print(json.dumps({name: os.environ[name] for name in os.environ if name.startswith("MY_")}))`
const gateway = await startApp({
  'python/shows.py': pythonScript({}, shown),
  'python/other.py': pythonScript({}, shown),
  'python/named.py': pythonScript({}, shown),
  'python/.named.policy.json': JSON.stringify({ permissions: { env: ['MY_TOKEN'] } }),
  'python/fails.py': pythonScript({}, 'sys.stderr.write("bad " + os.environ["MY_TOKEN"]); sys.exit(3)'),
  'python/deleted.py': pythonScript({}, shown),
})
const put = (path: string, body: unknown) =>
  gateway.json<Variable & Failure>(path, {
    ...{ method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
  })
const list = async (path: string) => (await gateway.json<Page>(path)).body.items
const remove = (path: string) => gateway.fetch(path, { method: 'DELETE' })
const runOf = async (slug: string) => {
  const { body } = await gateway.json<{ run_id: number; data?: unknown } & Partial<Failure>>(`/api/scripts/${slug}/run`)
  const log = await (await gateway.fetch(`/api/runs/${body.run_id}/logs`)).text()
  return { ...body, log }
}

describe.each(['/api/variables', '/api/scripts/other/variables'])('%s', (path) => {
  test('a variable is made, changed and deleted', async () => {
    expect(await put(`${path}/MY_A`, { value: 'one' })).toMatchObject({
      ...{ status: 201, body: { name: 'MY_A', secret: false, value: 'one', error: null } },
    })
    expect(await put(`${path}/MY_A`, { value: 'two' })).toMatchObject({ status: 200, body: { value: 'two' } })
    expect(await list(path)).toMatchObject([{ name: 'MY_A', value: 'two' }])
    expect((await remove(`${path}/MY_A`)).status).toBe(204)
    expect((await remove(`${path}/MY_A`)).status).toBe(404)
    expect(await list(path)).toEqual([])
  })

  test('a secret is never given back', async () => {
    expect((await put(`${path}/MY_S`, { value: 'open-sesame', secret: true })).body).toMatchObject({ value: null })
    expect(JSON.stringify(await list(path))).not.toContain('sesame')
    expect(await put(`${path}/MY_S`, { secret: false })).toMatchObject({
      status: 422,
      body: { error: { type: 'validation' } },
    })
    expect((await remove(`${path}/MY_S`)).status).toBe(204)
  })

  test.each<[string, unknown, number, string]>([
    ['MY_A', {}, 422, '/value'],
    ['MY_A', { value: 5 }, 422, '/value'],
    ['MY_A', { value: 'x', secrt: true }, 422, '/secrt'],
    ['MY_A', { value: 'x', secret: 'yes' }, 422, '/secret'],
    ['MY_A', { value: 'ab', secret: true }, 422, '/value'],
    ['MY_A', { value: 'x'.repeat(70_000) }, 422, '/value'],
    ['MY_A', 'text', 422, ''],
    ['LD_PRELOAD', { value: 'x' }, 422, '/name'],
    ['A-B', { value: 'x' }, 422, '/name'],
    [encodeURIComponent('../../x'), { value: 'x' }, 422, '/name'],
  ])('PUT %s refuses %j', async (name, body, status, at) => {
    const answer = await put(`${path}/${name}`, body)
    expect(answer.status).toBe(status)
    expect(answer.body.error.type).toBe('validation')
    if (at) expect(answer.body.error.details?.map((one) => one.path)).toContain(at)
    expect(await list(path)).toEqual([])
  })

  test('what is no JSON is a 400', async () => {
    const answer = await gateway.json(`${path}/MY_A`, {
      method: 'PUT',
      body: '{',
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(400)
  })
})

test('of a script that is not there: 404', async () => {
  expect((await gateway.fetch('/api/scripts/404/variables')).status).toBe(404)
  expect((await put('/api/scripts/404/variables/A', { value: 'x' })).status).toBe(404)
})

describe('a run', () => {
  test('gets what it may, and shows no secret in log, result, error or page', async () => {
    await put('/api/variables/MY_PLAIN', { value: 'for all' })
    await put('/api/variables/MY_TOKEN', { value: 'global-hunter2', secret: true })
    await put('/api/scripts/shows/variables/MY_OWN', { value: 'own-hunter2', secret: true })

    const shows = await runOf('shows')
    expect(shows.data).toEqual({ MY_PLAIN: 'for all', MY_OWN: '••••••' })
    expect((await runOf('other')).data).toEqual({ MY_PLAIN: 'for all' })
    const named = await runOf('named')
    expect(named.data).toEqual({ MY_TOKEN: '••••••' })
    expect(named.log).toContain('MY_TOKEN=••••••')

    await put('/api/scripts/fails/variables/MY_TOKEN', { value: 'failing-hunter2', secret: true })
    const fails = await runOf('fails')
    expect(fails.error?.type).toBe('script')
    expect(JSON.stringify(fails)).toContain('bad ••••••')
    for (const { run_id } of [shows, named, fails])
      for (const path of [`/api/runs/${run_id}`, `/api/runs/${run_id}/logs`, `/executions/${run_id}`])
        expect(await (await gateway.fetch(path)).text()).not.toContain('hunter2')
  })

  test('no file below DATA_DIR holds a secret, and the key is its owner’s alone', async () => {
    const files = readdirSync(gateway.dataDir, { recursive: true, encoding: 'utf8' }).map((name) =>
      join(gateway.dataDir, name),
    )
    expect(files.length).toBeGreaterThan(3)
    for (const file of files)
      if (statSync(file).isFile())
        expect({ file, has: readFileSync(file).includes('hunter2') }).toMatchObject({ has: false })
    expect(statSync(join(gateway.dataDir, 'secrets.key')).mode & 0o777).toBe(0o600)
  })

  test('a script that is deleted takes its variables along', async () => {
    const id = gateway.app.scripts().find(({ slug }) => slug === 'deleted')!.id
    await put('/api/scripts/deleted/variables/MY_X', { value: 'x' })
    expect((await remove('/api/scripts/deleted')).status).toBe(204)
    const db = new Database(join(gateway.dataDir, 'gateway.db'), { readonly: true })
    expect(db.query('SELECT name FROM variables WHERE script_id = ?').all(id)).toEqual([])
    db.close()
  })
})

describe('another start', () => {
  const folder = tempFolder()
  const config = {
    environment: { auth: 'off' },
    dataDir: join(folder, 'data'),
    scriptsDir: join(folder, 'scripts_repo'),
  }
  const keyFile = join(config.dataDir, 'secrets.key')
  const start = async (secretsKey?: string) => createApp({ ...config, secretsKey }, { log: silentLog() })
  type App = Awaited<ReturnType<typeof start>>
  const request = (app: App, method: string, path: string, body?: unknown) =>
    app.handle(
      new Request(`http://localhost${path}`, {
        ...{ method, headers: { 'content-type': 'application/json' } },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    )
  const errorsOf = async (app: App) => {
    const { items } = (await (await request(app, 'GET', '/api/variables')).json()) as Page
    return items.map(({ name, error }) => `${name} ${error === null ? 'readable' : 'unreadable'}`)
  }

  test('finds its secrets with the same key, says so with another one, and never replaces a key that is there', async () => {
    const first = await start()
    await request(first, 'PUT', '/api/variables/TOKEN', { value: 'hunter2', secret: true })
    expect([await errorsOf(first), first.secretsProblems]).toEqual([['TOKEN readable'], []])
    await first.close(0)
    const key = readFileSync(keyFile, 'utf8')

    const rows: [string, string | undefined, string | null, string, RegExp | null][] = [
      ['the same file', undefined, key, 'TOKEN readable', null],
      ['its content in the environment', key.trim(), key, 'TOKEN readable', null],
      ['the same in the environment, no file', key.trim(), null, 'TOKEN readable', null],
      ['another one in the environment', 'ab'.repeat(32), key, 'TOKEN unreadable', /1 secret cannot be read/],
      ['a file that is empty', undefined, '', 'TOKEN unreadable', /does not hold a key/],
      ['a file that is lost', undefined, null, 'TOKEN unreadable', /1 secret cannot be read/],
    ]
    for (const [what, environment, file, expected, problem] of rows) {
      if (file === null) unlinkSync(keyFile)
      else writeFileSync(keyFile, file, { mode: 0o600 })
      const app = await start(environment)
      expect([what, await errorsOf(app)]).toEqual([what, [expected]])
      if (problem) expect(app.secretsProblems.join(' ')).toMatch(problem)
      else expect(app.secretsProblems).toEqual([])
      if (file !== null) expect(readFileSync(keyFile, 'utf8')).toBe(file)
      await app.close(0)
      if (file === null && environment) expect(existsSync(keyFile)).toBe(false)
      if (file === null && !environment) expect(readFileSync(keyFile, 'utf8')).not.toBe(key)
      writeFileSync(keyFile, key, { mode: 0o600 })
    }
    const mended = await start()
    expect(await errorsOf(mended)).toEqual(['TOKEN readable'])
    await mended.close(0)
  })

  test('with a SECRETS_KEY that is none does not happen', async () => {
    expect(await failureOf(start('password'))).toContain('SECRETS_KEY must be 32 random bytes')
    const app = await start() // nothing was left locked
    await app.close(0)
  })
})
