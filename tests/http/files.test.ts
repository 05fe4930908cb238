/** File parameters in every form they may come in; refused ones first. */
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { type Answer, json, post } from './formats.ts'
import { leftovers } from './leftovers.ts'

const report = `import { readFileSync } from 'node:fs'
import { basename, isAbsolute } from 'node:path'
const said = []
for (let i = 0; i < args.length; i += 2) {
  const [flag, path] = [args[i], args[i + 1]]
  const isFile = isAbsolute(path)
  said.push(isFile ? { flag, path, name: basename(path), text: readFileSync(path, 'utf8') } : { flag, value: path })
}
console.log(JSON.stringify(said))`
const script = (params: Record<string, Record<string, unknown>>) => {
  const [imports, rest] = [report.split('\n').slice(0, 2), report.split('\n').slice(2)]
  return `${imports.join('\n')}\n${javascriptScript(params, rest.join('\n'))}`
}

const gateway = await startApp(
  {
    'js/one.js': script({ doc: { type: 'file', required: true }, title: { type: 'str' }, size: { type: 'int' } }),
    'js/maybe.js': script({ doc: { type: 'image' }, title: { type: 'str' } }),
    'js/many.js': script({ docs: { type: 'file', multiple: true } }),
    'python/read.py': pythonScript(
      { doc: { type: 'file', required: true } },
      'print(json.dumps({"text": open(args["doc"]).read(), "name": os.path.basename(args["doc"])}))',
    ),
  },
  { upload_bytes_max: 4096, body_bytes_max: 65_536, fetch_timeout_sec: 1 },
)
const folder = tempFolder()
const allowed = join(folder, 'allowed.txt')
const secret = join(folder, 'secret.key')
writeFileSync(allowed, 'a local file')
writeFileSync(secret, 'not for you')
symlinkSync(secret, join(folder, 'link.txt'))

const neighbour = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: ({ url }) => {
    const { pathname } = new URL(url)
    if (pathname === '/doc.txt') return new Response('fetched')
    if (pathname === '/huge') return new Response(new Uint8Array(8192))
    if (pathname === '/to-file') return new Response(null, { status: 302, headers: { location: 'file:///etc/passwd' } })
    if (pathname === '/silent') return new Response(new ReadableStream({ start() {} }))
    return new Response('no', { status: 404 })
  },
})
afterAll(() => neighbour.stop(true))
const address = `http://127.0.0.1:${neighbour.port}`

interface Said {
  flag: string
  name: string
  text: string
  path: string
  value: string
}
/** Says which address, and which setting would allow it where one would. */
const refusedAddress = /is not a public address/
const said = (body: Answer) => body.data as Said[]

function multipart(parts: [name: string, value: string | File][]): RequestInit {
  const body = new FormData()
  for (const [name, value] of parts) body.append(name, value)
  return { method: 'POST', body }
}
const upload = (slug: string, ...parts: [string, string | File][]) =>
  gateway.json<Answer>(`/api/scripts/${slug}/run`, multipart(parts))
const setting = async (value: Record<string, unknown>) => {
  const { status } = await gateway.json('/api/settings', { ...json(value), method: 'PUT' })
  expect(status).toBe(200)
}

const noneLeft = () => eventually('nothing is left', () => leftovers(gateway.dataDir).length === 0)

describe('refused', () => {
  test('GET, when a file is required: 405 with Allow', async () => {
    for (const method of ['GET', 'PUT', 'HEAD']) {
      const response = await gateway.fetch('/api/scripts/one/run?doc=data:,x', { method })
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST'])
    }
  })

  const values: [what: string, value: unknown, status: number, type: string, message: RegExp][] = [
    ['nothing', undefined, 422, 'validation', /doc is required/],
    ['an empty text', '', 422, 'validation', /doc is required/],
    ['a number', 5, 422, 'validation', /must be a text/],
    ['a word', 'report.pdf', 422, 'validation', /an uploaded file, an http\(s\) address/],
    ['a relative path', '../../etc/passwd', 422, 'validation', /an absolute path/],
    ['another scheme', 'ftp://example.com/x', 422, 'validation', /http\(s\) address/],
    ['file:', 'file:///etc/passwd', 422, 'validation', /http\(s\) address/],
    ['an absolute path', '/etc/passwd', 403, 'forbidden', /local_file_access_patterns/],
    ['an absolute path of nothing', '/no/such/thing', 403, 'forbidden', /local_file_access_patterns/],
    ['data without a comma', 'data:text/plain;base64', 422, 'validation', /comma/],
    ['data that is not base64', 'data:;base64,!!!', 422, 'validation', /base64/],
    ['data over the limit', `data:,${'x'.repeat(5000)}`, 413, 'too_large', /upload_bytes_max/],
    ['loopback by number', `${address}/doc.txt`, 422, 'validation', refusedAddress],
    ['loopback by name', `http://localhost:${neighbour.port}/doc.txt`, 422, 'validation', refusedAddress],
    ['loopback by IPv6', `http://[::1]:${neighbour.port}/doc.txt`, 422, 'validation', refusedAddress],
    ['loopback in decimal', `http://2130706433:${neighbour.port}/doc.txt`, 422, 'validation', refusedAddress],
    [
      'an IPv4 address inside IPv6',
      `http://[::ffff:127.0.0.1]:${neighbour.port}/doc.txt`,
      422,
      'validation',
      refusedAddress,
    ],
    ['the cloud metadata service', 'http://169.254.169.254/latest', 422, 'validation', refusedAddress],
  ]
  test.each(values)('%s', async (_what, doc, status, type, message) => {
    const { body, ...answer } = await post(gateway, 'one', { doc })
    expect({ status: answer.status, type: body.error.type }).toEqual({ status, type })
    expect(body.error.message).toMatch(message)
    expect(body.error.details?.[0]?.path).toBe('/doc')
    expect(body.run_id).toBeUndefined()
  })

  test('a file that is too large; nothing of it stays', async () => {
    const { status, body } = await upload('one', ['doc', new File(['x'.repeat(5000)], 'big.txt')])
    expect([status, body.error.type, body.error.details?.[0]?.path]).toEqual([413, 'too_large', '/doc'])
    await noneLeft()
  })

  test('a file for a parameter that takes none', async () => {
    const { status, body } = await upload('one', ['doc', new File(['x'], 'a.txt')], ['title', new File(['y'], 'b.txt')])
    expect([status, body.error.details?.[0]?.path]).toEqual([422, '/title'])
    await noneLeft()
  })

  test('a file for a parameter that does not exist', async () => {
    const { status, body } = await upload('many', ['else', new File(['x'], 'a.txt')])
    expect([status, body.error.details?.[0]?.path]).toEqual([422, '/else'])
    await noneLeft()
  })

  test('two files for one: the answer does not tell where they were stored', async () => {
    const { status, body } = await upload('one', ['doc', new File(['x'], 'a.txt')], ['doc', new File(['y'], 'b.txt')])
    expect([status, body.error.details?.[0]?.path]).toEqual([422, '/doc'])
    expect(JSON.stringify(body)).not.toContain(gateway.dataDir)
    await noneLeft()
  })

  test('another parameter that does not fit: the file goes again', async () => {
    const { status } = await upload('one', ['doc', new File(['x'], 'a.txt')], ['size', 'large'])
    expect(status).toBe(422)
    await noneLeft()
  })

  test('a path that names the gateway’s own upload folder', async () => {
    const { status } = await post(gateway, 'one', { doc: join(gateway.dataDir, 'gateway.db') })
    expect(status).toBe(403)
  })
})

describe('accepted', () => {
  test('an upload, under its own name, beside other fields', async () => {
    const { status, body } = await upload('one', ['title', 'a b'], ['doc', new File(['héllo'], 'my file.txt')])
    expect(status).toBe(200)
    expect(said(body)).toEqual([
      {
        flag: '--doc',
        name: 'my file.txt',
        text: 'héllo',
        path: expect.stringContaining(`${gateway.dataDir}/`),
      } as Said,
      { flag: '--title', value: 'a b' } as Said,
    ])
    await eventually('the upload is gone after the run', () => !existsSync(said(body)[0]!.path))
  })

  test('an upload beside a payload', async () => {
    const { body } = await upload(
      'one',
      ['payload', '{"title":"from json","size":3}'],
      ['doc', new File(['x'], 'x.md')],
    )
    expect(said(body).map(({ flag, text, value }) => [flag, text ?? value])).toEqual([
      ['--doc', 'x'],
      ['--title', 'from json'],
      ['--size', '3'],
    ])
  })

  const names: [sent: string, stored: string][] = [
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['-rf', 'rf'],
    ['.bashrc', 'bashrc'],
    ['sp ace <b> $(x).txt', 'sp ace _b_ _(x).txt'],
    ['żółw 漢字.txt', 'żółw 漢字.txt'],
    [`${'x'.repeat(400)}.pdf`, `${'x'.repeat(196)}.pdf`],
  ]
  test.each(names)('the name %s becomes harmless', async (sent, stored) => {
    const { status, body } = await upload('one', ['doc', new File(['x'], sent)])
    expect([status, said(body)[0]?.name]).toEqual([200, stored])
  })

  test('an empty file is a file', async () => {
    const { body } = await upload('one', ['doc', new File([], 'empty.txt')])
    expect(said(body)[0]).toMatchObject({ name: 'empty.txt', text: '' })
  })

  test('several files, in the order they came, also with one name', async () => {
    const { body } = await upload(
      'many',
      ...['1', '2', '3'].map((text): [string, File] => ['docs', new File([text], 'same.txt')]),
    )
    expect(said(body).map(({ flag, text }) => [flag, text])).toEqual([
      ['--docs', '1'],
      ['--docs', '2'],
      ['--docs', '3'],
    ])
  })

  test('data: URLs, one and several', async () => {
    const one = await post(gateway, 'one', { doc: 'data:text/csv;base64,YSxiCjEsMg==' })
    expect(said(one.body)[0]).toMatchObject({ name: 'doc.csv', text: 'a,b\n1,2' })
    const many = await post(gateway, 'many', { docs: ['data:,a', 'data:,b%20c'] })
    expect(said(many.body).map(({ text }) => text)).toEqual(['a', 'b c'])
    await noneLeft()
  })

  test('GET takes an address where the file is optional', async () => {
    const answer = await gateway.json<Answer>('/api/scripts/maybe/run?doc=data:,x&title=y')
    expect(said(answer.body).map(({ text, value }) => text ?? value)).toEqual(['x', 'y'])
    expect((await gateway.json<Answer>('/api/scripts/maybe/run')).body.data).toEqual([])
  })

  test('Python reads it too', async () => {
    const { body } = await upload('read', ['doc', new File(['ok'], 'x.txt')])
    expect(body.data).toEqual({ text: 'ok', name: 'x.txt' })
  })
})

describe('allowed by settings', () => {
  test('addresses of this machine, with fetch_private_addresses', async () => {
    await setting({ fetch_private_addresses: true })
    expect(said((await post(gateway, 'one', { doc: `${address}/doc.txt` })).body)[0]).toMatchObject({
      name: 'doc.txt',
      text: 'fetched',
    })
    const refused: [string, number, string][] = [
      [`${address}/missing`, 422, 'validation'],
      [`${address}/huge`, 413, 'too_large'],
      [`${address}/to-file`, 422, 'validation'],
      [`${address}/silent`, 422, 'validation'],
      ['http://127.0.0.1:1/', 422, 'validation'],
      ['http://169.254.169.254/', 422, 'validation'],
    ]
    const answers = await Promise.all(
      refused.map(async ([doc]) => {
        const { status, body } = await post(gateway, 'one', { doc })
        return [doc, status, body.error?.type]
      }),
    )
    expect(answers).toEqual(refused)
    await setting({ fetch_private_addresses: null })
    expect((await post(gateway, 'one', { doc: `${address}/doc.txt` })).status).toBe(422)
    await noneLeft()
  })

  test('local files, with local_file_access_patterns; a link does not lead around them', async () => {
    await setting({ local_file_access_patterns: [`${folder}/*.txt`] })
    const { body } = await post(gateway, 'one', { doc: allowed })
    expect(said(body)[0]).toMatchObject({ path: allowed, text: 'a local file' })
    expect(existsSync(allowed)).toBe(true)
    const refused: [string, number][] = [
      [secret, 403],
      [join(folder, 'link.txt'), 403],
      [`${folder}/x/../secret.key`, 403],
      [join(folder, 'missing.txt'), 422],
    ]
    for (const [doc, status] of refused)
      expect([doc, (await post(gateway, 'one', { doc })).status]).toEqual([doc, status])
    await setting({ local_file_access_patterns: null })
    expect((await post(gateway, 'one', { doc: allowed })).status).toBe(403)
  })
})
