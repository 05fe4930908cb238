import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ResolveOptions, resolveFileValue } from '../../src/files/values.ts'
import { disposableFolder, everythingIn, failureOf, subfolder } from './harness.ts'

const root = realpathSync(disposableFolder('values'))
const own = subfolder(root)
const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('fetched') })
afterAll(() => server.stop(true))

const optionsIn = (tmpDir: string, patterns: string[] = []): ResolveOptions => ({
  path: '/image',
  tmpDir,
  bytesMax: 1000,
  timeoutMs: 5000,
  allowPrivate: true,
  patterns,
  closed: [own],
})

describe('a data: URL becomes a file', () => {
  const rows: [string, string, string, string, string | Uint8Array][] = [
    ['base64', 'data:image/png;base64,aGVsbG8=', 'image.png', 'image/png', 'hello'],
    ['base64 without padding', 'data:image/png;base64,aGVsbG8', 'image.png', 'image/png', 'hello'],
    ['base64 in the alphabet of addresses', 'data:a/b;base64,-_8', 'image.bin', 'a/b', new Uint8Array([0xfb, 0xff])],
    ['base64 with escapes', 'data:image/gif;base64,aGVs%62G8%3D', 'image.gif', 'image/gif', 'hello'],
    ['base64 with a charset', 'data:text/plain;charset=utf-8;base64,aGk=', 'image.txt', 'text/plain', 'hi'],
    ['percent-encoded text', 'data:text/csv,a%2Cb%0A%C3%A9', 'image.csv', 'text/csv', 'a,b\né'],
    ['percent-encoded bytes', 'data:image/png,%FF%00a', 'image.png', 'image/png', new Uint8Array([255, 0, 97])],
    ['no type', 'data:,hi', 'image.txt', 'text/plain', 'hi'],
    ['capitals', 'DATA:Image/PNG;BASE64,aGk=', 'image.png', 'image/png', 'hi'],
    ['nothing', 'data:,', 'image.txt', 'text/plain', ''],
  ]
  test.each(rows)('%s', async (_name, url, filename, contentType, content) => {
    const tmpDir = subfolder(root)
    const file = await resolveFileValue(url, optionsIn(tmpDir))
    expect(file).toMatchObject({ filename, contentType, size: Buffer.from(content).length })
    expect(readFileSync(file.path)).toEqual(Buffer.from(content))
    await file.dispose()
    expect(everythingIn(tmpDir)).toEqual(['uploads'])
  })
})

test('an address is fetched, and the file goes with its disposal', async () => {
  const tmpDir = subfolder(root)
  const file = await resolveFileValue(`http://127.0.0.1:${server.port}/a.txt`, optionsIn(tmpDir))
  expect(readFileSync(file.path, 'utf8')).toBe('fetched')
  await file.dispose()
  expect(everythingIn(tmpDir)).toEqual(['uploads'])
})

describe('a local file', () => {
  const media = subfolder(root)
  const secret = subfolder(root)
  writeFileSync(join(media, 'a.png'), 'png')
  writeFileSync(join(secret, 'key.png'), 'key')
  mkdirSync(join(media, 'deep/er'), { recursive: true })
  writeFileSync(join(media, 'deep/er/b.txt'), 'text')
  symlinkSync(join(secret, 'key.png'), join(media, 'link.png'))
  symlinkSync(secret, join(media, 'way'))
  writeFileSync(join(own, 'gateway.db'), 'rows')
  symlinkSync(join(own, 'gateway.db'), join(media, 'db'))
  expect(Bun.spawnSync(['mkfifo', join(media, 'pipe')]).exitCode).toBe(0)
  const socket = Bun.listen({ unix: join(media, 'socket'), socket: { data() {} } })
  afterAll(() => socket.stop(true))
  symlinkSync(join(media, 'a.png'), join(secret, 'back.png'))

  const allowed: [string, string, string][] = [
    ['that a pattern names', `${media}/a.png`, `${media}/*`],
    ['in a subfolder', `${media}/deep/er/b.txt`, `${media}/**`],
    ['by its extension', `${media}/a.png`, `${media}/**/*.{png,jpg}`],
    ['that is written in a roundabout way', `${media}/deep/../a.png`, `${media}/*`],
    ['through a link from elsewhere', `${secret}/back.png`, `${media}/*`],
  ]
  test.each(allowed)('%s is used where it is', async (_name, path, pattern) => {
    const file = await resolveFileValue(path, optionsIn(root, [pattern]))
    expect(file.path).toBe(realpathSync(path))
    await file.dispose()
    expect(readFileSync(path).length).toBe(file.size)
  })

  const refused: [string, string, string[], number][] = [
    ['when there are no patterns', `${media}/a.png`, [], 403],
    ['that no pattern names', `${secret}/key.png`, [`${media}/**`], 403],
    ['below the one level that is allowed', `${media}/deep/er/b.txt`, [`${media}/*`], 403],
    ['behind a link', `${media}/link.png`, [`${media}/**`], 403],
    ['behind a folder that is a link', `${media}/way/key.png`, [`${media}/**`], 403],
    ['behind the way up', `${media}/../${secret.split('/').pop()}/key.png`, [`${media}/**`], 403],
    ['that is missing, as if it were there', `${secret}/nothing`, [`${media}/**`], 403],
    ['by a relative pattern', `${media}/a.png`, ['**'], 403],
    ['that is missing', `${media}/nothing`, [`${media}/**`], 422],
    ['that is a folder', `${media}/deep`, [`${media}/**`], 422],
    ['that is a pipe', `${media}/pipe`, [`${media}/**`], 422],
    ['that is a socket', `${media}/socket`, [`${media}/**`], 422],
    ['that is a device', '/dev/zero', ['/dev/*'], 403],
    ['with the environment of the gateway', '/proc/self/environ', ['/**'], 403],
    ['of the kernel', '/sys/kernel/notes', ['/**'], 403],
    ['in a folder of the gateway', `${own}/gateway.db`, ['/**', `${own}/**`], 403],
    ['in a folder of the gateway, behind a link', `${media}/db`, ['/**'], 403],
    ['that is missing in a folder of the gateway', `${own}/nothing`, ['/**'], 403],
    ['through the open files of the gateway', '/proc/self/fd/0', ['/proc/**'], 403],
    ['through the root of the gateway', `/proc/self/root${secret}/key.png`, [`${media}/**`], 403],
    ['with a NUL in its name', `${media}/a.png\0`, [`${media}/**`], 422],
  ]
  test.each(refused)('%s is refused', async (_name, path, patterns, status) => {
    const failure = await failureOf(() => resolveFileValue(path, optionsIn(root, patterns)))
    expect(failure.status).toBe(status)
    expect(failure.details[0]!.path).toBe('/image')
    if (status === 403) expect(failure.message).toMatch(/^image names a local file .* local_file_access_patterns/)
  })
})

describe('refused, saying what is accepted:', () => {
  const rows: [string, string, number, RegExp][] = [
    [
      'a relative path',
      'a.png',
      422,
      /must be an uploaded file, an http\(s\) address, a data: URL, or an absolute path/,
    ],
    ['nothing', '', 422, /must be an uploaded file/],
    ['the address of a file', 'file:///etc/passwd', 422, /must be an uploaded file/],
    ['a data: URL without data', 'data:image/png;base64', 422, /no comma/],
    ['a data: URL with a strange type', 'data:image png,a', 422, /media type/],
    ['a data: URL with wrong base64', 'data:a/b;base64,a*b', 422, /base64/],
    ['a data: URL with a wrong escape', 'data:,%zz', 422, /hexadecimal/],
    ['a data: URL that is cut in an escape', 'data:,a%4', 422, /hexadecimal/],
    ['a data: URL that is too large', `data:,${'x'.repeat(1001)}`, 413, /larger than 1000 bytes/],
    ['an address that cannot be reached', 'http://127.0.0.1:1/', 422, /could not be fetched/],
  ]
  test.each(rows)('%s', async (_name, value, status, message) => {
    const tmpDir = subfolder(root)
    const failure = await failureOf(() => resolveFileValue(value, optionsIn(tmpDir)))
    expect(failure.message).toMatch(message)
    expect(failure.status).toBe(status)
    expect(everythingIn(tmpDir).filter((name) => name !== 'uploads')).toEqual([])
  })
})
