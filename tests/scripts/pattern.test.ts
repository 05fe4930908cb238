import { describe, expect, test } from 'bun:test'
import { compilePattern } from '../../src/scripts/pattern.ts'
import { parseRegexp } from '../../src/scripts/regexp-parser.ts'
import { createProgram } from '../../src/scripts/regexp-program.ts'
import { cpuMsOf } from '../harness/cost.ts'

describe('the answer is that of JavaScript for', () => {
  const patterns = [
    ...[
      '^[a-z0-9-]+$',
      '^\\d{4}-\\d{2}-\\d{2}$',
      '^(a+)+$',
      '^(\\w+\\s?)*$',
      '(x+x+)+y',
      'a|b|',
      '',
      '()',
      '(?:)',
      'a{2}',
    ],
    ...[
      'a{,2}',
      'a{',
      'a{1',
      'x{2,}y',
      'x{0,3}$',
      '[]',
      '[^]',
      '[\\]a]+',
      '[^\\d\\s]',
      '.',
      '\\.',
      '\\bfoo\\b',
      '\\Boo',
      '^$',
    ],
    ...[
      '(?=.*\\d)(?=.*[a-z]).{8,}',
      '^(?!-).*$',
      '(?!a)b',
      '(?:(?=ab)a)*b',
      '(a*)*b',
      '(a?){3}b',
      '(|a)+b',
      'a??b',
      'a+?b',
      '(?<n>a)b',
    ],
    ...[
      '\\u0061',
      '\\x61',
      '\\cA',
      '\\t',
      '\\0',
      '\\p',
      '\\u{3}',
      '^\\S+@\\S+\\.\\S+$',
      '^.$',
      '^..$',
      '[\\b]',
      'é+',
      '(^a|b)+c',
      'a$|^b',
    ],
    ...[
      '^(https?|ftp):\\/\\/[^\\s/$.?#].[^\\s]*$',
      '^([a-z]+\\.)*[a-z]+$',
      '^(\\d+,)*\\d+$',
      '(?=a){2}a',
      ']',
      '}',
      'a]b}',
    ],
  ]
  const texts = [
    ...[
      '',
      'a',
      'b',
      'aa',
      'ab',
      'aab',
      'abc',
      'foo',
      'a foo b',
      'food',
      'oo',
      '-a',
      '2026-11-21',
      '2026-1-2',
      'abc123de',
      'ABCDEFGH1',
    ],
    ...[
      'xx',
      'xxy',
      'xxxy',
      'y',
      'a{,2}',
      'a{',
      'a{1',
      ']',
      '}',
      'a]b}',
      '[',
      'é',
      'éé',
      '😀',
      '\n',
      'a\nb',
      '\u2028',
      '\t',
      '\0',
      '\x01',
      '\b',
      'p',
      'uuu',
    ],
    ...[
      'a@b.c',
      '@.',
      'https://x.y/z',
      'ftp://',
      'a.b.c',
      'a..b',
      '1,2,3',
      '1,,2',
      'word and word ',
      'c',
      'bac',
      'bc',
      'ac',
      ' ',
    ],
  ]
  test.each(patterns.map((pattern) => [pattern]))('%s', (pattern) => {
    const native = new RegExp(pattern)
    const { node, isPlain } = parseRegexp(pattern)
    const program = createProgram(node)
    const given = compilePattern(pattern)
    const wrong = texts.filter(
      (text) => (isPlain && program(text) !== native.test(text)) || given(text) !== native.test(text),
    )
    expect(wrong).toEqual([])
  })

  test('3,000 patterns and texts that a seed makes', () => {
    const random = mulberry(20261121)
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!
    const pieces = ['a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\d', '1', ' ', '^', '$', '\\b', '\\B', '-']
    const make = (depth: number): string => {
      const kind = random()
      if (depth === 0 || kind < 0.35) return pick(pieces)
      if (kind < 0.6) return make(depth - 1) + make(depth - 1)
      if (kind < 0.72) return `(${make(depth - 1)}|${make(depth - 1)})`
      if (kind < 0.8) return `(?${pick(['=', '!'])}${make(depth - 1)})`
      return `(?:${make(depth - 1)})${pick(['*', '+', '?', '{2}', '{1,2}', '{0,3}', '{2,}', '*?'])}`
    }
    const wrong: string[] = []
    for (let n = 0; n < 3000; n++) {
      const pattern = make(4)
      const native = new RegExp(pattern)
      const program = createProgram(parseRegexp(pattern).node)
      for (let m = 0; m < 4; m++) {
        const text = Array.from({ length: Math.floor(random() * 7) }, () => pick(['a', 'b', 'c', '1', ' ', '-'])).join(
          '',
        )
        if (program(text) !== native.test(text)) wrong.push(`/${pattern}/ on ${JSON.stringify(text)}`)
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('no pattern holds up the gateway:', () => {
  const rows: [string, string][] = [
    ['^(a+)+$', `${'a'.repeat(100_000)}!`],
    ['^(a|a)*$', `${'a'.repeat(100_000)}!`],
    ['^(a|aa)+$', `${'a'.repeat(100_000)}!`],
    ['a*a*a*a*a*b', 'a'.repeat(100_000)],
    ['(.*)(.*)(.*)(.*)(.*)x$', 'a'.repeat(100_000)],
    ['\\s+$', `${' '.repeat(100_000)}x`],
    [`${'a?'.repeat(40)}${'a'.repeat(40)}`, 'a'.repeat(39)],
    [`^${'(a|b|ab)'.repeat(40)}$`, 'ab'.repeat(60)],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(100_000)],
    ['(?:(?=.*x)a)*b', 'a'.repeat(100_000)],
    ['^(a{1,50}){1,50}$', `${'a'.repeat(3000)}!`],
    ['(x+x+)+y', 'x'.repeat(100_000)],
  ]
  test.each(rows)('%s', async (pattern, text) => {
    const matches = compilePattern(pattern)
    let isMatch: unknown
    const cpuMs = await cpuMsOf(() => {
      isMatch = matches(text)
    })
    expect(isMatch).not.toBe(true)
    expect(cpuMs).toBeLessThan(5000) // JavaScript's own matcher would take years
  })

  test.each([
    ['(.*)(.*)(.*)\\1x', 'may take for ever'],
    ['(?<=(a+)+)b', 'may take for ever'],
    ['((a{100}){100}|(b*)*){100}', 'more than 20000 parts'],
    ['(', ''],
  ])('%s is no pattern', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message)
  })

  test.each([
    ['^(["\']).*\\1$', '"quoted"', '"quoted\''],
    ['(?<=\\$)\\d+', '$5', '5'],
  ])('%s is left to JavaScript, up to 1,000 characters', (pattern, fit, unfit) => {
    const matches = compilePattern(pattern)
    expect([matches(fit), matches(unfit)]).toEqual([true, false])
  })
})

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
