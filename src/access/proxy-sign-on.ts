/** Users that a proxy has signed in: it says their name in a header, and is believed by its address, or by a secret. */
import { networkInterfaces } from 'node:os'
import { createNetworks, isLoopbackAddress, normalAddress } from '../http/address.ts'
import { arrivalOf } from '../http/edge.ts'
import type { Setting } from '../settings/settings.ts'
import type { FindOrCreateExternal } from './external-users.ts'
import { isSame } from './secrets.ts'
import type { UserRow } from './table.ts'

interface Deps {
  setting: Setting
  /** AUTH_HEADER_SECRET. */
  secret: string | undefined
  findOrCreate: FindOrCreateExternal
  /** Addresses of this machine: scripts call from them too. For tests. */
  ownAddresses?: () => string[]
}

const secretLengthMin = 16
const nameLengthMax = 255
const secretHeader = 'x-proxy-secret'

/** Answers whom a request comes from; null where no proxy that is believed names anybody. Throws `auth` for who may not come in. */
export type ProxySignOn = (request: Request) => UserRow | null

/** Throws an Error with what is missing when the settings would let anybody name a user. */
export function createProxySignOn({
  setting,
  secret,
  findOrCreate,
  ownAddresses = machineAddresses,
}: Deps): ProxySignOn {
  const header = setting('auth_header').toLowerCase()
  if (header === '') return () => null
  checkSettings(header, secret, setting('trusted_proxies'), ownAddresses())

  /** With a secret, whoever sends it; without one, any trusted proxy on another machine. */
  function isBelieved(request: Request): boolean {
    const { isProxied, peer } = arrivalOf(request)
    if (!isProxied || peer === null) return false
    if (secret !== undefined) return isSame(request.headers.get(secretHeader) ?? '', secret)
    return !isLoopbackAddress(peer) && !ownAddresses().includes(peer)
  }

  return (request) => {
    const name = request.headers.get(header)?.trim()
    if (!name || !isBelieved(request) || !isPlain(name)) return null
    const { address } = arrivalOf(request)
    const isEmail = /^[^@\s]+@[^@\s]+$/.test(name)
    return findOrCreate({
      ...{ source: 'proxy', issuer: `proxy ${header}`, subject: name, name, email: isEmail ? name : null, address },
      firstRole: setting('auth_header_role') as Parameters<FindOrCreateExternal>[0]['firstRole'],
    })
  }
}

/** One name, not two proxies' that a comma joins. */
const isPlain = (name: string) => name.length <= nameLengthMax && !/[\p{Cc},]/u.test(name)

/** Headers that mean something else. */
const otherHeaders =
  /^(authorization|cookie|host|origin|referer|user-agent|content-.*|sec-.*|x-forwarded-.*|x-proxy-secret)$/

function checkSettings(header: string, secret: string | undefined, proxies: string[], own: string[]): void {
  if (!/^[a-z0-9-]{1,64}$/.test(header) || otherHeaders.test(header))
    throw new Error(`Wrong environment: AUTH_HEADER cannot be "${header}"; name a header such as X-Remote-User.`)
  if (proxies.length === 0)
    throw new Error(
      'Wrong environment: AUTH_HEADER is set, but TRUSTED_PROXIES is empty, and whoever sends the header would be who it says: name the address of the proxy.',
    )
  if (secret !== undefined && secret.length < secretLengthMin)
    throw new Error(
      `Wrong environment: AUTH_HEADER_SECRET must have at least ${secretLengthMin} characters; make one with: openssl rand -hex 32`,
    )
  const networks = createNetworks(proxies)
  if (secret === undefined && (networks.hasLoopback || own.some(networks.has)))
    throw new Error(
      'Wrong environment: AUTH_HEADER is set, and TRUSTED_PROXIES holds an address of this machine, from which scripts can call as well: set AUTH_HEADER_SECRET and let the proxy send it as X-Proxy-Secret, or name the address of a proxy on another machine alone.',
    )
}

let known: { addresses: string[]; until: number } | undefined
const keptMs = 60_000

/** Addresses come and go with networks: looked up once a minute. */
function machineAddresses(): string[] {
  if (known && known.until > performance.now()) return known.addresses
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  const addresses = all.map(({ address }) => normalAddress(address)).filter((address) => address !== null)
  known = { addresses, until: performance.now() + keptMs }
  return addresses
}
