/** Many files in one request: all in place, or none. */
import { expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { javascriptScript, startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { createApi } from './api.ts'
import { python } from './lab.ts'

const app = await startApp({ 'python/here.py': python({}), 'python/set/requirements.txt': 'old\n' })
const api = createApi(app)
const at = (path: string) => join(app.scriptsDir, path)
const py = python({})
const js = javascriptScript({}, 'console.log(1)')
const outside = tempFolder()
symlinkSync(outside, at('python/way-out'))
mkdirSync(at('python/folder.txt'))
mkdirSync(join(app.dataDir, 'tmp/uploads'), { recursive: true })

const tree = () => readdirSync(app.scriptsDir, { recursive: true }).sort()

test.each<[string, Record<string, string>, Record<string, string>, number, string]>([
  ['no file', {}, {}, 422, 'no file'],
  ['the way up', { 'ok.py': py, '../up.py': py }, {}, 422, '".."'],
  ['the way up by the group', { 'ok.py': py }, { group: '../..' }, 422, '".."'],
  ['an absolute path', { '/etc/x.py': py }, {}, 422, 'without "/"'],
  ['backslashes', { '..\\x.py': py }, {}, 422, 'control characters'],
  ['a hidden file', { 'set/.env': 'A=1' }, { runtime: 'python' }, 422, 'begin with "."'],
  ['a hidden folder', { 'set/.cache/x.py': '' }, {}, 422, 'hidden folder'],
  ['data beside no group', { 'data.csv': 'a' }, { runtime: 'python' }, 422, 'group'],
  ['a helper beside no group', { '_helper.py': py }, {}, 422, '"_"'],
  ['data of nobody knows whom', { 'set/data.csv': 'a' }, {}, 422, 'runtime'],
  ["the other runtime's script", { 'x.js': js }, { runtime: 'python' }, 422, 'must end with .py'],
  ['an unknown runtime', { 'x.py': py }, { runtime: 'perl' }, 422, 'runtime'],
  ['an unknown field', { 'x.py': py }, { colour: 'red' }, 422, 'colour'],
  ['an overwrite that is no answer', { 'x.py': py }, { overwrite: 'perhaps' }, 422, 'overwrite'],
  ['a file that is there', { 'new.py': py, 'here.py': py }, {}, 409, '"python/here.py"'],
  ['a folder of that name', { 'folder.txt': 'x' }, { runtime: 'python', group: 'way-out/..' }, 422, '".."'],
  ['a link that leads out', { 'way-out/x.py': py }, {}, 403, 'link'],
])('refused, and nothing is stored: %s', async (_, files, fields, status, message) => {
  const before = tree()
  const { status: got, body } = await api.upload(files, fields)
  expect([got, body.error?.message]).toEqual([status, expect.stringContaining(message)])
  expect(tree()).toEqual(before)
  expect(readdirSync(outside)).toEqual([])
  expect(readdirSync(join(app.dataDir, 'tmp/uploads'))).toEqual([])
})

test('refused: a body that is no form, and one file twice', async () => {
  const text = await app.json('/api/scripts/upload', {
    method: 'POST',
    body: 'x',
    headers: { 'content-type': 'text/plain' },
  })
  expect(text.status).toBe(400)
  const form = new FormData()
  for (const field of ['a', 'b']) form.append(field, new File([py], 'same.py'))
  const { status } = await app.json('/api/scripts/upload', { method: 'POST', body: form })
  expect([status, existsSync(at('python/same.py'))]).toEqual([422, false])
})

test.each<[string, Record<string, string>, Record<string, string>, string[], string[]]>([
  ['one script', { 'one.py': py }, {}, ['python/one.py'], ['one.py']],
  [
    'scripts of both kinds',
    { 'two.py': py, 'two.mjs': js, 'zwei.ts': js },
    {},
    ['js/two.mjs', 'js/zwei.ts', 'python/two.py'],
    ['two.mjs', 'two.py', 'zwei.ts'],
  ],
  ['a Chinese name', { '图片/缩放.py': py }, {}, ['python/图片/缩放.py'], ['图片/缩放.py']],
  [
    'a folder with helpers and data',
    { 'kit/main.py': py, 'kit/_util.py': 'x = 1\n', 'kit/data/names.csv': 'a\n', 'kit/requirements.txt': '' },
    {},
    ['python/kit/_util.py', 'python/kit/data/names.csv', 'python/kit/main.py', 'python/kit/requirements.txt'],
    ['kit/main.py'],
  ],
  [
    'a group by its field',
    { 'index.js': js, 'package.json': '{}' },
    { group: 'web/app' },
    ['js/web/app/index.js', 'js/web/app/package.json'],
    ['web/app/index.js'],
  ],
  [
    'JavaScript beside Python',
    { 'chart.js': 'let x' },
    { runtime: 'python', group: 'kit' },
    ['python/kit/chart.js'],
    [],
  ],
  [
    'a sidecar with its script',
    { 'plain.py': 'if __name__ == "__main__":\n    print(1)\n', '.plain._map.json': '{"a": {"type": "int"}}' },
    {},
    ['python/.plain._map.json', 'python/plain.py'],
    ['plain.py'],
  ],
  [
    'a list of dependencies with its script',
    { 'need.py': py, 'need_requirements.txt': 'x\n' },
    {},
    ['python/need.py', 'python/need_requirements.txt'],
    ['need.py'],
  ],
  [
    'lists and locks, of scripts and of folders',
    {
      ...{ 'own.py': py, 'own_requirements.lock': '', 'requirements.txt': 'x\n', 'requirements.lock': '' },
      ...{ 'own.js': js, 'own_package.json': '{}', 'own_bun.lock': '{}', 'package.json': '{}', 'bun.lock': '{}' },
    },
    {},
    [
      ...['js/bun.lock', 'js/own.js', 'js/own_bun.lock', 'js/own_package.json', 'js/package.json'],
      ...['python/own.py', 'python/own_requirements.lock', 'python/requirements.lock', 'python/requirements.txt'],
    ],
    ['own.js', 'own.py'],
  ],
])('placed: %s', async (_, files, fields, placed, scripts) => {
  const { status, body } = await api.upload(files, fields)
  expect([status, body.files?.sort(), body.items?.map(({ filename }) => filename).sort()]).toEqual([
    201,
    placed,
    scripts,
  ])
  for (const { state } of body.items) expect(state).toBe('active')
  for (const path of placed) expect(existsSync(at(path))).toBe(true)
  expect(readdirSync(join(app.dataDir, 'tmp/uploads'))).toEqual([])
})

test('overwrite replaces what is there, and a script keeps its id', async () => {
  const before = (await api.get('here')).body
  const files = { 'here.py': python({ n: { type: 'int' } }), 'set/requirements.txt': 'new\n' }
  const { status, body } = await api.upload(files, { overwrite: '1' })
  expect([status, body.items.map(({ id }) => id)]).toEqual([201, [before.id]])
  expect(body.items[0]?.params).toEqual({ n: { type: 'int' } })
  expect(readFileSync(at('python/set/requirements.txt'), 'utf8')).toBe('new\n')
  expect(tree().filter((name) => String(name).endsWith('.tmp'))).toEqual([])
})

test('when one file cannot be put in place, those before it are taken back', async () => {
  const before = readFileSync(at('python/here.py'), 'utf8')
  // The last name needs a folder where the one before it makes a file.
  const clash = { 'here.py': python({ x: { type: 'int' } }), 'fresh.py': py, 'set/a': 'file', 'set/a/b': 'inside' }
  expect((await api.upload(clash, { overwrite: '1', runtime: 'python' })).status).toBe(409)
  expect(readFileSync(at('python/here.py'), 'utf8')).toBe(before)
  expect([existsSync(at('python/fresh.py')), existsSync(at('python/set/a/b'))]).toEqual([false, false])
})

test('sixty files are one upload', async () => {
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`many/data-${n}.txt`, String(n)]))
  const { status, body } = await api.upload(files, { runtime: 'python' })
  expect([status, body.files.length, body.items]).toEqual([201, 60, []])
})

test('what systems leave in folders is skipped, and told', async () => {
  const junk = { 'tidy/.DS_Store': 'x', 'tidy/.git/config': 'x', 'tidy/__pycache__/main.cpython-311.pyc': 'x' }
  const { status, body } = await api.upload({ 'tidy/main.py': py, ...junk })
  expect([status, body.files, body.skipped.sort()]).toEqual([201, ['python/tidy/main.py'], Object.keys(junk).sort()])
  expect(readdirSync(at('python/tidy')).sort()).toEqual(['.main._map.json', 'main.py'])
  expect((await api.upload({ 'tidy/.DS_Store': 'x' })).status).toBe(422)
})
