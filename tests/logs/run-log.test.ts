import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { closedLogCursor, tailOfClosedLog } from '../../src/logs/log-cursor.ts'
import { createLineSplitter } from '../../src/logs/log-lines.ts'
import { mergeTail } from '../../src/logs/log-store.ts'
import { createMask, noMask } from '../../src/logs/mask.ts'
import { createRunLog, type RunLog } from '../../src/logs/run-log.ts'
import type { LogLine } from '../../src/runs/model.ts'
import { toParams } from '../../src/scripts/args-map.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = tempFolder()
let number = 0
function newLog({ bytesMax = 1_000_000, mask = noMask } = {}) {
  const path = join(folder, `${number++}`, 'run.log')
  return { path, log: createRunLog({ path, bytesMax, now: () => 0, mask: () => mask }) }
}
const bytes = (text: string) => new TextEncoder().encode(text)

/** Everything after `seq`, in small pieces. */
function readAll(cursor: ReturnType<RunLog['cursor']>, piece = 7): LogLine[] {
  const all: LogLine[] = []
  for (let lines = cursor.next(piece); lines.length > 0; lines = cursor.next(piece)) all.push(...lines)
  return all
}
const short = (lines: LogLine[]) => lines.map(({ seq, line }) => `${seq} ${line}`)

describe('lines', () => {
  test.each<[string, string[], string[]]>([
    ['are cut at newlines', ['a\nb\n'], ['a', 'b']],
    ['come over chunk borders', ['a', 'b\nc', '\n'], ['ab', 'c']],
    ['lose a carriage return before the newline, and no other', ['a\r\nb\rc\n'], ['a', 'b\rc']],
    ['may be empty', ['\n\n'], ['', '']],
    ['need no newline at the end', ['a\nb'], ['a', 'b']],
  ])('%s', (_, chunks, lines) => {
    const splitter = createLineSplitter()
    const found = chunks.flatMap((chunk) => splitter.push(bytes(chunk)).lines)
    expect([...found, ...splitter.end().lines]).toEqual(lines)
  })

  test('a character cut in two by the pipe is whole again', () => {
    const splitter = createLineSplitter()
    const snow = bytes('❄\n')
    expect(splitter.push(snow.subarray(0, 2)).lines).toEqual([])
    expect(splitter.push(snow.subarray(2)).lines).toEqual(['❄'])
  })

  test('bytes that are no UTF-8 are shown as such', () => {
    expect(createLineSplitter().push(new Uint8Array([0x61, 0xff, 0x0a])).lines).toEqual(['a\ufffd'])
  })

  test.each([16_384, 16_385, 50_000, 1_000_000])(
    'a line of %d characters comes in pieces that make it whole',
    (length) => {
      const splitter = createLineSplitter()
      const text = `${'x'.repeat(length - 1)}y`
      const parts = [...text.matchAll(/.{1,4000}/g)].map(([part]) => splitter.push(bytes(part)))
      const all = [...parts, splitter.push(bytes('\n')), splitter.end()]
      const lines = all.flatMap((part) => part.lines.map((line, i) => ({ line, goesOn: part.continued?.[i] ?? false })))
      expect(lines.map(({ line }) => line).join('')).toBe(text)
      expect(lines.filter(({ goesOn }) => !goesOn).length).toBe(1)
      expect(lines.at(-1)?.goesOn).toBe(false)
    },
  )
})

describe('a log', () => {
  test('is read from any line on, while it is written and after', () => {
    const { log, path } = newLog()
    log.append('stdout', bytes('one\ntwo\n'))
    log.append('stderr', bytes('three\n'))
    expect(short(readAll(log.cursor(0)))).toEqual(['1 one', '2 two', '3 three'])
    expect(short(readAll(log.cursor(2)))).toEqual(['3 three'])
    log.note('from the gateway')
    log.append('stdout', bytes('unfinished'))
    expect(log.lastSeq).toBe(4)
    log.close()
    expect(readAll(log.cursor(3)).map(({ stream, line }) => [stream, line])).toEqual([
      ['system', 'from the gateway'],
      ['stdout', 'unfinished'],
    ])
    expect(readAll(closedLogCursor(path, 0))).toEqual(readAll(log.cursor(0)))
  })

  test('is read from disk by a follower who fell behind', () => {
    const { log } = newLog({ bytesMax: 100_000_000 })
    const slow = log.cursor(0)
    for (let i = 1; i <= 20_000; i++) log.append('stdout', bytes(`line ${i}\n`))
    const lines = readAll(slow, 500)
    expect(lines.length).toBe(20_000)
    expect(lines.every((line, i) => line.seq === i + 1 && line.line === `line ${i + 1}`)).toBe(true)
  })

  test('that printed nothing has no file and no lines', () => {
    const { log, path } = newLog()
    log.close()
    expect(existsSync(path)).toBe(false)
    expect([readAll(log.cursor(0)), readAll(closedLogCursor(path, 0)), tailOfClosedLog(path, 0, 5)]).toEqual([
      [],
      [],
      [],
    ])
  })

  test('calls its followers for every batch and for the end, until they leave', () => {
    const { log } = newLog()
    let calls = 0
    const leave = log.onChange(() => calls++)
    log.append('stdout', bytes('a\n'))
    log.append('stdout', bytes('no line yet'))
    expect(calls).toBe(1)
    leave()
    log.close()
    expect(calls).toBe(1)
  })

  test('never holds what the mask hides', () => {
    const { log, path } = newLog({
      mask: createMask(toParams({ password: { type: 'str', secret: true } }), { password: 'hunter2' }),
    })
    log.append('stdout', bytes('password hun'))
    log.append('stdout', bytes('ter2!\n'))
    log.close()
    expect(readFileSync(path, 'utf8')).toEndWith('password ••••••!\n')
  })
})

describe('a log over its limit', () => {
  const bytesMax = 64 * 1024
  const count = 50_000
  function flood() {
    const made = newLog({ bytesMax })
    for (let i = 1; i <= count; i += 10) {
      const lines = Array.from({ length: 10 }, (_, k) => `line ${i + k}\n`)
      made.log.append('stdout', bytes(lines.join('')))
    }
    return made
  }

  function expectHeadAndTail(lines: LogLine[]) {
    const gap = lines.findIndex((line) => line.stream === 'system')
    expect(lines[0]?.line).toBe('line 1')
    expect(lines.at(-1)?.line).toBe(`line ${count}`)
    expect(lines[gap]?.line).toMatch(/^… [\d,]+ lines .*left out here: the log keeps its beginning and its end$/)
    for (const line of lines.filter((one) => one.stream === 'stdout')) expect(line.line).toBe(`line ${line.seq}`)
    const missing = count - (lines.length - 1)
    expect(lines[gap]?.line).toStartWith(`… ${missing.toLocaleString('en')} lines`)
  }

  test('keeps its beginning and its end and says so, with the right line numbers', () => {
    const { log, path } = flood()
    log.close()
    expectHeadAndTail(readAll(closedLogCursor(path, 0), 500))
    expect(readdirSync(dirname(path))).toEqual(['run.log'])
    expect(readFileSync(path).length).toBeLessThan(bytesMax * 1.3)
  })

  test('is the same for who follows it while it is written', () => {
    const { log } = flood()
    expectHeadAndTail(readAll(log.cursor(0), 500))
    const cursor = log.cursor(0)
    cursor.next(10)
    log.close()
    expect(readAll(cursor, 500).at(-1)?.line).toBe(`line ${count}`)
  })

  test('is whole again after the gateway was killed', () => {
    const { path } = flood()
    expect(readdirSync(dirname(path)).length).toBeGreaterThan(1)
    writeFileSync(`${path}.tail.999999`, '1970-01-01T00:00:00.000Z O half a rec') // cut off by the kill
    mergeTail(path, new Date(0).toISOString())
    const lines = readAll(closedLogCursor(path, 0), 500)
    expect(lines.filter((line) => line.line === `line ${count}`).length).toBe(1)
    expect(readdirSync(dirname(path))).toEqual(['run.log'])
  })

  test.each([1, 5, 300, 5000])('its last %d lines have the right numbers', (n) => {
    const { log, path } = flood()
    log.close()
    const all = readAll(closedLogCursor(path, 0), 500)
    expect(tailOfClosedLog(path, log.lastSeq, n)).toEqual(all.slice(-n))
  })
})
