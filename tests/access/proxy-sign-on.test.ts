/** Users that a proxy names: whom it is believed from, and what stops the start. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { createExternalUsers } from '../../src/access/external-users.ts'
import { createProxySignOn } from '../../src/access/proxy-sign-on.ts'
import { type Config, options } from '../../src/config.ts'
import { createEdge } from '../../src/http/edge.ts'
import { silentLog } from '../../src/log.ts'
import { type Lab, minuteMs, openLab } from './lab.ts'

let lab: Lab
beforeEach(() => {
  lab = openLab()
})

interface Given {
  settings?: Partial<Config>
  secret?: string
  peer?: string
  headers?: Record<string, string>
}

const secret = 'what only the proxy knows'
const elsewhere = { auth_header: 'X-Remote-User', trusted_proxies: ['10.0.0.1'] }
const here = { ...elsewhere, trusted_proxies: ['127.0.0.1', '10.0.0.1'] }

function start({ settings = elsewhere, secret: known }: Given = {}) {
  const setting = <K extends keyof Config>(name: K) =>
    (({ host: '0.0.0.0', ...settings }) as Partial<Config>)[name] ?? options[name].default
  const findOrCreate = createExternalUsers({
    db: lab.db,
    clock: { now: lab.now },
    record: (event) => void lab.events.push(event),
    refusals: lab.accounts.refusals,
  })
  const typed = setting as <K extends keyof Config>(name: K) => Config[K]
  const signOn = createProxySignOn({
    setting: typed,
    secret: known,
    findOrCreate,
    ownAddresses: () => ['127.0.0.1', '192.168.1.5'],
  })
  return (peer: string, headers: Record<string, string>) => {
    const wrap = createEdge({ setting: typed, baseUrl: () => 'http://localhost', peerOf: () => peer, log: silentLog() })
    let found: ReturnType<typeof signOn> | undefined
    const edge = (wrap as unknown as (inner: (request: Request) => Response) => (request: Request) => Response)(
      (request) => {
        found = signOn(request)
        return new Response()
      },
    )
    edge(new Request('http://10.0.0.9/', { headers: { host: '10.0.0.9', ...headers } }))
    return found
  }
}

const anna = { 'x-remote-user': 'anna@example.com' }
const withSecret = { ...anna, 'x-proxy-secret': secret }
const rows: [name: string, given: Given, isKnown: boolean][] = [
  ['a trusted proxy', { peer: '10.0.0.1', headers: anna }, true],
  ['a trusted proxy in IPv6 wrapping', { peer: '::ffff:10.0.0.1', headers: anna }, true],
  ['a stranger', { peer: '10.0.0.2', headers: anna }, false],
  [
    'a stranger that says it was forwarded',
    { peer: '10.0.0.2', headers: { ...anna, 'x-forwarded-for': '10.0.0.1' } },
    false,
  ],
  ['a trusted proxy that names nobody', { peer: '10.0.0.1', headers: {} }, false],
  ['a trusted proxy that names nothing', { peer: '10.0.0.1', headers: { 'x-remote-user': '  ' } }, false],
  ['two names: the client sent one', { peer: '10.0.0.1', headers: { 'x-remote-user': 'boss, anna' } }, false],
  ['a name without an end', { peer: '10.0.0.1', headers: { 'x-remote-user': 'x'.repeat(256) } }, false],
  ['a script on this machine', { settings: here, secret, peer: '127.0.0.1', headers: anna }, false],
  [
    'a script that guesses',
    { settings: here, secret, peer: '127.0.0.1', headers: { ...withSecret, 'x-proxy-secret': 'guess' } },
    false,
  ],
  [
    'a proxy on this machine, with the secret',
    { settings: here, secret, peer: '127.0.0.1', headers: withSecret },
    true,
  ],
  [
    'a proxy elsewhere, without the secret that is set',
    { settings: here, secret, peer: '10.0.0.1', headers: anna },
    false,
  ],
  ['a stranger with the secret', { settings: here, secret, peer: '10.0.0.2', headers: withSecret }, false],
]
test.each(rows)('%s', (_, { peer = '', headers = {}, ...given }, isKnown) => {
  expect(start(given)(peer, headers)?.name).toBe(isKnown ? 'anna@example.com' : undefined)
  expect(lab.accounts.users.list()).toHaveLength(isKnown ? 1 : 0)
})

test('the same name is the same user at each request, with the role it was given meanwhile', () => {
  const from = start()
  const first = from('10.0.0.1', anna)!
  expect([first.role, first.source, first.email]).toEqual(['viewer', 'proxy', 'anna@example.com'])
  lab.db.$client.run("UPDATE users SET role = 'editor' WHERE id = ?", [first.id])
  expect(from('10.0.0.1', anna)).toMatchObject({ id: first.id, role: 'editor' })
  expect(lab.events.map(({ action }) => action)).toEqual(['user.create'])
})

test('who has a password here is another user, whatever the proxy says', () => {
  const boss = lab.user('boss', 'admin')
  const named = start()('10.0.0.1', { 'x-remote-user': 'Boss' })!
  expect([named.name, named.role, named.id === boss.id]).toEqual(['Boss-2', 'viewer', false])
})

test('who was disabled, and who is new where nobody new is let in, is refused', () => {
  const findOrCreate = createExternalUsers({
    db: lab.db,
    clock: { now: lab.now },
    record: (event) => void lab.events.push(event),
    refusals: lab.accounts.refusals,
  })
  const external = {
    source: 'proxy',
    issuer: 'proxy',
    subject: 'eve',
    name: 'eve',
    email: null,
    address: null,
  } as const
  expect(() => findOrCreate({ ...external, firstRole: 'refuse' })).toThrow(/not let in/)
  const { id } = findOrCreate({ ...external, firstRole: 'none' })
  lab.db.$client.run('UPDATE users SET disabled_at = 1 WHERE id = ?', [id])
  expect(() => findOrCreate({ ...external, firstRole: 'admin' })).toThrow(/not let in/)
  expect(lab.events.map(({ action, caller }) => [action, caller?.name])).toEqual([
    ['session.refuse', 'eve (proxy)'],
    ['user.create', 'eve'],
    ['session.refuse', 'eve (proxy)'],
  ])
  // A browser asks again and again: one entry a minute.
  for (let n = 0; n < 50; n++) expect(() => findOrCreate({ ...external, firstRole: 'admin' })).toThrow(/not let in/)
  expect(lab.events).toHaveLength(3)
  lab.pass(minuteMs)
  lab.accounts.tidy()
  expect(lab.events.at(-1)).toMatchObject({ action: 'session.refuse', object: { id }, after: { attempts: 50 } })
})

describe('the start is refused, with the reason', () => {
  test.each<[name: string, settings: Partial<Config>, secret: string | undefined, reason: RegExp]>([
    ['no proxy is trusted', { trusted_proxies: [] }, undefined, /TRUSTED_PROXIES is empty/],
    ['loopback is trusted, and no secret', { trusted_proxies: ['127.0.0.1'] }, undefined, /AUTH_HEADER_SECRET/],
    ['a network with loopback is', { trusted_proxies: ['0.0.0.0/0'] }, undefined, /AUTH_HEADER_SECRET/],
    [
      'a network with an address of this machine is',
      { trusted_proxies: ['192.168.0.0/16'] },
      undefined,
      /AUTH_HEADER_SECRET/,
    ],
    ['the secret is none', {}, 'short', /at least 16/],
    ['the header means something else', { auth_header: 'Cookie' }, undefined, /AUTH_HEADER cannot be/],
    ['the header is one that clients set through proxies', { auth_header: 'X-Forwarded-For' }, undefined, /cannot be/],
    ['the header is no name', { auth_header: 'X User' }, undefined, /cannot be/],
  ])('%s', (_, settings, known, reason) =>
    expect(() => start({ settings: { ...elsewhere, ...settings }, secret: known })).toThrow(reason),
  )

  test('without AUTH_HEADER nobody is named by one', () => {
    expect(start({ settings: { trusted_proxies: ['10.0.0.1'] } })('10.0.0.1', anna)).toBeNull()
  })
})
