/** The Code tab without JavaScript, and what the editor in the page is answered: on a real gateway, its files and its scripts. */
import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { compareParams, lineOf } from '../../src/pages/code-saves.ts'
import type { ArgsMap } from '../../src/scripts/model.ts'
import { editorAssets } from '../../views/assets.ts'
import { startApp } from '../harness/app.ts'

const script = (argsMap: Record<string, object>, rest = '') =>
  `const ARGS_MAP = ${JSON.stringify(argsMap)}
if (process.argv.includes('--_sys_get_schema')) console.log(JSON.stringify(ARGS_MAP))
else console.log('1 < 2 & "3"')
${rest}export default 1
`
const gateway = await startApp({
  'js/a.js': script({ width: { type: 'int', max: 100 }, gone: { type: 'str' } }),
  'js/windows.js': script({ n: { type: 'int' } }).replaceAll('\n', '\r\n'),
})
writeFileSync(join(gateway.scriptsDir, 'js/latin.js'), Buffer.from("console.log('\xe9')\nexport default 1\n", 'latin1'))

const idOf = (filename: string) => gateway.app.scripts().find((one) => one.filename === filename)!.id
const fileOf = (filename: string) => readFileSync(join(gateway.scriptsDir, 'js', filename), 'utf8')
const a = idOf('a.js')

const pageOf = async (id: number) => (await gateway.fetch(`/scripts/${id}?tab=code`)).text()
const etagIn = (page: string) => /name="etag" value="([0-9a-f]{64})"/.exec(page)?.[1] ?? ''
const unescaped = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&')
const typedIn = (page: string) => unescaped(/<textarea[^>]*>\n?([\s\S]*?)<\/textarea>/.exec(page)?.[1] ?? '')

/** As a browser sends it: every end of a line is CRLF. */
const post = (id: number, fields: Record<string, string>, path = 'code') =>
  gateway.fetch(`/scripts/${id}/${path}`, {
    ...{ method: 'POST', redirect: 'manual' },
    body: new URLSearchParams({ ...fields, content: fields.content!.replaceAll(/\r?\n/g, '\r\n') }),
  })

test('the tab has the whole file in a form, and a policy that is wider for styles alone', async () => {
  const response = await gateway.fetch(`/scripts/${a}?tab=code`)
  const page = await response.text()
  expect(typedIn(page)).toBe(fileOf('a.js'))
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("style-src 'self' 'unsafe-inline'")
  expect(policy).toContain("script-src 'self';")
  const other = await gateway.fetch(`/scripts/${a}`)
  expect(other.headers.get('content-security-policy')).not.toContain('unsafe')
})

test('what is saved is the file, byte for byte, with the ends of lines it had; the page says what became of the parameters', async () => {
  const content = script({ width: { type: 'int', max: 50 }, height: { type: 'int' } })
  const saved = await post(a, { content, etag: etagIn(await pageOf(a)), eol: 'lf', act: 'save' })
  expect([saved.status, saved.headers.get('location')]).toEqual([303, `/scripts/${a}?tab=code&saved=1`])
  expect(fileOf('a.js')).toBe(content)
  const page = await pageOf(a)
  for (const said of ['2 read in', '<code>height</code>', '<code>gone</code>', 'max now 50, was 100', '127.0.0.1'])
    expect([said, page.includes(said)]).toEqual([said, true])

  const windows = idOf('windows.js')
  const before = await pageOf(windows)
  expect(before).toContain('name="eol" value="crlf"')
  const mine = fileOf('windows.js').replace('1 < 2', '2 > 1')
  await post(windows, { content: mine, etag: etagIn(before), eol: 'crlf' })
  expect(fileOf('windows.js')).toBe(mine)

  const run = await post(a, { content, etag: etagIn(page), eol: 'lf', act: 'run' })
  expect(run.headers.get('location')).toBe(`/scripts/${a}`)
})

test('a file that somebody else changed is not written over: what is typed comes back with the difference, and saved again it is saved', async () => {
  const read = etagIn(await pageOf(a))
  await post(a, { content: `${fileOf('a.js')}// theirs\n`, etag: read, eol: 'lf' })
  const mine = `${fileOf('a.js').replace('// theirs\n', '')}// mine\n`
  const refused = await post(a, { content: mine, etag: read, eol: 'lf' })
  const page = await refused.text()
  expect(refused.status).toBe(409)
  expect(fileOf('a.js')).toContain('// theirs')
  expect(typedIn(page)).toBe(mine)
  for (const said of ['Somebody else changed this file meanwhile', '<b>127.0.0.1</b> saved it, '])
    expect([said, page.includes(said)]).toEqual([said, true])
  expect(/data-line="removed"[\s\S]*?\/\/ theirs[\s\S]*data-line="added"[\s\S]*?\/\/ mine/.test(page)).toBe(true)
  expect((await post(a, { content: mine, etag: etagIn(page), eol: 'lf' })).status).toBe(303)
  expect(fileOf('a.js')).toBe(mine)
})

test('what breaks the script is saved all the same, and said with its line', async () => {
  const content = script({}, 'throw new Error("broken")\n')
  const fields = { content, etag: etagIn(await pageOf(a)), eol: 'lf', part: '1' }
  const saved = await post(a, fields)
  const markup = await saved.text()
  expect([saved.status, saved.headers.get('x-part')]).toEqual([200, 'code'])
  for (const said of ['It did not answer', 'data-line="4"', 'Go to line 4', 'they are as they were'])
    expect([said, markup.includes(said)]).toEqual([said, true])
  const stale = await post(a, fields)
  expect([stale.status, stale.headers.get('etag'), stale.headers.get('x-part')]).toEqual([
    ...[409, saved.headers.get('etag'), 'code'],
  ])
  expect(await stale.text()).not.toContain('<html')
})

test('what is compared or checked changes nothing, and says what differs', async () => {
  const before = fileOf('a.js')
  const etag = etagIn(await pageOf(a))
  const compared = await post(a, { content: `// new\n${before}`, etag, eol: 'lf', act: 'compare' }, 'code/difference')
  const page = await compared.text()
  expect(page).toMatch(/data-line="added"[\s\S]*?\/\/ new/)
  expect([etagIn(page), typedIn(page)]).toEqual([etag, `// new\n${before}`])
  const check = async (hash: string) =>
    (await post(a, { content: 'x', etag: hash, eol: 'lf', act: 'check', part: '1' }, 'code/difference')).text()
  expect(await check(etag)).toBe('')
  expect(await check('0'.repeat(64))).toContain('id="code-conflict"')
  expect(fileOf('a.js')).toBe(before)
})

test.each<[string, Record<string, string>, number, string]>([
  ['a form without what the editor began with', { content: 'x', eol: 'lf' }, 422, 'This form needs'],
  [
    'more than a script may have',
    { content: 'x'.repeat(5 * 1024 * 1024 + 1), etag: 'x', eol: 'lf' },
    413,
    'at most 5 MiB',
  ],
])('%s is refused', async (_, fields, status, said) => {
  const refused = await post(a, fields)
  expect(refused.status).toBe(status)
  expect(await refused.text()).toContain(said)
})

test('a file that is no text, or has gone, is not edited here', async () => {
  await gateway.json('/api/scripts/scan', { method: 'POST' })
  expect(await pageOf(idOf('latin.js'))).toContain('It is not UTF-8 text')
  expect(await pageOf(idOf('latin.js'))).not.toContain('<textarea')
})

test('what changed for callers is told member by member, a secret without its default', () => {
  const was: ArgsMap = {
    a: { type: 'str', help: 'x' },
    s: { type: 'str', secret: true, default: 'old' },
    b: { type: 'int' },
  }
  const is: ArgsMap = {
    a: { type: 'int', help: 'x', required: true },
    s: { type: 'str', secret: true, default: 'new' },
  }
  expect(compareParams(was, is)).toEqual({
    ...{ added: [], removed: ['b'] },
    changed: [
      {
        name: 'a',
        what: [
          { member: 'type', was: 'str', is: 'int' },
          { member: 'required', was: null, is: 'true' },
        ],
      },
      { name: 's', what: [{ member: 'default', was: '•••', is: '•••' }] },
    ],
  })
})

test.each<[string | null, number | null]>([
  ['It ended with exit code 1:\n  File "/x/python/a.b.py", line 12, in <module>\nValueError', 12],
  ['  File "/x/python/a.b.py", line 2\n  File "/lib/json.py", line 9', 2],
  ['at /x/a.b.py:7:3', 7],
  ['It has no entry point.', null],
  [null, null],
])('the line of %p is %p', (error, line) => expect(lineOf(error, 'group/a.b.py')).toBe(line))

test('the files of the editor come compressed and kept for ever, whatever the browser understands', async () => {
  const ask = (encoding: string, name = 'editor.worker.js') =>
    gateway.fetch(editorAssets + name, { headers: { 'accept-encoding': encoding }, decompress: false } as RequestInit)
  const [br, gzip, plain] = await Promise.all(['br, gzip', 'gzip', 'identity'].map((one) => ask(one)))
  const bytes = async (response: Response) => Buffer.from(await response.arrayBuffer())
  const text = (await bytes(plain!)).toString()
  expect([br, gzip, plain].map((one) => one!.headers.get('content-encoding'))).toEqual(['br', 'gzip', null])
  expect(brotliDecompressSync(await bytes(br!)).toString() === text).toBe(true)
  expect(gunzipSync(await bytes(gzip!)).toString() === text).toBe(true)
  expect(br!.headers.get('cache-control')).toContain('immutable')
  expect(br!.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect((await ask('br', '../package.json')).status).toBe(404)
})
