import { expect, test } from 'bun:test'
import { afterReturn, ansiSegments, plain } from '../../public/js/ansi.js'
import { ago, bytes, count, duration, durationWords } from '../../public/js/format.js'

test.each([
  [0, '0 ms'],
  [41, '41 ms'],
  [1400, '1.4 s'],
  [59_949, '59.9 s'],
  [59_960, '0:59'],
  [192_000, '3:12'],
  [3_753_000, '1:02:33'],
])('%d ms lasted %s', (ms, text) => expect(duration(ms)).toBe(text))

test.each([
  [91_000, '1 min 31 s'],
  [600_000, '10 min'],
  [7_380_000, '2 h 3 min'],
  [900, '900 ms'],
])('%d ms is %s in a sentence', (ms, text) => expect(durationWords(ms)).toBe(text))

test.each([
  [0, 'now'],
  [6000, '6 s ago'],
  [120_000, '2 min ago'],
  [10_800_000, '3 h ago'],
  [100_000_000, 'yesterday'],
  [1_400_000_000, '16 d ago'],
])('%d ms before now is %s', (ms, text) => expect(ago(ms)).toBe(text))

test.each([
  [312, '312 B'],
  [98_304, '96 KiB'],
  [1536, '1.5 KiB'],
  [88_289_280, '84.2 MiB'],
  [1024 ** 3, '1 GiB'],
])('%d bytes are %s', (size, text) => expect(bytes(size)).toBe(text))

test('thousands are separated', () => expect(count(1_048_112)).toBe('1,048,112'))

const esc = '\u001b'

test.each([
  ['plain', [{ text: 'plain', cls: '' }]],
  [
    `${esc}[32mok${esc}[0m x`,
    [
      { text: 'ok', cls: 'a2' },
      { text: ' x', cls: '' },
    ],
  ],
  [`${esc}[1;31mbad${esc}[22m`, [{ text: 'bad', cls: 'a1 ab' }]],
  [`${esc}[2m${esc}[39mdim`, [{ text: 'dim', cls: 'ad' }]],
  [
    `${esc}[38;5;200mx${esc}[38;2;1;2;3my`,
    [
      { text: 'x', cls: '' },
      { text: 'y', cls: '' },
    ],
  ],
  [
    `${esc}]0;title\u0007a${esc}[2Jb`,
    [
      { text: 'a', cls: '' },
      { text: 'b', cls: '' },
    ],
  ],
  [`${esc}[97mwhite`, [{ text: 'white', cls: '' }]],
  [
    '<b>\u0000&',
    [
      { text: '<b>', cls: '' },
      { text: '&', cls: '' },
    ],
  ],
])('the line %j becomes parts with classes and nothing else', (line, segments) =>
  expect(ansiSegments(line)).toEqual(segments),
)

test.each([
  ['10%\r20%\r30%', '30%'],
  ['done\r', 'done'],
  ['plain', 'plain'],
])('of %j a terminal would show %j in the end', (line, shown) => expect(afterReturn(line)).toBe(shown))

// An expression took minutes for it, and its time grew with the square.
test('a line of a million returns is what comes after them', () => {
  expect(afterReturn(`${'\r'.repeat(1_000_000)}a`)).toBe('a')
  expect(afterReturn('\r'.repeat(1_000_000))).toBe('')
})

test('plain text has no escapes', () => expect(plain(`${esc}[31mred${esc}[0m`)).toBe('red'))
