import { afterAll, describe, expect, test } from 'bun:test'
import type { Outgoing } from '../../src/channels/model.ts'
import type { SenderOptions } from '../../src/channels/sender.ts'
import { cert } from '../harness/certificate.ts'
import { type Behaviour, createReceiver } from '../harness/receiver.ts'
import { meansFor, toLoopback } from './harness.ts'

const [receiver, other, secure] = await Promise.all([createReceiver(), createReceiver(), createReceiver({ tls: true })])
afterAll(() => Promise.all([receiver.close(), other.close(), secure.close()]))

const post = (url: string, more: Partial<Outgoing> = {}): Outgoing => ({
  url,
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"text":"ä"}',
  ...more,
})

const send = (path: string, options: Partial<SenderOptions> = {}, more: Partial<Outgoing> = {}) =>
  meansFor(options).http(post(receiver.url(path), more))

const here = `127.0.0.1:${receiver.port}`

test('a request goes out as it is, with its length and without anything that was not asked for', async () => {
  const sent = await send('ok/a?b=c')
  expect(sent).toMatchObject({ ok: true, status: 200, answer: 'ok' })
  const { method, path, headers, body } = receiver.requests.at(-1)!
  expect({ method, path, body }).toEqual({ method: 'POST', path: '/ok/a?b=c', body: '{"text":"ä"}' })
  expect(headers).toEqual({
    host: here,
    connection: 'close',
    'content-type': 'application/json',
    'content-length': '13',
    'user-agent': 'ScriptGateway',
    'accept-encoding': 'identity',
  })
})

test('a GET has no body', async () => {
  await send('ok/get', {}, { method: 'GET', headers: {} })
  expect(receiver.requests.at(-1)).toMatchObject({ method: 'GET', path: '/ok/get', body: '' })
  expect(receiver.requests.at(-1)!.headers).not.toHaveProperty('content-length')
})

test('a login in the address becomes a header, and stands in neither address nor problem', async () => {
  const url = `http://ann:p%40ss@${here}/echo`
  const sent = await meansFor().http(post(url))
  const basic = Buffer.from('ann:p@ss').toString('base64')
  expect(receiver.requests.at(-1)).toMatchObject({ path: '/echo', headers: { authorization: `Basic ${basic}` } })
  expect(JSON.stringify(sent)).not.toContain('p@ss')
  expect(JSON.stringify(sent)).not.toContain(basic)
})

describe('an answer says whether it arrived', () => {
  const rows: [Behaviour, number][] = [
    ['ok', 200],
    ['no_content', 204],
    ['strange_status', 299],
    ['hinted', 200],
    ['huge', 200],
    ['endless', 200],
    ['closes_in_answer', 200],
    ['keep_alive_dies', 200],
    ['temporary', 200],
    ['permanent', 200],
  ]
  test.each(rows)('yes: %s', async (behaviour, status) => {
    const sent = await send(behaviour)
    expect(sent).toMatchObject({ ok: true, status })
    expect(Buffer.byteLength(sent.answer)).toBeLessThanOrEqual(4096)
  })

  test('yes, and what is packed is not unpacked', async () => {
    const { ok, answer } = await send('packed')
    expect([ok, answer.length > 0, answer.includes('xx')]).toEqual([true, true, false])
  })

  test('yes, when the rest of the answer does not come in time', async () => {
    expect(await send('slow_body', { timeoutMs: 150 })).toMatchObject({ ok: true, status: 200, answer: 'begun' })
  })

  const day = 24 * 3_600_000
  const refused: [Behaviour, string, boolean, number | null][] = [
    ['error', `${here} answered 500 Internal Server Error.`, false, null],
    ['unavailable', `${here} answered 503 Service Unavailable.`, false, 120_000],
    ['not_found', `${here} answered 404 Not Found: see whether its address is right.`, true, null],
    [
      'forbidden',
      `${here} answered 403 Forbidden: see whether its token or password is right, and what it allows.`,
      true,
      null,
    ],
    ['bad_request', `${here} answered 400 Bad Request.`, true, null],
    ['gone', `${here} answered 410 Gone: it wants no more messages at this address.`, true, null],
    ['timed_out', `${here} answered 408 Request Timeout.`, false, null],
    ['too_many', `${here} answered 429 Too Many Requests.`, false, 7000],
    ['too_many_until', `${here} answered 429 Too Many Requests.`, false, 60_000],
    ['too_many_for_ever', `${here} answered 429 Too Many Requests.`, false, day],
    ['closes', `${here} closed the connection without an answer.`, false, null],
    ['closes_in_headers', `${here} closed the connection without an answer.`, false, null],
    ['garbage', `${here} did not answer in HTTP.`, false, null],
    ['huge_headers', `${here} did not answer in HTTP.`, false, null],
    ['hints_for_ever', `${here} did not answer in HTTP.`, false, null],
  ]
  test.each(refused)('no: %s', async (behaviour, problem, isFinal, retryAfterMs) => {
    expect(await send(`${behaviour}/T0K3N?key=s3cret`)).toMatchObject({ ok: false, problem, isFinal, retryAfterMs })
  })

  test.each<Behaviour>(['silent', 'slow_headers', 'drip'])('not in time: %s', async (behaviour) => {
    const sent = await send(behaviour, { timeoutMs: 150 })
    expect(sent).toMatchObject({
      ok: false,
      status: null,
      isFinal: false,
      problem: `${here} did not answer within 0.15 s.`,
    })
  })

  test('no, when the rest of an error does not come in time', async () => {
    const sent = await send('slow_error', { timeoutMs: 150 })
    expect(sent).toMatchObject({ ok: false, status: 500, answer: 'begun', isFinal: false })
  })

  test('no, when nobody is there', async () => {
    const gone = await createReceiver()
    await gone.close()
    const sent = await meansFor().http(post(gone.url()))
    expect(sent).toMatchObject({ ok: false, problem: `127.0.0.1:${gone.port} refuses the connection.`, isFinal: false })
  })

  test('no, when nobody knows the name, or the name service is silent', async () => {
    const unknown = await meansFor({ resolve: () => Promise.reject(new Error('ENOTFOUND')) }).http(
      post('http://a.test/x'),
    )
    expect(unknown).toMatchObject({ ok: false, problem: 'No address is known for "a.test".', isFinal: false })
    const silent = await meansFor({ resolve: () => new Promise(() => {}), timeoutMs: 50 }).http(post('http://a.test/x'))
    expect(silent).toMatchObject({ ok: false, problem: 'a.test did not answer within 0.05 s.', isFinal: false })
  })

  test.each([
    ['an address that is none', 'nothing', {}],
    ['a header that cannot be sent', 'http://a.test/', { 'x-a': 'b\r\nc: d' }],
  ])('no, and for good: %s', async (_name, url, headers) => {
    const sent = await meansFor().http(post(url, { headers }))
    expect(sent).toMatchObject({ ok: false, isFinal: true, status: null })
  })
})

describe('what an answer repeats of our secrets is masked', () => {
  test('parts of the address, and headers', async () => {
    const headers = { authorization: 'Bearer tk_abcdef', 'x-team': 'blue-team', 'content-type': 'text/plain' }
    const sent = await send('echo/services/T00000001/abcdefghijklmnopqrst?key=s3cr%20t&w=1', {}, { headers })
    expect(sent.answer).toContain('Cannot POST')
    for (const secret of ['tk_abcdef', 'blue-team', 'T00000001', 'abcdefghijklmnopqrst', 's3cr%20t', 's3cr t'])
      expect(sent.answer).not.toContain(secret)
  })

  test('at the end of what is kept, no half of one is left', async () => {
    const token = 'a1'.repeat(40)
    const sent = await send(`echo/${'x'.repeat(4040)}/${token}`)
    expect(sent.answer.length).toBeGreaterThan(100)
    expect(sent.answer).not.toContain('a1')
  })
})

describe('redirects', () => {
  test('keep method, headers and body where the method is kept', async () => {
    const before = receiver.requests.length
    await send('temporary', {}, { headers: { authorization: 'Bearer abc', 'content-type': 'text/plain' } })
    const [, second, ...rest] = receiver.requests.slice(before)
    expect(second).toMatchObject({ method: 'POST', path: '/ok/after', body: '{"text":"ä"}' })
    expect(second!.headers).toMatchObject({ authorization: 'Bearer abc', 'content-type': 'text/plain' })
    expect(rest).toEqual([])
  })

  test.each<Behaviour>(['found', 'moved', 'see_other'])('of a GET are followed: %s', async (behaviour) => {
    expect(await send(behaviour, {}, { method: 'GET' })).toMatchObject({ ok: true, answer: 'ok' })
  })

  const refused: [Behaviour, RegExp, number][] = [
    [
      'found',
      /redirects to 127.0.0.1:\d+ \(302\); only 307 and 308 are followed with their message: enter the new address/,
      1,
    ],
    ['moved', /\(301\); only 307 and 308 are followed with their message/, 1],
    ['see_other', /\(303\); only 307/, 1],
    ['loop', /redirects more than 3 times/, 4],
    ['to_file', /redirects to file:, which is neither http nor https/, 1],
    ['to_nowhere', /answered 307 Temporary Redirect/, 1],
  ]
  test.each(refused)('are not followed: %s', async (behaviour, problem, requests) => {
    const before = receiver.requests.length
    const sent = await send(behaviour)
    expect(sent).toMatchObject({ ok: false, problem: expect.stringMatching(problem) })
    expect(receiver.requests.length - before).toBe(requests)
  })

  test('of a login or a signature to another server are refused, of the message alone they are followed', async () => {
    receiver.other = other.url('ok')
    for (const header of ['authorization', 'webhook-signature', 'x-api-key']) {
      const sent = await send('to_other', {}, { headers: { [header]: 'secret' } })
      expect(sent).toMatchObject({
        ok: false,
        isFinal: true,
        problem: expect.stringContaining('must not see the credentials'),
      })
    }
    expect(other.requests).toEqual([])
    expect(await send('to_other')).toMatchObject({ ok: true })
    expect(other.requests).toHaveLength(1)
  })

  test('are checked anew at each address', async () => {
    const sent = await send('to_metadata')
    expect(sent).toMatchObject({ ok: false, status: null, isFinal: true })
    expect(sent.ok || sent.problem).toMatch(/^"::ffff:a9fe:a9fe" is no address that anything is sent to/)
  })

  test('from https to http are refused', async () => {
    secure.other = other.url('ok')
    const before = other.requests.length
    const sent = await meansFor({ ca: cert }).http(post(`https://hook.test:${secure.port}/to_other`))
    expect(sent).toMatchObject({ ok: false, isFinal: true, problem: expect.stringContaining('without encryption') })
    expect(other.requests.length).toBe(before)
  })
})

describe('https', () => {
  const rows: [string, string, string | undefined, RegExp | null][] = [
    ['with a certificate that is trusted for the name', 'hook.test', cert, null],
    ['with one that nobody vouches for', 'hook.test', undefined, /certificate that is not trusted/],
    ['with one for another name', 'other.test', cert, /certificate that is not trusted/],
  ]
  test.each(rows)('%s', async (_name, host, ca, problem) => {
    const sent = await meansFor(ca ? { ca } : {}).http(post(`https://${host}:${secure.port}/ok`))
    expect(sent).toMatchObject(
      problem ? { ok: false, isFinal: false, problem: expect.stringMatching(problem) } : { ok: true },
    )
  })

  test('where the other side speaks none', async () => {
    const sent = await meansFor().http(post(`https://hook.test:${receiver.port}/ok`))
    expect(sent).toMatchObject({ ok: false, problem: expect.stringContaining('does not speak TLS there') })
  })
})

describe('nothing is sent to this machine, nor to link-local addresses, unless it is allowed', () => {
  const spellings = [
    ...['127.0.0.1', '127.1', '0x7f.1', '2130706433', '0177.0.0.1', '127.0.0.1.', '①②⑦.0.0.1', '0.0.0.0', 'localhost'],
    ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fe80::1]'],
    ...['169.254.169.254', '0xa9fea9fe', '224.0.0.1', '255.255.255.255', '[ff02::1]', '[fd00:ec2::254]'],
  ]
  test.each(spellings)('as %s', async (host) => {
    const before = receiver.requests.length
    const strict = { allowLocal: false, ...(host === 'localhost' ? { resolve: toLoopback } : {}) }
    const sent = await meansFor(strict).http(post(`http://${host}:${receiver.port}/ok`))
    expect(sent).toMatchObject({ ok: false, status: null, isFinal: true })
    expect(sent.ok || sent.problem).toMatch(/notify_local_addresses|no address that anything is sent to/)
    expect(receiver.requests.length).toBe(before)
  })

  test('by a name that leads there, alone or first', async () => {
    const url = `http://public.test:${receiver.port}/ok`
    const alone = await meansFor({ allowLocal: false }).http(post(url))
    expect(alone).toMatchObject({ ok: false, problem: expect.stringContaining('"public.test" is this machine') })
    const asked: string[] = []
    const resolve = async (name: string) => {
      asked.push(name)
      return [
        { address: '127.0.0.1', family: 4 },
        { address: '192.0.2.1', family: 4 },
        { address: '10.255.255.1', family: 4 },
      ]
    }
    const allowed = await meansFor({ allowLocal: false, resolve }).addressesOf('both.test')
    expect(allowed).toEqual([{ address: '10.255.255.1', family: 4 }])
  })

  test('by a name that leads elsewhere when it is asked again', async () => {
    let asked = 0
    const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
    expect(await meansFor({ resolve }).http(post(`http://rebound.test:${receiver.port}/ok`))).toMatchObject({
      ok: true,
    })
    expect(asked).toBe(1)
  })

  test.each(['192.168.1.5', '10.0.0.1', '172.16.0.1', '100.64.0.1', '[fd12::1]'])(
    'private networks are: %s',
    async (host) => {
      expect(await meansFor({ allowLocal: false }).addressesOf(host)).toHaveLength(1)
    },
  )
})
