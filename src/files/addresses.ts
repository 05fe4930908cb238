/** Which IP addresses the gateway connects to when somebody names an address to fetch. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * Whether `address` (IPv4 or IPv6, as text) may be connected to. Public ones always; loopback, private and shared
 * networks with `allowPrivate`; link-local (where clouds keep their credentials), multicast and reserved ones never.
 */
export function isAllowedAddress(address: string, allowPrivate: boolean): boolean {
  if (isIPv4(address)) return !neverV4.check(address) && (allowPrivate || !privateV4.check(address))
  if (!isIPv6(address)) return false
  const plain = address.split('%')[0] ?? '' // a zone, as in fe80::1%eth0
  if (publicV6.check(plain, 'ipv6')) return !reservedV6.check(plain, 'ipv6')
  return allowPrivate && privateV6.check(plain, 'ipv6')
}

function listOf(family: 'ipv4' | 'ipv6', ...networks: string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** This host, private networks (RFC 1918), carrier-grade NAT, loopback. */
const privateV4 = listOf(
  'ipv4',
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
)

/** Link-local, protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved and broadcast. */
const neverV4 = listOf(
  'ipv4',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
)

/**
 * The only public block of IPv6. What embeds an IPv4 address (mapped, NAT64) is outside of it and thereby refused: it
 * would lead around the IPv4 lists.
 */
const publicV6 = listOf('ipv6', '2000::/3')

/** Inside the public block: Teredo and other protocol assignments, documentation, 6to4. */
const reservedV6 = listOf('ipv6', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20')

/** Unspecified, loopback, unique local. */
const privateV6 = listOf('ipv6', '::/128', '::1/128', 'fc00::/7')
