import { describe, expect, test } from 'bun:test'
import { createLineSplitter } from '../../src/logs/log-lines.ts'
import { createMask, masked, maskSecrets, noMask } from '../../src/logs/mask.ts'
import { toParams } from '../../src/scripts/args-map.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const secret = 'p@ss"wörd/+?~end'
const mask = createMask([], {}, [secret])

describe('a secret is hidden however it is spelled', () => {
  test.each<[string, string]>([
    ['as it is', secret],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in JSON of Python', 'p@ss\\"w\\u00f6rd/+?~end'],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['in an address', encodeURIComponent(secret)],
    ['in base64', base64(secret)],
    ['in base64 without its end', base64(secret).replace(/=+$/, '')],
    ['in base64 that is safe in addresses', Buffer.from(secret).toString('base64url')],
  ])('%s', (_, spelled) => {
    expect(mask(`before ${spelled} after ${spelled}`)).toBe(`before ${masked} after ${masked}`)
  })

  test.each(['', 'u', 'us', 'user', 'alice'])('in the base64 of "%s:secret:more"', (user) => {
    const shown = mask(`Basic ${base64(`${user}:${secret}:more`)}`)
    expect(shown).toContain(masked)
    const inner = base64(secret).slice(4, -4)
    for (let from = 0; from + 6 <= inner.length; from++) expect(shown).not.toContain(inner.slice(from, from + 6))
  })

  test('line by line, as a key file is printed', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n'
    const hide = createMask([], {}, [key])
    expect(hide('  MIIEvQIBADANBg')).toBe(`  ${masked}`)
    expect(hide(`x${key}y`)).toBe(`x${masked}y`)
  })
})

test.each<[string, string[], string, string]>([
  ['secrets that overlap are hidden as one', ['abcd', 'cdef'], 'xabcdefx', `x${masked}x`],
  ['secrets side by side are two', ['abcd', 'efgh'], 'abcdefgh', masked + masked],
  ['the longest that begins somewhere counts', ['abc', 'abcdef'], 'abcdefg', `${masked}g`],
  ['one inside of another', ['abcdef', 'cde'], 'abcdef cde', `${masked} ${masked}`],
  ['one that repeats itself', ['aaa'], 'aaaa', masked],
  ['less than three characters are left alone', ['ab'], 'ab abc', 'ab abc'],
  ['what is almost it stays', ['abcdef'], 'abcde bcdef', 'abcde bcdef'],
  ['an empty text', ['abcdef'], '', ''],
  ['a text shorter than any', ['abcdef'], 'ab', 'ab'],
])('%s', (_, secrets, text, shown) => expect(createMask([], {}, secrets)(text)).toBe(shown))

test('parameters and variables are hidden alike, and what is neither stays', () => {
  const params = toParams({ token: { type: 'str', secret: true }, name: { type: 'str' } })
  const values = { token: 'tok-123', name: 'alice' }
  const hide = createMask(params, values, ['var-456'])
  expect(hide('tok-123 var-456 alice')).toBe(`${masked} ${masked} alice`)
  expect(maskSecrets(params, values)).toEqual({ token: masked, name: 'alice' })
  expect(createMask(params, { name: 'alice' })).toBe(noMask)
})

test('every cut of a secret across chunks is hidden, also in a line that is longer than a record', () => {
  const bytes = new TextEncoder().encode(`${'x'.repeat(40_000)}${secret}${'y'.repeat(40_000)}\n${secret}\n`)
  for (let cut = 39_990; cut <= 40_030; cut++) {
    const splitter = createLineSplitter(mask)
    const parts = [splitter.push(bytes.subarray(0, cut)), splitter.push(bytes.subarray(cut)), splitter.end()]
    const text = parts.flatMap(({ lines }) => lines).join('')
    expect(text).toBe(`${'x'.repeat(40_000)}${masked}${'y'.repeat(40_000)}${masked}`)
  }
})

test('a text that begins with the end of a secret hides that too', () => {
  for (let from = 1; from <= secret.length - 3; from++)
    expect(mask.cut(`${secret.slice(from)} and ${secret}`)).toBe(`${masked} and ${masked}`)
  expect(mask.cut('nothing here')).toBe('nothing here')
})

test('random texts are as hiding each character of each secret would leave them', () => {
  let seed = 20261121
  const random = (max: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >> 8) % max
  }
  const word = (length: number) => Array.from({ length }, () => 'abc'[random(3)]).join('')
  for (let round = 0; round < 5000; round++) {
    const secrets = Array.from({ length: 1 + random(4) }, () => word(3 + random(5)))
    const text = word(random(40))
    expect({ seed, secrets, text, shown: createMask([], {}, secrets)(text) }).toMatchObject({
      shown: simply(text, secrets),
    })
  }
})

function simply(text: string, secrets: string[]): string {
  const starts = [...text].map((_, at) =>
    Math.max(0, ...secrets.map((one) => (text.startsWith(one, at) ? one.length : 0))),
  )
  let shown = ''
  let end = 0
  for (let at = 0; at < text.length; at++) {
    const length = starts[at] ?? 0
    if (at >= end) shown += length > 0 ? masked : text[at]
    end = Math.max(end, at + length, at >= end ? at + 1 : 0)
  }
  return shown
}
