/** What the terminal says of a gateway that has started. */
import { expect, test } from 'bun:test'
import { isIPv4 } from 'node:net'
import { reachableUrl, readyWords } from '../../src/system/starting.ts'

const at = (address: string, internal = false) => ({
  ...{ address, internal, family: address.includes(':') ? ('IPv6' as const) : ('IPv4' as const) },
})
const machine = { lo: [at('127.0.0.1', true)], eth0: [at('fe80::1'), at('192.168.1.5')], eth1: [at('10.0.0.5')] }

test.each<[host: string, interfaces: Parameters<typeof reachableUrl>[2], url: string]>([
  ['127.0.0.1', machine, 'http://localhost:8001'],
  ['localhost', machine, 'http://localhost:8001'],
  ['0.0.0.0', machine, 'http://192.168.1.5:8001'],
  ['::', machine, 'http://192.168.1.5:8001'],
  ['10.0.0.5', machine, 'http://10.0.0.5:8001'],
  ['fe80::1', machine, 'http://[fe80::1]:8001'],
  ['0.0.0.0', { lo: machine.lo, gone: undefined }, 'http://localhost:8001'],
])('HOST=%s with %j is reached at %s', (host, interfaces, url) => {
  expect(reachableUrl(host, 'http://localhost:8001', interfaces)).toBe(url)
})

test('on this machine it is an address, or localhost', () => {
  const { hostname } = new URL(reachableUrl('0.0.0.0', 'http://localhost:8001'))
  expect(hostname === 'localhost' || (isIPv4(hostname) && !hostname.startsWith('127.'))).toBe(true)
})

test.each<[Parameters<typeof readyWords>[0], string]>([
  [{}, '0 scripts are ready.'],
  [{ active: 3, error: 0 }, '3 scripts are ready.'],
  [{ active: 1 }, '1 script is ready.'],
  [{ active: 3, error: 1 }, '3 scripts are ready, 1 has an error: http://h:1/?state=error.'],
  [{ active: 3, error: 2 }, '3 scripts are ready, 2 have an error: http://h:1/?state=error.'],
])('%j: %s', (counts, words) => {
  expect(readyWords(counts, 'http://h:1')).toBe(words)
})
