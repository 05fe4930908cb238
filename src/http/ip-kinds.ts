/** What an IP address is, to those who connect to addresses that somebody named: each says which kinds it takes. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * - `public`
 * - `private`: RFC 1918, carrier-grade NAT, unique local IPv6
 * - `loopback`: this machine, also as the unspecified address
 * - `link_local`: where clouds keep their credentials; also what they put elsewhere
 * - `never`: multicast, reserved, documentation, and whatever embeds an IPv4 address, which would lead around the IPv4 lists
 */
export type IpKind = 'public' | 'private' | 'loopback' | 'link_local' | 'never'

/** The kind of `address` (IPv4 or IPv6, as text; a zone such as `%eth0` is passed over). What is no address is `never`. */
export function kindOfIp(address: string): IpKind {
  if (isIPv4(address)) return listedV4.find(([, list]) => list.check(address))?.[0] ?? 'public'
  if (!isIPv6(address)) return 'never'
  const plain = address.split('%')[0] ?? ''
  return listedV6.find(([, list]) => list.check(plain, 'ipv6'))?.[0] ?? 'never'
}

type Listed = [IpKind, BlockList][]

function listOf(family: 'ipv4' | 'ipv6', ...networks: string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** The first that fits counts. */
const listedV4: Listed = [
  // The second and third are the metadata services of Alibaba and Azure, outside of the link-local block.
  ['link_local', listOf('ipv4', '169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32')],
  ['loopback', listOf('ipv4', '0.0.0.0/8', '127.0.0.0/8')],
  ['private', listOf('ipv4', '10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16')],
  [
    'never',
    // Protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved and broadcast.
    listOf(
      'ipv4',
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.88.99.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '224.0.0.0/4',
      '240.0.0.0/4',
    ),
  ],
]

const listedV6: Listed = [
  // The second and third are the metadata services of Amazon and Google, inside of the unique local block.
  ['link_local', listOf('ipv6', 'fe80::/10', 'fd00:ec2::254/128', 'fd20:ce::254/128')],
  ['loopback', listOf('ipv6', '::/128', '::1/128')],
  ['private', listOf('ipv6', 'fc00::/7')],
  // Inside the public block: Teredo and other protocol assignments, documentation, 6to4.
  ['never', listOf('ipv6', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20')],
  // The only public block; mapped IPv4 and NAT64 are outside of it.
  ['public', listOf('ipv6', '2000::/3')],
]
