/** Packages where two things happen at once, or one thing goes wrong beside another: real Bun, whose installations are quick, a registry of our own, a real gateway. */
import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createApp } from '../../src/app.ts'
import type { Installation } from '../../src/dependencies/model.ts'
import type { CacheStatus, CleanupReport, DependenciesView } from '../../src/dependencies/view-model.ts'
import { silentLog } from '../../src/log.ts'
import type { Run } from '../../src/runs/model.ts'
import { startApp } from '../harness/app.ts'
import { eventually as eventuallyIn, tempFolder } from '../harness/folder.ts'
import { startRegistry } from '../harness/registry.ts'

const registry = await startRegistry()
afterAll(registry.stop)
await registry.add(...['held', 'fig', 'kept', 'lime', 'top', 'pear'].map((name) => ({ name, version: '1.0.0' })), {
  name: 'kept',
  version: '1.1.0',
})
/** From now on nobody is given this package, until `release`; `asked` resolves when somebody wants it. */
function hold(name: string) {
  registry.fail(name, 'slow', 'tarball')
  return { asked: registry.asked(`GET /${name}/-/${name}-1.0.0.tgz`), release: registry.release }
}

const list = (dependencies: Record<string, string>) => JSON.stringify({ dependencies })
/** Answers what it was given, such as kept@1.0.0. */
const saying = (name: string) => `if (process.argv.includes('--_sys_get_schema')) console.log('{}')
else console.log(JSON.stringify({ said: require('${name}') }))
export default {}
`
/** The machine may be busy with other tests. */
const eventually = <T>(what: string, ask: () => T | Promise<T>) => eventuallyIn(what, ask, 30_000)
const gateway = await startApp(
  { 'js/first/a.js': saying('fig'), 'js/first/package.json': list({ fig: '>=1' }) },
  { npm_config_registry: registry.url, deps_auto_install: true, install_slots: 4, scan_interval_sec: 1 },
)

const post = { method: 'POST' }
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(gateway.scriptsDir, path)), { recursive: true })
  writeFileSync(join(gateway.scriptsDir, path), text)
}
const read = (path: string) => readFileSync(join(gateway.scriptsDir, path), 'utf8')
const begin = async (slug: string) =>
  (await gateway.json<{ run_id: number }>(`/api/scripts/${slug}/run?async=1`, post)).body.run_id
const run = async (slug: string) => gateway.finished(await begin(slug))
const said = ({ status, reason, result }: Run) => (status === 'success' ? result : reason)
const view = async (slug: string) => (await gateway.json<DependenciesView>(`/api/scripts/${slug}/dependencies`)).body
const installationsOf = async (id: number) =>
  (await gateway.json<{ items: Installation[] }>(`/api/installations?script_id=${id}`)).body.items
/** With its lock, which is written after the environment is known. */
const ready = (slug: string) =>
  eventually(`${slug} is ready`, async () => {
    const { state, lock } = await view(slug)
    return state === 'ready' && lock?.state === 'current'
  })
const cleanup = async (body?: object) =>
  (
    await gateway.json<CleanupReport>('/api/dependencies/cache/cleanup', {
      ...{ ...post, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    })
  ).body

test('an installation that somebody cancels does not begin again by itself, but with the next run', async () => {
  const held = hold('held')
  write('js/held/package.json', list({ held: '>=1' }))
  const { id, slug } = await gateway.drop('js/held/a.js', saying('held'))
  await held.asked
  const [begun] = await installationsOf(id)
  expect(begun).toMatchObject({ status: 'running', trigger: 'discovery' })
  await gateway.json(`/api/installations/${begun!.id}/cancel`, post)
  held.release()
  await eventually('it has ended', async () => (await installationsOf(id))[0]?.status === 'cancelled')
  write('js/next/package.json', list({ pear: '>=1' }))
  const next = await gateway.drop('js/next/a.js', saying('pear'))
  await ready(next.slug) // scripts are looked at in the order of their ids
  expect(await installationsOf(id)).toHaveLength(1)
  expect(said(await run(slug))).toMatchObject({ data: { said: 'held@1.0.0' } })
}, 60_000)

test('what is built for a declaration that has changed meanwhile leaves the new one its lock', async () => {
  write('js/change/package.json', list({ kept: '1.0.0' }))
  const { slug, id } = await gateway.drop('js/change/a.js', saying('kept'))
  await ready(slug)
  const held = hold('lime')
  write('js/change/package.json', list({ lime: '>=1' }))
  const waiting = await begin(slug)
  await held.asked
  const [old] = await installationsOf(id)
  write('js/change/package.json', list({ kept: '>=1' })) // the version of the lock still fits
  expect(said(await run(slug))).toMatchObject({ data: { said: 'kept@1.0.0' } })
  const lock = read('js/change/bun.lock')
  expect(lock).toContain('kept@1.0.0')
  held.release()
  await gateway.finished(waiting)
  await eventually(
    'the old one has ended',
    async () => (await installationsOf(id)).find((one) => one.id === old!.id)?.finished_at,
  )
  expect(read('js/change/bun.lock')).toBe(lock)
}, 60_000)

test('an update of one script leaves another one with the same set the versions of its own lock', async () => {
  write('js/two/one_package.json', list({ kept: '1.0.0' }))
  const one = await gateway.drop('js/two/one.js', saying('kept'))
  await ready(one.slug)
  write('js/two/one_package.json', list({ kept: '>=1' }))
  expect(said(await run(one.slug))).toMatchObject({ data: { said: 'kept@1.0.0' } })
  const lock = read('js/two/one_bun.lock')
  write('js/two/other_bun.lock', lock)
  write('js/two/other_package.json', list({ kept: '>=1' }))
  const other = await gateway.drop('js/two/other.js', saying('kept'))
  expect(said(await run(other.slug))).toMatchObject({ data: { said: 'kept@1.0.0' } })
  const { environment } = await view(other.slug)
  const updated = await gateway.json(`/api/scripts/${one.slug}/dependencies/install?update=1&wait=1`, post)
  expect(updated.status).toBe(200)
  expect(said(await run(one.slug))).toMatchObject({ data: { said: 'kept@1.1.0' } })
  expect((await cleanup({ environments: [environment] })).removed).toEqual([environment!])
  expect(said(await run(other.slug))).toMatchObject({ data: { said: 'kept@1.0.0' } })
}, 60_000)

test('an environment that lost its lock to somebody’s hand keeps no other script from its packages', async () => {
  const slug = gateway.app.scripts().find(({ filename }) => filename === 'first/a.js')!.slug
  await ready(slug)
  const { environment } = await view(slug)
  rmSync(join(gateway.dataDir, '.deps_cache/nodejs', environment!), { recursive: true })
  rmSync(join(gateway.scriptsDir, 'js/first/bun.lock'))
  write('js/after/package.json', list({ pear: '>=1' }))
  const after = await gateway.drop('js/after/a.js', saying('pear'))
  await ready(after.slug)
  expect(said(await run(slug))).toMatchObject({ data: { said: 'fig@1.0.0' } })
}, 60_000)

test('scripts with equal sets and equal locks of another time have all of them renewed', async () => {
  write('js/equal/one_package.json', list({ kept: '1.1.0' }))
  const one = await gateway.drop('js/equal/one.js', saying('kept'))
  await ready(one.slug)
  const stale = read('js/equal/one_bun.lock')
  write('js/equal/two_bun.lock', stale)
  write('js/equal/two_package.json', list({ kept: '>=1.0.5' }))
  write('js/equal/one_package.json', list({ kept: '>=1.0.5' }))
  const two = await gateway.drop('js/equal/two.js', saying('kept'))
  for (const { slug } of [one, two])
    await eventually(`${slug} has its lock`, async () => (await view(slug)).lock?.state === 'current')
}, 60_000)

test('a clean-up with nothing said takes what is older than the setting says, and leaves what is young', async () => {
  write('js/young/package.json', list({ pear: '<9' }))
  const { slug } = await gateway.drop('js/young/a.js', saying('pear'))
  await ready(slug)
  const { environment } = await view(slug)
  rmSync(join(gateway.scriptsDir, 'js/young'), { recursive: true })
  await eventually('it is gone', () => gateway.app.scripts().find((one) => one.slug === slug)?.state === 'missing')
  const names = async () =>
    (await gateway.json<CacheStatus>('/api/dependencies/cache/status')).body.items.map((one) => one.environment)
  expect(await names()).toContain(environment!)
  expect((await cleanup()).removed).toEqual([])
  expect(await names()).toContain(environment!)
  expect((await cleanup({ older_than_days: 0 })).removed).toContain(environment!)
}, 60_000)

test('to install the global packages where there are none makes no list of none', async () => {
  const install = (runtime: string) =>
    gateway.json('/api/deps/install', {
      ...{ ...post, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ runtime, deps: [] }) },
    })
  expect([(await install('python')).status, (await install('js')).status]).toEqual([200, 200])
  const lists = ['requirements.txt', 'package.json'].filter((name) => existsSync(join(gateway.scriptsDir, name)))
  expect(lists).toEqual([])
})

test('after the machine was started, a script that changed meanwhile is asked with its packages; what is installed is found', async () => {
  const [dataDir, scriptsDir] = [join(tempFolder(), 'data'), join(tempFolder(), 'scripts_repo')]
  const asking = (name: string) => `const said = require('top')
console.log(JSON.stringify(process.argv.includes('--_sys_get_schema') ? { ${name}: { type: 'int' } } : { said }))
export default {}
`
  mkdirSync(join(scriptsDir, 'js'), { recursive: true })
  const script = join(scriptsDir, 'js/a.js')
  writeFileSync(join(scriptsDir, 'js/package.json'), list({ top: '>=1' }))
  writeFileSync(script, asking('size'))
  const start = async () => {
    const app = await createApp(
      {
        environment: { auth: 'off', npm_config_registry: registry.url, scan_interval_sec: 1, deps_auto_install: false },
        ...{ dataDir, scriptsDir },
      },
      { log: silentLog() },
    )
    afterAll(() => app.close(0))
    return app
  }
  const ask = async (app: Awaited<ReturnType<typeof start>>, path: string) => {
    const response = await app.handle(new Request(`http://localhost${path}`, post))
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const hasParam = (app: Awaited<ReturnType<typeof start>>, name: string) =>
    eventually(`it is asked for ${name}`, () => {
      const [one] = app.scripts()
      return one?.state === 'active' && name in one.params
    })
  const first = await start()
  await first.ready
  expect((await ask(first, '/api/scripts/a/dependencies/install?wait=1')).status).toBe(200)
  await hasParam(first, 'size')
  await first.close(0)

  const leftover = join(dataDir, '.deps_cache/nodejs/.building-x-1')
  mkdirSync(leftover)
  for (let i = 0; i < 5000; i++) writeFileSync(join(leftover, String(i)), '')
  writeFileSync(join(dataDir, '.deps_cache/boot'), 'another start of the machine')
  writeFileSync(script, asking('height'))
  const second = await start()
  const { status, body } = await ask(second, '/api/scripts/a/dependencies/install')
  expect([status, body.state]).toEqual([200, 'ready']) // what is there was not looked at yet
  await hasParam(second, 'height')
}, 60_000)
