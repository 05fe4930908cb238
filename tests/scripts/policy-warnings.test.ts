/** What a policy names in vain is said when it is written and read, and by whom it is named when a run fails for it. */
import { describe, expect, test } from 'bun:test'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, options } from '../../src/config.ts'
import type { Permissions } from '../../src/isolation/model.ts'
import { unenforced } from '../../src/scripts/policy-effect.ts'
import type { Policy } from '../../src/scripts/policy-model.ts'
import { policyWarnings, refusedPaths } from '../../src/scripts/policy-warnings.ts'
import type { Setting } from '../../src/settings/settings.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { type ApiError, jsonInit } from './api.ts'

const root = tempFolder()
const [dir, data] = [join(root, 'scripts'), join(root, 'data')]
for (const folder of [dir, data, join(dir, 'in')]) mkdirSync(folder)
symlinkSync(data, join(root, 'link'))
writeFileSync(join(root, 'tool'), '', { mode: 0o755 })

const settings =
  (values: Partial<Config> = {}): Setting =>
  (name) =>
    (values[name] ?? options[name].default) as never
const places = {
  ...{ dir, hidden: [data], variableNames: ['THERE'] },
  which: (name: string) => (name === 'git' ? '/usr/bin/git' : null),
}
const gone = 'is not there: no run starts before it is.'
const own = "no script may see: it lies in the gateway's own folders."
const kernel = 'no script gets: /proc and /dev are its own, and /sys is only read.'

describe('warnings', () => {
  test.each<[string, Policy['permissions'], Partial<Config>, string[]]>([
    ['nothing said', {}, {}, []],
    ['all there', { read: ['in', '/', root], write: ['in'], env: ['THERE'], run: ['git', join(root, 'tool')] }, {}, []],
    ['yes and no', { read: true, write: false, env: true, run: false }, { allow_read: ['/nope'] }, []],
    ['a path', { read: ['nope'] }, {}, [`permissions.read names "nope", which ${gone}`]],
    ['twice the same', { write: ['/nope', '/nope'] }, {}, [`permissions.write names "/nope", which ${gone}`]],
    ['the data folder', { read: [join(data, 'x/y')] }, {}, [`permissions.read names "${data}/x/y", which ${own}`]],
    ['a link to it', { write: [join(root, 'link')] }, {}, [`permissions.write names "${root}/link", which ${own}`]],
    ['behind a link', { read: ['../link/a'] }, {}, [`permissions.read names "../link/a", which ${own}`]],
    ['the kernel', { read: ['/sys', '/proc/nope'] }, {}, [`permissions.read names "/proc/nope", which ${kernel}`]],
    ['writing to it', { write: ['/sys'] }, {}, [`permissions.write names "/sys", which ${kernel}`]],
    [
      'a program',
      { run: ['nosuch'] },
      {},
      ['permissions.run names "nosuch", which is not on PATH: the script cannot start it.'],
    ],
    ['its path', { run: ['/nope'] }, {}, [`permissions.run names "/nope", which ${gone}`]],
    [
      'a variable',
      { env: ['THERE', 'MISSING'] },
      {},
      ['permissions.env names "MISSING", which is no variable: the script does not get one of that name.'],
    ],
    ['a setting', {}, { allow_read: ['/nope'] }, [`The setting allow_read names "/nope", which ${gone}`]],
    ['a setting that allows all', {}, { allow_read: ['/nope', '*'] }, []],
    [
      'a variable of a setting',
      {},
      { allow_env: ['*', 'X'] },
      ['The setting allow_env names "X", which is no variable: the script does not get one of that name.'],
    ],
  ])('%s', (_, permissions, values, expected) => {
    expect(policyWarnings({ permissions }, settings(values), places)).toEqual(expected)
  })

  test('are bounded', () => {
    const read = Array.from({ length: 200 }, (_, index) => `/${'a/'.repeat(300)}${index}`)
    expect(policyWarnings({ permissions: { read } }, settings(), places)).toHaveLength(50)
  })
})

test('only what no run would ever get is refused, with its place', () => {
  const permissions = { read: ['in', '/nope', '/proc'], write: ['../data', '/'], env: ['MISSING'], run: ['nosuch'] }
  expect(refusedPaths({ permissions }, places)).toEqual([
    { path: '/permissions/read/2', message: `names "/proc", which ${kernel}` },
    { path: '/permissions/write/0', message: `names "../data", which ${own}` },
  ])
})

const all: Permissions = { net: true, read: true, write: true, env: true, run: true }
test.each<[string, Partial<Permissions>, string[], string[]]>([
  ['nothing holds, and all is allowed', {}, [], ['read', 'write']],
  ['nothing holds', { net: [], run: [], env: [] }, [], ['net', 'read', 'write', 'run']],
  ['no ports', { net: [443] }, ['net', 'read', 'write', 'run'], ['net']],
  ['no network at all', { net: [] }, ['net', 'read', 'write'], []],
  ['no programs', { run: ['/bin/sh'] }, ['net', 'ports', 'read', 'write'], ['run']],
])('what a host does not hold a script to: %s', (_, asked, enforces, expected) => {
  expect(unenforced({ ...all, ...asked }, { enforces })).toEqual(expected as never)
})

const app = await startApp({ 'python/x.py': pythonScript({}, 'print(1)') })
interface View extends ApiError {
  warnings: string[]
  effective: { isolation: string; unenforced: string[] }
}
const put = (policy: unknown) => app.json<View>('/api/scripts/x/policy', jsonInit('PUT', policy))
const set = (values: unknown) => app.json<ApiError>('/api/settings', jsonInit('PUT', values))
const page = async () => (await app.fetch('/scripts/x?tab=policy')).text()

test('what is named in vain is accepted, and said by PUT, GET and the page', async () => {
  const { status, body } = await put({ permissions: { run: ['no<such>'], env: ['MISSING'] } })
  expect([status, body.warnings.length]).toEqual([200, 2])
  expect((await app.json<View>('/api/scripts/x/policy')).body.warnings).toEqual(body.warnings)
  const html = await page()
  expect(html).toContain('Not everything it names is to be had')
  expect(html).toContain('&quot;no&lt;such&gt;&quot;, which is not on PATH')
  await app.json('/api/scripts/x/variables/MISSING', jsonInit('PUT', { value: 'x' }))
  expect((await put({ permissions: { env: ['MISSING'] } })).body.warnings).toEqual([])
  expect(await page()).not.toContain('Not everything')
})

test('the data folder and the kernel’s are refused, and nothing is written', async () => {
  await put({ queue: { slots: 3 } })
  const { status, body } = await put({ permissions: { read: [join(app.dataDir, 'static'), '/dev'] } })
  expect([status, body.error.details?.map(({ path }) => path)]).toEqual([
    422,
    ['/permissions/read/0', '/permissions/read/1'],
  ])
  expect((await app.json('/api/scripts/x/policy')).body.policy).toEqual({ queue: { slots: 3 } })
})

test('one sentence for one fault', async () => {
  const { body } = await put({ permissions: { net: 'yes' } })
  expect(body.error.details).toHaveLength(1)
})

test('the answer says what confines scripts here, and what it does not hold them to', async () => {
  const { level, enforces } = app.app.isolation
  const { effective } = (await put({ permissions: { net: false } })).body
  expect(effective.isolation).toBe(level)
  expect(effective.unenforced.includes('net')).toBe(!enforces.includes('net'))
})

test('a run that a setting stops names the setting; one that the policy stops, the permission', async () => {
  await put({})
  expect((await set({ allow_read: ['/nope'] })).status).toBe(200)
  const told = async () => {
    const { body } = await app.json<{ run_id: number }>('/api/scripts/x/run', { method: 'POST' })
    return (await app.finished(body.run_id)).reason
  }
  expect(await told()).toContain('The setting allow_read names "/nope", which is not there.')
  await put({ permissions: { read: ['/nope'] } })
  expect(await told()).toContain('The permission to read names "/nope", which is not there.')
  await set({ allow_read: null })
})

test('ports of a setting may be numbers', async () => {
  expect((await set({ allow_net: [443, '80'] })).status).toBe(200)
  expect(app.app.setting('allow_net')).toEqual(['443', '80'])
  const refused = await set({ allow_net: [80.5] })
  expect([refused.status, refused.body.error.message]).toEqual([
    422,
    expect.stringContaining('port numbers; got "80.5"'),
  ])
  await set({ allow_net: null })
})
