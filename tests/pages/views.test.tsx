import { expect, test } from 'bun:test'
import { markdownOf } from '../../src/pages/markdown.ts'
import type { Result } from '../../src/runs/model.ts'
import { attr, query, safeUrl } from '../../views/attr.ts'
import { curlCall, javascriptCall, pythonCall } from '../../views/calls.ts'
import { Field } from '../../views/field.tsx'
import { RunForm } from '../../views/form.tsx'
import { highlight } from '../../views/highlight.ts'
import { Spark } from '../../views/parts.tsx'
import { RunResult } from '../../views/result.tsx'
import { csvOf, findRows, sortRows } from '../../views/rows.ts'
import { JsonTree, TreeRest } from '../../views/tree.tsx'
import { epoch, iso, param, run, script } from './samples.ts'

const field = (rest: Parameters<typeof param>[1], value?: unknown, error: string | null = null) =>
  String(<Field param={param('width', rest)} id="p0" value={value ?? rest?.default} error={error} />)

test.each([
  [
    'a whole number',
    { type: 'int', min: 1, max: 8000 },
    ['type="number"', 'step="1"', 'min="1"', 'max="8000"', '1 to 8,000.'],
  ],
  ['a number', { type: 'float', default: 0.82 }, ['step="any"', 'value="0.82"', 'Default 0.82.']],
  ['an address', { type: 'url', required: true }, ['type="url"', 'required', 'title="Required"']],
  ['a secret', { secret: true, default: 'hidden?' }, ['type="password"', 'autocomplete="off"', 'Never written']],
  [
    'a switch that is on',
    { type: 'bool', default: true },
    ['type="hidden"', 'value="false"', 'role="switch"', 'checked'],
  ],
  ['few short choices', { type: 'choice', choices: ['a', 'b'], default: 'b' }, ['type="radio"', 'value="b" checked']],
  ['an optional choice', { type: 'choice', choices: ['a', 'b'] }, ['<select', '<option value="">–</option>']],
  ['many choices', { type: 'choice', choices: ['a', 'b', 'c', 'd'], default: 'c' }, ['<select', 'value="c" selected']],
  [
    'several choices',
    { type: 'choice', choices: ['a', 'b'], multiple: true, default: ['b'] },
    ['type="checkbox"', '<fieldset'],
  ],
  ['a few short texts', { choices: ['a', 'b'], required: true }, ['type="radio"', 'value="a"', '<fieldset']],
  ['a number of a list', { type: 'int', choices: [1, 2, 5, 10], default: 5 }, ['<select', 'value="5" selected']],
  [
    'an address of a list',
    { type: 'url', choices: ['https://a.example/', 'https://b.example/'], required: true },
    ['<select', 'Choose one', 'value="https://a.example/"'],
  ],
  [
    'several numbers of a list',
    { type: 'float', choices: [0.5, 1], multiple: true, default: [0.5] },
    ['type="checkbox"', 'value="0.5" checked', '<fieldset'],
  ],
  [
    'several numbers',
    { type: 'int', multiple: true, default: [1600, 800] },
    ['value="1600"', 'value="800"', 'Add another', '<noscript>'],
  ],
  ['JSON', { type: 'json', default: { a: 1 } }, ['<textarea', '&quot;a&quot;: 1', 'spellcheck="false"']],
  ['a file', { type: 'file', declaredType: 'image', required: true }, ['type="file"', 'accept="image/*"', 'required']],
  ['several files', { type: 'file', multiple: true }, ['type="file" multiple']],
  ['a type nobody knows', { declaredType: 'colour', isUnknownType: true }, ['colour, taken as text', 'type="text"']],
  ['a pattern', { pattern: '^[a-z]+$' }, ['Must match ^[a-z]+$', 'pattern="[\\s\\S]*(?:^[a-z]+$)[\\s\\S]*"']],
] as [string, Parameters<typeof param>[1], string[]][])('%s has its own input', (_name, rest, parts) => {
  const html = field(rest).replaceAll(/\s+/g, ' ')
  for (const part of parts) expect(html).toContain(part)
})

test('a secret is never written back into its field', () => {
  const html = String(
    <RunForm
      script={script(1, 'a.py')}
      params={[param('token', { secret: true })]}
      values={{ token: 'hunter2' }}
      problems={[]}
    />,
  )
  expect(html).not.toContain('hunter2')
})

test.each([
  ['a refused form', [{ path: '/width', message: 'must be short' }], null, true, 'Type it again.'],
  ['a form that came too early', [], 'The queue is full.', true, 'Type it again.'],
  ['a form with an optional secret', [], 'The queue is full.', false, 'If you typed one, type it again.'],
  ['a secret that was itself wrong', [{ path: '/token', message: 'must be long' }], null, true, 'Must be long'],
  ['a fresh form', [], null, true, null],
] as [string, { path: string; message: string }[], string | null, boolean, string | null][])(
  '%s says what became of its secret',
  (_name, problems, message, required, said) => {
    const params = [param('width'), param('token', { secret: true, required })]
    const form = (
      <RunForm script={script(1, 'a.py')} params={params} values={{}} problems={problems} message={message} />
    )
    const line = /id="p1-error"( hidden)?>.*?<span>(.*?)<\/span>/.exec(String(form))
    expect(line?.[1] === undefined ? line?.[2] : null).toBe(said)
  },
)

test('the rate is of the runs that ended by themselves or failed', () => {
  const statuses = ['success', 'failed', 'success', 'timeout', 'cancelled', 'queued', 'running']
  const spark = (some: string[]) => String(<Spark runs={some.map((status) => ({ status, duration_ms: 1 }))} />)
  expect(spark(statuses)).toContain('2 of the last 4 runs succeeded')
  expect(spark(statuses)).toContain('50%')
  expect(spark(['cancelled', 'running'])).toContain('–')
})

test('a message stands at its field, which is marked, described by it and focused', () => {
  const html = String(
    <RunForm
      script={script(1, 'a.py')}
      params={[param('a/b'), param('width')]}
      values={{ 'a/b': 'x"y&quot;' }}
      problems={[{ path: '/a~1b/0', message: 'must be short' }]}
    />,
  )
  expect(html).toContain('aria-invalid="true"')
  expect(html).toContain('aria-describedby="p0-error"')
  expect(html).toContain('Must be short')
  expect(html).toContain('autofocus')
  expect(html).toContain('value="x&quot;y&amp;quot;"')
})

test.each([
  ['/executions/1', '/executions/1'],
  ['https://example.com/?a=1&b=2', 'https://example.com/?a=1&amp;b=2'],
  ['javascript:alert(1)', '#'],
  [' javascript:alert(1)', '#'],
  ['//evil.example', '#'],
  ['/\\evil.example', '#'],
  ['data:text/html,x', '#'],
])('the address %s is written as %s', (url, written) => expect(safeUrl(url)).toBe(written))

test('an attribute keeps its entities as text, and holds nothing that htmx would rewrite', () =>
  expect(attr('&quot;<hx-x on="')).toBe('&amp;quot;&lt;hx-x on=&quot;'))
test('a query leaves out what is empty', () =>
  expect(query({ a: '', b: 1, c: null, d: ['x', 'y'] })).toBe('?b=1&amp;d=x&amp;d=y'))

const hostile = '</script><img src=x onerror=alert(1)>"\'&'
const results: [string, Result][] = [
  ['text', { type: 'text', data: hostile }],
  ['JSON', { type: 'json', data: { [hostile]: [hostile] } }],
  ['a table', { type: 'json', data: [{ [hostile]: hostile }] }],
  ['an image', { type: 'file', url: '/static/a.png', filename: hostile, size: 3, content_type: 'image/png' }],
  ['a video', { type: 'file', url: 'javascript:alert(1)', filename: 'x', size: 3, content_type: `video/${hostile}` }],
]

test.each(results)('a hostile result shown as %s stays text', (_name, result) => {
  const html = String(
    <RunResult run={run(1, 1, 'success', { result })} shown={{ view: '', sort: '', descending: false }} />,
  )
  expect(html).not.toContain('<img src=x')
  expect(html).not.toContain('</script>')
  expect(html).not.toContain('javascript:')
})

test.each([
  ['image/png', '<img '],
  ['audio/mpeg', '<audio '],
  ['video/mp4', '<video '],
  ['application/pdf', '<iframe class="framed" src="/static/x"'],
  ['text/html', 'src="/static/x?frame=1" title="x" loading="lazy" sandbox="allow-scripts"'],
  ['application/zip', 'download="x"'],
])('a file of type %s is shown with %s', (content_type, part) => {
  const result: Result = { type: 'file', url: '/static/x', filename: 'x', size: 3, content_type }
  expect(
    String(<RunResult run={run(1, 1, 'success', { result })} shown={{ view: '', sort: '', descending: false }} />),
  ).toContain(part)
})

const huge = Array.from({ length: 300 }, (_, row) => Array.from({ length: 300 }, (_, i) => row * 1000 + i))

test('a tree of a huge result is bounded, and leads on where it stops', () => {
  const html = String(<JsonTree data={huge} runId={9} />)
  expect(html.length).toBeLessThan(100_000)
  expect(html).toContain('hx-get="/fragments/runs/9/tree?at=0&amp;from=100"')
  expect(html).toMatch(/\/fragments\/runs\/9\/tree\?from=\d+"[^>]*>… 2\d\d more</)
  const rest = String(<TreeRest data={huge} path={['7']} from={100} runId={9} />)
  expect(rest).toContain('<span class="f">100</span>: <span class="m">7100</span>')
  expect(rest).toContain('tree?at=7&amp;from=200')
  expect(rest).not.toContain('7200')
})

test.each([[['x']], [['7', 'length']], [['__proto__']], [['7', '3']]])(
  'a place %j that is none has nothing',
  (path) => {
    expect(String(<TreeRest data={huge} path={path} from={0} runId={9} />)).toBe('')
  },
)

test('of a large result only what is open is written; a small one has every view', () => {
  const panel = (data: unknown) => shownAsTable({ type: 'json', data })
  const large = panel(Array.from({ length: 3000 }, (_, id) => ({ id, name: `n${id}` })))
  expect([large.includes('id="as-tree"'), large.includes('hx-get="/executions/1?view=tree"')]).toEqual([false, true])
  expect(large).toContain('1 to 200 of 3,000 rows')
  expect(large).toContain('hx-get="/executions/1?view=table&amp;from=200"')
  const small = panel([{ id: 1 }])
  expect([small.includes('id="as-tree"'), small.includes('data-pane="as-raw"')]).toEqual([true, true])
})

test('while a run goes on the last result stands there, with the run it is of', () => {
  const last = run(7, 1, 'success', { result: { type: 'text', data: 'the last' }, finished_at: iso(60) })
  const shown = { view: '', sort: '', descending: false }
  const goes = String(<RunResult run={run(8, 1, 'running')} shown={shown} previous={{ run: last, now: epoch }} />)
  expect(goes).toContain('the last')
  expect(goes).toMatch(/of run <a href="\/executions\/7">#7<\/a>, <time[^>]*>1 min ago<\/time>, until this one ends/)
  const ended = run(8, 1, 'success', { result: { type: 'text', data: 'the new' } })
  expect(String(<RunResult run={ended} shown={shown} previous={{ run: last, now: epoch }} />)).not.toContain('the last')
})

test.each<[string, string, string[], string[]]>([
  ['headings below those of the page', '# One\n\nText', ['<h3>One</h3>'], []],
  ['markup', '# x\n\n<script>alert(1)</script><img src=x onerror=y>', ['&lt;script&gt;'], ['<script', '<img']],
  ['a link', '[a](https://e.com/"x)', ['href="https://e.com/', 'rel="noopener noreferrer"'], []],
  ['a link that does something', '# x\n[a](javascript:alert(1)) [b](data:text/html,x)', [], ['href=']],
  ['a link to an image of ours', '# x\n[a](/static/a.png)', ['<a>a</a>'], ['href=']],
  ['an image of elsewhere', '# x\n![who](https://e.com/a.png)', ['who'], ['<img']],
  ['an image of ours', '# x\n![who](/static/s/resources/1-1/a.png)', ['<img src="/static/s/'], []],
  ['a table', '|a|b|\n|---|---|\n|1|2|', ['<table>', '<td>1</td>'], []],
  [
    'a column of numbers, without a style',
    '|a|b|\n|:---|---:|\n|1|2|',
    ['<td>1</td>', '<td class="n">2</td>'],
    ['style'],
  ],
  ['code that is reached by keys', '```x"y\n<b>\n```', ['<pre tabindex="0"><code>&lt;b&gt;\n</code></pre>'], ['x"y']],
])('Markdown with %s', async (_name, text, has, hasNot) => {
  const html = (await markdownOf(text)) ?? ''
  for (const part of has) expect(html).toContain(part)
  for (const part of hasNot) expect(html).not.toContain(part)
  expect(html).not.toBe('')
})

test.each(['plain words', 'a - b\n- c', '3 # 4', '1. one\n2. two', 'x'.repeat(300_000)])(
  'what is no Markdown is a text: %#',
  async (text) => {
    expect(await markdownOf(text)).toBeNull()
  },
)

test.each([
  [[{ a: 1 }], ''],
  [{ images: [{ a: 1 }], ok: true }, 'images'],
  [[1, 2], null],
  [[{ a: { b: 1 } }], ''],
  [[{ a: 1 }, [1]], null],
  [[{}, {}], null],
  [{ a: 1 }, null],
  [[], null],
  ['text', null],
] as [unknown, string | null][])('the table in %j is found at %j', (data, path) =>
  expect(findRows(data)?.path ?? null).toBe(path),
)

test('rows are sorted as numbers or text, what is missing last', () => {
  const rows = findRows([{ n: 10, t: 'b' }, { n: 9, t: 'a10' }, { t: 'a9' }])!
  expect(sortRows(rows, 'n', false).map(({ n }) => n)).toEqual([9, 10, undefined])
  expect(sortRows(rows, 't', true).map(({ t }) => t)).toEqual(['b', 'a10', 'a9'])
})

test('no row is left out of the table or the CSV, whatever it holds and however late it comes', () => {
  const list = [...Array.from({ length: 300 }, (_, n) => ({ n })), { n: 300, tags: ['a', 'b'] }, { late: '=1' }]
  const rows = findRows(list)!
  expect(findRows([...list, 'text'])).toBeNull()
  expect(rows.columns).toEqual([
    { name: 'n', numeric: true },
    { name: 'tags', numeric: false },
    { name: 'late', numeric: false },
  ])
  const csv = csvOf(rows).split('\r\n')
  expect(csv).toHaveLength(1 + 302 + 1)
  expect(csv.slice(300, 303)).toEqual(['299,,', '300,"[""a"",""b""]",', ",,'=1"])
  const result: Result = { type: 'json', data: list.slice(299) }
  const html = shownAsTable(result)
  expect(html).toContain('3 of 3 rows')
  expect(html).toContain('[&quot;a&quot;,&quot;b&quot;]')
  expect(shownAsTable({ type: 'json', data: list })).toContain('200 of 302 rows')
})

test('a table too wide for the page says so, and its CSV has every column', () => {
  const row = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`c${n}`, n]))
  expect(shownAsTable({ type: 'json', data: [row] })).toContain('30 of 40 columns (the CSV has all)')
  expect(csvOf(findRows([row])!)).toContain(',c39\r\n')
})

const shownAsTable = (result: Result) =>
  String(<RunResult run={run(1, 1, 'success', { result })} shown={{ view: 'table', sort: '', descending: false }} />)

test('CSV quotes what it must and disarms formulas', () => {
  const csv = csvOf(
    findRows([
      { a: 'x,"y"', b: '=1+1' },
      { a: -1, b: null },
    ])!,
  )
  expect(csv).toBe('a,b\r\n"x,""y""",\'=1+1\r\n-1,\r\n')
})

const url = 'http://localhost:8001/api/scripts/x/run'

test('the calls send JSON when no file is needed', () => {
  const params = [param('name', { required: true, default: "it's" }), param('other')]
  expect(curlCall({ url, params })).toContain(`-d '{"name":"it'\\''s"}'`)
  expect(pythonCall({ url, params })).toContain('json={"name": "it\'s"}')
  expect(javascriptCall({ url, params })).toContain("body: JSON.stringify({ name: 'it\\'s' })")
})

test('the calls send a form when a file is needed', () => {
  const params = [
    param('image', { type: 'file', declaredType: 'image', required: true }),
    param('sizes', { type: 'int', multiple: true, required: true, default: [1, 2] }),
  ]
  expect(curlCall({ url, params })).toContain(
    "-F 'image=@photo.jpg' \\\n  --form-string 'sizes=1' \\\n  --form-string 'sizes=2'",
  )
  expect(pythonCall({ url, params })).toContain('"image": open("photo.jpg", "rb")')
  expect(javascriptCall({ url, params })).toContain("body.append('sizes', '2')")
})

test('the calls send the token that the environment has', () => {
  const call = { url, params: [] }
  expect(curlCall(call)).toBe(`curl -X POST '${url}' \\\n  -H "Authorization: Bearer $TOKEN"`)
  expect(pythonCall(call)).toContain('import os\n')
  expect(pythonCall(call)).toContain('headers={"Authorization": "Bearer " + os.environ["TOKEN"]},')
  expect(javascriptCall(call)).toContain("headers: { authorization: 'Bearer ' + env.TOKEN },")
})

test.each([curlCall, pythonCall, javascriptCall])(
  '%p sends a token that is given, and none where nobody is asked',
  (write) => {
    const call = { url, params: [param('name', { required: true })] }
    expect(write({ ...call, token: 'sgw_abc' })).toContain('Bearer sgw_abc')
    expect(write({ ...call, token: 'sgw_abc' })).not.toContain('TOKEN')
    expect(write({ ...call, token: null })).not.toMatch(/authorization|bearer|token|import os$/im)
  },
)

test('source is coloured and escaped', () => {
  expect(highlight('if x: # <b>', 'python')).toBe('<span class="k">if</span> x: <span class="c"># &lt;b&gt;</span>')
  expect(highlight('f("<i>")', 'js')).toBe('<span class="f">f</span>(<span class="s">&quot;&lt;i&gt;&quot;</span>)')
})
