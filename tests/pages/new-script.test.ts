/** New scripts from the pages: by template, by upload of files; what is refused and what became of each file. */
import { expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getTemplate, listTemplates } from '../../src/scripts/templates.ts'
import { startApp } from '../harness/app.ts'

/** Scripts that a sidecar speaks for, so that nothing is started to ask. */
const source = 'export default function main() {}\n'
const app = await startApp({
  'js/there.js': source,
  'js/.there._map.json': '{}',
  'js/tools/x.js': source,
  'js/my_script.js': source,
  'js/.my_script._map.json': '{}',
  'js/my_script_2.js': source,
  'js/.my_script_2._map.json': '{}',
  'js/tools/.x._map.json': '{}',
})
const at = (path: string) => join(app.scriptsDir, path)

const page = async (path: string) => {
  const response = await app.fetch(path)
  return { status: response.status, text: await response.text() }
}
const post = async (path: string, body: BodyInit) => {
  const response = await app.fetch(path, { method: 'POST', body, redirect: 'manual' })
  return { status: response.status, location: response.headers.get('location'), text: await response.text() }
}
const make = (fields: Record<string, string>) => post('/scripts/new', new URLSearchParams(fields))

test('templates are shown by what they show, each in both languages, and lead to a new script', async () => {
  const { status, text } = await page('/templates?template=table-js')
  expect([status, text.includes('href="/scripts/new?template=table-js"'), text.includes('loan_plan.js')]).toEqual([
    200,
    true,
    true,
  ])
  for (const { topic, runtime, name } of listTemplates())
    if (runtime === 'js' || topic === 'table') expect(text).toContain(`?template=${name}"`)
  expect((await page('/templates?template=perl')).status).toBe(200)
})

test.each<[string, string, string[]]>([
  ['with what the template suggests', '?template=file-js', ['value="sort_lines.js"', '<option value="tools">']],
  [
    'with what was typed, in the other runtime',
    '?template=file-python&filename=mine.ts&suggested=a.js',
    ['value="mine.py"'],
  ],
  [
    'with the next name that is free',
    '?template=js',
    ['value="my_script_3.js"', 'name="suggested" id="suggested" value="my_script_3.js"'],
  ],
  ['with the name itself, in a folder where it is free', '?template=js&group=tools', ['value="my_script.js"']],
  ['with the name of another suggestion', '?template=file-js&filename=a.py&suggested=a.py', ['value="sort_lines.js"']],
  ['TypeScript is JavaScript too', '?template=file-js&filename=mine.ts&suggested=a.py', ['value="mine.ts"']],
  ['as a form for files', '?from=upload', ['enctype="multipart/form-data"', 'webkitdirectory', 'name="overwrite"']],
])('the form is there: %s', async (_, query, there) => {
  const { text } = await page(`/scripts/new${query}`)
  expect(there.filter((one) => !text.includes(one))).toEqual([])
})

test.each<[string, Record<string, string>, string | null]>([
  ['a good name', { runtime: 'js', filename: 'new.js' }, null],
  ['nothing yet', { runtime: 'js', filename: ' ' }, null],
  ['a name without its ending', { runtime: 'python', filename: 'new' }, null],
  ['one that is there', { runtime: 'js', filename: 'there.js' }, '"there.js" exists already.'],
  [
    'one that is there in its folder',
    { runtime: 'js', filename: 'x.js', group: '/tools/' },
    '"tools/x.js" exists already.',
  ],
  ['a wrong ending', { runtime: 'python', filename: 'new.js' }, 'must end with .py'],
  ['a way out', { runtime: 'js', filename: 'a.js', group: '../..' }, 'must not have'],
  ['a hidden name', { runtime: 'js', filename: '_a.js' }, 'begins with'],
])('a name is checked while it is typed: %s', async (_, query, problem) => {
  const { status, text } = await page(`/fragments/scripts/name?${new URLSearchParams(query)}`)
  expect([status, /<p[^>]* hidden/.test(text)]).toEqual([200, problem === null])
  if (problem !== null) expect(text.replaceAll('&#34;', '"').replaceAll('&quot;', '"')).toContain(problem)
})

test('a script is made from a template, and its code opens', async () => {
  const { status, location } = await make({ template: 'table-js', filename: 'plan', group: 'money/' })
  const made = app.app.scripts().find(({ filename }) => filename === 'money/plan.js')
  expect([status, location]).toEqual([303, `/scripts/${made!.id}?tab=code`])
  expect(readFileSync(at('js/money/plan.js'), 'utf8')).toBe(getTemplate('table-js').content)
  expect(made!.state).toBe('active')
})

test.each<[string, Record<string, string>, number, string]>([
  ['a name that is there', { filename: 'there.js' }, 409, 'exists already: choose another name.'],
  ['a name that cannot be', { filename: 'there.txt' }, 422, 'must end with'],
])('refused, as it was typed: %s', async (_, fields, status, said) => {
  const answer = await make({ template: 'js', group: '', ...fields })
  expect([answer.status, answer.text.includes(said)]).toEqual([status, true])
  expect(answer.text).toMatch(/id="filename"[^>]*aria-invalid="true"/)
  expect(answer.text).toContain(`value="${fields.filename}"`)
})

const files = (sent: Record<string, string>, fields: Record<string, string> = {}) => {
  const body = new FormData()
  for (const [name, value] of Object.entries({ runtime: '', group: '', ...fields })) body.append(name, value)
  for (const [name, content] of Object.entries(sent)) body.append('files', new File([content], name))
  body.append('folder', new File([], '')) // what a browser sends of a field that was left alone
  return body
}
const upload = (sent: Record<string, string>, fields?: Record<string, string>) =>
  post('/scripts/new/upload', files(sent, fields))

/** Each file with what became of it. */
const came = (text: string) =>
  [...text.matchAll(/<li data-as="(\w+)">[\s\S]*?<(?:code|a)[^>]*>([^<]*)<\/(?:code|a)>/g)].map(([, as, path]) => [
    path,
    as,
  ])

test('one script alone leads to its page', async () => {
  const { status, location } = await upload({ 'one.js': source })
  const made = app.app.scripts().find(({ filename }) => filename === 'one.js')
  expect([status, location]).toEqual([303, `/scripts/${made!.id}`])
})

test('of many files each is told: what it is, or that it was left out', async () => {
  const { status, text } = await upload({
    ...{ 'set/main.js': `import { a } from './help.js'\nexport default a\n`, 'set/.main._map.json': '{}' },
    ...{ 'set/help.js': 'export const a = 1\n', 'set/package.json': '{}', 'set/data.csv': 'a,b\n' },
    ...{ 'set/broken.js': 'const a = 1\nconsole.log("_sys_get_schema")\n', 'set/.DS_Store': '' },
  })
  expect(status).toBe(200)
  expect(came(text).sort()).toEqual([
    ['js/set/.main._map.json', 'sidecar'],
    ['js/set/broken.js', 'broken'],
    ['js/set/data.csv', 'file'],
    ['js/set/help.js', 'helper'],
    ['js/set/main.js', 'script'],
    ['js/set/package.json', 'packages'],
    ['set/.DS_Store', 'skipped'],
  ])
})

test('files that are there already are asked about, and replaced when that is meant', async () => {
  const other = `${source}// other\n`
  const asked = await upload({ 'there.js': other, 'fresh.js': source })
  expect([asked.status, came(asked.text), existsSync(at('js/fresh.js'))]).toEqual([
    409,
    [['there.js', 'refused']],
    false,
  ])
  expect(asked.text).toContain('data-upload-again="overwrite"')
  expect((await upload({ 'there.js': other }, { overwrite: '1' })).status).toBe(303)
  expect(readFileSync(at('js/there.js'), 'utf8')).toBe(other)
})

test('files that have no place are told with the reason, and nothing is stored', async () => {
  const { status, text } = await upload({ 'later.js': source, 'notes.docx': 'x' })
  expect([status, came(text), existsSync(at('js/later.js'))]).toEqual([422, [['notes.docx', 'refused']], false])
  expect(text).toContain('data-upload-again="rest"')
  expect(text).toContain('other files need a folder.')
  const nothing = await upload({})
  expect([nothing.status, nothing.text.includes('The form has no file in it.')]).toEqual([422, true])
})
