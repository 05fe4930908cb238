/** The storage on the settings page: what is kept, what is wrong, and the button. */
import { expect, test } from 'bun:test'
import { createPages } from '../../src/pages/pages.tsx'
import { nothingRemoved, type StorageStatus } from '../../src/retention/model.ts'
import { createFake } from './fake.ts'
import { iso } from './samples.ts'

const fake = createFake()
const pages = createPages(() => fake)
const get = (path: string, init?: RequestInit) => pages.handle(new Request(`http://localhost${path}`, init))

/** The text of the panel, tags away. */
async function shown(change: Partial<StorageStatus>): Promise<string> {
  fake.storage.show(change)
  const page = await (await get('/settings/storage')).text()
  const panel = /<section class="panel" id="storage".*?<\/section>/s.exec(page)?.[0] ?? ''
  return panel
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(' ,', ',')
}

const last = (removed: Partial<ReturnType<typeof nothingRemoved>>, problem: string | null = null) => ({
  ...{ started_at: iso(20), finished_at: iso(10), problem },
  removed: { ...nothingRemoved(), ...removed },
})

test.each<[string, Partial<StorageStatus>, string[]]>([
  ['what is kept', {}, ['12,345 runs', '1.3 GiB', '3.5 GiB', '4.8 GiB of 20 GiB', '48 GiB, of which 128 MiB stay']],
  ['no limit', { bytes_max: null }, ['4.8 GiB, no limit']],
  ['what goes next', {}, ['Goes next 2 runs, 14 logs']],
  ['nothing goes', { due: { runs: 0, logs: 0, outputs: 0, bytes_over: 0 } }, ['Goes next nothing']],
  ['one of each', { due: { runs: 1, logs: 1, outputs: 1, bytes_over: 1 } }, ['1 run, 1 log, files of 1 run, 1 B over']],
  ['what went', { last: last({ runs: 31, bytes: 4_200_000 }) }, ['removed 31 runs: 4 MiB']],
  ['nothing went', { last: last({}) }, ['removed nothing']],
  ['nothing yet', { last: null }, ['Nothing had to go since the start.']],
  ['a clean-up that failed', { last: last({}, 'A <b>reason</b>.') }, ['not complete A &lt;b&gt;reason&lt;/b&gt;.']],
  ['one that goes on', { is_running: true }, ['A clean-up is under way']],
  [
    'a disk that is full',
    { disk: { free_bytes: 5, free_bytes_min: 9, problem: 'It is nearly full.' } },
    ['No run is accepted It is nearly full.'],
  ],
  ['a disk nobody knows', { disk: { free_bytes: null, free_bytes_min: 9, problem: 'Gone.' } }, ['on the disk unknown']],
])('%s', async (_, change, words) => {
  const text = await shown(change)
  for (const one of words) expect(text).toContain(one)
})

test('the button asks for a clean-up and leads back', async () => {
  const response = await get('/settings/storage', { method: 'POST' })
  expect([response.status, response.headers.get('location')]).toEqual([303, '/settings/storage'])
  expect(fake.storage.asked()).toBe(1)
  const foreign = await get('/settings/storage', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })
  expect([foreign.status, fake.storage.asked()]).toEqual([403, 1])
})

test('the settings do not wait for it: it comes by itself, and a link leads there', async () => {
  const page = await (await get('/settings')).text()
  expect(page).toMatch(/id="storage"[^>]*hx-get="\/settings\/storage"/)
  expect(page).toContain('<a class="button" href="/settings/storage">')
})
