/** Finding, making, describing and deleting scripts over HTTP, on a real gateway. */
import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Script } from '../../src/scripts/model.ts'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'
import { type ApiError, createApi, jsonInit, newScript } from './api.ts'
import { python } from './lab.ts'

const app = await startApp(
  {
    'python/resize.py': python({ width: { type: 'int' } }, 'Makes pictures smaller.'),
    'python/tools/clean.py': python({}, 'Sweeps.'),
    'python/tools/deep/dig.py': python({}),
    'python/broken.py': 'no entry point',
    'js/resize.js': javascriptScript({ text: { type: 'str' } }, 'console.log(args.length)'),
  },
  {},
  { isolation: unconfined },
)
const api = createApi(app)
const outside = tempFolder()
const at = (path: string) => join(app.scriptsDir, path)

test.each<[string, string, RequestInit, number, string]>([
  ['a script that is not there', '/api/scripts/99', {}, 404, 'not_found'],
  ['a slug that is not there', '/api/scripts/nobody/schema', {}, 404, 'not_found'],
  ['the content of none', '/api/scripts/nobody/content', {}, 404, 'not_found'],
  ['to delete none', '/api/scripts/99', { method: 'DELETE' }, 404, 'not_found'],
  ['to change none', '/api/scripts/99', jsonInit('PATCH', {}), 404, 'not_found'],
  ['to end runs of none', '/api/scripts/99/terminate', { method: 'POST' }, 404, 'not_found'],
  ['to ask none again', '/api/scripts/99/rescan', { method: 'POST' }, 404, 'not_found'],
  ['a state that is none', '/api/scripts?state=asleep', {}, 422, 'validation'],
  ['a page 0', '/api/scripts?page=0', {}, 422, 'validation'],
  ['a page of 1,000', '/api/scripts?page_size=1000', {}, 422, 'validation'],
  ['a question that is not known', '/api/scripts?colour=red', {}, 422, 'validation'],
  ['a choice of schema that is none', '/api/scripts/1/schema', jsonInit('POST', { use: 'mine' }), 422, 'validation'],
  ['a template that is not there', '/api/templates/perl', {}, 404, 'not_found'],
  ['JSON that is none', '/api/scripts', { ...jsonInit('POST', 1), body: '{' }, 400, 'validation'],
])('refused: %s', async (_, path, init, status, type) => {
  const { status: got, body } = await app.json<ApiError>(path, init)
  expect([got, body.error.type]).toEqual([status, type])
})

test.each<[string, Record<string, unknown>, number, string]>([
  ['the way up', { filename: '../evil.py' }, 422, '/filename'],
  ['the way up in the middle', { filename: 'tools/../../evil.py' }, 422, '/filename'],
  ['an absolute path', { filename: '/etc/evil.py' }, 422, '/filename'],
  ['a backslash', { filename: '..\\evil.py' }, 422, '/filename'],
  ['a NUL', { filename: 'a\0.py' }, 422, '/filename'],
  ['a name that turns around', { filename: 'a\u202eyp.py' }, 422, '/filename'],
  ['an empty segment', { filename: 'a//b.py' }, 422, '/filename'],
  ['no name', { filename: '' }, 422, '/filename'],
  ['a hidden file', { filename: '.hidden.py' }, 422, '/filename'],
  ['a hidden folder', { filename: '.git/x.py' }, 422, '/filename'],
  ['a skipped name', { filename: '_helper.py' }, 422, '/filename'],
  ['a skipped folder', { filename: '_old/x.py' }, 422, '/filename'],
  ['an ignored name', { filename: 'test_x.py' }, 422, '/filename'],
  ['an ignored folder', { filename: 'node_modules/x.py' }, 422, '/filename'],
  ["another runtime's ending", { filename: 'x.js' }, 422, '/filename'],
  ['no ending', { filename: 'x' }, 422, '/filename'],
  ['a folder like a script', { filename: 'a.py/b.py' }, 422, '/filename'],
  ['nine folders', { filename: '1/2/3/4/5/6/7/8/9/x.py' }, 422, '/filename'],
  ['a name that is too long', { filename: `${'x'.repeat(300)}.py` }, 422, '/filename'],
  ['a space at the end', { filename: 'tools /x.py' }, 422, '/filename'],
  ['an unknown runtime', { runtime: 'perl' }, 422, '/runtime'],
  ['half a surrogate pair', { content: '# \ud800' }, 422, '/content'],
  ['content that is no text', { content: 7 }, 422, '/content'],
  ['an unknown member', { colour: 'red' }, 422, '/colour'],
  ['21 tags', { tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }, 422, '/tags'],
  ['a tag with a comma', { tags: ['a,b'] }, 422, '/tags/0'],
  ['an empty tag', { tags: ['ok', '  '] }, 422, '/tags/1'],
  ['a tag of two lines', { tags: ['a\nb'] }, 422, '/tags/0'],
  ['a tag that is too long', { tags: ['x'.repeat(41)] }, 422, '/tags/0'],
  ['an alias of two lines', { alias: 'a\nb' }, 422, '/alias'],
])('a new script is refused: %s', async (_, about, status, path) => {
  const before = readdirSync(app.scriptsDir, { recursive: true }).sort()
  const { status: got, body } = await api.create(about)
  expect([got, body.error?.details?.[0]?.path]).toEqual([status, path])
  expect(readdirSync(app.scriptsDir, { recursive: true }).sort()).toEqual(before)
})

test('what is wrong with a name is a sentence, whatever comes before it', async () => {
  const { body } = await api.create({ filename: '../../evil.py' })
  const message = '"../../evil.py" must not have ".." in its path'
  expect(body.error).toMatchObject({ message: `filename ${message}`, details: [{ path: '/filename', message }] })
})

test('a new script is refused where there is a file, and the file stays', async () => {
  const { status, body } = await api.create({ filename: 'resize.py', content: '' })
  expect([status, body.error.type]).toEqual([409, 'conflict'])
  expect(readFileSync(at('python/resize.py'), 'utf8')).toContain('Makes pictures smaller.')
})

test('a new script is refused behind a link that leads out of the scripts folder', async () => {
  symlinkSync(outside, at('python/elsewhere'))
  symlinkSync(join(outside, 'nothing'), at('python/dangling'))
  for (const filename of ['elsewhere/x.py', 'dangling/x.py']) {
    const { status, body } = await api.create({ filename })
    expect([status, body.error.type]).toEqual([403, 'forbidden'])
  }
  expect(readdirSync(outside)).toEqual([])
})

test('a new helper module is refused, and not left behind', async () => {
  const { status, body } = await api.create({ filename: 'tools/helper.py', content: 'def help(): pass\n' })
  expect([status, body.error.message]).toEqual([422, expect.stringContaining('entry point')])
  expect(existsSync(at('python/tools/helper.py'))).toBe(false)
})

test.each<[string, Record<string, unknown>, Partial<Script>]>([
  [
    'with all that can be said',
    { filename: 'full.py', alias: ' Full ', description: 'All of it.', tags: [' a ', 'A', 'b'] },
    { slug: 'full', alias: 'Full', description: 'All of it.', tags: ['a', 'b'], state: 'active', group: '' },
  ],
  [
    'in a Chinese group with a Chinese name',
    { filename: '工具/图片 缩放.py' },
    { filename: '工具/图片 缩放.py', group: '工具', state: 'active' },
  ],
  ['in a deep group', { filename: '1/2/3/4/5/6/7/8/x.py' }, { group: '1/2/3/4/5/6/7/8', state: 'active' }],
  [
    'in JavaScript',
    { runtime: 'js', filename: 'new.mjs', content: javascriptScript({}, 'console.log(1)') },
    { runtime: 'js', state: 'active' },
  ],
  [
    'that is broken',
    { filename: 'oops.py', content: 'print(' },
    { state: 'error', error: expect.stringContaining('entry point') },
  ],
])('a new script %s', async (_, about, expected) => {
  const { status, headers, body } = await api.create(about)
  expect([status, body]).toEqual([201, expect.objectContaining(expected)])
  expect(headers.get('location')).toBe(`/api/scripts/${body.id}`)
  expect((await api.get(body.slug)).body).toEqual(body)
  expect(await api.text(body.id)).toBe(String(about.content ?? newScript().content))
})

test('of two new scripts with one name at once, one wins', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => api.create({ filename: 'twice.py' })))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
})

test.each<[string, string, string[]]>([
  ['a word of the description', 'q=PICTURES', ['resize.py']],
  ['two words from different places', 'q=resize+pictures', ['resize.py']],
  ['nothing that is there', 'q=unicorn', []],
  ['a runtime', 'runtime=js&q=resize', ['resize.js']],
  ['a state', 'state=error&q=broken', ['broken.py']],
  ['a group with what is in it', 'group=tools', ['tools/clean.py', 'tools/deep/dig.py']],
  ['a group, not one that begins like it', 'group=tool', []],
  ['a page after the last', 'group=tools&page=3&page_size=1', []],
])('the list: %s', async (_, query, filenames) => {
  const { status, body } = await app.json<{ items: Script[]; total: number; page: number }>(`/api/scripts?${query}`)
  expect([status, body.items.map(({ filename }) => filename).sort()]).toEqual([200, filenames])
})

test('the list has every script once over all pages', async () => {
  const { body } = await app.json<{ total: number; page_size: number }>('/api/scripts')
  const ids: number[] = []
  for (let page = 1; ids.length < body.total; page++) {
    const { body: one } = await app.json<{ items: Script[] }>(`/api/scripts?page=${page}&page_size=3`)
    ids.push(...one.items.map(({ id }) => id))
  }
  expect(new Set(ids).size).toBe(body.total)
})

describe('what is said about a script', () => {
  test.each<[string, unknown]>([
    ['an unknown member', { colour: 'red' }],
    ['a state that cannot be set', { state: 'missing' }],
    ['tags that are none', { tags: 'a' }],
    ['its id', { id: 7 }],
    ['nothing that is an object', 'x'],
  ])('refused: %s', async (_, body) => {
    expect((await api.change('resize', body)).status).toBe(422)
  })

  test('changes by PATCH and by PUT, and what is left out stays', async () => {
    await api.change('clean', { alias: 'Broom', tags: ['house'] })
    const { body } = await api.change('clean', { description: 'Sweeps well.' }, 'PUT')
    expect(body).toMatchObject({ alias: 'Broom', tags: ['house'], description: 'Sweeps well.' })
    expect((await api.change('clean', { alias: '', description: '' })).body).toMatchObject({
      alias: null,
      description: 'Sweeps.',
    })
    expect((await app.json<{ items: unknown[] }>('/api/tags')).body.items).toContainEqual({ name: 'house', count: 1 })
    expect((await app.json<{ items: Script[] }>('/api/scripts?tag=HOUSE')).body.items.map(({ slug }) => slug)).toEqual([
      'clean',
    ])
  })

  test('an inactive script cannot be called, an active one can', async () => {
    expect((await api.change('dig', { state: 'inactive' })).body.state).toBe('inactive')
    expect((await app.fetch('/api/scripts/dig/run')).status).toBe(409)
    await app.json('/api/scripts/scan', { method: 'POST' })
    expect((await api.get('dig')).body.state).toBe('inactive')
    expect((await api.change('dig', { state: 'active' })).body.state).toBe('active')
    expect((await app.fetch('/api/scripts/dig/run')).status).toBe(200)
  })
})

test('the schema from every side, and a difference settled either way', async () => {
  await app.drop('python/two.py', python({ own: { type: 'int' } }))
  writeFileSync(at('python/.two._map.json'), JSON.stringify({ mine: { type: 'str' } }))
  await app.json('/api/scripts/scan', { method: 'POST' })
  const { body } = await app.json('/api/scripts/two/schema')
  expect(body).toMatchObject({
    source: 'sidecar',
    differs: true,
    sidecar: '.two._map.json',
    own: { own: { type: 'int' } },
  })
  expect(body).toMatchObject({
    args_map: { mine: { type: 'str' } },
    json_schema: { properties: { mine: { type: 'string' } } },
  })

  const kept = await app.json('/api/scripts/two/schema', jsonInit('POST', { use: 'sidecar' }))
  expect(kept.body).toMatchObject({ source: 'sidecar', differs: false })
  const own = await app.json('/api/scripts/two/schema', jsonInit('POST', { use: 'script' }))
  expect(own.body).toMatchObject({ source: 'script', differs: false, args_map: { own: { type: 'int' } } })
})

test('a script is asked again on demand, and a scan says what it found', async () => {
  const { body } = await app.json('/api/scripts/resize/rescan', { method: 'POST' })
  expect(body).toMatchObject({ asked: 1, changed: [] })
  const scan = await app.json('/api/scripts/scan', { method: 'POST' })
  expect(scan.body).toMatchObject({ files: expect.any(Number), asked: 0, duration_ms: expect.any(Number) })
})

describe('deleting', () => {
  const waiting = pythonScript({}, 'print("here", flush=True)\ntime.sleep(60)')

  test('ends the runs, and leaves nothing of script, runs, logs and results', async () => {
    const { id } = await app.drop('python/tools/slow.py', waiting)
    writeFileSync(at('python/tools/notes.txt'), 'stay')
    const headers = { prefer: 'respond-async' }
    const { body: run } = await app.json<{ run_id: number }>('/api/scripts/slow/run', { method: 'POST', headers })
    const log = app.app.runs.logPath(run.run_id)
    await eventually('the run prints', () => existsSync(log) && readFileSync(log, 'utf8').includes('here'))
    const results = join(app.dataDir, 'static/slow')
    mkdirSync(results, { recursive: true })

    expect((await api.delete('slow')).status).toBe(204)
    expect((await app.fetch(`/api/runs/${run.run_id}`)).status).toBe(404)
    expect((await api.get(id)).status).toBe(404)
    expect(
      [log, results, at('python/tools/slow.py'), at('python/tools/.slow._map.json')].filter((path) => existsSync(path)),
    ).toEqual([])
    expect(app.app.runs.counts()).toEqual({ running: 0, queued: 0 })
    expect(existsSync(at('python/tools/notes.txt'))).toBe(true)
    expect((await app.fetch('/api/scripts/slow/run')).status).toBe(404)
  })

  test('a name that was deleted can be used again, with a new id', async () => {
    const { body: first } = await api.create({ filename: 'again.py' })
    await api.delete(first.id)
    const { status, body: second } = await api.create({ filename: 'again.py' })
    expect([status, second.slug]).toEqual([201, 'again'])
    expect(second.id).toBeGreaterThan(first.id)
  })

  test('works for a script whose file has vanished', async () => {
    const { body } = await api.create({ filename: 'gone.py' })
    await Bun.file(at('python/gone.py')).delete()
    expect((await api.delete(body.id)).status).toBe(204)
    expect(existsSync(at('python/.gone._map.json'))).toBe(false)
  })

  test('a link that leads out goes, and what it leads to stays', async () => {
    writeFileSync(join(outside, 'target.py'), python({}))
    symlinkSync(join(outside, 'target.py'), at('python/linked.py'))
    await app.json('/api/scripts/scan', { method: 'POST' })
    expect((await app.fetch('/api/scripts/linked/content')).status).toBe(403)
    expect((await api.delete('linked')).status).toBe(204)
    expect([existsSync(at('python/linked.py')), existsSync(join(outside, 'target.py'))]).toEqual([false, true])
  })

  test('the sidecar stays while another script of its name needs it', async () => {
    await app.drop('js/pair.js', javascriptScript({}, 'console.log(1)'))
    await app.drop('js/pair.ts', javascriptScript({}, 'console.log(1)'))
    const scripts = (await app.json<{ items: Script[] }>('/api/scripts?q=pair')).body.items
    const loser = scripts.find(({ state }) => state === 'error')
    expect((await api.delete(loser?.id ?? 0)).status).toBe(204)
    expect(existsSync(at('js/.pair._map.json'))).toBe(true)
  })

  test('while the script is being asked leaves no sidecar behind', async () => {
    const { body } = await api.create({ filename: 'asked.py' })
    const marker = join(outside, 'asked')
    const slow = `# answers --_sys_get_schema\nimport sys, time\nopen(${JSON.stringify(marker)}, "w").close()\ntime.sleep(0.4)\nprint('{"a": {"type": "int"}}')\nif __name__ == "__main__": pass\n`
    const put = api.put(body.id, slow, '*')
    await eventually('the script is asked', () => existsSync(marker))
    expect((await api.delete(body.id)).status).toBe(204)
    expect((await put).status).toBe(404)
    expect(existsSync(at('python/.asked._map.json'))).toBe(false)
  })

  test('at once from two clients is no fault', async () => {
    const { body } = await api.create({ filename: 'both.py' })
    const answers = await Promise.all([api.delete(body.id), api.delete(body.id)])
    for (const { status } of answers) expect([204, 404]).toContain(status)
  })
})

test('every run of a script can be ended at once', async () => {
  await app.drop('python/many.py', pythonScript({}, 'time.sleep(60)'))
  const start = () => app.json<{ run_id: number }>('/api/scripts/many/run?async=1', { method: 'POST' })
  const ids = (await Promise.all([start(), start()])).map(({ body }) => body.run_id)
  const { body } = await app.json<{ run_ids: number[] }>('/api/scripts/many/terminate', { method: 'POST' })
  expect(body.run_ids.sort()).toEqual(ids.sort())
  for (const id of ids) expect((await app.finished(id)).status).toBe('cancelled')
})

test.each(['python', 'js'])('the %s template is a script that works as it is', async (runtime) => {
  const { body: template } = await app.json<{ filename: string; content: string }>(`/api/templates/${runtime}`)
  const { body: script } = await api.create({ runtime, filename: template.filename, content: template.content })
  expect(script).toMatchObject({ state: 'active', description: 'Count the words of a text.', warnings: [] })
  const { body } = await app.json(
    `/api/scripts/${script.id}/run`,
    jsonInit('POST', { text: 'The cat, the hat!', ignore: ['hat'] }),
  )
  expect(body).toMatchObject({
    data: [
      { word: 'the', count: 2 },
      { word: 'cat', count: 1 },
    ],
  })
})
