/** What passes the edge, by name, origin and proxy; and what every answer says. The routes behind it are one echo. */
import { describe, expect, test } from 'bun:test'
import { hostname } from 'node:os'
import { type Config, options } from '../../src/config.ts'
import { type Arrival, arrivalOf, createEdge } from '../../src/http/edge.ts'
import { requireOwnOrigin } from '../../src/http/guard.ts'
import { silentLog } from '../../src/log.ts'

interface Given {
  settings?: Partial<Config>
  peer?: string | null
  path?: string
  method?: string
  headers?: Record<string, string>
  answer?: () => Response
}

/** Answers what the edge does with a request, and how the echo saw it; `seen` is undefined when it did not get there. */
async function through({
  settings = {},
  peer = '203.0.113.9',
  path = '/',
  method = 'GET',
  headers = {},
  answer,
}: Given) {
  const setting = <K extends keyof Config>(name: K) => (settings[name] ?? options[name].default) as Config[K]
  let seen: { arrival: Arrival; url: string } | undefined
  const wrap = createEdge({
    ...{ setting, baseUrl: () => setting('base_url') || 'http://localhost:8001', peerOf: () => peer, log: silentLog() },
  }) as unknown as (fetch: (request: Request) => Response) => (request: Request) => Promise<Response>
  const edge = wrap((request) => {
    seen = { arrival: arrivalOf(request), url: request.url }
    return answer?.() ?? Response.json({})
  })
  const host = headers.host ?? '127.0.0.1:8001'
  const response = await edge(new Request(`http://${host}${path}`, { method, headers: { host, ...headers } }))
  return { response, status: response.status, headers: response.headers, seen }
}

describe('names that are ours', () => {
  const lan = { host: '0.0.0.0', base_url: 'https://tools.example.com/x', allowed_hosts: ['nas.local', '[fd00::9]'] }
  const rows: [listensOn: string, host: string, status: number][] = [
    ['127.0.0.1', 'localhost:8001', 200],
    ['127.0.0.1', 'localhost.', 200],
    ['127.0.0.1', '127.9.9.9', 200],
    ['127.0.0.1', '192.168.1.5:8001', 403],
    ['127.0.0.1', hostname(), 403],
    ['127.0.0.1', 'tools.example.com', 200],
    ['127.0.0.1', 'nas.local:8001', 200],
    ['0.0.0.0', '192.168.1.5:8001', 200],
    ['0.0.0.0', '[fd00::1]:8001', 200],
    ['0.0.0.0', hostname().toUpperCase(), 200],
    ['0.0.0.0', `${hostname()}.local:8001`, 200],
    ['0.0.0.0', 'tools.example.com', 200],
    ['0.0.0.0', 'NAS.local', 200],
    ['0.0.0.0', 'localhost', 200],
    ['0.0.0.0', 'evil.example', 403],
    ['0.0.0.0', 'tools.example.com.evil.example', 403],
    ['0.0.0.0', '192.168.1.5.evil.example', 403],
    ['0.0.0.0', 'nas.local, evil.example', 400],
    ['0.0.0.0', 'user@nas.local', 400],
    ['0.0.0.0', 'nas.local/x', 400],
    ['0.0.0.0', 'nas.local:8001:1', 400],
    ['0.0.0.0', '', 400],
  ]
  test.each(rows)('on %s, %j: %d', async (listensOn, host, status) => {
    const url = 'http://127.0.0.1/health'
    const setting = { ...lan, host: listensOn } as Partial<Config>
    const { response, seen } = await through({
      settings: setting,
      headers: { host: '127.0.0.1' },
      path: new URL(url).pathname,
    })
    expect([response.status, seen === undefined]).toEqual([200, false])
    const answered = await withHost(host, setting)
    expect(answered).toBe(status)
  })

  /** A Host that no address could be made with. */
  async function withHost(host: string, settings: Partial<Config>) {
    const setting = <K extends keyof Config>(name: K) => (settings[name] ?? options[name].default) as Config[K]
    const wrap = createEdge({ setting, baseUrl: () => setting('base_url'), peerOf: () => '10.9.9.9', log: silentLog() })
    const edge = (wrap as unknown as (inner: () => Response) => (request: Request) => Promise<Response>)(() =>
      Response.json({}),
    )
    const headers: Record<string, string> = host === '' ? {} : { host }
    return (await edge(new Request('http://127.0.0.1/health', { headers }))).status
  }
})

describe('whose page made a request', () => {
  const own = 'http://192.168.1.5:8001'
  const rows: [name: string, headers: Record<string, string>, origin: Arrival['origin'], settings?: Partial<Config>][] =
    [
      ['a program', {}, 'unknown'],
      ['our page', { origin: own }, 'own'],
      ['our page, as a modern browser says', { origin: own, 'sec-fetch-site': 'same-origin' }, 'own'],
      ['our page, by a GET over plain http', { referer: `${own}/scripts/1` }, 'own'],
      ['typed', { 'sec-fetch-site': 'none' }, 'own'],
      ['another site', { origin: 'http://evil.example' }, 'foreign'],
      ['another site, by a GET over plain http', { referer: 'http://evil.example/x' }, 'foreign'],
      ['another site that hides', { referer: '' }, 'foreign'],
      ['a sandbox', { origin: 'null' }, 'foreign'],
      ['a file', { origin: 'file://' }, 'foreign'],
      ['another port', { origin: 'http://192.168.1.5:9000' }, 'foreign'],
      ['another port, same site', { 'sec-fetch-site': 'same-site' }, 'foreign'],
      ['a referer that begins like ours', { referer: `${own}.evil.example/` }, 'foreign'],
      ['a referer with our name as user', { referer: 'http://192.168.1.5:8001@evil.example/' }, 'foreign'],
      ['two that contradict', { origin: own, 'sec-fetch-site': 'cross-site' }, 'foreign'],
      [
        'two that contradict, the other way',
        { origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
        'foreign',
      ],
      [
        'the name in BASE_URL',
        { origin: 'https://tools.example.com' },
        'own',
        { base_url: 'https://tools.example.com/x' },
      ],
      [
        'the name in BASE_URL by http',
        { origin: 'http://tools.example.com' },
        'foreign',
        { base_url: 'https://tools.example.com/x' },
      ],
    ]
  test.each(rows)('%s', async (_, headers, origin, settings = {}) => {
    // A page opened from elsewhere may be foreign and still come in: so every kind of origin is seen behind the edge.
    const { seen } = await through({
      settings: { host: '0.0.0.0', cors_origins: [headers.origin ?? ''], ...settings },
      headers: { host: '192.168.1.5:8001', ...headers },
    })
    if (seen) expect(seen.arrival.origin).toBe(origin)
    else expect(origin).toBe('foreign')
  })

  test('where a proxy says https, a page of our name over http is not ours', async () => {
    const by = (origin: string) =>
      through({
        settings: { trusted_proxies: ['10.0.0.1'], allowed_hosts: ['tools.lan'] },
        peer: '10.0.0.1',
        headers: { host: 'tools.lan', 'x-forwarded-proto': 'https', origin },
      })
    expect((await by('https://tools.lan')).seen?.arrival.origin).toBe('own')
    expect((await by('http://tools.lan')).status).toBe(403)
  })
})

describe('a page of another origin', () => {
  const foreign = { origin: 'http://evil.example' }
  const link = { referer: 'http://evil.example/' }
  const rows: [name: string, given: Given, status: number][] = [
    ['posts', { method: 'POST', headers: foreign }, 403],
    ['reads', { path: '/api/runs', headers: foreign }, 403],
    ['starts a run by an image', { path: '/api/scripts/1/run', headers: link }, 403],
    ['opens a stream', { path: '/api/events', headers: foreign }, 403],
    ['opens a socket', { path: '/ws/runs/1', headers: { ...foreign, upgrade: 'websocket' } }, 403],
    ['opens a socket elsewhere', { path: '/x', headers: { ...link, upgrade: 'websocket' } }, 403],
    [
      'asks before it calls',
      { method: 'OPTIONS', headers: { ...foreign, 'access-control-request-method': 'PUT' } },
      403,
    ],
    ['links to a page', { path: '/scripts/1', headers: link }, 200],
    [
      'links to a page, as a modern browser says',
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } },
      200,
    ],
    ['loads a page as an image', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } }, 403],
    ['carries a token', { path: '/api/runs', headers: { ...foreign, authorization: 'Bearer x' } }, 403],
  ]
  test.each(rows)('%s', async (_, given, status) => {
    const answer = await through(given)
    expect([answer.status, answer.seen !== undefined]).toEqual([status, status === 200])
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

test.each<[Arrival['origin'], Partial<Arrival>, isActing: boolean, isAllowed: boolean]>([
  ['own', {}, true, true],
  ['own', { isSocket: true }, false, true],
  ['own', {}, false, true],
  ['unknown', {}, true, false],
  ['unknown', { isSocket: true }, false, false],
  ['unknown', {}, false, true],
  ['foreign', {}, true, false],
  ['foreign', { isSocket: true }, false, false],
  ['foreign', {}, false, true], // a link to a page
  ['foreign', { isListedOrigin: true }, true, false],
  ['foreign', { isListedOrigin: true }, false, false],
])('with a cookie, from %s, %j, acting %p: allowed %p', (origin, more, isActing, isAllowed) => {
  const check = expect(() =>
    requireOwnOrigin({ origin, isListedOrigin: false, isSocket: false, ...more }, { isActing }),
  )
  if (isAllowed) check.not.toThrow()
  else check.toThrow(/origin|evident/)
})

describe('CORS', () => {
  const settings = { cors_origins: ['https://app.example'] }
  const from = (origin: string, more: Given = {}) =>
    through({
      settings,
      path: '/api/runs',
      ...more,
      headers: { origin, 'sec-fetch-site': 'cross-site', ...more.headers },
    })
  const ask = { method: 'OPTIONS', headers: { 'access-control-request-method': 'PUT' } }

  test('a listed origin may call and read, without credentials', async () => {
    const { status, headers, seen } = await from('https://app.example')
    expect([status, seen?.arrival.isListedOrigin]).toEqual([200, true])
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    expect(headers.get('vary')).toContain('origin')
  })

  test('what it asks before is answered, and reaches no route', async () => {
    const { status, headers, seen } = await from('https://app.example', ask)
    expect([status, seen]).toEqual([204, undefined])
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(headers.get('access-control-allow-methods')).toContain('PUT')
    expect(headers.get('access-control-allow-headers')).toContain('authorization')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })

  test.each([
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:444',
    'https://evil.example',
    'null',
    '*',
  ])('%s may neither ask nor call', async (origin) => {
    for (const given of [ask, {}]) {
      const { status, headers, seen } = await from(origin, given)
      expect([status, seen]).toEqual([403, undefined])
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('vary')).toContain('origin')
    }
  })
})

describe('what every answer says', () => {
  test('an API answer is not kept, not guessed, not embedded', async () => {
    const { headers } = await through({ path: '/api/runs' })
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers.get('strict-transport-security')).toBeNull()
  })

  test('a refusal says it too', async () => {
    const { status, headers } = await through({ path: '/api/runs', headers: { origin: 'https://evil.example' } })
    expect([status, headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual([
      403,
      'nosniff',
      'no-store',
    ])
  })

  test('what may be kept stays so, and a page is never framed', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'public, max-age=60' }
    const answered = await through({ answer: () => new Response('<p>', { headers }) })
    expect([answered.headers.get('cache-control'), answered.headers.get('x-frame-options')]).toEqual([
      ...['public, max-age=60', 'DENY'],
    ])
  })

  test('https for half a year, only to who came by it', async () => {
    const settings = { trusted_proxies: ['10.0.0.1'] }
    const headers = { 'x-forwarded-proto': 'https' }
    expect((await through({ settings, headers, peer: '10.0.0.1' })).headers.get('strict-transport-security')).toMatch(
      /max-age=\d{8}$/,
    )
    expect((await through({ settings, headers, peer: '10.0.0.2' })).headers.get('strict-transport-security')).toBeNull()
  })
})

describe('below a path', () => {
  const settings = { base_url: 'http://localhost:8001/tools/a&b' }
  const base = '/tools/a&b'

  test.each([
    [`${base}`, '/'],
    [`${base}/`, '/'],
    [`${base}?q=1`, '/?q=1'],
    [`${base}/api/runs?x=/tools`, '/api/runs?x=/tools'],
    [`${base}x/api`, `${base}x/api`],
    ['/api/runs', '/api/runs'],
    [`${base}//evil.example/`, '//evil.example/'],
  ])('%s is %s to the routes', async (path, inner) => {
    const { seen } = await through({ settings, path })
    expect(seen?.url).toBe(`http://127.0.0.1:8001${inner}`)
  })

  test('addresses in headers and cookies carry it', async () => {
    const answer = () => {
      const headers = new Headers({ location: '/api/runs/1', 'content-location': '/api/runs/2' })
      headers.append('set-cookie', 'sg_session=x; HttpOnly; Path=/; SameSite=Lax')
      headers.append('set-cookie', '__Host-x=y; Path=/; Secure')
      headers.append('set-cookie', 'narrow=y; Path=/sign-in')
      return new Response(null, { status: 303, headers })
    }
    const { headers } = await through({ settings, answer })
    expect([headers.get('location'), headers.get('content-location')]).toEqual([
      `${base}/api/runs/1`,
      `${base}/api/runs/2`,
    ])
    expect(headers.getSetCookie()).toEqual([
      `sg_session=x; HttpOnly; Path=${base}; SameSite=Lax`,
      '__Host-x=y; Path=/; Secure',
      `narrow=y; Path=${base}/sign-in`,
    ])
    const away = await through({
      settings,
      answer: () => new Response(null, { status: 303, headers: { location: 'https://idp.example/x' } }),
    })
    expect(away.headers.get('location')).toBe('https://idp.example/x')
  })

  test('addresses in our markup carry it, and nothing that only looks like one', async () => {
    const markup =
      '<html lang="en"><a href="/x">href=&quot;/y&quot;</a><a href="//evil.example/">e</a><a href="#z">z</a><form action="/"></form>' +
      '<i data-copy="/curl"></i><img src="/i.png"><a href="https://e.example/">e</a><p hx-get="/f">action=&quot;/g</p>'
    const headers = { 'content-type': 'text/html; charset=utf-8' }
    const page = await through({ settings, answer: () => new Response(markup, { headers }) })
    const shown = '/tools/a&amp;b'
    expect(await page.response.text()).toBe(
      `<html data-base="${shown}" lang="en"><a href="${shown}/x">href=&quot;/y&quot;</a><a href="//evil.example/">e</a><a href="#z">z</a>` +
        `<form action="${shown}/"></form><i data-copy="/curl"></i><img src="${shown}/i.png"><a href="https://e.example/">e</a>` +
        `<p hx-get="${shown}/f">action=&quot;/g</p>`,
    )
    const made = { ...headers, 'content-disposition': 'attachment; filename="x.html"' }
    const file = await through({ settings, answer: () => new Response(markup, { headers: made }) })
    expect(await file.response.text()).toBe(markup)
  })
})
