/** The page with the history of a script's file: what it shows, compares and puts back, on a real gateway. */
import { expect, test } from 'bun:test'
import type { Script } from '../../src/scripts/model.ts'
import { startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { createApi } from '../scripts/api.ts'

/** A sidecar says what it takes, so that nothing is started to ask. */
const source = (lines: string[]) => `export default 1\n${lines.join('\n')}\n`
const numbered = (n: number) => Array.from({ length: n }, (_, i) => `// line ${i + 1}`)

const app = await startApp({ 'js/code.js': source(numbered(20)), 'js/.code._map.json': '{}' })
const api = createApi(app)
const { id } = (await api.get('code')).body
await eventually('its first version', async () => {
  const { body } = await app.json<{ total: number }>(`/api/scripts/${id}/versions`)
  return body.total === 1
})
const changed = [...numbered(9), '// line <b>10</b>', ...numbered(20).slice(10), '// more']
await api.put(id, source(changed), '*')

const page = async (query = '', init?: RequestInit) => {
  const response = await app.fetch(`/scripts/${id}/versions${query}`, init)
  return { status: response.status, text: await response.text() }
}
const hash = async () => (await api.get(id)).body.content_hash
const restore = async (version: number, ifMatch: string) =>
  app.fetch(`/scripts/${id}/versions/${version}/restore`, {
    ...{ method: 'POST', redirect: 'manual' as const, body: new URLSearchParams({ if_match: ifMatch }) },
  })

test.each<[string, string, string[], string[]]>([
  [
    'the newest against the one before, unless something else is asked for',
    '',
    ['Version 2', 'In force', 'aria-current="true"', '<del class="old">', '<ins>', '7 lines are the same'],
    ['<b>10</b>', 'Nothing was restored'],
  ],
  ['one that is older, to be put back', '?version=1', ['Restore version 1', 'The whole file', 'line 20'], ['<del']],
  ['one against what is in force', '?version=1&view=current', ['Against the one in force', '<del class="old">'], []],
  ['a whole file', '?version=2&view=file', ['&lt;b&gt;10&lt;/b&gt;', 'Copy this version'], ['<ins>']],
  ['one that is not kept', '?version=99', ['That version is not kept any more', 'Version 2'], []],
  ['a number that is none', '?version=x', ['That version is not kept any more'], []],
  ['a hash that is not kept', `?hash=${'0'.repeat(64)}`, ['That version is not kept any more'], []],
])('shown: %s', async (_, query, there, notThere) => {
  const { status, text } = await page(query)
  expect([status, ...there.filter((one) => !text.includes(one))]).toEqual([200])
  expect(notThere.filter((one) => text.includes(one))).toEqual([])
})

test('the version that a run ran is found by its hash', async () => {
  const { text } = await page(`?hash=${await hash()}`)
  expect(text).toMatch(/id="h-version">Version 2</)
})

test('the page of a run links to the version that it ran', async () => {
  const { body } = await app.json<{ run_id: number }>(`/api/scripts/${id}/run`, { method: 'POST' })
  const text = await (await app.fetch(`/executions/${body.run_id}`)).text()
  expect(text).toContain(`href="/scripts/${id}/versions?version=2"`)
})

test('a restore says so, and is undone by the button that it offers', async () => {
  const done = await restore(1, await hash())
  expect([done.status, done.headers.get('location')]).toEqual([
    303,
    `/scripts/${id}/versions?version=3&restored=1&undo=2`,
  ])
  expect(await api.text(id)).toBe(source(numbered(20)))
  const { text } = await page('?version=3&restored=1&undo=2')
  expect(text).toContain('Version 1 is in force again')
  const action = `/scripts/${id}/versions/2/restore`
  expect(text).toContain(`action="${action}"`)
  expect((await restore(2, await hash())).status).toBe(303)
  expect(await api.text(id)).toBe(source(changed))
})

test('a file that changed meanwhile is left alone, and the page says what to do', async () => {
  const refused = await restore(1, '0'.repeat(64))
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain('The file was changed meanwhile')
  expect(await api.text(id)).toBe(source(changed))
  expect((await restore(99, '*')).status).toBe(404)
})

test('a script without a version yet says what belongs here', async () => {
  const { body } = await app.json<Script>('/api/scripts/code')
  expect(body.id).toBe(id)
  const { renderVersions } = await import('./render-versions.tsx')
  expect(renderVersions()).toContain('No version yet')
})
