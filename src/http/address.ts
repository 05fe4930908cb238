/** Whose request it is when proxies stand between: what they say counts only from an address that the operator trusts. */
import { BlockList, isIP } from 'node:net'

export interface Networks {
  has(address: string): boolean
  isEmpty: boolean
  /** Whether one of them is on this machine. */
  hasLoopback: boolean
}

/** Addresses and networks such as `10.0.0.5` or `fd00::/8`. Throws an Error that names what is neither. */
export function createNetworks(list: readonly string[]): Networks {
  const blocks = new BlockList()
  for (const text of list) add(blocks, text)
  const has = (text: string) => {
    const address = normalAddress(text)
    return address !== null && blocks.check(address, familyOf(address))
  }
  return { has, isEmpty: list.length === 0, hasLoopback: list.some(isLoopbackNetwork) }
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

function add(blocks: BlockList, text: string) {
  const [given = '', bits] = text.trim().split('/')
  const address = normalAddress(given)
  const isNarrowed = address !== null && isIP(address) === 4 && given.includes(':')
  const bitsMax = address !== null && isIP(address) === 6 ? 128 : 32
  const prefix = bits === undefined ? bitsMax : Number(bits) - (isNarrowed ? 96 : 0)
  if (address === null || !Number.isInteger(prefix) || prefix < 0 || prefix > bitsMax || bits === '')
    throw new Error(`"${text}" is no IP address and no network such as 10.0.0.0/8`)
  blocks.addSubnet(address, prefix, familyOf(address))
}

/** Loopback lies in it, or it lies in loopback. */
function isLoopbackNetwork(text: string) {
  const one = new BlockList()
  add(one, text)
  const address = normalAddress(text.split('/')[0]!)!
  return isLoopbackAddress(address) || one.check('127.0.0.1', 'ipv4') || one.check('::1', 'ipv6')
}

export const isLoopbackAddress = (address: string) => address === '::1' || /^127\./.test(address)

/**
 * An IP address in the one spelling that can be compared: no zone, no brackets, no port, and IPv4 where IPv6 only wraps it
 * (::ffff:10.1.2.3, RFC 4291, 2.5.5.2). null for what is none.
 */
export function normalAddress(text: string): string | null {
  if (isIP(text) === 4) return text
  if (text.length > addressLengthMax) return null
  const bare = /^\[([^\]]*)\](:\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text
  const address = bare.replace(/%[\w.-]{1,32}$/, '')
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : null
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(short) ?? []
  if (high === undefined || low === undefined) return short
  return [high, low].flatMap((pair) => [Number.parseInt(pair, 16) >> 8, Number.parseInt(pair, 16) & 255]).join('.')
}

/** An IPv6 address with brackets, zone and port. */
const addressLengthMax = 100
/** Proxies in a row that are looked at. */
const hopsMax = 16

export interface Sender {
  /** Of the client: behind trusted proxies the one they forwarded for. null without a socket. */
  address: string | null
  /** Who holds the other end of the socket. */
  peer: string | null
  /** Whether that is a trusted proxy. */
  isProxied: boolean
  /** By which scheme and host the client came, as a trusted proxy says; null where none says it. */
  scheme: 'http' | 'https' | null
  host: string | null
}

/**
 * Reads X-Forwarded-For, -Proto and -Host of requests whose peer is in `proxies`; from anybody else they are nothing.
 * `Forwarded` (RFC 7239) is not read: of two headers that say the same a proxy sets one and passes the client's other on.
 */
export function readSender(headers: Headers, peerText: string | null, proxies: Networks): Sender {
  const peer = peerText === null ? null : normalAddress(peerText)
  if (peer === null || proxies.isEmpty || !proxies.has(peer))
    return { address: peer, peer, isProxied: false, scheme: null, host: null }
  const scheme = lastOf(headers.get('x-forwarded-proto'))?.toLowerCase()
  return {
    address: clientOf(headers.get('x-forwarded-for'), peer, proxies),
    peer,
    isProxied: true,
    scheme: scheme === 'http' || scheme === 'https' ? scheme : null,
    host: lastOf(headers.get('x-forwarded-host')),
  }
}

/** From the right, over trusted hops: what is left of the first stranger, or of what is no address, was written by anybody. */
function clientOf(forwardedFor: string | null, peer: string, proxies: Networks): string {
  let client = peer
  for (const hop of (forwardedFor ?? '').split(',').slice(-hopsMax).reverse()) {
    const address = normalAddress(hop.trim())
    if (address === null || !proxies.has(client)) return client
    client = address
  }
  return client
}

/** What the nearest proxy added. */
const lastOf = (header: string | null) => header?.split(',').at(-1)?.trim() || null
