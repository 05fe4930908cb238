import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ReadResultOptions, readResult } from '../../src/results/results.ts'

const root = mkdtempSync(join(tmpdir(), 'sg-results-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001', 'hex')

const optionsFor = (stdout: ReadResultOptions['stdout'], isSuccess = true): ReadResultOptions => ({
  stdout,
  outputDir: join(root, crypto.randomUUID()),
  urlPrefix: '/static/my-script/resources/20261121',
  name: 'my-script',
  inlineBytesMax: 0,
  isSuccess,
})

function spool(content: string | Uint8Array) {
  const file = join(root, crypto.randomUUID())
  writeFileSync(file, content)
  return { file, size: Buffer.from(content).length }
}

describe('a small stdout', () => {
  test('of JSON or text is the result, and nothing is written', async () => {
    const ofJson = optionsFor({ bytes: Buffer.from('{"a":1}') })
    expect(await readResult(ofJson)).toEqual({ type: 'json', data: { a: 1 } })
    const ofText = optionsFor({ bytes: Buffer.from('') })
    expect(await readResult(ofText)).toEqual({ type: 'text', data: '' })
    expect([existsSync(ofJson.outputDir), existsSync(ofText.outputDir)]).toEqual([false, false])
  })

  test('of a file is stored under the name of the script, or the next one that is free', async () => {
    const options = optionsFor({ bytes: png })
    const first = await readResult(options)
    expect(first).toEqual({
      type: 'file',
      url: '/static/my-script/resources/20261121/my-script.png',
      filename: 'my-script.png',
      size: png.length,
      content_type: 'image/png',
    })
    expect(await readResult(options)).toMatchObject({ filename: 'my-script-2.png' })
    expect(readdirSync(options.outputDir).sort()).toEqual(['my-script-2.png', 'my-script.png'])
    expect(readFileSync(join(options.outputDir, 'my-script-2.png'))).toEqual(png)
  })

  test('of a script that failed is its JSON, or nothing', async () => {
    expect(await readResult(optionsFor({ bytes: Buffer.from('x\n{"a":1}') }, false))).toEqual({
      type: 'json',
      data: { a: 1 },
    })
    for (const bytes of [Buffer.from('text'), png, Buffer.from('')])
      expect(await readResult(optionsFor({ bytes }, false))).toBeNull()
  })
})

describe('JSON at the end of a spooled stdout is the result, as it would be after less', () => {
  const noise = `\u001b[1m[progress]\u001b[0m ${'x'.repeat(90)}\n`.repeat(20_000) // 2.2 MB
  const big = `[\n${' "y",\n'.repeat(20_000)} "z"\n]` // 140 KB, more than the first look
  test.each<[string, string, unknown]>([
    ['one line', `${noise}{"done": true}\n`, { done: true }],
    ['pretty-printed', `${noise}{\n  "done": [\n    1\n  ]\n}`, { done: [1] }],
    ['longer than the first look', `${noise}${big}\n\n`, [...Array(20_000).fill('y'), 'z']],
    ['not at the start of a line', `${noise}so {"done": true}\n`, null],
    ['longer than an answer may be', `${noise}["${'x'.repeat(1024 * 1024)}"]`, null],
  ])('%s', async (_, content, data) => {
    const stdout = spool(content)
    for (const isSuccess of [true, false]) {
      const result = await readResult({ ...optionsFor(stdout, isSuccess), inlineBytesMax: 1024 * 1024 })
      if (data !== null) expect(result).toEqual({ type: 'json', data })
      else if (isSuccess) {
        expect(result).toMatchObject({ type: 'file', filename: 'my-script.txt' })
        writeFileSync(stdout.file, content)
      } else expect(result).toBeNull()
    }
  })
})

describe('a spooled stdout is moved, as', () => {
  const cut = `${'x'.repeat(64 * 1024 - 1)}é` // the first 64 KiB end in the middle of the é
  const rows: [string, string | Uint8Array, string, string][] = [
    ['text', 'many words\n', 'my-script.txt', 'text/plain'],
    ['text in any language', cut, 'my-script.txt', 'text/plain'],
    ['a JSON object', ' {"a":\n1}\n\n', 'my-script.json', 'application/json'],
    ['a JSON list', '[1,2]', 'my-script.json', 'application/json'],
    ['text that begins like JSON', '[INFO] x\n', 'my-script.txt', 'text/plain'],
    ['a picture', png, 'my-script.png', 'image/png'],
    ['a PDF', '%PDF-1.4\n', 'my-script.pdf', 'application/pdf'],
    ['anything else', new Uint8Array([0, 255, 254, 1]), 'my-script.bin', 'application/octet-stream'],
  ]
  test.each(rows)('%s', async (_name, content, filename, contentType) => {
    const stdout = spool(content)
    const options = optionsFor(stdout)
    expect(await readResult(options)).toMatchObject({
      type: 'file',
      filename,
      size: stdout.size,
      content_type: contentType,
    })
    expect(readFileSync(join(options.outputDir, filename))).toEqual(Buffer.from(content))
    expect(existsSync(stdout.file)).toBe(false)
  })

  test('a name that is free', async () => {
    const options = optionsFor(spool('one'))
    await readResult(options)
    await readResult({ ...options, stdout: spool('two') })
    expect(readFileSync(join(options.outputDir, 'my-script.txt'), 'utf8')).toBe('one')
    expect(readFileSync(join(options.outputDir, 'my-script-2.txt'), 'utf8')).toBe('two')
  })

  test('nothing, when the script failed', async () => {
    const stdout = spool('{"a":1}')
    expect(await readResult(optionsFor(stdout, false))).toBeNull()
    expect(existsSync(stdout.file)).toBe(true)
  })
})
