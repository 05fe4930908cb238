/** The proxies that docs/deployment.md shows: their headers, as nginx would fill them in, and what the gateway makes of them. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createProxySignOn } from '../../src/access/proxy-sign-on.ts'
import { type Config, options } from '../../src/config.ts'
import { type Arrival, arrivalOf, createEdge } from '../../src/http/edge.ts'
import { silentLog } from '../../src/log.ts'

const page = readFileSync(join(import.meta.dir, '../../docs/deployment.md'), 'utf8')
const secret = 'what AUTH_HEADER_SECRET holds'
const settings: Partial<Config> = {
  base_url: 'https://scripts.example.com',
  trusted_proxies: ['127.0.0.1'],
  auth_header: /AUTH_HEADER=([\w-]+)/.exec(page)![1]!,
}
const setting = <K extends keyof Config>(name: K) => (settings[name] ?? options[name].default) as Config[K]

/** For a client that lies about itself. */
const variables: Record<string, string> = {
  $host: 'scripts.example.com',
  $scheme: 'https',
  $proxy_add_x_forwarded_for: '198.51.100.1, 203.0.113.9',
  $remote_user: 'anna',
  $http_upgrade: '',
  $connection_upgrade: '',
}

test('nginx as it is shown tells who calls, from where, and by which address', () => {
  const lines = [...page.matchAll(/proxy_set_header\s+([\w-]+)\s+("[^"]*"|\S+);/g)]
  const headers = new Headers({ origin: 'https://scripts.example.com' })
  for (const [, name = '', value = ''] of lines) {
    const filled = value.startsWith('$') ? variables[value] : value.replaceAll('"', '')
    expect([name, filled]).toEqual([name, expect.any(String)])
    if (filled) headers.set(name, filled)
  }
  const named: string[] = []
  const signOn = createProxySignOn({
    ...{ setting, secret },
    findOrCreate: ({ subject }) => {
      named.push(subject)
      return {} as ReturnType<Parameters<typeof createProxySignOn>[0]['findOrCreate']>
    },
  })
  let arrival: Arrival | undefined
  const wrap = createEdge({ setting, baseUrl: () => setting('base_url'), peerOf: () => '127.0.0.1', log: silentLog() })
  const edge = (wrap as unknown as (inner: (request: Request) => Response) => (request: Request) => Response)(
    (request) => {
      arrival = arrivalOf(request)
      signOn(request)
      return new Response()
    },
  )
  const { status, headers: answered } = edge(new Request('http://scripts.example.com/', { headers }))
  const { address, scheme, host, origin } = arrival!
  expect({ status, address, scheme, host, origin, named }).toEqual({
    ...{
      status: 200,
      address: '203.0.113.9',
      scheme: 'https',
      host: 'scripts.example.com',
      origin: 'own',
      named: ['anna'],
    },
  })
  expect(answered.get('strict-transport-security')).not.toBeNull()
})

test('Caddy as it is shown sends the same two', () => {
  const sent = [...page.matchAll(/header_up ([\w-]+) /g)].map(([, name]) => name!.toLowerCase())
  expect(sent).toEqual([setting('auth_header').toLowerCase(), 'x-proxy-secret'])
})
