import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { readSubmission, type SubmissionOptions } from '../../src/files/body.ts'
import { disposableFolder, everythingIn, failureOf, subfolder } from './harness.ts'

const root = disposableFolder('body')
const KiB = 1024
const url = 'http://localhost/api/scripts/1/run'

const optionsIn = (tmpDir: string, more: Partial<SubmissionOptions> = {}): SubmissionOptions => ({
  tmpDir,
  bodyBytesMax: 64 * KiB,
  uploadBytesMax: 256 * KiB,
  ...more,
})

const post = (body: BodyInit | null, contentType?: string) =>
  new Request(url, { method: 'POST', body, headers: contentType === undefined ? {} : { 'content-type': contentType } })

const read = (request: Request, more: Partial<SubmissionOptions> = {}) =>
  readSubmission(request, optionsIn(subfolder(root), more))

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

describe('fields are read from', () => {
  const rows: [string, Request, Record<string, unknown>][] = [
    ['a query', new Request(`${url}?name=Ann&age=5`), { name: 'Ann', age: '5' }],
    ['a query with a name twice', new Request(`${url}?a=1&b=x&a=2&a=3`), { a: ['1', '2', '3'], b: 'x' }],
    ['a query in any language', new Request(`${url}?name=%E6%9D%8E+%C3%A9`), { name: '李 é' }],
    ['a query with an empty value', new Request(`${url}?a=&b`), { a: '', b: '' }],
    ['no query', new Request(url), {}],
    ['JSON', post('{"a":1,"b":[true,null],"c":{"d":"é"}}', json), { a: 1, b: [true, null], c: { d: 'é' } }],
    ['JSON with a byte order mark', post('\ufeff{"a":1}', json), { a: 1 }],
    ['JSON with a charset', post('{"a":1}', 'application/json; charset=UTF-8'), { a: 1 }],
    ['JSON of a dialect', post('{"a":1}', 'application/merge-patch+json'), { a: 1 }],
    ['JSON with an inherited name', post('{"constructor":1,"toString":2}', json), { constructor: 1, toString: 2 }],
    ['an empty JSON body', post('', json), {}],
    ['a form', post('a=1&b=x+y%26z&a=2', form), { a: ['1', '2'], b: 'x y&z' }],
    ['a form whose value looks like JSON', post('filter={"a":1}', form), { filter: '{"a":1}' }],
    ['an empty form', post('', form), {}],
    ['no body at all', post(null), {}],
    ['no body, whatever its type', post('', 'text/plain'), {}],
    ['an empty multipart body', post('', 'multipart/form-data; boundary=x'), {}],
    ['a multipart form without parts', post('--x--\r\n', 'multipart/form-data; boundary=x'), {}],
    [
      'PUT like POST',
      new Request(url, { method: 'PUT', body: '{"a":1}', headers: { 'content-type': json } }),
      { a: 1 },
    ],
  ]
  test.each(rows)('%s', async (_name, request, expected) => {
    const { fields, files } = await read(request)
    expect({ ...fields }).toEqual(expected)
    expect(files).toEqual([])
  })
})

describe('a body is refused with a reason when', () => {
  const nested = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
  const manyPairs = Array.from({ length: 1001 }, (_, i) => `a=${i}`).join('&')
  const manyMembers = JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`a${i}`, i])))
  const large = 'x'.repeat(65 * KiB)
  const rows: [string, Request, number, RegExp][] = [
    ['its JSON is cut', post('{"a":', json), 400, /^The body is not valid JSON: .+\.$/],
    ['its JSON is a list', post('[1]', json), 400, /must be a JSON object/],
    ['its JSON is null', post('null', json), 400, /must be a JSON object/],
    ['its JSON is not UTF-8', post(new Uint8Array([0x22, 0xff, 0x22]), json), 400, /not valid JSON/],
    ['its JSON is nested too deep', post(nested, json), 400, /deeper than 1000 levels/],
    ['a member is called __proto__', post('{"__proto__":{"admin":true}}', json), 400, /"__proto__" cannot/],
    ['a field is called __proto__', post('__proto__=1', form), 400, /"__proto__" cannot/],
    ['a query says __proto__', new Request(`${url}?__proto__=1`), 400, /"__proto__" cannot/],
    ['it has another charset', post('{}', 'application/json; charset="latin1"'), 400, /must be in UTF-8.+latin1/],
    ['it is a text', post('hello', 'text/plain'), 400, /"text\/plain.*send application\/json, multipart/],
    ['it has no type', post(new Uint8Array([1])), 400, /has no Content-Type: send application\/json/],
    ['it is JSON sent as a form', post('{"a": 1, "b": "x=y&z"}', form), 400, /send "Content-Type: application\/json"/],
    ['a form is not UTF-8', post(new Uint8Array([0x61, 0x3d, 0xff]), form), 400, /form is not valid UTF-8/],
    ['its JSON is too large', post(JSON.stringify({ a: large }), json), 413, /larger than 64 KiB/],
    ['its form is too large', post(`a=${large}`, form), 413, /larger than 64 KiB/],
    ['a form has too many fields', post(manyPairs, form), 413, /more than 1000 fields/],
    ['JSON has too many members', post(manyMembers, json), 413, /more than 1000 fields/],
    ['a query has too many fields', new Request(`${url}?${manyPairs}`), 413, /more than 1000 fields/],
  ]
  test.each(rows)('%s', async (_name, request, status, message) => {
    const failure = await failureOf(() => read(request))
    expect(failure.message).toMatch(message)
    expect(failure.status).toBe(status)
    expect(failure.type).toBe(status === 413 ? 'too_large' : 'validation')
  })

  test('more comes than was announced', async () => {
    const chunks = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(16 * KiB)),
    })
    expect((await failureOf(() => read(post(chunks, json)))).status).toBe(413)
  })

  test('it is huge, before any of it is read', async () => {
    const request = new Request(url, {
      method: 'POST',
      headers: { 'content-type': json, 'content-length': '99999999' },
    })
    expect((await failureOf(() => read(request))).status).toBe(413)
  })
})

test('names of members never reach the prototype of anything', async () => {
  const { fields } = await read(post('{"a":{"__proto__":{"admin":true}}}', json))
  expect(({} as Record<string, unknown>).admin).toBeUndefined()
  expect(Object.getPrototypeOf(fields)).toBeNull()
})

describe('a multipart form', () => {
  const formOf = (...parts: [string, string | Blob, string?][]) => {
    const data = new FormData()
    for (const [name, value, filename] of parts)
      value instanceof Blob ? data.append(name, value, filename) : data.append(name, value)
    return post(data)
  }
  const file = (content: string, type = '') => new Blob([content], { type })
  const rows: [string, Request, Record<string, unknown>, string[]][] = [
    ['gives its text fields', formOf(['a', '1'], ['b', 'é 李']), { a: '1', b: 'é 李' }, []],
    ['makes a list of a repeated field', formOf(['a', '1'], ['a', '2']), { a: ['1', '2'] }, []],
    ['gives the members of payload', formOf(['payload', '{"a":1,"b":[2]}']), { a: 1, b: [2] }, []],
    ['lets a field win over payload', formOf(['a', 'x'], ['payload', '{"a":1,"b":2}']), { a: 'x', b: 2 }, []],
    ['reads a payload sent as a Blob', formOf(['payload', file('{"a":1}', json), 'blob']), { a: 1 }, []],
    ['leaves payload alone for its owner', formOf(['payload', '{"a":1}']), { payload: '{"a":1}' }, ['payload']],
  ]
  test.each(rows)('%s', async (_name, request, expected, ownNames) => {
    const { fields, files } = await read(request, { ownNames: new Set(ownNames) })
    expect({ ...fields }).toEqual(expected)
    expect(files).toEqual([])
  })

  test('stores its files under their names, with size, type and hash', async () => {
    const tmpDir = subfolder(root)
    const request = formOf(
      ['image', file('abc', 'image/png'), 'photo.png'],
      ['image', file('', 'text/plain'), 'empty.txt'],
      ['other', file('abc'), 'photo.png'],
      ['width', '5'],
    )
    const { fields, files, dispose } = await readSubmission(request, optionsIn(tmpDir))
    expect({ ...fields }).toEqual({ width: '5' })
    expect(files.map(({ field, filename, size, contentType }) => [field, filename, size, contentType])).toEqual([
      ['image', 'photo.png', 3, 'image/png'],
      ['image', 'empty.txt', 0, expect.stringMatching(/^text\/plain/)],
      ['other', 'photo.png', 3, 'image/png'],
    ])
    expect(files[0]!.sha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    for (const { path, filename, size } of files) {
      expect(path.startsWith(`${tmpDir}/uploads/`)).toBe(true)
      expect(basename(path)).toBe(filename)
      expect(readFileSync(path).length).toBe(size)
    }
    await dispose()
    expect(everythingIn(tmpDir)).toEqual(['uploads'])
  })

  test('ignores a file input that nobody touched', async () => {
    const body =
      '--x\r\nContent-Disposition: form-data; name="image"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n' +
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    const { fields, files } = await read(post(body, 'multipart/form-data; boundary=x'))
    expect({ fields: { ...fields }, files }).toEqual({ fields: { a: '1' }, files: [] })
  })

  test('keeps file names in any language', async () => {
    const names = ['Été à la plage.jpg', '写真 1.png', 'صورة.gif', '👩‍🚀.webp', "l'art.txt", 'a;b,c=d.txt']
    const { files } = await read(formOf(...names.map((name) => ['f', file('x'), name] as [string, Blob, string])))
    expect(files.map(({ filename }) => filename)).toEqual(names)
  })

  const large = file('x'.repeat(257 * KiB))
  const oneFile = file('x')
  const cut = '--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nabc'
  const nameless = '--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n'
  const multipart = 'multipart/form-data; boundary=x'
  const refused: [string, () => Request, number, RegExp][] = [
    [
      'a file is too large',
      () => formOf(['small', oneFile, 'a'], ['f', large, 'b']),
      413,
      /file "f" is larger than 256 KiB/,
    ],
    ['its fields are too large', () => formOf(['f', oneFile, 'a'], ['t', 'x'.repeat(65 * KiB)]), 413, /than 64 KiB/],
    [
      'its fields together are too large',
      () => formOf(['a', 'x'.repeat(33 * KiB)], ['f', oneFile, 'a'], ['b', 'x'.repeat(33 * KiB)]),
      413,
      /than 64 KiB/,
    ],
    ['a payload is too large', () => formOf(['payload', file('x'.repeat(65 * KiB)), 'p']), 413, /than 64 KiB/],
    [
      'it has too many files',
      () => formOf(...Array.from({ length: 51 }, (_, i) => ['f', oneFile, `${i}`] as [string, Blob, string])),
      413,
      /more than 50 files/,
    ],
    [
      'it has too many fields',
      () => formOf(...Array.from({ length: 1001 }, (_, i) => ['f', `${i}`] as [string, string])),
      413,
      /more than 1000 fields/,
    ],
    ['payload is not JSON', () => formOf(['f', oneFile, 'a'], ['payload', 'x']), 400, /"payload" is not valid JSON/],
    ['payload is a list', () => formOf(['payload', '[]']), 400, /"payload" must be a JSON object/],
    ['a field is called __proto__', () => formOf(['__proto__', 'x']), 400, /"__proto__" cannot/],
    ['it is cut in a file', () => post(cut, multipart), 400, /not the multipart form it claims/],
    ['it is cut after a part', () => post(`${cut}\r\n--x\r\n`, multipart), 400, /not the multipart form it claims/],
    ['it is something else', () => post('{"a":1}', multipart), 400, /not the multipart form it claims/],
    ['it has no boundary', () => post(cut, 'multipart/form-data'), 400, /not the multipart form.+[Bb]oundary/],
    ['a part has no name', () => post(nameless, multipart), 400, /has no name/],
  ]
  test.each(refused)('is refused and leaves nothing behind when %s', async (_name, request, status, message) => {
    const tmpDir = subfolder(root)
    const failure = await failureOf(() => readSubmission(request(), optionsIn(tmpDir)))
    expect(failure.message).toMatch(message)
    expect(failure.status).toBe(status)
    expect(everythingIn(tmpDir).filter((name) => name !== 'uploads')).toEqual([])
  })
})

describe('the hash', () => {
  const hashOf = async (request: Request) => (await read(request)).hash
  const same: [string, string, string][] = [
    ['the order of members', '{"a":1,"b":{"c":1,"d":2}}', '{"b":{"d":2,"c":1},"a":1}'],
    ['white space', '{"a":1}', ' {"a" : 1}\n'],
  ]
  test.each(same)('does not depend on %s', async (_name, first, second) => {
    expect(await hashOf(post(first, json))).toBe(await hashOf(post(second, json)))
  })

  const different: [string, string, string][] = [
    ['a value', '{"a":1}', '{"a":2}'],
    ['a type', '{"a":1}', '{"a":"1"}'],
    ['a name', '{"a":1}', '{"b":1}'],
    ['the order of a list', '{"a":[1,2]}', '{"a":[2,1]}'],
    ['an object against a list of pairs', '{"a":{"b":1}}', '{"a":[["b",1]]}'],
  ]
  test.each(different)('depends on %s', async (_name, first, second) => {
    expect(await hashOf(post(first, json))).not.toBe(await hashOf(post(second, json)))
  })

  test('depends on the content of files', async () => {
    const upload = (content: string) => {
      const data = new FormData()
      data.append('f', new Blob([content]), 'a.txt')
      return post(data)
    }
    expect(await hashOf(upload('x'))).toBe(await hashOf(upload('x')))
    expect(await hashOf(upload('x'))).not.toBe(await hashOf(upload('y')))
  })
})
