import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { silentLog } from '../../src/log.ts'
import { createWatcher, type Watcher } from '../../src/scripts/watcher.ts'
import { createLab, js, type Lab } from './lab.ts'

let lab: Lab
let watcher: Watcher
let scans = 0

beforeEach(async () => {
  lab = await createLab({ scan_interval_sec: 3600 })
  await lab.scan()
  scans = 0
  const { scanner } = lab
  const counting = {
    ...scanner,
    scan: () => {
      scans++
      return scanner.scan()
    },
  }
  watcher = createWatcher({ ...lab, scanner: counting, log: silentLog() })
})
afterEach(async () => {
  await watcher.close()
  await lab.close()
})

async function until(isTrue: () => boolean, limitMs = 3000) {
  const endMs = performance.now() + limitMs
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`Not within ${limitMs} ms: ${isTrue}`)
    await Bun.sleep(10)
  }
}

const stateOf = (name: string) => lab.script(name)?.state

test('a file is found when it is dropped, edited, moved and deleted', async () => {
  lab.write('js/a.js', js({ a: { type: 'int' } }))
  await until(() => stateOf('a.js') === 'active')
  lab.write('js/a.js', js({ b: { type: 'int' } }))
  await until(() => lab.script('a.js')?.params.b !== undefined)
  mkdirSync(lab.path('js/group'))
  renameSync(lab.path('js/a.js'), lab.path('js/group/a.js'))
  await until(() => stateOf('group/a.js') === 'active' && stateOf('a.js') === 'missing')
  rmSync(lab.path('js/group'), { recursive: true })
  await until(() => stateOf('group/a.js') === 'missing')
})

test('a file in a folder that is new', async () => {
  lab.write('js/one/two/a.js', js({}))
  await until(() => stateOf('one/two/a.js') === 'active')
  lab.write('js/one/two/b.js', js({}))
  await until(() => stateOf('one/two/b.js') === 'active')
})

test('a sidecar written by hand', async () => {
  lab.write('js/a.js', 'export default 1\n')
  await until(() => stateOf('a.js') === 'error')
  lab.write('js/.a._map.json', '{"a": {"type": "str"}}')
  await until(() => stateOf('a.js') === 'active')
})

test('its own sidecars, and what scripts leave beside themselves, are no news', async () => {
  lab.write('js/a.js', js({}))
  await until(() => stateOf('a.js') === 'active')
  const before = scans
  for (const name of [
    'js/out.csv',
    'js/a.log',
    'python/__pycache__/a.cpython-311.pyc',
    'js/.x.swp',
    'js/node_modules/m/i.js',
  ])
    lab.write(name, 'x')
  lab.write('js/last.js', js({}))
  await until(() => stateOf('last.js') === 'active')
  expect(scans - before).toBeLessThanOrEqual(2)
})

test.each([
  'requirements.txt',
  'package.json',
  'python/requirements.txt',
  'python/a_requirements.txt',
  'python/base.txt',
  'python/requirements.lock',
  'python/a_requirements.lock',
  'js/package.json',
  'js/a_package.json',
  'js/bun.lock',
  'js/a_bun.lock',
])('what says which packages scripts need is news: %s', async (name) => {
  const before = scans
  lab.write(name, '')
  await until(() => scans > before)
})

test('a lock that the gateway wrote is no news, and is news when somebody else writes it', async () => {
  lab.write('python/requirements.lock', 'ours')
  lab.scanner.rememberWrite(lab.path('python/requirements.lock'))
  lab.write('js/a.js', js({}))
  await until(() => stateOf('a.js') === 'active')
  // The scan for a.js came after the event of the lock, so that one was seen, too.
  expect(lab.scanner.isOwnWrite(lab.path('python/requirements.lock'))).toBe(true)
  const before = scans
  lab.write('python/requirements.lock', 'theirs now')
  await until(() => scans > before)
})

test('a burst of events is a few scans', async () => {
  for (let i = 0; i < 30; i++) lab.write(`js/s${i}.js`, 'export default 1\n')
  await until(() => lab.filenames().length === 30)
  expect(scans).toBeLessThanOrEqual(3)
})

test('the interval finds what no event told, and a change of it counts at once', async () => {
  await watcher.close()
  watcher = createWatcher({ ...lab, scriptsDir: lab.path('nowhere'), log: silentLog() })
  expect(watcher.hasEvents).toBe(false)
  lab.write('js/a.js', js({}))
  lab.settings.update({ scan_interval_sec: 0.2 })
  await until(() => stateOf('a.js') === 'active')
})
