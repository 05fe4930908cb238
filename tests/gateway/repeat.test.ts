/** The form of a run's page repeats that run: it says so, and leaves nothing out that it was not told to. */
import { describe, expect, test } from 'bun:test'
import { notKept } from '../../src/runs/not-kept.ts'
import type { Param } from '../../src/scripts/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { param } from '../pages/samples.ts'

const argsMap = {
  word: { type: 'str', required: true },
  token: { type: 'str', secret: true },
  input: { type: 'file' },
  list: { type: 'str', multiple: true, secret: true },
  retry_of: { type: 'str' },
}
const app = await startApp({
  'python/echo.py': pythonScript(argsMap, 'print(json.dumps({"token": args["token"], "own": args["retry_of"]}))'),
  'python/other.py': pythonScript({ word: { type: 'str' } }, 'print(1)'),
})

type Fields = [string, string | File][]

function post(fields: Fields, { slug = 'echo', repeats = '' } = {}) {
  const body = new FormData()
  for (const [name, value] of fields) body.append(name, value)
  return app.fetch(`/scripts/${slug}/execute${repeats}`, { method: 'POST', body, redirect: 'manual' })
}

async function started(fields: Fields, repeats = '') {
  const response = await post(fields, { repeats })
  expect(response.status).toBe(303)
  return app.finished(Number(response.headers.get('location')?.split('/').at(-1)))
}

const word: Fields = [['word', 'x']]
const plain = await started(word)
const secret = await started([...word, ['token', 'geheim']])
const file = await started([...word, ['input', new File(['text'], 'a.txt')]])
const many = await started([...word, ['list', 'one'], ['list', 'two']])
const runs = { plain, secret, file, many }
const page = async (id: number) => (await app.fetch(`/executions/${id}`)).text()
const total = async () => (await app.json('/api/runs')).body.total

test('a run of which all was kept is repeated at once, under another value too, and a parameter of that name stays its own', async () => {
  const html = await page(plain.id)
  expect(html).toContain(`/execute?retry_of=${plain.id}"`)
  expect(html).toContain('<button form="run-form" type="submit">')
  expect(html).not.toContain('not kept')
  const fields: Fields = [
    ['word', 'y'],
    ['token', ''],
    ['retry_of', 'mine'],
  ]
  const again = await started(fields, `?retry_of=${plain.id}`)
  expect(again).toMatchObject({ trigger: 'form', retry_of: plain.id, params: { word: 'y', retry_of: 'mine' } })
  expect(again.result).toMatchObject({ data: { own: 'mine' } })
  expect(await page(again.id)).toContain('<dt>Repeats</dt>')
})

test.each<[string, keyof typeof runs, string, string]>([
  ['a secret', 'secret', 'p1', 'It was not kept: type it again.'],
  ['a file', 'file', 'p2', 'a.txt was not kept: choose it again.'],
  ['a list of secrets', 'many', 'p3', 'It was not kept: type it again.'],
])('the page of a run that had %s leads to its field, which asks for it', async (_, name, id, words) => {
  const html = await page(runs[name].id)
  expect(html).toContain(`<a class="button" href="#${id}">`)
  expect(html).toContain(`id="${id}-lost"`)
  expect(html).toContain(words)
  expect(html.match(/name=":without"/g)).toHaveLength(1)
  expect(html).not.toContain('value="••')
})

describe('what was not kept', () => {
  test.each<[string, keyof typeof runs, Fields]>([
    ['a secret that is not there', 'secret', []],
    ['an empty secret', 'secret', [['token', '']]],
    ['a file field without a file', 'file', [['input', new File([], '')]]],
    [
      'an empty list',
      'many',
      [
        ['list', ''],
        ['list', ''],
      ],
    ],
    ['another one left out', 'secret', [[':without', 'input']]],
  ])('is not left out silently: %s', async (_, name, fields) => {
    const before = await total()
    const response = await post([['word', 'kept'], ...fields], { repeats: `?retry_of=${runs[name].id}` })
    const html = await response.text()
    expect(response.status).toBe(422)
    expect(html).toMatch(/Was not kept: (type|choose) it again, or say to run without it/)
    expect(html).toContain(`/execute?retry_of=${runs[name].id}"`) // the next try repeats it, too
    expect(html).toContain('value="kept"')
    expect(await total()).toBe(before)
  })

  test.each<[string, keyof typeof runs, Fields, unknown]>([
    ['typed again', 'secret', [['token', 'geheim']], '••••••'],
    [
      'left out on purpose',
      'secret',
      [
        ['token', ''],
        [':without', 'token'],
      ],
      null,
    ],
    ['a file chosen again', 'file', [['input', new File(['text'], 'b.txt')]], null],
    ['a file left out on purpose', 'file', [[':without', 'input']], null],
    [
      'a list typed again',
      'many',
      [
        ['list', 'three'],
        ['list', ''],
      ],
      null,
    ],
  ])('is %s', async (_, name, fields, token) => {
    const again = await started([...word, ...fields], `?retry_of=${runs[name].id}`)
    expect(again).toMatchObject({ status: 'success', retry_of: runs[name].id, result: { data: { token } } })
  })

  test('a box that was ticked stays so when something else is wrong', async () => {
    const fields: Fields = [
      ['word', ''],
      [':without', 'token'],
    ]
    const html = await (await post(fields, { repeats: `?retry_of=${secret.id}` })).text()
    expect(html).toMatch(/name=":without"[^>]*checked/)
  })
})

test.each<[string, string, string]>([
  ['a run that never was', 'echo', '999999'],
  ['a run of another script', 'other', String(plain.id)],
  ['no number', 'echo', '1 OR 1'],
  ['a number out of all bounds', 'echo', '9'.repeat(40)],
  ['nothing', 'echo', ''],
])('refused, and nothing is started: %s', async (_, slug, id) => {
  const before = await total()
  const response = await post(word, { slug, repeats: `?retry_of=${encodeURIComponent(id)}` })
  const html = await response.text()
  expect(response.status).toBe(422)
  expect(html).toContain('is not there any more')
  expect(html).not.toContain('?retry_of=')
  expect(await total()).toBe(before)
})

test('the boxes of a form are known only where a run is repeated, and the address says nothing else', async () => {
  expect((await post([...word, [':without', 'token']])).status).toBe(422)
  expect((await post(word, { repeats: `?retry_of=${plain.id}&word=y` })).status).toBe(422)
  const response = await app.fetch(`/api/scripts/echo/run?retry_of=${plain.id}`, { method: 'POST' })
  expect(response.status).toBe(422)
})

test.each<[string, Record<string, unknown>, Partial<Param>, boolean]>([
  ['a value', { x: 'a' }, {}, false],
  ['a secret', { x: '••••••' }, { secret: true }, true],
  ['a secret that it did not have', {}, { secret: true }, false],
  ['what was a secret then', { x: '••••••' }, {}, true],
  ['a file', { x: '/tmp/a' }, { type: 'file' }, true],
  ['the author’s own file', { x: '/srv/a' }, { type: 'file', default: '/srv/a' }, false],
  ['what every object has', {}, { name: 'constructor', secret: true }, false],
])('of a run is not kept: %s (%j)', (_, params, rest, isLost) => {
  expect(notKept({ params }, [param('x', rest)]).length).toBe(isLost ? 1 : 0)
})
