import { beforeEach, describe, expect, test } from 'bun:test'
import { createPages } from '../../src/pages/pages.tsx'
import { createFake, type Fake } from './fake.ts'

let fake: Fake
let get: (path: string, init?: RequestInit) => Promise<Response>

beforeEach(() => {
  fake = createFake()
  const pages = createPages(() => fake)
  get = async (path, init) => pages.handle(new Request(`http://localhost${path}`, init))
})

const post = (path: string, body: Record<string, string>, headers: Record<string, string> = {}) =>
  get(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(body).toString(),
  })
const places = [
  { place: 'everybody', path: '/settings/variables', scope: 0, done: '/settings?saved=variables#variables' },
  { place: 'a script', path: '/scripts/3/variables', scope: 3, done: '/scripts/3?tab=variables&saved=1' },
]
const given = (scope: number) => fake.variables.list(scope).map(({ name, value }) => [name, value])

describe.each(places)('variables of $place', ({ path, scope, done }) => {
  test('one is added, replaced and deleted, each with an address to go on', async () => {
    const steps: [Record<string, string>, string | undefined][] = [
      [{ act: 'add', name: ' FRESH ', value: 'one\r\ntwo' }, 'one\ntwo'],
      [{ act: 'replace', name: 'FRESH', value: '' }, ''],
      [{ act: 'remove', name: 'FRESH' }, undefined],
    ]
    for (const [body, value] of steps) {
      const response = await post(path, body)
      expect([response.status, response.headers.get('location')]).toEqual([303, done])
      expect(new Map(given(scope) as [string, string][]).get('FRESH')).toBe(value as string)
    }
    expect(await (await get(done)).text()).toContain('It is in force for the next run.')
  })

  test('a secret is never in the page, also not when it was refused', async () => {
    expect((await post(path, { act: 'add', secret: '1', name: 'FRESH', value: 'open-sesame' })).status).toBe(303)
    expect((await post(path, { act: 'replace', name: 'FRESH', value: 'new-sesame' })).status).toBe(303)
    expect(fake.variables.list(scope).find(({ name }) => name === 'FRESH')).toMatchObject({ secret: true, value: null })
    const refused = await post(path, { act: 'add', secret: '1', name: 'LD_X', value: 'open-sesame' })
    for (const response of [await get(done), refused]) {
      const page = await response.text()
      expect(page).toContain('FRESH')
      for (const secret of ['sesame', 'fake-secret']) expect(page).not.toContain(secret)
    }
    expect(refused.status).toBe(422)
  })

  test.each<[Record<string, string>, number, string]>([
    [{ act: 'add', name: '1X', value: 'kept & <shown>' }, 422, 'must be letters, digits and _'],
    [{ act: 'add', name: 'PATH', value: 'x' }, 422, 'the gateway sets that one for every run'],
    [{ act: 'add', name: '', value: 'x' }, 422, 'must be letters'],
    [{ act: 'add', name: 'S', value: 'ab', secret: '1' }, 422, 'at least 3 characters as a secret'],
    [{ act: 'replace', name: 'GONE', value: 'x' }, 404, 'There is no &quot;GONE&quot; any more'],
    [{ act: 'remove', name: 'GONE' }, 404, 'There is no such variable.'],
    [{ act: 'nonsense', name: 'GONE' }, 404, 'There is no'],
    [{}, 404, 'There is no'],
  ])('%j is refused with what to do, and changes nothing', async (body, status, message) => {
    const before = given(scope)
    const response = await post(path, body)
    const page = await response.text()
    expect(response.status).toBe(status)
    expect(page).toContain(message)
    if (body.name === '1X') expect(page).toContain('kept &amp; &lt;shown&gt;')
    expect(given(scope)).toEqual(before)
    expect(fake.reported).toEqual([])
  })

  test('a name that is taken is not added over', async () => {
    await post(path, { act: 'add', name: 'TAKEN', value: 'first' })
    const response = await post(path, { act: 'add', name: 'TAKEN', value: 'second' })
    expect(response.status).toBe(409)
    expect(await response.text()).toContain('already: replace its value')
    expect(given(scope)).toContainEqual(['TAKEN', 'first'])
  })

  test('another site cannot post', async () => {
    const response = await post(path, { act: 'add', name: 'X', value: 'x' }, { 'sec-fetch-site': 'cross-site' })
    expect(response.status).toBe(403)
  })
})

test('values stay text', async () => {
  const page = await (await get('/settings')).text()
  expect(page).toContain('&lt;/pre&gt;&lt;img src=x')
  expect(page).not.toContain('<img src=x')
})

test('a script that is not there has no variables', async () => {
  expect((await post('/scripts/404/variables', { act: 'add', name: 'X', value: 'x' })).status).toBe(404)
  expect(fake.variables.list(404)).toEqual([])
})
