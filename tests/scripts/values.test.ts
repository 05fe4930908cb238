import { describe, expect, test } from 'bun:test'
import { createRuntimes } from '../../src/runtimes/runtimes.ts'
import { toParams } from '../../src/scripts/args-map.ts'
import { toArguments } from '../../src/scripts/argv.ts'
import { convertParams } from '../../src/scripts/convert.ts'
import type { ArgDeclaration } from '../../src/scripts/model.ts'
import { checkParams, compileCheck, paramsSchema } from '../../src/scripts/typebox.ts'

/** Everything a call goes through: `{ p: value }` or the messages. */
function accept(declaration: ArgDeclaration, raw: Record<string, unknown>, options?: { isForm: boolean }) {
  const params = toParams({ p: declaration })
  const { values, problems } = convertParams(params, raw, options)
  const all = [...problems, ...checkParams(params, compileCheck(params), values)]
  return all.length > 0 ? all.map(({ path, message }) => `${path} ${message}`) : values
}

const int = { type: 'int' }
const str = { type: 'str' }
const bool = { type: 'bool' }

describe('a value becomes its type', () => {
  const rows: [declaration: ArgDeclaration, sent: unknown, expected: unknown][] = [
    [int, '5', 5],
    [int, '-5', -5],
    [int, '+5', 5],
    [int, ' 7 ', 7],
    [int, '007', 7],
    [int, 5, 5],
    [int, '9007199254740991', 9007199254740991],
    [{ type: 'float' }, '1.5', 1.5],
    [{ type: 'float' }, '-1e3', -1000],
    [{ type: 'float' }, '.5', 0.5],
    [{ type: 'float' }, 2, 2],
    ...['true', '1', 'yes', 'on', 'TRUE', 'On'].map((word): [ArgDeclaration, unknown, unknown] => [bool, word, true]),
    ...['false', '0', 'no', 'off', 'False'].map((word): [ArgDeclaration, unknown, unknown] => [bool, word, false]),
    [bool, true, true],
    [str, '5', '5'],
    [str, '', ''],
    [str, '  ', '  '],
    [str, '你好 🎉', '你好 🎉'],
    [{ type: 'json' }, '{"a":[1,null]}', { a: [1, null] }],
    [{ type: 'json' }, { a: 1 }, { a: 1 }],
    [{ type: 'json' }, null, null],
    [{ type: 'json' }, 'null', null],
    [{ type: 'choice', choices: ['a', 'b'] }, 'b', 'b'],
    [{ type: 'choice', choices: [1, 2] }, '2', 2],
    [{ type: 'choice', choices: ['1', 1] }, '1', '1'],
    [{ type: 'int', choices: [10, 20] }, '10', 10],
    [{ type: 'url' }, 'https://例え.jp/路径?q=1', 'https://例え.jp/路径?q=1'],
    [{ type: 'file' }, '/data/tmp/a.csv', '/data/tmp/a.csv'],
    [{ type: 'image' }, '/data/tmp/a.png', '/data/tmp/a.png'],
    [{ type: 'file' }, `data:text/plain,${'x'.repeat(200_000)}`, `data:text/plain,${'x'.repeat(200_000)}`],
    [{ type: 'int', multiple: true }, '5', [5]],
    [{ type: 'int', multiple: true }, ['5', 6], [5, 6]],
    [{ type: 'str', multiple: true }, 'a', ['a']],
    [{ type: 'str', multiple: true }, [], []],
    [{ type: 'colour' }, 'red', 'red'],
    [{ type: 'str', pattern: '^[a-z]+$' }, 'abc', 'abc'],
  ]
  for (const [declaration, sent, expected] of rows)
    test(`${JSON.stringify(declaration)}: ${JSON.stringify(sent).slice(0, 60)}`, () => {
      expect(accept(declaration, { p: sent })).toEqual({ p: expected })
    })
})

describe('a value that does not fit is refused with what it must be', () => {
  const rows: [declaration: ArgDeclaration, sent: unknown, message: RegExp][] = [
    [int, 'abc', /^\/p must be a whole number; got "abc"$/],
    [int, '5.5', /must be a whole number; got "5.5"/],
    [int, '0x10', /whole number/],
    [int, 5.5, /whole number; got 5.5/],
    [int, true, /whole number; got true/],
    [int, '9007199254740993', /between -9007199254740991 and 9007199254740991/],
    [int, 1e300, /between/],
    [{ type: 'int', min: 1, max: 8000 }, '24000', /^\/p must be at most 8000; got 24000$/],
    [{ type: 'int', min: 1 }, 0, /must be at least 1; got 0/],
    [{ type: 'float' }, 'NaN', /must be a number/],
    [{ type: 'float' }, 'Infinity', /must be a number/],
    [{ type: 'float' }, '1e999', /must be a number/],
    [bool, 'maybe', /must be true or false; got "maybe"/],
    [bool, 1, /must be true or false; got 1/],
    [str, 5, /must be a text; got 5/],
    [str, { a: 1 }, /must be a text; got \{"a":1\}/],
    [str, ['a', 'b'], /must be a text; got \["a","b"\]/],
    [str, 'a\0b', /NUL/],
    [str, 'x'.repeat(131_001), /at most 131000 bytes, because Linux/],
    [str, '好'.repeat(50_000), /got 150000/],
    [{ type: 'str', pattern: '^[a-z]+$' }, 'A', /must match the pattern/],
    [{ type: 'json' }, '{a', /must be JSON: /],
    [{ type: 'json' }, { a: 'x'.repeat(140_000) }, /at most 131000 bytes/],
    [{ type: 'choice', choices: ['a', 'b'] }, 'c', /must be one of "a", "b"; got "c"/],
    [{ type: 'choice', choices: [1, 2] }, 3, /must be one of 1, 2; got 3/],
    [{ type: 'url' }, 'example.com', /must be an address such as/],
    [{ type: 'url' }, 'javascript:alert(1)', /must be an address/],
    [{ type: 'int', multiple: true }, ['1', 'x'], /^\/p\/1 must be a whole number; got "x"/],
    [{ type: 'str', multiple: true }, Array.from({ length: 1001 }, () => 'a'), /at most 1000 values; got 1001/],
    [{ type: 'str', required: true, multiple: true }, [], /is required/],
    [{ type: 'int', required: true }, '', /^\/p is required$/],
    [{ type: 'int', required: true }, null, /^\/p is required$/],
  ]
  for (const [declaration, sent, message] of rows)
    test(`${JSON.stringify(declaration)}: ${JSON.stringify(sent).slice(0, 60)}`, () => {
      const messages = accept(declaration, { p: sent })
      expect(messages).toEqual([expect.stringMatching(message)])
    })

  test('a secret is never repeated', () => {
    for (const type of ['int', 'url', 'json'])
      expect(JSON.stringify(accept({ type, secret: true }, { p: 'hunter2' }))).not.toContain('hunter2')
  })

  test('a parameter nobody declared, also one named like a part of every object', () => {
    expect(accept(str, { q: 'x' })).toEqual(['/q is not a parameter; there are: p'])
    const proto = JSON.parse('{"__proto__": "x", "constructor": 1}') as Record<string, unknown>
    expect(accept(str, proto)).toEqual([
      '/__proto__ is not a parameter; there are: p',
      '/constructor is not a parameter; there are: p',
    ])
  })

  test('values that are too long together', () => {
    const params = toParams({ p: { type: 'str', multiple: true } })
    const { problems } = convertParams(params, { p: Array.from({ length: 20 }, () => 'x'.repeat(100_000)) })
    expect(problems).toEqual([{ path: '', message: expect.stringContaining('bytes together') }])
  })
})

describe('what is left out', () => {
  const rows: [
    sentence: string,
    declaration: ArgDeclaration,
    raw: Record<string, unknown>,
    isForm: boolean,
    expected: unknown,
  ][] = [
    ['a default is filled in', { type: 'int', default: 3 }, {}, false, { p: 3 }],
    ['a false default is filled in', { type: 'bool', default: false }, {}, false, { p: false }],
    ['no default, not passed', int, {}, false, {}],
    ['null is left out', int, { p: null }, false, {}],
    ['an empty number is left out', int, { p: '' }, false, {}],
    ['an empty number takes the default', { type: 'int', default: 3 }, { p: '' }, true, { p: 3 }],
    ['an empty text is a text', str, { p: '' }, false, { p: '' }],
    ['an empty text field of a form is left out', str, { p: '' }, true, {}],
    ['an empty choice is left out', { type: 'choice', choices: ['a'] }, { p: '' }, false, {}],
    ['an empty choice that is one', { type: 'choice', choices: ['', 'a'] }, { p: '' }, true, { p: '' }],
    ['an empty file is left out', { type: 'file' }, { p: '' }, false, {}],
    ['an empty one of many is left out', { type: 'int', multiple: true }, { p: '' }, false, {}],
  ]
  test.each(rows)('%s', (_, declaration, raw, isForm, expected) => {
    expect(accept(declaration, raw, { isForm })).toEqual(expected as never)
  })

  test('a default is a copy: no call changes the next one', () => {
    const params = toParams({ p: { type: 'json', default: { list: [] } } })
    expect(convertParams(params, {}).values.p).not.toBe(params[0]?.default)
  })
})

describe('arguments', () => {
  const { python, js } = createRuntimes({ python: { path: '/usr/bin/python3' }, bun: '/usr/bin/bun' })
  const rows: [declaration: ArgDeclaration, value: unknown, inPython: string[], inJs?: string[]][] = [
    [int, 5, ['--p', '5']],
    [int, -5, ['--p=-5'], ['--p', '-5']],
    [{ type: 'float' }, 1e-7, ['--p', '1e-7']],
    [bool, true, ['--p', '1']],
    [bool, false, ['--p', '0']],
    [{ type: 'bool', action: 'store_true' }, true, ['--p']],
    [{ type: 'bool', action: 'store_true' }, false, []],
    [str, 'a "b" $(c); d', ['--p', 'a "b" $(c); d']],
    [str, '', ['--p', '']],
    [str, undefined, []],
    [str, '--help', ['--p=--help'], ['--p', '--help']],
    [{ type: 'str', flag: '-n' }, 'x', ['-n', 'x']],
    [{ type: 'json' }, { a: [1, 'ü'] }, ['--p', '{"a":[1,"ü"]}']],
    [{ type: 'json' }, null, ['--p', 'null']],
    [{ type: 'json' }, 'text', ['--p', '"text"']],
    [{ type: 'str', multiple: true }, ['a', 'b'], ['--p', 'a', '--p', 'b']],
    [{ type: 'str', multiple: true }, [], []],
    [{ type: 'choice', choices: [1, 2] }, 2, ['--p', '2']],
    [{ type: 'file' }, '/tmp/x', ['--p', '/tmp/x']],
  ]
  test.each(rows)('%j: %j', (declaration, value, inPython, inJs = inPython) => {
    const params = toParams({ p: declaration })
    expect(toArguments(params, { p: value }, python)).toEqual(inPython)
    expect(toArguments(params, { p: value }, js)).toEqual(inJs)
  })

  test('in the order of the schema', () => {
    const params = toParams({ z: str, a: str })
    expect(toArguments(params, { a: '1', z: '2' }, js)).toEqual(['--z', '2', '--a', '1'])
  })
})

test('the schema is what OpenAPI shows', () => {
  const params = toParams({
    width: { type: 'int', required: true, min: 1, max: 8000, help: 'Pixels' },
    mode: { type: 'choice', choices: ['fast', 'fine'], default: 'fast' },
    photo: { type: 'image' },
    tags: { type: 'str', multiple: true },
    key: { type: 'str', secret: true, default: 'hunter2' },
  })
  expect(JSON.parse(JSON.stringify(paramsSchema(params)))).toEqual({
    type: 'object',
    additionalProperties: false,
    required: ['width'],
    properties: {
      width: { type: 'integer', minimum: 1, maximum: 8000, description: 'Pixels' },
      mode: {
        anyOf: [
          { const: 'fast', type: 'string' },
          { const: 'fine', type: 'string' },
        ],
        default: 'fast',
      },
      photo: { type: 'string', format: 'binary' },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 1000 },
      key: { type: 'string', format: 'password', writeOnly: true },
    },
  })
})
