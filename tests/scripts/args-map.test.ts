import { describe, expect, test } from 'bun:test'
import { parseArgsMap, toParams } from '../../src/scripts/args-map.ts'
import type { Param } from '../../src/scripts/model.ts'

const parsed = (value: unknown) => {
  const result = parseArgsMap(value)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result
}

describe('a declaration is accepted and every question about it is answered', () => {
  const rows: [sentence: string, declaration: Record<string, unknown>, expected: Partial<Param>][] = [
    ['no flag: -- and the name', { type: 'str' }, { flag: '--width' }],
    ['its own flag', { type: 'str', flag: '-w' }, { flag: '-w' }],
    [
      'nothing said about required',
      { type: 'str' },
      { required: false, help: '', default: undefined, multiple: false },
    ],
    ['required', { type: 'int', required: true, help: 'How wide' }, { required: true, help: 'How wide' }],
    [
      'required with a default: nobody has to send it',
      { type: 'int', required: true, default: 5 },
      { required: false },
    ],
    [
      'null means not written',
      { type: 'int', default: null, min: null, choices: null, help: null },
      { default: undefined },
    ],
    ['a default written as text', { type: 'int', default: '10' }, { default: 10 }],
    ['a default of a bool written as text', { type: 'bool', default: 'no' }, { default: false }],
    ['an empty default of a number', { type: 'int', default: '' }, { default: undefined }],
    ['an empty default of a text', { type: 'str', default: '' }, { default: '' }],
    ['one default of many', { type: 'str', multiple: true, default: 'a' }, { default: ['a'] }],
    ['several defaults', { type: 'int', multiple: true, default: [1, '2'] }, { default: [1, 2] }],
    ['a JSON default', { type: 'json', default: { a: [1] } }, { default: { a: [1] } }],
    ['audio is a file', { type: 'audio' }, { type: 'file', declaredType: 'audio', isUnknownType: false }],
    ['video is a file', { type: 'video' }, { type: 'file', declaredType: 'video' }],
    ['image is a file', { type: 'image' }, { type: 'file', declaredType: 'image' }],
    ['media is a file', { type: 'media' }, { type: 'file', declaredType: 'media' }],
    ['an unknown type', { type: 'colour' }, { type: 'str', declaredType: 'colour', isUnknownType: true }],
    ['choices of texts', { type: 'choice', choices: ['a', 'b'], default: 'b' }, { choices: ['a', 'b'], default: 'b' }],
    ['choices of numbers', { type: 'int', choices: [1, 2], default: '2' }, { choices: [1, 2], default: 2 }],
    ['bounds', { type: 'float', min: 0.5, max: 2 }, { min: 0.5, max: 2 }],
    ['store_true', { type: 'bool', action: 'store_true', required: true }, { storeTrue: true, required: false }],
    ['keys of somebody else', { type: 'str', dest: 'w', metavar: 'W', label: 1 }, { type: 'str' }],
    ['a pattern', { type: 'str', pattern: '^a+$' }, { pattern: '^a+$' }],
    ['a secret', { type: 'str', secret: true }, { secret: true }],
  ]
  test.each(rows)('%s', (_, declaration, expected) => {
    const { params, argsMap } = parsed({ width: declaration })
    expect(params[0]).toMatchObject(expected)
    expect(argsMap).toEqual({ width: declaration } as never)
    expect(toParams(argsMap)).toEqual(params)
  })
})

describe('what is wrong is named with its JSON pointer', () => {
  const rows: [sentence: string, argsMap: unknown, path: string, message: RegExp][] = [
    ['a list', [], '', /must be a JSON object .*; got a list/],
    ['null', null, '', /got null/],
    ['a text', 'x', '', /got a string/],
    ['a declaration that is a text', { width: 'int' }, '/width', /must be an object/],
    ['no type', { width: { flag: '--w' } }, '/width/type', /must be one of str, int, .*there is none/],
    ['a type that is a number', { width: { type: 5 } }, '/width/type', /must be one of str, int, .*got 5/],
    ['a name with a space', { 'a b': { type: 'str' } }, '/a b', /is not a name/],
    ['a name with a slash, escaped', { 'a/b': { type: 'str' } }, '/a~1b', /is not a name/],
    ['a digit first', { '1a': { type: 'str' } }, '/1a', /is not a name/],
    ['__proto__', JSON.parse('{"__proto__": {"type": "str"}}'), '/__proto__', /is not a name/],
    ['constructor', { constructor: { type: 'str' } }, '/constructor', /is not a name/],
    ['a name that objects have', { toString: { type: 'str' } }, '/toString', /is not a name/],
    ['a flag without a dash', { a: { type: 'str', flag: 'a' } }, '/a/flag', /must begin with "-"/],
    ['a flag with a space', { a: { type: 'str', flag: '--a b' } }, '/a/flag', /no space/],
    ['a flag with =', { a: { type: 'str', flag: '--a=' } }, '/a/flag', /no "="/],
    ['a flag that is only dashes', { a: { type: 'str', flag: '--' } }, '/a/flag', /must begin/],
    ['the flag of the schema', { a: { type: 'str', flag: '--_sys_get_schema' } }, '/a/flag', /must not be/],
    ['one flag twice', { a: { type: 'str', flag: '-x' }, b: { type: 'str', flag: '-x' } }, '/b/flag', /belongs to "a"/],
    ['required as a word', { a: { type: 'str', required: 'yes' } }, '/a/required', /must be true or false; got "yes"/],
    ['help as a number', { a: { type: 'str', help: 5 } }, '/a/help', /must be a text/],
    ['a choice without choices', { a: { type: 'choice' } }, '/a/choices', /at least one/],
    ['a choice with none', { a: { type: 'choice', choices: [] } }, '/a/choices', /at least one/],
    ['choices that are no list', { a: { type: 'choice', choices: 'a,b' } }, '/a/choices', /must be a list/],
    ['a choice that is not of the type', { a: { type: 'int', choices: [1, 'b'] } }, '/a/choices/1', /whole number/],
    [
      'a default that is not a choice',
      { a: { type: 'choice', choices: ['x'], default: 'y' } },
      '/a/default',
      /one of "x"/,
    ],
    ['a default below min', { a: { type: 'int', min: 1, default: 0 } }, '/a/default', /must be at least 1; got 0/],
    ['a default of another type', { a: { type: 'int', default: 'ten' } }, '/a/default', /whole number; got "ten"/],
    ['a default against the pattern', { a: { type: 'str', pattern: '^a', default: 'b' } }, '/a/default', /pattern/],
    ['min above max', { a: { type: 'int', min: 5, max: 1 } }, '/a/min', /must not be above max/],
    ['min as a text', { a: { type: 'int', min: 'x' } }, '/a/min', /must be a number/],
    ['a pattern that does not compile', { a: { type: 'str', pattern: '(' } }, '/a/pattern', /regular expression/],
    ['store_true with a text', { a: { type: 'str', action: 'store_true' } }, '/a/action', /"bool"/],
    ['store_true, many', { a: { type: 'bool', action: 'store_true', multiple: true } }, '/a/multiple', /must not/],
  ]
  test.each(rows)('%s', (_, argsMap, path, message) => {
    const result = parseArgsMap(argsMap)
    expect(result.ok).toBe(false)
    const problem = result.ok ? undefined : result.problems.find((item) => item.path === path)
    expect(problem?.message).toMatch(message)
  })

  test('a secret default is not repeated', () => {
    const result = parseArgsMap({ a: { type: 'int', secret: true, default: 'hunter2' } })
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  test('more than 200 parameters', () => {
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`p${i}`, { type: 'str' }]))
    expect(parseArgsMap(many)).toMatchObject({ ok: false, problems: [{ path: '' }] })
  })
})

describe('what is odd but harmless is a warning', () => {
  const rows: [declaration: Record<string, unknown>, warning: RegExp][] = [
    [{ type: 'colour' }, /"\/a\/type" is "colour", a type nobody knows/],
    [{ type: 'str', min: 1 }, /"\/a\/min" is ignored/],
    [{ type: 'bool', choices: ['x'] }, /"\/a\/choices" is ignored/],
    [{ type: 'int', pattern: 'x' }, /"\/a\/pattern" is ignored/],
    [{ type: 'str', action: 'append' }, /"\/a\/action" is ignored/],
  ]
  test.each(rows)('%j', (declaration, warning) => {
    expect(parsed({ a: declaration }).warnings).toEqual([expect.stringMatching(warning)])
  })
})

test('the order of the author is kept', () => {
  const map = { zeta: { type: 'str' }, alpha: { type: 'str' }, mid: { type: 'str' } }
  expect(parsed(map).params.map(({ name }) => name)).toEqual(['zeta', 'alpha', 'mid'])
})
