/** Hostile archives: each is refused, and nothing of it is anywhere but in the folder that was given. */
import { expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createGzip, gzipSync } from 'node:zlib'
import { GatewayError } from '../../src/errors.ts'
import { unpack } from '../../src/files/unpack.ts'
import { tempFolder } from '../harness/folder.ts'
import { block, chunked, type Item, pax, tarGz, tarOf } from './hostile-tar.ts'

const folder = tempFolder()
const limits = { entriesMax: 20, bytesMax: 100_000, ratioMax: 100 }

/** `around` has the folder in it and nothing else. */
function place() {
  const around = mkdtempSync(join(folder, 'around-'))
  const dir = join(around, 'in')
  mkdirSync(dir)
  return { around, dir }
}

async function refusal(act: Promise<unknown>): Promise<GatewayError> {
  const error = await act.then(
    () => null,
    (error) => error,
  )
  expect(error).toBeInstanceOf(GatewayError)
  return error
}

const deep = (depth: number) => `${Array.from({ length: depth }, () => 'd').join('/')}/f`
const good: Item = { name: 'good.txt', body: 'good' }

test.each<[string, Item[], string]>([
  ['an absolute path', [{ name: '/etc/passwd', body: 'x' }], 'absolute'],
  ['the way up', [{ name: '../up.txt', body: 'x' }], '".."'],
  ['the way up in the middle', [{ name: 'a/../../up.txt', body: 'x' }], '".."'],
  ['the way up at the end', [{ name: 'a/..', type: '5' }], '".."'],
  ['the way up behind a dot', [{ name: './../up.txt', body: 'x' }], '".."'],
  ['the way up in the prefix of a header', [{ name: 'up.txt', prefix: '../..', body: 'x' }], '".."'],
  ['the way up in a long name of pax', [pax({ path: '../up.txt' }), good], '".."'],
  ['the way up in a long name of GNU', [{ name: '././@LongLink', type: 'L', body: '../up.txt\0' }, good], '".."'],
  ['the way up for all that follow', [{ ...pax({ path: '../up.txt' }), type: 'g' }, pax({ mtime: '1' }), good], '".."'],
  ['backslashes', [{ name: '..\\up.txt', body: 'x' }], 'backslash'],
  ['a drive', [{ name: 'C:/up.txt', body: 'x' }], 'absolute'],
  ['a drive alone', [{ name: 'c:up.txt', body: 'x' }], 'absolute'],
  ['an empty name', [{ name: 'a//b', body: 'x' }], 'empty name'],
  ['no name', [{ name: '', body: 'x' }], 'empty'],
  ['a NUL in a name', [pax({ path: 'a\0b' }), good], 'control'],
  ['a line break in a name', [{ name: 'a\nb', body: 'x' }], 'control'],
  ['a name that is not UTF-8', [{ name: 'a', body: 'x' }], 'UTF-8'],
  ['a symbolic link', [{ name: 'l', type: '2', link: '/etc/passwd' }], 'symlink'],
  [
    'a link, and a file through it',
    [
      { name: 'l', type: '2', link: '..' },
      { name: 'l/up.txt', body: 'x' },
    ],
    'symlink',
  ],
  ['a hard link', [{ name: 'l', type: '1', link: '../in' }], 'link'],
  ['a device', [{ name: 'd', type: '3' }], 'character-device'],
  ['a disk', [{ name: 'd', type: '4' }], 'block-device'],
  ['a pipe', [{ name: 'p', type: '6' }], 'fifo'],
  ['a sparse file', [{ name: 's', type: 'S', body: 'x' }], 'unknown kind'],
  ['one name twice', [good, good], 'twice'],
  ['names that differ in case only', [good, { name: 'GOOD.txt', body: 'x' }], 'case only'],
  [
    'names that differ in composition only',
    [
      { name: 'é', body: 'x' },
      { name: 'e\u0301', body: 'x' },
    ],
    'case only',
  ],
  [
    'folders that differ in case only',
    [
      { name: 'a/x', body: 'x' },
      { name: 'A/y', body: 'x' },
    ],
    'case only',
  ],
  [
    'a file where a folder is',
    [
      { name: 'a/b', body: 'x' },
      { name: 'a', body: 'x' },
    ],
    'twice',
  ],
  [
    'a folder where a file is',
    [
      { name: 'a', body: 'x' },
      { name: 'a/b', body: 'x' },
    ],
    'twice',
  ],
  ['too long a path', [pax({ path: `${'x'.repeat(250)}/`.repeat(5) }), good], '1000 bytes'],
  ['too long a name', [pax({ path: 'x'.repeat(256) }), good], '255 bytes'],
  ['too many folders', [pax({ path: deep(33) }), good], '32 folders'],
  ['too many files', Array.from({ length: 21 }, (_, n) => ({ name: `f${n}` })), 'more than 20 files'],
  ['too many folders by one path', [pax({ path: deep(21) }), good], 'more than 20 files'],
  ['a size that goes backwards', [pax({ size: '-5' }), good], 'no whole'],
  ['a size that is no number', [pax({ size: 'x' }), good], 'no whole'],
  ['a size that is too large', [{ name: 'f', size: 100_001 }], '97.7 KiB'],
  [
    'files that are too large together',
    [
      { name: 'a', body: 'x'.repeat(60_000) },
      { name: 'b', body: 'x'.repeat(60_000) },
    ],
    '97.7 KiB',
  ],
  ['a size that is more than there is', [{ name: 'f', body: 'x', size: 5000 }], 'no whole'],
])('refused: %s', async (name, items, message) => {
  const { around, dir } = place()
  const archive = name.includes('not UTF-8')
    ? gzipSync(Buffer.concat([withByte(block(items[0]!), 0xff), Buffer.alloc(1024)]))
    : tarGz(items)
  const error = await refusal(unpack(chunked(archive), dir, { ...limits, ratioMax: null }))
  expect(error.message).toContain(message)
  expect(['validation', 'too_large']).toContain(error.type)
  expect(readdirSync(around)).toEqual(['in'])
})

/** As the first letter of the name, with a checksum that fits. */
function withByte(bytes: Buffer, byte: number): Buffer {
  const sum = Number.parseInt(bytes.toString('latin1', 148, 154), 8) - bytes[0]! + byte
  bytes[0] = byte
  bytes.write(sum.toString(8).padStart(6, '0'), 148, 'latin1')
  return bytes
}

const bomb = () => gzipSync(Buffer.alloc(20_000_000))

test.each<[string, () => Uint8Array, string]>([
  ['nothing', () => new Uint8Array(), 'no whole'],
  ['no gzip', () => Buffer.from('PK\u0003\u0004 a zip'), 'no whole'],
  ['a gzip of something else', () => gzipSync('x'.repeat(2000)), 'no whole'],
  ['a cut-off gzip', () => tarGz([{ name: 'f', body: 'x'.repeat(50_000) }]).subarray(0, -20), 'no whole'],
  ['a cut-off tar', () => gzipSync(tarOf([{ name: 'f', body: 'x'.repeat(5000) }]).subarray(0, 2000)), 'no whole'],
  ['a damaged gzip', () => tarGz([good]).fill(7, 20, 40), 'no whole'],
  ['a bomb of nothing', bomb, '100 times'],
  ['a bomb of one file', () => tarGz([{ name: 'f', body: Buffer.alloc(5_000_000), size: 5_000_000 }]), '100 times'],
  ['headers without end', () => gzipSync(Buffer.concat(Array(5000).fill(block(pax({ path: 'x' }))))), '100 times'],
  [
    'a header that is a bomb',
    () => gzipSync(block({ name: 'x', type: 'x', body: Buffer.alloc(5_000_000, 'a') })),
    'max size',
  ],
])('refused: %s', async (_, archive, message) => {
  const { around, dir } = place()
  const error = await refusal(unpack(chunked(archive()), dir, { ...limits, bytesMax: 50_000_000 }))
  expect(error.message).toContain(message)
  expect(readdirSync(around)).toEqual(['in'])
})

const link: Item = { name: 'l', type: '2', link: '/etc' }
const filler: Item = { name: 'f', body: randomBytes(60_000) }

test.each<[string, Item[]]>([
  ['at its beginning', [link, filler]],
  ['in its middle', [filler, { name: '../up.txt', body: 'x' }, { ...filler, name: 'g' }]],
  ['at its end', [filler, { ...filler, name: 'g' }, link]],
])('an archive that is refused %s ends, however many of its bytes come at once', async (_, items) => {
  const archive = tarGz(items)
  const sizes = [100, 512, 1000, 4096, 16_384, archive.length].flatMap((size) => Array<number>(5).fill(size))
  const limit = { ...limits, bytesMax: 1_000_000, ratioMax: null }
  const errors = await Promise.all(sizes.map((size) => refusal(unpack(chunked(archive, size), place().dir, limit))))
  expect(new Set(errors.map(({ type }) => type))).toEqual(new Set(['validation']))
})

test.each([
  ['a link in it', tarOf([link])],
  ['no header', Buffer.alloc(2000, 'x')],
])('a source that stands still after %s is not waited for', async (_, bytes) => {
  const packer = createGzip()
  packer.write(bytes)
  packer.flush() // and no end
  expect((await refusal(unpack(packer, place().dir, limits))).type).toBe('validation')
})

test('a source that fails is told as it is', async () => {
  const failing = async function* () {
    yield tarGz([good]).subarray(0, 30)
    throw new GatewayError('too_large', 'the upload was too large')
  }
  expect((await refusal(unpack(failing(), place().dir, limits))).message).toBe('the upload was too large')
})

test('files and folders are there byte for byte, with plain modes, and a hash each', async () => {
  const { dir } = place()
  const long = `${'x'.repeat(120)}/${'y'.repeat(120)}.txt`
  const files = await unpack(
    chunked(
      tarGz([
        { name: './', type: '5' },
        { name: './a/', type: '5', mode: 0o4777 },
        { name: './a/run.sh', body: '#!/bin/sh\n', mode: 0o6755 },
        { name: 'a/empty', mode: 0o000 },
        pax({ path: long }),
        { name: 'short', body: 'long' },
        { name: 'bytes.bin', body: Uint8Array.from({ length: 3000 }, (_, n) => n % 256) },
      ]),
      7,
    ),
    dir,
    limits,
  )
  expect(files.map(({ path, size }) => [path, size])).toEqual([
    ['a/run.sh', 10],
    ['a/empty', 0],
    [long, 4],
    ['bytes.bin', 3000],
  ])
  expect(files[1]?.sha256).toBe(new Bun.CryptoHasher('sha256').update('').digest('hex'))
  expect(readFileSync(join(dir, 'bytes.bin'))[2999]).toBe(2999 % 256)
  const mode = (path: string) => (statSync(join(dir, path)).mode & 0o7777).toString(8)
  expect([mode('a'), mode('a/run.sh'), mode('a/empty')]).toEqual(['755', '755', '644'])
})

test('names that differ in case are taken where the packer says that they may', async () => {
  const { dir } = place()
  const archive = tarGz([good, { name: 'GOOD.txt', body: 'x' }])
  await unpack(chunked(archive), dir, { ...limits, isCaseSensitive: true })
  expect(readdirSync(dir).sort()).toEqual(['GOOD.txt', 'good.txt'])
})

test('an archive that was cut off anywhere is refused, also in the middle of a file', async () => {
  const items = ['a', 'b', 'c', 'd'].map((name) => ({ name, body: randomBytes(1500).toString('hex') }))
  const archive = tarGz(items)
  const others: unknown[] = []
  for (let length = 1; length < archive.length; length += 97) {
    const error = await unpack(chunked(archive.subarray(0, length)), place().dir, limits).then(
      () => 'unpacked',
      (error) => error.message,
    )
    if (!/^This is no whole .*(ends too early)/.test(error)) others.push([length, error])
  }
  expect(others).toEqual([])
}, 20_000)

test('any archive that was damaged anywhere ends, with a refusal or with files of its own', async () => {
  const whole = tarOf([good, pax({ path: 'a/b' }), { name: 'c', body: 'x'.repeat(700) }, { name: 'd/', type: '5' }])
  let seed = 7
  const random = (max: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % max
  }
  const others: string[] = []
  for (let round = 0; round < 300; round++) {
    const { around, dir } = place()
    const bytes = Buffer.from(whole)
    for (let n = 0; n < 3; n++) bytes[random(bytes.length)] = random(256)
    const archive = gzipSync(bytes.subarray(0, round % 3 === 0 ? random(bytes.length) : undefined))
    const error = await unpack(chunked(archive), dir, limits).then(
      () => null,
      (error) => error,
    )
    if (error && !(error instanceof GatewayError)) others.push(String(error))
    if (readdirSync(around).length !== 1) others.push('outside')
  }
  expect(others).toEqual([])
}, 20_000)
