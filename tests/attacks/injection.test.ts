/** Values that mean something elsewhere: to SQL, JSON, a log, a header, a program, the prototype of every object. */
import { describe, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLog } from '../../src/log.ts'
import type { Run } from '../../src/runs/model.ts'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { cpuMsOf } from '../harness/cost.ts'
import { eventually, tempFolder } from '../harness/folder.ts'

const say = (body: string) =>
  pythonScript({ text: { type: 'str' }, note: { type: 'str' }, data: { type: 'json' } }, body)
const logFile = join(tempFolder(), 'gateway.log')
const gateway = await startApp(
  {
    'python/echo.py': say('print(json.dumps({key: value for key, value in args.items() if value is not None}))'),
    'js/takes-file.js': javascriptScript({ doc: { type: 'file' } }, ''),
    'python/fail.py': say('print(args["text"], file=sys.stderr); sys.exit(3)'),
    'js/say.js': javascriptScript(
      { text: { type: 'str' }, note: { type: 'str' } },
      'console.log(JSON.stringify(args))',
    ),
    'python/slow_pattern.py': pythonScript({ text: { type: 'str', pattern: '^(a+)+$' } }, 'print("ran")'),
    'python/leave.py': pythonScript(
      { name: { type: 'str' } },
      'open(os.path.join(os.environ["OUTPUT_DIR"], args["name"]), "w").write("left")',
    ),
  },
  {},
  { log: createLog({ file: logFile, level: 'info' }) },
)

const post = (script: string, body: unknown, init: RequestInit = {}) =>
  gateway.json<Record<string, unknown> & { data?: unknown }>(`/api/scripts/${script}/run`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
  })

describe('the name of a member, field or query that is one of every object', () => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'constructor[prototype][x]',
    '__proto__.x',
    '__defineGetter__',
  ]
  const bodies: [string, (name: string) => Promise<{ status: number }>][] = [
    ['JSON', (name) => post('echo', `{"text":"a",${JSON.stringify(name)}:{"polluted":true}}`)],
    ['JSON inside a value', (name) => post('echo', `{"data":{${JSON.stringify(name)}:{"polluted":true}}}`)],
    [
      'a form',
      (name) =>
        post('echo', `${name}[polluted]=1&${name}=1`, {
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        }),
    ],
    ['a query', (name) => gateway.json(`/api/scripts/echo/run?${name}=1&${name}[polluted]=1`)],
    ['a filter', (name) => gateway.json(`/api/runs?${name}=1`)],
    [
      'settings',
      (name) =>
        gateway.json('/api/settings', {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: `{${JSON.stringify(name)}:{"polluted":true}}`,
        }),
    ],
    [
      'a policy',
      (name) =>
        gateway.json('/api/scripts/echo/policy', {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: `{${JSON.stringify(name)}:{"polluted":true}}`,
        }),
    ],
    [
      'a description',
      (name) =>
        gateway.json('/api/scripts/echo', {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: `{${JSON.stringify(name)}:{"polluted":true}}`,
        }),
    ],
    [
      'a rerun',
      (name) =>
        gateway.json('/api/runs/1/rerun', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: `{${JSON.stringify(name)}:{"polluted":true}}`,
        }),
    ],
    ['an address', (name) => gateway.json(`/api/scripts/${name}`)],
  ]
  test.each(bodies)('in %s is a name and no more', async (what, ask) => {
    await post('echo', { text: 'the first run' })
    const before = Object.getOwnPropertyNames(Object.prototype).join()
    const answers = await Promise.all(names.map(ask))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before)
    const statuses = new Set(answers.map(({ status }) => status))
    if (what === 'JSON inside a value') expect(statuses).toEqual(new Set([200]))
    else expect([...statuses].filter((status) => status < 400 || status >= 500)).toEqual([])
  })
})

test('a member that no message can hold is refused, and the answer says which', async () => {
  for (const body of ['{"name":{"toString":1}}', '{"__proto__":{}}', '[{"a":[{"toString":{}}]}]']) {
    const { status, body: answer } = await gateway.json<{ error: { message: string } }>('/api/users', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect([status, answer.error.message]).toEqual([400, expect.stringMatching(/"(toString|__proto__)" cannot be/)])
  }
})

describe('JSON that is a bomb is answered in no time:', () => {
  const rows: [string, string, number][] = [
    ['100,000 levels', `{"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400],
    ['100,000 levels without an end', `{"data":${'{"a":'.repeat(100_000)}`, 400],
    ['a number of 100,000 digits', `{"data":${'9'.repeat(100_000)}}`, 200],
    ['1e400', '{"data":1e400}', 200],
    ['-0.0000001e-400', '{"data":-0.0000001e-400}', 200],
    ['a million numbers', `{"data":[${'1,'.repeat(1_000_000)}1]}`, 422],
    ['500,000 members', `{${Array.from({ length: 500_000 }, (_, n) => `"${n}":1`).join()}}`, 413],
    ['a member twice', '{"text":"first","text":"second"}', 200],
    ['a text of 10 MB', `{"text":"${'x'.repeat(10_000_000)}"}`, 422],
    ['half a surrogate', '{"text":"\\ud800"}', 200],
    ['a text as the whole', '"x"', 400],
    ['a list as the whole', '[]', 400],
    ['null', 'null', 400],
    ['two values', '{}{}', 400],
    ['NaN', '{"data":NaN}', 400],
  ]
  test.each(rows)('%s', async (_, body, status) => {
    let answered = 0
    const cpuMs = await cpuMsOf(async () => {
      answered = (await post('echo', body)).status
    })
    expect(answered).toBe(status)
    expect(cpuMs).toBeLessThan(4000)
  })
})

test('a pattern that takes for ever holds up nobody', async () => {
  let statuses: number[] = []
  const cpuMs = await cpuMsOf(async () => {
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => post('slow-pattern', { text: `${'a'.repeat(100_000)}!` })),
      post('slow-pattern', { text: 'aaaa' }),
    ])
    statuses = answers.map(({ status }) => status)
  })
  expect(statuses).toEqual([422, 422, 422, 422, 422, 200])
  expect(cpuMs).toBeLessThan(5000)
})

test('globs of the settings take no time either', async () => {
  const globs = [
    `/${'a*'.repeat(30)}b`,
    `/${'**/*a'.repeat(20)}b`,
    `/${'{a,b,*}'.repeat(20)}z`,
    `/${'[a-z]*'.repeat(30)}Z`,
  ]
  const set = (value: unknown) =>
    gateway.json('/api/settings', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ local_file_access_patterns: value, scan_ignore_patterns: value }),
    })
  expect((await set(globs)).status).toBe(200)
  const statuses: number[] = []
  const cpuMs = await cpuMsOf(async () => {
    await gateway.json('/api/scripts/scan', { method: 'POST' })
    for (const path of [`/${'a'.repeat(4000)}`, `/${'a/'.repeat(2000)}x`, `/${'ab'.repeat(2000)}`])
      statuses.push((await post('takes-file', { doc: path })).status)
  })
  for (const status of statuses) expect([403, 422]).toContain(status)
  expect(cpuMs).toBeLessThan(5000)
  expect((await set(null)).status).toBe(200)
})

describe('in SQL', () => {
  const tricks = [
    ...[
      "' OR 1=1 --",
      "'; DROP TABLE runs; --",
      '" OR ""="',
      '1; DELETE FROM runs',
      '\\',
      "\\'",
      '%',
      '_',
      '%%%',
      'a_b',
      '[a-z]',
      '*',
      '?',
    ],
    ...[
      '\u{1f600}',
      "' UNION SELECT sql FROM sqlite_master --",
      '%27%20OR%201=1',
      '{"$ne":null}',
      'NULL',
      '||',
      'x'.repeat(200),
    ],
  ]
  test.each(tricks.map((trick) => [trick]))('%j is searched for as it is', async (trick) => {
    await post('fail', { text: `here ${trick} there` })
    const { items } = (await gateway.json<{ items: Run[] }>('/api/runs?page_size=200')).body
    const holds = (text: string | null, part: string) => text?.toLowerCase().includes(part.toLowerCase())
    const expected = items.filter(
      ({ params, reason, stderr }) =>
        holds(JSON.stringify(params), JSON.stringify(trick).slice(1, -1)) ||
        holds(reason, trick) ||
        holds(stderr, trick),
    )
    const found = await gateway.json<{ items: Run[] }>(`/api/runs?page_size=200&q=${encodeURIComponent(trick)}`)
    expect(found.body.items.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
  })

  const places = [
    'script_id',
    'status',
    'trigger',
    'retry_of',
    'from',
    'to',
    'page',
    'page_size',
    'sort',
    'order',
    'before',
    'after',
  ]
  test.each(places)('a trick in %s is refused', async (place) => {
    for (const trick of ["1' OR '1'='1", '1; DROP TABLE runs', '1 UNION SELECT 1', "'", 'id DESC'])
      expect([trick, (await gateway.fetch(`/api/runs?${place}=${encodeURIComponent(trick)}`)).status]).toEqual([
        trick,
        422,
      ])
  })

  test('nothing was lost', async () => {
    expect((await gateway.json<{ total: number }>('/api/runs')).body.total).toBeGreaterThan(20)
  })
})

describe('an option is a value:', () => {
  // Not `--` alone: from `--text=--` Python's own argparse makes an empty list.
  const values = [
    '--_sys_get_schema',
    '--note=x',
    '-h',
    '--help',
    '-',
    '--text',
    '-c',
    '@/etc/passwd',
    '$(id)',
    '`id`',
    '; id',
    '| id',
    '&& id',
    '%s%n',
    '~',
    '*',
  ]
  test.each(values)('%s', async (value) => {
    const { status, body } = await post('echo', { text: value })
    expect([status, body.data]).toEqual([200, { text: value }])
    const js = await post('say', { text: value })
    const schema = { text: { type: 'str' }, note: { type: 'str' } } // which a script without a parser prints of itself, and no more
    expect([js.status, js.body.data]).toEqual([200, value === '--_sys_get_schema' ? schema : ['--text', value]])
  })
})

const nasty = 'a\r\nSet-Cookie: evil=1\r\n\r\n<script>\u2028\u2029\u001b[31m\u0007\u202e{"level":60}'

describe('one entry of the log is one line, whatever is in it:', () => {
  test('names of files, parameters, headers, addresses', async () => {
    mkdirSync(join(gateway.scriptsDir, 'python/evil\n{"level":60,"msg":"forged"}\u001b[31m'), { recursive: true })
    writeFileSync(join(gateway.scriptsDir, 'python/evil\n{"level":60,"msg":"forged"}\u001b[31m/x\r\n.py'), say('pass'))
    writeFileSync(
      join(gateway.scriptsDir, 'python/evil\n{"level":60,"msg":"forged"}\u001b[31m/.x\r\n.policy.json'),
      '{"limits": ',
    )
    await gateway.json('/api/scripts/scan', { method: 'POST' })
    await post(
      'fail',
      { text: nasty },
      { headers: { 'user-agent': 'x\u00a0\u001b'.replace('\u001b', ''), 'idempotency-key': 'a\tb' } },
    )
    await post(encodeURIComponent(nasty), {})
    await gateway.fetch(`/${encodeURIComponent(nasty)}?${encodeURIComponent(nasty)}=1`)
    await eventually('the log has something', () => readFileSync(logFile, 'utf8').length > 0)
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n')
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(entries.filter(({ msg }) => msg === 'forged')).toEqual([])
    expect(lines.join('').match(/[\u0000-\u001f]/)).toBeNull()
  })

  test('lines of a run, in its log, its events and its reason', async () => {
    const { body } = await post('fail', { text: nasty })
    const id = body.run_id as number
    const text = await (await gateway.fetch(`/api/runs/${id}/events`)).text()
    const events = text.split('\n').filter((line) => line !== '' && !/^(id|event|data|:)/.test(line))
    expect(events).toEqual([])
    expect((text.match(/^event: /gm) ?? []).length).toBe(
      (text.match(/^event: (execution_started|log_output|execution_error|execution_finished)$/gm) ?? []).length,
    )
  })
})

describe('a header is one header:', () => {
  test.each([
    ['quotes and a line break', 'a"; filename="b.exe\r\nX-Evil: 1'],
    ['HTML', '<img src=x onerror=alert(1)>.html'],
    ['a separator of lines', 'a\u2028b\u2029.txt'],
    ['a name that turns around', 'exe.\u202egpj'],
    ['a percent sign', "%0d%0aX-Evil: 1'*.txt"],
    ['a formula', '=cmd|calc!A1.csv'],
  ])('%s in the name of a file that a script left', async (_, name) => {
    const { status, body } = await post('leave', { name })
    expect(status).toBe(200)
    const files = (body.files ?? []) as { url: string; filename: string }[]
    expect(files.map(({ filename }) => filename)).toEqual([name])
    const response = await fetch(files[0]!.url)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-evil')).toBeNull()
    expect(response.headers.get('content-disposition')).toMatch(
      /^(attachment|inline); filename="[\x20-\x7e]*"; filename\*=UTF-8''[\w%!.~-]+$/,
    )
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('a place to go to is never one of somebody else', async () => {
    for (const path of [
      '//evil.example',
      '/\\evil.example',
      '/%0d%0aX-Evil:1',
      '/scripts//evil.example/',
      '/executions/%2f%2fevil.example',
    ]) {
      const response = await gateway.fetch(path, { redirect: 'manual' })
      expect([path, response.headers.get('x-evil')]).toEqual([path, null])
      expect(response.headers.get('location') ?? '/').toMatch(/^\/(?![/\\])/)
    }
  })
})
