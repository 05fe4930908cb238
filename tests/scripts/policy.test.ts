/** Every way a policy can be wrong, with its place; and what a good one comes to under the settings. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, options } from '../../src/config.ts'
import { nearest } from '../../src/nearest.ts'
import { parsePolicy, policyItemsMax } from '../../src/scripts/policy.ts'
import { narrowLimits, queuePolicy, resolvePermissions, retentionPolicy } from '../../src/scripts/policy-effect.ts'
import { type Policy, policyLimitNames } from '../../src/scripts/policy-model.ts'
import type { Setting } from '../../src/settings/settings.ts'
import { policyExample } from '../../views/policy.tsx'

const docs = readFileSync(join(import.meta.dir, '../../docs/scripts.md'), 'utf8')
const documented = JSON.parse(/```json\n(.*?)```/s.exec(docs)?.[1] ?? '') as Policy

describe('refused', () => {
  const tooMany = Array.from({ length: policyItemsMax + 1 }, () => 1)
  test.each<[string, unknown, string, string]>([
    ['no object', 7, '', 'must be an object with any of permissions, limits'],
    ['a list', [], '', 'got []'],
    ['null', null, '', 'got null'],
    ['a slip in a name', { permision: {} }, '/permision', 'did you mean "permissions"?'],
    ['a name like none', { colour: 1 }, '/colour', 'there are permissions, limits, queue, on_interrupt, retention'],
    ['a name with a slash', { 'a/b~c': 1 }, '/a~1b~0c', 'is not known here'],
    ['the prototype', JSON.parse('{"__proto__": {"permissions": {}}}'), '/__proto__', 'is not known here'],
    ['what every object has', { constructor: {} }, '/constructor', 'is not known here'],
    ['permissions as a list', { permissions: [] }, '/permissions', 'an object with any of net, read, write, env, run'],
    ['permissions that are null', { permissions: null }, '/permissions', 'got null'],
    ['network instead of net', { permissions: { network: true } }, '/permissions/network', 'did you mean "net"?'],
    ['another case', { permissions: { Read: true } }, '/permissions/Read', 'did you mean "read"?'],
    ['a host', { permissions: { net: ['example.com'] } }, '/permissions/net/0', 'but not to names of hosts'],
    ['a host without a list', { permissions: { net: 'example.com' } }, '/permissions/net', 'true for everything'],
    ['a port as text', { permissions: { net: ['443'] } }, '/permissions/net/0', 'a TCP port from 1 to 65535'],
    ['port 0', { permissions: { net: [80, 0] } }, '/permissions/net/1', 'got 0'],
    ['port 65536', { permissions: { net: [65_536] } }, '/permissions/net/0', 'got 65536'],
    ['half a port', { permissions: { net: [80.5] } }, '/permissions/net/0', 'got 80.5'],
    ['net that is null', { permissions: { net: null } }, '/permissions/net', 'true for everything, false for nothing'],
    ['a star', { permissions: { read: ['*'] } }, '/permissions/read/0', 'write true instead of the list'],
    [
      'too many items',
      { permissions: { net: tooMany } },
      '/permissions/net',
      `at most ${policyItemsMax} items; got 201`,
    ],
    ['no path', { permissions: { read: [''] } }, '/permissions/read/0', 'must be a path'],
    ['a NUL in a path', { permissions: { write: ['/tmp/a\0b'] } }, '/permissions/write/0', 'must be a path'],
    ['half a surrogate pair', { permissions: { read: ['/a\ud800'] } }, '/permissions/read/0', 'must be a path'],
    ['a path of 5,000 bytes', { permissions: { read: ['/a'.repeat(2500)] } }, '/permissions/read/0', 'must be a path'],
    ['a pattern', { permissions: { read: ['/data/*.csv'] } }, '/permissions/read/0', 'patterns are not known'],
    ['somebody’s home', { permissions: { read: ['~/data'] } }, '/permissions/read/0', 'without "~"'],
    ['a number as path', { permissions: { read: [1] } }, '/permissions/read/0', 'got 1'],
    ['a path without a list', { permissions: { write: '/tmp' } }, '/permissions/write', 'or a list of paths'],
    ['a variable with a dash', { permissions: { env: ['A-B'] } }, '/permissions/env/0', 'letters, digits and "_"'],
    ['a variable with a digit first', { permissions: { env: ['1A'] } }, '/permissions/env/0', 'got "1A"'],
    ['a variable with a value', { permissions: { env: ['A=1'] } }, '/permissions/env/0', 'got "A=1"'],
    ['a relative program', { permissions: { run: ['bin/x'] } }, '/permissions/run/0', 'its name on PATH'],
    ['a program in this folder', { permissions: { run: ['./x'] } }, '/permissions/run/0', 'its name on PATH'],
    ['a program with arguments', { permissions: { run: ['git status'] } }, '/permissions/run/0', 'without arguments'],
    ['a program ".."', { permissions: { run: ['..'] } }, '/permissions/run/0', 'its name on PATH'],
    ['a limit nobody knows', { limits: { memory: 1 } }, '/limits/memory', 'did you mean "memory_bytes_max"?'],
    ['a slip in a limit', { limits: { timeout_mins: 1 } }, '/limits/timeout_mins', 'did you mean "timeout_min"?'],
    [
      'a limit as text',
      { limits: { timeout_min: '5' } },
      '/limits/timeout_min',
      'a number from 0.001 to 10080; got "5"',
    ],
    ['a limit of 0', { limits: { timeout_min: 0 } }, '/limits/timeout_min', 'got 0'],
    ['a limit below 0', { limits: { cpu_sec_max: -1 } }, '/limits/cpu_sec_max', 'a whole number from 1 to'],
    ['half a second', { limits: { cpu_sec_max: 0.5 } }, '/limits/cpu_sec_max', 'a whole number'],
    ['too little memory', { limits: { memory_bytes_max: 1024 } }, '/limits/memory_bytes_max', 'from 33554432'],
    ['more than the maximum', { limits: { processes_max: 1e9 } }, '/limits/processes_max', 'to 32768'],
    ['no slots', { queue: { slots: 0 } }, '/queue/slots', 'from 1 to 1000'],
    ['1001 slots', { queue: { slots: 1001 } }, '/queue/slots', 'from 1 to 1000'],
    ['priority 101', { queue: { priority: 101 } }, '/queue/priority', 'from -100 to 100'],
    ['a second start of no kind', { queue: { second_start: 'wait' } }, '/queue/second_start', 'parallel, queue, skip'],
    ['a second start at the top', { second_start: 'skip' }, '/second_start', 'is not known here'],
    ['an interruption of no kind', { on_interrupt: 'restart' }, '/on_interrupt', 'must be one of leave, retry'],
    ['retention of 0 days', { retention: { days: 0 } }, '/retention/days', 'from 1 to'],
    ['half a run', { retention: { runs: 1.5 } }, '/retention/runs', 'a whole number'],
    ['bytes as words', { retention: { bytes: '1 GB' } }, '/retention/bytes', 'got "1 GB"'],
  ])('%s', (_, value, path, message) => {
    const parsed = parsePolicy(value)
    expect(parsed.ok).toBe(false)
    const [problem] = parsed.ok ? [] : parsed.problems
    expect(problem).toEqual({ path, message: expect.stringContaining(message) })
  })

  test('all that is wrong is said at once, up to a bound', () => {
    const wrong = { permissions: { net: ['a', 'b'], reed: [] }, limits: { timeout_min: 0 }, queue: [] }
    const parsed = parsePolicy(wrong)
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual([
      ...['/permissions/net/0', '/permissions/net/1', '/permissions/reed', '/limits/timeout_min', '/queue'],
    ])
    const flood = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key ${index}`, 1]))
    const flooded = parsePolicy(flood)
    expect(flooded.ok ? 0 : flooded.problems.length).toBe(50)
  })
})

test.each<[string, unknown]>([
  ['nothing at all', {}],
  ['nothing inside', { permissions: {}, limits: {}, queue: {}, retention: {} }],
  ['yes and no', { permissions: { net: true, read: false, write: true, env: false, run: true } }],
  ['empty lists', { permissions: { net: [], read: [], write: [], env: [], run: [] } }],
  [
    'paths up and down',
    { permissions: { read: ['.', '..', '../data', 'in', '/', '/a b/ü'], run: ['/usr/bin/env', 'g++'] } },
  ],
  [
    'the ends of the ranges',
    { queue: { slots: 1000, priority: -100 }, limits: { timeout_min: 0.001, processes_max: 4 } },
  ],
  ['the example of the page', JSON.parse(policyExample)],
  ['the example of docs/scripts.md', documented],
])('accepted as it is: %s', (_, value) => {
  expect(parsePolicy(value)).toEqual({ ok: true, policy: value as Policy })
})

test.each<[string, string | null]>([
  ['netw', 'net'],
  ['wirte', 'write'],
  ['ENV', 'env'],
  ['reading', 'read'],
  ['colour', null],
  ['', null],
  ['x'.repeat(60), null],
])('nearest to "%s" is %p', (word, name) => {
  expect(nearest(word, ['net', 'read', 'write', 'env', 'run'])).toBe(name)
})

test('the documented example says all that can be said, as the page does', () => {
  expect(documented).toEqual(JSON.parse(policyExample))
  expect(Object.keys(documented.limits ?? {})).toEqual([...policyLimitNames])
})

const settings =
  (values: Partial<Config> = {}): Setting =>
  (name) =>
    (values[name] ?? options[name].default) as never
const places = { dir: '/srv/scripts/python/tools', which: (name: string) => (name === 'git' ? '/usr/bin/git' : null) }

describe('permissions', () => {
  const usual = { net: true, read: true, write: [], env: true, run: true }
  test.each<[string, Policy['permissions'], Partial<Config>, object]>([
    ['the settings count where nothing is said', {}, {}, usual],
    ['key by key', { net: false }, {}, { ...usual, net: [] }],
    [
      'ports of the setting are numbers',
      {},
      { allow_net: ['443', '80', '443', '0', '99999'] },
      { ...usual, net: [443, 80] },
    ],
    ['a star among others is everything', {}, { allow_net: ['443', '*'] }, usual],
    ['true is everything, whatever the setting', { net: true, read: true }, { allow_net: [], allow_read: [] }, usual],
    ['false is nothing', { env: false, run: false }, {}, { ...usual, env: [], run: [] }],
    [
      'paths are from the folder of the script',
      { read: ['../data/', 'in', '/etc/../srv', '.'] },
      {},
      {
        ...usual,
        read: ['/srv/scripts/python/data', '/srv/scripts/python/tools/in', '/srv', '/srv/scripts/python/tools'],
      },
    ],
    ['a path is there once', { write: ['a', './a', 'a/'] }, {}, { ...usual, write: ['/srv/scripts/python/tools/a'] }],
    [
      'programs are looked up, those not found left out',
      { run: ['git', 'nobody', '/opt/x'] },
      {},
      {
        ...usual,
        run: ['/usr/bin/git', '/opt/x'],
      },
    ],
    ['names of variables', { env: ['A', 'B', 'A'] }, {}, { ...usual, env: ['A', 'B'] }],
    [
      'the profile of the settings',
      {},
      { allow_read: ['/data'], allow_write: ['*'], allow_env: [], allow_run: ['/bin/sh'] },
      {
        ...{ net: true, read: ['/data'], write: true, env: [], run: ['/bin/sh'] },
      },
    ],
  ])('%s', (_, permissions, values, expected) => {
    expect(resolvePermissions({ permissions }, settings(values), places)).toEqual(expected as never)
  })
})

test('a limit is the narrower of policy and setting', () => {
  const limits = { timeout_min: 2, memory_bytes_max: 1024 ** 4 }
  const narrowed = narrowLimits({ limits }, settings({ memory_bytes_max: 64 * 1024 ** 2, timeout_min: 10 }))
  expect(narrowed).toMatchObject({ timeout_min: 2, memory_bytes_max: 64 * 1024 ** 2, processes_max: 256 })
  expect(narrowLimits({}, settings())).toMatchObject({ timeout_min: 10, cpu_sec_max: 3600 })
})

test.each<[string, Policy, Partial<Config>, object]>([
  ['the settings', {}, {}, { slots: 0, priority: 0, secondStart: 'parallel', onInterrupt: 'leave' }],
  ['slots of its own', { queue: { slots: 3 } }, {}, { slots: 3 }],
  ['slots of the setting', {}, { run_slots_per_script: 2 }, { slots: 2 }],
  ['the fewer slots', { queue: { slots: 3 } }, { run_slots_per_script: 2 }, { slots: 2 }],
  [
    'what it says',
    { queue: { priority: -5, second_start: 'skip' }, on_interrupt: 'retry' },
    {},
    {
      ...{ priority: -5, secondStart: 'skip', onInterrupt: 'retry' },
    },
  ],
  [
    'what the settings say',
    {},
    { second_start: 'replace', on_interrupt: 'retry' },
    {
      ...{ secondStart: 'replace', onInterrupt: 'retry' },
    },
  ],
])('the queue: %s', (_, policy, values, expected) => {
  expect(queuePolicy(policy, settings(values))).toMatchObject(expected)
})

test.each<[string, Policy, Partial<Config>, object]>([
  ['the settings', {}, {}, { days: 90, runs: 10_000, bytes: null }],
  ['0 is no limit', {}, { retention_days: 0, retention_runs_per_script: 0 }, { days: null, runs: null, bytes: null }],
  ['its own words', { retention: { days: 400, bytes: 5 } }, {}, { days: 400, runs: 10_000, bytes: 5 }],
])('what is kept: %s', (_, policy, values, expected) => {
  expect(retentionPolicy(policy, settings(values))).toEqual(expected as never)
})
