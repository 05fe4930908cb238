import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import { type OptionName, options, parseOption, readEnvironment } from '../../src/config.ts'
import { openDatabase } from '../../src/db/open.ts'
import { GatewayError } from '../../src/errors.ts'
import { createSettings } from '../../src/settings/settings.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = tempFolder()
const open = (name: string, environment = {}) => {
  const db = openDatabase(join(folder, `${name}.db`))
  return createSettings({ db, environment, clock: systemClock })
}

test.each<[OptionName, unknown, unknown]>([
  ['port', '8080', 8080],
  ['port', 0, 0],
  ['timeout_min', '0.5', 0.5],
  ['fetch_private_addresses', 'yes', true],
  ['fetch_private_addresses', '0', false],
  ['scan_ignore_patterns', 'a, b\nc', ['a', 'b', 'c']],
  ['scan_ignore_patterns', [], []],
  ['allow_net', [443, '80'], ['443', '80']],
  ['log_level', 'debug', 'debug'],
  ['base_url', '', ''],
  ['base_url', 'https://scripts.example.com/', 'https://scripts.example.com/'],
])('%s takes %p as %p', (name, given, value) => expect<unknown>(parseOption(name, given)).toEqual(value))

test.each<[OptionName, unknown, string]>([
  ['port', 'eighty', 'must be a whole number; got "eighty"'],
  ['port', 1.5, 'must be a whole number; got 1.5'],
  ['port', 70_000, 'must be at most 65535; got 70000'],
  ['timeout_min', -1, 'must be at least 0.001; got -1'],
  ['timeout_min', '', 'must be a number; got ""'],
  ['fetch_private_addresses', 'maybe', 'must be true or false; got "maybe"'],
  ['scan_ignore_patterns', [true], 'must be a list of texts; got [true]'],
  ['allow_net', 443, 'must be a list of texts; got 443'],
  ['allow_net', [80.5], 'must hold only * or port numbers; got "80.5"'],
  ['allow_net', [-1], 'must hold only * or port numbers; got "-1"'],
  ['local_file_access_patterns', ['/data/*', 'etc/*'], 'must hold only absolute patterns; got "etc/*"'],
  ['script_env_names', ['OK', 'A B'], 'must hold only names of variables; got "A B"'],
  ['base_url', 'example.com', 'must be an http(s) address; got "example.com"'],
  ['base_url', 'javascript:alert(1)', 'must be an http(s) address'],
  ['wheel_dir', 'wheels', 'must be an absolute path; got "wheels"'],
  ['pip_index_url', 'ftp://u:p@i.example/', 'must be an http(s) address; got "ftp://••••••@i.example/"'],
  ['pip_extra_index_urls', ['https://u:p@i.example'], 'without a user in them; got "https://••••••@i.example/"'],
  ['schedule_timezone', 'Europe/Belrin', 'must be an IANA time zone such as Europe/Berlin or UTC; got "Europe/Belrin"'],
  ['schedule_timezone', 'CET', 'must be an IANA time zone'],
  ['schedule_timezone', '+01:00', 'must be an IANA time zone'],
  ['log_level', 'loud', 'must be one of trace, debug, info, warn, error, fatal, silent; got "loud"'],
])('%s refuses %p', (name, given, message) => expect(() => parseOption(name, given)).toThrow(message))

test('the environment is read once and every wrong variable is named', () => {
  expect(readEnvironment({ PORT: '9000', TIMEOUT_MIN: '', OTHER: 'x' })).toEqual({ port: 9000 })
  expect(() => readEnvironment({ PORT: 'x', TIMEOUT_MIN: 'y' })).toThrow(/PORT must be .*; TIMEOUT_MIN must be/)
})

test('the database wins over the environment, and that over the default; null goes back', () => {
  const settings = open('priority', { timeout_min: 3 })
  const source = (name: OptionName) => settings.list().find((setting) => setting.name === name)?.source
  expect(settings.get('timeout_min')).toBe(3)
  expect([source('timeout_min'), source('run_slots')]).toEqual(['environment', 'default'])
  settings.update({ timeout_min: 5 })
  expect([settings.get('timeout_min'), source('timeout_min')]).toEqual([5, 'database'])
  expect(open('priority', { timeout_min: 3 }).get('timeout_min')).toBe(5)
  settings.update({ timeout_min: null })
  expect(settings.get('timeout_min')).toBe(3)
})

test('one wrong value changes nothing, and every wrong one is told', () => {
  const settings = open('atomic')
  const update = () => settings.update({ timeout_min: 5, run_slots: 'many', nonsense: 1, port: 1 })
  expect(update).toThrow(GatewayError)
  try {
    update()
  } catch (error) {
    expect((error as GatewayError).details.map(({ path }) => path)).toEqual(['/run_slots', '/nonsense', '/port'])
  }
  expect(settings.get('timeout_min')).toBe(options.timeout_min.default)
})

describe('a login in an address that the environment gave', () => {
  const [given, shown] = ['https://u:p@i.example/simple', 'https://••••••@i.example/simple']
  const shownBy = (settings: ReturnType<typeof open>) =>
    settings.list().find(({ name }) => name === 'pip_index_url')?.value

  test('is used, and not shown; what is shown, sent back, changes nothing', () => {
    const settings = open('login', { pip_index_url: given })
    expect([settings.get('pip_index_url'), shownBy(settings)]).toEqual([given, shown])
    const list = settings.update({ pip_index_url: shown, run_slots: 7 })
    expect(list.find(({ name }) => name === 'pip_index_url')).toMatchObject({ source: 'environment', value: shown })
    expect([settings.get('pip_index_url'), settings.get('run_slots')]).toEqual([given, 7])
  })

  test.each<[OptionName, string, string]>([
    ['pip_index_url', 'https://other:pw@i.example/simple', 'put its name into PIP_INDEX_SECRET'],
    ['pip_index_url', 'https://••••••@elsewhere.example/simple', 'put its name into PIP_INDEX_SECRET'],
    ['npm_config_registry', 'https://token@r.example', 'put its name into NPM_REGISTRY_SECRET'],
    ['notify_url', 'https://••••••@n.example', 'stands for what is not shown'],
    ['notify_url', 'https://n.example/••••••', 'stands for what is not shown'],
  ])('is not stored: %s %s', (name, value, words) => {
    const settings = open(`stored ${Bun.hash(value)}`, { pip_index_url: given })
    expect(() => settings.update({ [name]: value })).toThrow(words)
    expect(shownBy(settings)).toBe(shown)
  })
})
