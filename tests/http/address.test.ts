/** Who is believed to be who: networks in every spelling, and chains of proxies with liars in them. */
import { describe, expect, test } from 'bun:test'
import { createNetworks, normalAddress, readSender } from '../../src/http/address.ts'

describe('an address has one spelling', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3:8080', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::FFFF:0a01:0203', '10.1.2.3'],
    ['0:0:0:0:0:ffff:10.1.2.3', '10.1.2.3'],
    ['[::ffff:10.1.2.3]:443', '10.1.2.3'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[2001:DB8::0:1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['', null],
    ['unknown', null],
    ['_hidden', null],
    ['10.1.2', null],
    ['010.1.2.3', null],
    ['0x7f.0.0.1', null],
    ['2130706433', null],
    ['10.1.2.3.4', null],
    ['10.1.2.3 ', null],
    ['10.1.2.3\n', null],
    ['2001:db8::1:443:1:1:1:1:1:1', null],
    [`[${'1'.repeat(10_000)}]`, null],
  ])('%j is %j', (text, address) => expect(normalAddress(text)).toBe(address))
})

describe('networks', () => {
  test.each<[string[], string, boolean]>([
    [['10.0.0.0/8'], '10.255.0.1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['10.0.0.0/8'], '::ffff:10.0.0.1', true],
    [['::ffff:10.0.0.0/104'], '10.9.9.9', true],
    [['::ffff:10.0.0.0/104'], '11.9.9.9', false],
    [['10.0.0.5'], '10.0.0.5', true],
    [['10.0.0.5'], '10.0.0.6', false],
    [['fd00::/8'], 'fd12::1', true],
    [['fd00::/8'], 'fe80::1', false],
    [['0.0.0.0/0'], '8.8.8.8', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['192.168.0.0/16', '::1'], '::1', true],
    [[], '127.0.0.1', false],
    [['127.0.0.1'], 'localhost', false],
  ])('%j has %s: %p', (list, address, has) => expect(createNetworks(list).has(address)).toBe(has))

  test.each([
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8x',
    '::1/129',
    '::ffff:10.0.0.0/8',
    'proxy',
    '',
    '/8',
  ])('%j is refused by name', (text) => expect(() => createNetworks([text])).toThrow(`"${text}"`))

  test.each<[string, boolean]>([
    ['127.0.0.1', true],
    ['127.0.0.0/8', true],
    ['127.3.0.0/16', true],
    ['::1', true],
    ['::/0', true],
    ['0.0.0.0/0', true],
    ['10.0.0.0/8', false],
    ['fd00::/8', false],
  ])('%s holds loopback: %p', (text, has) => expect(createNetworks([text]).hasLoopback).toBe(has))
})

describe('the client behind proxies', () => {
  const proxies = createNetworks(['10.0.0.0/8', '::1'])
  const rows: [name: string, peer: string | null, forwardedFor: string | null, address: string | null][] = [
    ['nobody between', '203.0.113.9', null, '203.0.113.9'],
    ['a stranger forwards for itself', '203.0.113.9', '10.0.0.1', '203.0.113.9'],
    ['one proxy', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['one proxy that mapped its address', '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['two proxies', '10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['a client that claims to be another', '10.0.0.1', '198.51.100.7, 203.0.113.9', '203.0.113.9'],
    ['a client that claims to be a proxy', '10.0.0.1', '198.51.100.7, 10.0.0.7, 203.0.113.9', '203.0.113.9'],
    ['garbage from the client', '10.0.0.1', '<script>, 203.0.113.9', '203.0.113.9'],
    ['garbage from the proxy', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
    ['an empty hop', '10.0.0.1', '203.0.113.9,', '10.0.0.1'],
    ['a port and brackets', '::1', '[2001:db8::1]:443', '2001:db8::1'],
    ['only proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['a proxy that says nothing', '10.0.0.1', null, '10.0.0.1'],
    ['more hops than anybody has', '10.0.0.1', `203.0.113.9${', 10.0.0.2'.repeat(20)}`, '10.0.0.2'],
    ['no socket', null, '203.0.113.9', null],
  ]
  test.each(rows)('%s', (_, peer, forwardedFor, address) => {
    const headers = new Headers(forwardedFor === null ? {} : { 'x-forwarded-for': forwardedFor })
    expect(readSender(headers, peer, proxies).address).toBe(address)
  })

  test('scheme and host are a trusted proxy’s to say, and of several the nearest says it', () => {
    const headers = new Headers({
      'x-forwarded-proto': 'http, HTTPS',
      'x-forwarded-host': 'evil.example, tools.example.com',
      forwarded: 'for=198.51.100.7;proto=http;host=other.example',
    })
    const told = readSender(headers, '10.0.0.1', proxies)
    expect([told.scheme, told.host, told.address]).toEqual(['https', 'tools.example.com', '10.0.0.1'])
    const untold = readSender(headers, '203.0.113.9', proxies)
    expect([untold.scheme, untold.host, untold.isProxied]).toEqual([null, null, false])
    const strange = new Headers({ 'x-forwarded-proto': 'javascript' })
    expect(readSender(strange, '10.0.0.1', proxies).scheme).toBeNull()
  })

  test('ten thousand hops cost no more than a few', () => {
    const headers = new Headers({ 'x-forwarded-for': Array(10_000).fill('10.0.0.2').join(',') })
    const started = performance.now()
    expect(readSender(headers, '10.0.0.1', proxies).address).toBe('10.0.0.2')
    expect(performance.now() - started).toBeLessThan(100)
  })
})
