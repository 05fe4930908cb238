/** The settings page: found, told apart by where they come from, changed, refused at the field, and taken back; and the gateway's log. */
import { expect, test } from 'bun:test'
import { options } from '../../src/config.ts'
import { createPages } from '../../src/pages/pages.tsx'
import { inLanguage } from '../../views/texts.ts'
import { createFake } from './fake.ts'

const fake = createFake()
const pages = createPages(() => fake)
const get = (path: string) => pages.handle(new Request(`http://localhost${path}`))
const shown = async (path: string) => (await get(path)).text()
const post = (fields: Record<string, string>) =>
  pages.handle(new Request('http://localhost/settings', { method: 'POST', body: new URLSearchParams(fields) }))
const rowOf = (page: string, name: string) =>
  new RegExp(`<li id="${name}".*?</li>`, 's').exec(page)?.[0].replaceAll(/\s+/g, ' ') ?? ''
const textOf = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
const valueNow = (name: string) => fake.settings.list().find((setting) => setting.name === name)?.value

test('every setting is on the page once, in a group', async () => {
  const page = await shown('/settings')
  const names = [...page.matchAll(/<li id="(\w+)" class="setting" data-setting/g)].map(([, name]) => name!)
  expect(names.sort()).toEqual(Object.keys(options).sort())
  expect([...page.matchAll(/href="#group-(\w+)"/g)].map(([, group]) => group)).toEqual(
    [...page.matchAll(/id="group-(\w+)"/g)].map(([, group]) => group),
  )
})

test.each<[string, string, string[], string[]]>([
  ['of the environment', 'timeout_min', ['From the environment', 'TIMEOUT_MIN', 'min', '0.001 to 10,080'], ['Back to']],
  ['by default', 'run_slots_per_script', ['Default', '0 to 1,000'], ['Back to']],
  ['of bytes', 'memory_bytes_max', ['2 GiB', 'bytes', '32 MiB to 1 TiB'], []],
  ['yes or no', 'deps_offline', ['Yes', 'No'], []],
  ['a list', 'scan_ignore_patterns', ['node_modules'], []],
  ['read at start', 'port', ['8001', 'Read at start: set PORT in the environment'], ['Back to']],
])('a setting: %s', async (_, name, told, untold) => {
  const text = textOf(rowOf(await shown('/settings'), name)).replace(' PORT  in', ' PORT in')
  for (const words of told) expect(text.replaceAll(/\s+/g, ' ')).toContain(words)
  for (const words of untold) expect(text).not.toContain(words)
})

test.each<[string, string, string[]]>([
  ['a name', 'run_slots', ['run_slots', 'run_slots_per_script']],
  ['words that are nowhere together', 'sign-on nothing-of-it', []],
  ['words of what it does', 'again sign', ['session_days']],
  ['a group', 'schedules', ['schedules_paused', 'schedule_timezone']],
  ['markup', '<b>"', []],
])('found without JavaScript: %s', async (_, q, wanted) => {
  const page = await shown(`/settings?q=${encodeURIComponent(q)}`)
  const found = [...page.matchAll(/<li id="(\w+)" class="setting" data-setting(?! hidden)/g)].map(([, name]) => name!)
  for (const name of wanted) expect(found).toContain(name)
  expect(found.length).toBeLessThan(10)
  expect(page.includes('data-settings-none hidden')).toBe(found.length > 0)
})

test('a change is told with its way back, and both are good for the page alone', async () => {
  const saved = await post({ timeout_min: '20', run_slots_per_script: '4', kill_grace_sec: '3' })
  const page = await shown(saved.headers.get('location')!)
  expect(textOf(page)).toContain('timeout_min 10 min → 20 min')
  expect(textOf(page)).toContain('run_slots_per_script 0 → 4')
  expect(textOf(page)).not.toContain('kill_grace_sec 3')
  expect(textOf(rowOf(page, 'timeout_min'))).toContain('Back to 10 min, from the environment')
  expect(textOf(rowOf(page, 'run_slots_per_script'))).toContain('Back to 0, the default')

  const undo = /name="undo" value="([^"]+)"/.exec(page)![1]!
  const undone = await post({ undo })
  expect([valueNow('timeout_min'), valueNow('run_slots_per_script')]).toEqual([10, 0])
  expect(textOf(await shown(undone.headers.get('location')!))).toContain('timeout_min 20 min → 10 min')
  expect(fake.settings.list().filter(({ source }) => source === 'database')).toEqual([])
})

test('what was changed again meanwhile is not taken back, nor what nobody knows any more', async () => {
  const saved = await post({ timeout_min: '20' })
  const undo = /name="undo" value="([^"]+)"/.exec(await shown(saved.headers.get('location')!))![1]!
  fake.settings.update({ timeout_min: 30 })
  for (const token of [undo, 'nobody-knows']) {
    const refused = await post({ undo: token })
    expect([refused.status, valueNow('timeout_min')]).toEqual([409, 30])
    expect(await refused.text()).toContain('changed again meanwhile')
  }
  fake.settings.update({ timeout_min: null })
})

test('an address that is not shown whole comes back whole', async () => {
  fake.settings.update({ notify_url: 'https://push.example/first-secret' })
  const saved = await post({ notify_url: 'https://push.example/second-secret' })
  const page = await shown(saved.headers.get('location')!)
  expect(page).not.toMatch(/(first|second)-secret/)
  await post({ undo: /name="undo" value="([^"]+)"/.exec(page)![1]! })
  expect(fake.settings.get('notify_url')).toBe('https://push.example/first-secret')
  fake.settings.update({ notify_url: null })
})

test('what does not fit is said at its field, all of them, and nothing is changed', async () => {
  const refused = await post({ timeout_min: '-1', memory_bytes_max: 'much', run_slots_per_script: '7' })
  const page = await refused.text()
  expect([refused.status, valueNow('run_slots_per_script')]).toEqual([422, 0])
  expect(page).toContain('2 values do not fit')
  for (const [name, message] of [
    ['timeout_min', 'Must be at least 0.001'],
    ['memory_bytes_max', 'Must be a whole number'],
  ] as const) {
    const row = rowOf(page, name)
    expect(row).toContain('aria-invalid="true"')
    expect(row).toMatch(new RegExp(`id="e-${name}">.*${message}`))
  }
  expect(rowOf(page, 'run_slots_per_script')).toContain('value="7"')
})

test('Chinese: what each setting does, too', async () => {
  const page = await inLanguage('zh-CN', () => shown('/settings'))
  expect(textOf(rowOf(page, 'timeout_min'))).toContain('多少分钟后停止运行。')
  const helps = [...page.matchAll(/id="h-(\w+)">\s*([^<]+)</g)].filter(([, name]) => Object.hasOwn(options, name!))
  expect(helps.filter(([, , help]) => !/[\u4e00-\u9fff]/.test(help!))).toEqual([])
})

test('the log: newest last, with level and fields, the whole entry inside, and nothing of it is markup', async () => {
  const page = await shown('/settings/log')
  const words = textOf(page)
  expect(words.indexOf('Listening')).toBeLessThan(words.indexOf('Settings were changed'))
  expect(page).toMatch(/data-level="error".*?Error.*?An installation failed/s)
  expect(words).toContain('status= 200')
  expect(page).not.toContain('<b>rawpy</b>')
  expect(words).toContain('at build (builds.ts:101:9)')
  expect(page).toContain('data-gateway-log="/settings/log/events?after=7-8192"')
  expect(page).toContain('href="/settings/log?before=7-4096"')
})

test.each<[string, string, string[], string[]]>([
  ['a level', 'level=error', ['The disk is full', 'An installation failed'], ['Listening', 'was missed']],
  ['a text', 'q=resize', ['An installation failed'], ['The disk is full']],
  ['what is nowhere', 'q=%3Cb%3Enowhere', ['Nothing matches', 'Clear the filters'], ['Listening']],
  ['a level that is none', 'level=loud', ['Listening'], []],
  ['a page of what was before', 'before=7-4096', ['To the newest'], ['data-gateway-log=']],
])('the log, filtered by %s', async (_, query, told, untold) => {
  const page = await shown(`/settings/log?${query}`)
  for (const words of told) expect(page).toContain(words)
  for (const words of untold) expect(page).not.toContain(words)
})

test('the log, live: entries as the page shows them, with a place to go on from', async () => {
  const response = await get('/settings/log/events?after=7-8192')
  const reader = response.body!.getReader()
  let text = ''
  while (!text.includes('html')) text += new TextDecoder().decode((await reader.read()).value)
  await reader.cancel()
  expect(text).toMatch(/\nid: 7-8300\nevent: entries\ndata: \{"html":"<li data-level=\\"warn\\">.*Something new/)
})
