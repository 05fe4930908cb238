/** Packages of JavaScripts from the declaration to the run, through the front door: real Bun, a registry of our own, a real gateway. */
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import type { Config } from '../../../src/config.ts'
import type { Installation } from '../../../src/dependencies/model.ts'
import type { DependenciesView } from '../../../src/dependencies/view-model.ts'
import type { Run } from '../../../src/runs/model.ts'
import { startApp, type TestApp } from '../../harness/app.ts'
import { eventually } from '../../harness/folder.ts'
import { startRegistry } from '../../harness/registry.ts'

const token = `npm_${crypto.randomUUID()}`
const registry = await startRegistry()
const closed = await startRegistry({ token })
afterAll(() => {
  registry.stop()
  closed.stop()
})
const left = (version: string) => ({ name: 'left', version })
await registry.add(
  ...[
    left('1.0.0'),
    left('1.1.0'),
    left('2.0.0'),
    { name: 'slow', version: '1.0.0' },
    { name: 'cold', version: '1.0.0' },
  ],
  ...[
    { name: 'down', version: '1.0.0' },
    { name: 'twisted', version: '1.0.0' },
    { name: 'kept', version: '1.0.0' },
  ],
  {
    ...{ name: 'scripted', version: '1.0.0', fields: { scripts: { postinstall: 'echo > canary.txt' } } },
    files: {
      'index.js': `module.exports = require('node:fs').existsSync(require('node:path').join(__dirname, 'canary.txt'))`,
    },
  },
)
await closed.add({ name: 'mine', version: '1.0.0' })

/** A list, scripts with a schema beside them so that nothing is run to be asked, and whatever else. Below scripts_repo/js. */
function group(folder: string, packages: Record<string, string> | null, files: Record<string, string>) {
  const scripts = Object.entries(files).filter(([, text]) => /export default|module\.exports/.test(text))
  const sidecars = scripts.map(([file]) => [`.${basename(file, extname(file))}._map.json`, '{}'])
  const all: Record<string, string> = {
    ...(packages && { 'package.json': JSON.stringify({ dependencies: packages }) }),
    ...Object.fromEntries(sidecars),
    ...files,
  }
  return Object.fromEntries(Object.entries(all).map(([path, text]) => [`js/${folder}/${path}`, text]))
}

const esm = `import left from 'left'\nconsole.log(JSON.stringify({ left }))\nexport default 1\n`
const importing = (name: string) => `import x from '${name}'\nconsole.log(JSON.stringify({ x }))\nexport default 1\n`

const scripts = {
  ...group(
    'kinds',
    { left: '1.0.0' },
    {
      'a.mjs': esm,
      'b.cjs': `console.log(JSON.stringify({ left: require('left') }))\nmodule.exports = 1\n`,
      'c.ts': `import left from 'left'\nconst said: { left: string } = { left }\nconsole.log(JSON.stringify(said))\nexport default 1\n`,
      'through.mjs': `import left from '../shared/db.js'\nconsole.log(JSON.stringify({ left }))\nexport default 1\n`,
      'worker.mjs': `const worker = new Worker(new URL('./_w.mjs', import.meta.url))
worker.onmessage = ({ data }) => { console.log(JSON.stringify({ left: data })); process.exit() }
export default 1\n`,
      '_w.mjs': `import left from 'left'\npostMessage(left)\n`,
      'child.mjs': `import { spawnSync } from 'node:child_process'
const { stdout } = spawnSync(process.execPath, [new URL('./_c.mjs', import.meta.url).pathname], { encoding: 'utf8' })
console.log(JSON.stringify({ left: stdout.trim() }))
export default 1\n`,
      '_c.mjs': `import left from 'left'\nconsole.log(left)\n`,
      'sealed.mjs': `import left from 'left'
import { readdirSync, readFileSync } from 'node:fs'
const can = (act) => { try { return act() } catch { return false } }
const up = import.meta.dirname + '/..'
const seen = [can(() => readFileSync(up + '/shared/db.js').length > 0), can(() => readdirSync(up).includes('shared'))]
console.log(JSON.stringify({ left, seen }))
if (!left) import('../shared/db.js')
export default 1\n`,
      'open.mjs': `import './sealed.mjs'\nexport default 1\n`,
      'where.mjs': `console.log(JSON.stringify({ file: import.meta.path, cwd: process.cwd(), path: process.env.SCRIPT_PATH }))\nexport default 1\n`,
    },
  ),
  'js/kinds/.sealed.policy.json': '{"permissions":{"read":false}}',
  'js/shared/db.js': `export { default } from 'left'\n`,
  ...group('versions', null, {
    'one.mjs': esm,
    'one_package.json': JSON.stringify({ dependencies: { left: '1.0.0' } }),
    'two.mjs': esm,
    'two_package.json': JSON.stringify({ dependencies: { left: '^2' } }),
  }),
  ...group(
    'helped',
    { left: '1.0.0' },
    {
      'main.mjs': `import word from './_helper.mjs'\nimport left from 'left'\nconsole.log(JSON.stringify({ word, left }))\nexport default 1\n`,
      '_helper.mjs': `export { default } from 'left'\n`,
    },
  ),
  ...group(
    'flight',
    { left: '1.0.0' },
    {
      'f.mjs': `import { existsSync } from 'node:fs'
console.error('started')
while (!existsSync(process.env.SCRIPT_DIR + '/go')) await Bun.sleep(5)
const { default: left } = await import('left')
const { default: late } = await import('./_late.mjs')
console.log(JSON.stringify({ left, late }))
export default 1\n`,
      '_late.mjs': `export default 'old'\n`,
    },
  ),
  ...group('unknown', { 'nothing-like-it': '1.0.0' }, { 'u.mjs': importing('nothing-like-it') }),
  ...group('down', { down: '1.0.0' }, { 'd.mjs': importing('down') }),
  ...group('twisted', { twisted: '1.0.0' }, { 't.mjs': importing('twisted') }),
  ...group('slow', { slow: '1.0.0' }, { 's.mjs': importing('slow') }),
  ...group('scripted', { scripted: '1.0.0' }, { 'p.mjs': importing('scripted') }),
  ...group('kept', { kept: '^1.0.0' }, { 'k.mjs': `import 'undeclared-thing/deep'\n${importing('kept')}` }),
  ...group('again', { left: '>=1.0.0 <1.1.0' }, { 'again.mjs': esm }),
  ...group('cold', { cold: '1.0.0' }, { 'cold.mjs': importing('cold') }),
}

const gateway = await startApp(scripts, { npm_config_registry: registry.url, install_slots: 4 })

interface Answer {
  status: string
  data: Record<string, unknown>
  error?: { type: string; message: string }
  run_id: number
  stderr: string
}

function doors({ json, fetch, app, scriptsDir }: TestApp) {
  const slugOf = (file: string) => app.scripts().find(({ filename }) => filename === file)!.slug
  const post = (path: string) => json<Answer>(path, { method: 'POST' })
  return {
    slugOf,
    run: (file: string) => post(`/api/scripts/${slugOf(file)}/run`),
    begin: async (file: string) => (await post(`/api/scripts/${slugOf(file)}/run?async=1`)).body.run_id,
    runOf: async (id: number) => (await json<Run>(`/api/runs/${id}`)).body,
    logOf: async (id: number) => (await fetch(`/api/runs/${id}/logs`)).text(),
    view: async (file: string) => (await json<DependenciesView>(`/api/scripts/${slugOf(file)}/dependencies`)).body,
    update: (file: string) =>
      json<DependenciesView>(`/api/scripts/${slugOf(file)}/dependencies/install?update=1&wait=1`, { method: 'POST' }),
    installations: async (query = '') =>
      (await json<{ items: Installation[]; total: number }>(`/api/installations${query}`)).body,
    set: async (settings: Partial<Config>) => {
      const headers = { 'content-type': 'application/json' }
      const { status } = await json('/api/settings', { method: 'PUT', headers, body: JSON.stringify(settings) })
      expect(status).toBe(200)
    },
    write(path: string, text: string) {
      mkdirSync(dirname(join(scriptsDir, path)), { recursive: true })
      writeFileSync(join(scriptsDir, path), text)
    },
    read: (path: string) => readFileSync(join(scriptsDir, path), 'utf8'),
  }
}

const { run, begin, runOf, logOf, view, update, installations, set, write, read } = doors(gateway)

const isHeld = gateway.app.isolation.enforces.includes('read')
if (!isHeld) console.warn('tests/dependencies: nothing is confined here, so that a script reads what it may not')

describe('a script in a group with a package.json runs with its packages', () => {
  test.each([
    ['as an ES module', 'kinds/a.mjs'],
    ['in CommonJS', 'kinds/b.cjs'],
    ['in TypeScript', 'kinds/c.ts'],
    ['through a module of another group', 'kinds/through.mjs'],
    ['in a worker', 'kinds/worker.mjs'],
    ['in a child process', 'kinds/child.mjs'],
  ])('%s', async (_, file) => {
    const { body } = await run(file)
    expect(body).toMatchObject({ status: 'success', data: { left: 'left@1.0.0' } })
    expect((await runOf(body.run_id)).environment).toMatch(/^[0-9a-f]{32}$/)
  })

  test('that were installed once, with a lock beside the list that names no registry of this machine', async () => {
    expect((await installations(`?script_id=${(await view('kinds/a.mjs')).script_id}`)).total).toBe(1)
    expect(await view('kinds/b.cjs')).toMatchObject({
      ...{ state: 'ready', source: { scope: 'folder', file: 'js/kinds/package.json' } },
      ...{ lock: { file: 'js/kinds/bun.lock', state: 'current' }, installed: [{ name: 'left', version: '1.0.0' }] },
    })
    expect(read('js/kinds/bun.lock')).toContain('left@1.0.0')
    expect(read('js/kinds/bun.lock')).not.toContain('127.0.0.1')
  })

  test('and nothing of others that it may not read', async () => {
    // Its view is the one of a script that reads all of it.
    expect((await run('kinds/open.mjs')).body.data).toEqual({ left: 'left@1.0.0', seen: [true, true] })
    const seen = isHeld ? [false, false] : [true, true]
    expect((await run('kinds/sealed.mjs')).body.data).toEqual({ left: 'left@1.0.0', seen })
  })

  test('from a copy of its folder, while its current folder and its variables are of the folder itself', async () => {
    const { data } = (await run('kinds/where.mjs')).body
    const own = join(gateway.scriptsDir, 'js/kinds')
    expect([data.cwd, data.path]).toEqual([own, join(own, 'where.mjs')])
    expect(String(data.file)).toStartWith(join(gateway.dataDir, '.deps_cache/views'))
    expect(String(data.file)).toEndWith('/src/kinds/where.mjs')
  })
})

test('two scripts of one folder have each their own version at the same time', async () => {
  const [one, two] = await Promise.all([run('versions/one.mjs'), run('versions/two.mjs')])
  expect([one.body.data, two.body.data]).toEqual([{ left: 'left@1.0.0' }, { left: 'left@2.0.0' }])
  expect(read('js/versions/two_bun.lock')).toContain('left@2.0.0')
})

test.each([
  ['written in place', () => write('js/helped/_helper.mjs', `export default 'in place'\n`), 'in place'],
  [
    'replaced',
    () => {
      write('js/helped/.tmp', `export default 'replaced'\n`)
      renameSync(join(gateway.scriptsDir, 'js/helped/.tmp'), join(gateway.scriptsDir, 'js/helped/_helper.mjs'))
    },
    'replaced',
  ],
  ['written in place again', () => write('js/helped/_helper.mjs', `export default 'again'\n`), 'again'],
])('a helper that was %s right before a run is the one that runs', async (_, change, word) => {
  expect((await run('helped/main.mjs')).body.status).toBe('success')
  change()
  expect((await run('helped/main.mjs')).body.data).toEqual({ word, left: 'left@1.0.0' })
})

test('a run keeps its packages and its code while both change; the next one has the new ones', async () => {
  const first = await begin('flight/f.mjs')
  await eventually('it has started', async () => (await logOf(first)).includes('started'))
  write('js/flight/package.json', JSON.stringify({ dependencies: { left: '2.0.0' } }))
  write('js/flight/.tmp', `export default 'new'\n`)
  renameSync(join(gateway.scriptsDir, 'js/flight/.tmp'), join(gateway.scriptsDir, 'js/flight/_late.mjs'))
  const second = await begin('flight/f.mjs')
  await eventually('the second one has started', async () => (await logOf(second)).includes('started'))
  write('js/flight/go', '')
  const [one, two] = await Promise.all([gateway.finished(first), gateway.finished(second)])
  expect(one.result).toMatchObject({ data: { left: 'left@1.0.0', late: 'old' } })
  expect(two.result).toMatchObject({ data: { left: 'left@2.0.0', late: 'new' } })
  expect(one.environment).not.toBe(two.environment)
})

test.each([
  ['an unknown package', 'unknown/u.mjs', () => {}, 'has no package nothing-like-it'],
  ['a registry that fails', 'down/d.mjs', () => registry.fail('down', 500), 'answered 500 when it was asked for down'],
  [
    'a package that is not what its hash says',
    'twisted/t.mjs',
    () => registry.fail('twisted', 'integrity'),
    'What came for twisted is not what its hash says',
  ],
])('%s is a 502 in words, and nothing was started', async (_, file, fail, words) => {
  fail()
  const { status, body } = await run(file)
  expect(status).toBe(502)
  expect(body.error?.type).toBe('dependency')
  expect(body.error?.message).toContain(words)
  expect(await runOf(body.run_id)).toMatchObject({ status: 'failed', exit_code: null, environment: null })
  expect((await view(file)).state).toBe('failed')
})

test('twenty starts on a cold cache are one installation', async () => {
  registry.fail('slow', 'slow', 'tarball')
  const ids = await Promise.all(Array.from({ length: 20 }, () => begin('slow/s.mjs')))
  await registry.asked('GET /slow/-/slow-1.0.0.tgz')
  const { script_id, waiting_for_installation } = await runOf(ids[0]!)
  expect(waiting_for_installation).toBeNumber()
  registry.release()
  const ended = await Promise.all(ids.map((id) => gateway.finished(id)))
  expect(ended.map(({ status }) => status)).toEqual(Array(20).fill('success'))
  expect((await installations(`?script_id=${script_id}`)).total).toBe(1)
  expect(registry.requests.filter((one) => one.includes('slow-1.0.0.tgz'))).toHaveLength(1)
}, 30_000)

test('an environment that somebody deletes by hand is built anew', async () => {
  const { environment } = await view('slow/s.mjs')
  rmSync(join(gateway.dataDir, '.deps_cache/nodejs', environment!), { recursive: true })
  expect((await run('slow/s.mjs')).body).toMatchObject({ status: 'success', data: { x: 'slow@1.0.0' } })
  const { environment: anew } = await view('slow/s.mjs')
  expect(existsSync(join(gateway.dataDir, '.deps_cache/nodejs', anew!))).toBe(true)
})

test('an install script of a package is run only when the setting allows it', async () => {
  expect((await run('scripted/p.mjs')).body.data).toEqual({ x: false })
  await set({ npm_scripts_allowed: ['scripted'] })
  expect((await run('scripted/p.mjs')).body.data).toEqual({ x: true })
  await set({ npm_scripts_allowed: [] })
  expect((await run('scripted/p.mjs')).body.data).toEqual({ x: false })
})

test('an update renews the lock, and nothing else does; what is imported and not declared is told', async () => {
  expect((await update('kept/k.mjs')).body.dependencies).toMatchObject([{ installed: '1.0.0' }])
  const { script_id } = await view('kept/k.mjs')
  await registry.add({ name: 'kept', version: '1.2.0' })
  const locked = read('js/kept/bun.lock')
  const reinstall = await gateway.json<DependenciesView>(`/api/scripts/${script_id}/dependencies/install?wait=1`, {
    method: 'POST',
  })
  expect(reinstall.body.dependencies).toMatchObject([{ installed: '1.0.0' }])
  expect(read('js/kept/bun.lock')).toBe(locked)
  expect((await update('kept/k.mjs')).body).toMatchObject({
    ...{ state: 'ready', lock: { state: 'current' }, dependencies: [{ installed: '1.2.0' }] },
    hints: [{ module: 'undeclared-thing/deep', package: 'undeclared-thing', file: 'js/kept/k.mjs', line: 1 }],
  })
  expect(read('js/kept/bun.lock')).toContain('kept@1.2.0')
})

test('without the network, what was downloaded before is enough, and what is missing is named', async () => {
  expect((await run('kinds/a.mjs')).body.status).toBe('success')
  await set({ deps_offline: true })
  const [before, known, unknown] = [registry.requests.length, await run('again/again.mjs'), await run('cold/cold.mjs')]
  await set({ deps_offline: false })
  expect(unknown.status).toBe(502)
  expect(unknown.body.error?.message).toContain('cold')
  expect(unknown.body.error?.message).toContain('DEPS_OFFLINE')
  expect(registry.requests.slice(before)).toEqual([])
  expect(known.body.data).toEqual({ left: 'left@1.0.0' })
})

const second = await startApp(
  {
    ...group('mine', { mine: '1.0.0' }, { 'm.mjs': importing('mine') }),
    ...group('missing', { mine: '1.0.0', gone: '1.0.0' }, { 'g.mjs': importing('mine') }),
  },
  { npm_config_registry: closed.url, npm_registry_secret: 'NPM_TOKEN' },
)

test('the token of a private registry is sent to it, and is found nowhere else', async () => {
  const { run, update, view, installations, logOf } = doors(second)
  const without = await run('mine/m.mjs')
  expect(without.status).toBe(502)
  expect(without.body.error?.message).toContain('NPM_TOKEN')
  const put = await second.fetch('/api/variables/NPM_TOKEN', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value: token, secret: true }),
  })
  expect(put.status).toBeLessThan(300)

  const ended = [await run('mine/m.mjs')]
  expect(ended[0]!.body).toMatchObject({ status: 'success', data: { x: 'mine@1.0.0' } })
  ended.push(await run('missing/g.mjs'))
  expect(ended[1]!.body.error?.message).toContain('has no package gone')
  const updated = await update('mine/m.mjs')
  expect(updated.body.state).toBe('ready')
  expect(new Set(closed.credentials)).toEqual(new Set([`Bearer ${token}`]))

  const { items } = await installations()
  expect(items.length).toBeGreaterThan(2)
  const logs = await Promise.all(
    items.map(async ({ id }) => (await second.fetch(`/api/installations/${id}/logs`)).text()),
  )
  const { script_id } = await view('mine/m.mjs')
  const environment = await (await second.fetch(`/api/scripts/${script_id}/environment`)).text()
  const shown = [ended, updated.body, items, logs, environment, await logOf(ended[0]!.body.run_id)]
  expect(JSON.stringify(shown)).not.toContain(token)
  expect(filesWith('mine@1.0.0', second.scriptsDir)).toEqual(['js/mine/bun.lock'])
  for (const folder of [second.dataDir, second.scriptsDir]) expect(filesWith(token, folder)).toEqual([])
})

function filesWith(text: string, folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((path) => {
    try {
      return lstatSync(join(folder, path)).isFile() && readFileSync(join(folder, path)).includes(text)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false // an old view goes meanwhile
      throw error
    }
  })
}

const eager = await startApp({}, { npm_config_registry: registry.url, deps_auto_install: true })

test('where packages are installed when they are declared, they are there before the first run, and the script is asked for its schema with them', async () => {
  const { run, view, installations, write } = doors(eager)
  write('js/dropped/package.json', JSON.stringify({ dependencies: { left: '1.0.0' } }))
  const { id } = await eager.drop(
    'js/dropped/d.mjs',
    `import left from 'left'
console.log(JSON.stringify(process.argv.includes('--_sys_get_schema') ? { [left.slice(0, 4)]: { type: 'int' } } : { left }))
export default 1\n`,
  )
  await eventually('it is active', () => eager.app.scripts().find((one) => one.id === id)?.state === 'active')
  expect(eager.app.scripts().find((one) => one.id === id)?.params).toEqual({ left: { type: 'int' } })
  expect(await view('dropped/d.mjs')).toMatchObject({ state: 'ready', installed: [{ name: 'left' }] })
  expect((await run('dropped/d.mjs')).body.data).toEqual({ left: 'left@1.0.0' })
  expect((await installations()).items).toMatchObject([{ trigger: 'discovery', status: 'success', script_id: id }])
})

const odd = `import isOdd from 'is-odd'\nconsole.log(JSON.stringify([isOdd(3), isOdd(4)]))\nexport default 1\n`
const real = await startApp(group('odd', { 'is-odd': '3.0.1' }, { 'odd.mjs': odd }), { deps_offline: false })

test('a real package comes from the real registry to the run', async () => {
  const isThere = await fetch('https://registry.npmjs.org/is-odd', { signal: AbortSignal.timeout(5000) }).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isThere) return console.warn('SKIPPED: https://registry.npmjs.org cannot be reached from here.')
  const { run, view, read } = doors(real)
  expect((await run('odd/odd.mjs')).body.data).toEqual([true, false] as never)
  expect((await view('odd/odd.mjs')).installed).toEqual([
    { name: 'is-number', version: '6.0.0' },
    { name: 'is-odd', version: '3.0.1' },
  ])
  expect(read('js/odd/bun.lock')).toContain('is-odd@3.0.1')
}, 30_000)
