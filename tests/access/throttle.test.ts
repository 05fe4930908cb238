import { beforeEach, describe, expect, test } from 'bun:test'
import { addressKey, createThrottle, createWaits, type Throttle } from '../../src/access/throttle.ts'
import { GatewayError } from '../../src/errors.ts'

let now = 0
const clock = { now: () => now }
const secondMs = 1000
const minuteMs = 60 * secondMs
let throttle: Throttle

beforeEach(() => {
  now = Date.UTC(2026, 10, 21)
  throttle = createThrottle({ clock })
})

/** Seconds that it had to wait; 0: it was let through, and failed. */
function fail(account: string, address: string | null, by: Throttle = throttle): number {
  try {
    by.take(account, address)
    return 0
  } catch (error) {
    if (!(error instanceof GatewayError) || error.type !== 'busy') throw error
    return Number(error.headers['retry-after'])
  }
}

test('five tries are free, then each failure doubles the wait, up to a quarter of an hour', () => {
  const free = [1, 2, 3, 4, 5].map(() => fail('anna', '192.0.2.1'))
  expect(free).toEqual([0, 0, 0, 0, 0])
  const waits: number[] = []
  for (let i = 0; i < 13; i++) {
    const seconds = fail('anna', '192.0.2.1')
    waits.push(seconds)
    now += seconds * secondMs
    expect(fail('anna', '192.0.2.1')).toBe(0)
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
})

test('waiting is not counted: who asks again and again waits no longer', () => {
  for (let i = 0; i < 5; i++) fail('anna', '192.0.2.1')
  for (let i = 0; i < 100; i++) expect(fail('anna', '192.0.2.1')).toBe(1)
  now += secondMs
  expect(fail('anna', '192.0.2.1')).toBe(0)
})

test('a burst of parallel ones gains nothing: what is counted is the attempt', () => {
  const through = Array.from({ length: 100 }, () => fail('anna', '192.0.2.1')).filter((seconds) => seconds === 0)
  expect(through).toHaveLength(5)
})

test('case and spelling of an address gain nothing', () => {
  for (const [name, address] of [
    ['anna', '2001:db8::1'],
    ['ANNA', '2001:db8:0:0:ffff::2'],
    ['Anna', '2001:0DB8::3'],
    ['aNNa', '2001:db8::4%eth0'],
    ['anna', '2001:db8::5'],
  ] as const)
    expect(fail(name, address)).toBe(0)
  expect(fail('anna', '2001:db8::6')).toBeGreaterThan(0)
})

test('guessing many accounts from one address is slowed down, too', () => {
  const through = Array.from({ length: 100 }, (_, i) => fail(`user${i}`, '192.0.2.1')).filter((one) => one === 0)
  expect(through).toHaveLength(20)
  expect(fail('somebody', '192.0.2.2')).toBe(0)
})

test('guessing one account from many addresses is slowed down, too', () => {
  const through = Array.from({ length: 100 }, (_, i) => fail('anna', `198.51.100.${i}`)).filter((one) => one === 0)
  expect(through).toHaveLength(5)
})

test('a success begins the account anew, and takes only its own attempt from the address', () => {
  for (let i = 0; i < 4; i++) fail('anna', '192.0.2.1')
  throttle.take('anna', '192.0.2.1').succeeded()
  for (let i = 0; i < 5; i++) expect(fail('anna', '192.0.2.1')).toBe(0)
  for (let i = 0; i < 11; i++) expect(fail(`user${i}`, '192.0.2.1')).toBe(0)
  expect(fail('other', '192.0.2.1')).toBeGreaterThan(0) // 4 + 5 + 11
})

test('a right password whose code is still to come takes its own attempt back, and no other', () => {
  for (let i = 0; i < 50; i++) throttle.take('anna', '192.0.2.1').passed()
  for (let i = 0; i < 3; i++) fail('anna', '192.0.2.1')
  for (let i = 0; i < 50; i++) throttle.take('anna', '192.0.2.1').passed()
  expect([fail('anna', '192.0.2.1'), fail('anna', '192.0.2.1')]).toEqual([0, 0])
  expect(fail('anna', '192.0.2.1')).toBeGreaterThan(0)
})

describe('nobody is locked out from elsewhere', () => {
  const attack = () => {
    for (let i = 0; i < 200; i++) {
      fail('anna', `198.51.100.${i}`)
      now += minuteMs
    }
    expect(fail('anna', '203.0.113.9')).toBeGreaterThan(0)
  }

  test('where an account has signed in before, only its own failures from there count', () => {
    throttle.take('anna', '192.0.2.1').succeeded()
    attack()
    for (let i = 0; i < 5; i++) expect(fail('Anna', '192.0.2.1')).toBe(0)
    expect(fail('anna', '192.0.2.1')).toBe(1)
    expect(fail('bert', '192.0.2.1')).toBe(0)
  })

  test('also after a restart, as far as a session tells it', () => {
    const asked: string[] = []
    throttle = createThrottle({
      clock,
      hasSignedIn(account, key) {
        asked.push(`${account} ${key}`)
        return key === '192.0.2.1'
      },
    })
    expect(fail('anna', '192.0.2.1')).toBe(0)
    expect(asked).toEqual([]) // asked only when somebody would have to wait
    attack()
    expect(fail('anna', '192.0.2.1')).toBe(0)
    expect(asked).toContain('anna 192.0.2.1')
  })

  test('the attacker’s own address is known for no other account', () => {
    throttle.take('mallory', '198.51.100.1').succeeded()
    const through = Array.from({ length: 100 }, () => fail('anna', '198.51.100.1')).filter((one) => one === 0)
    expect(through).toHaveLength(5)
  })
})

test('after a day without a failure all is forgotten', () => {
  for (let i = 0; i < 5; i++) fail('anna', null)
  now += 24 * 60 * minuteMs
  for (let i = 0; i < 5; i++) expect(fail('anna', null)).toBe(0)
})

describe('memory', () => {
  test('is bounded, whoever comes', () => {
    for (let i = 0; i < 30_000; i++) {
      fail(`user${i}`, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
      if (i % 3 === 0) throttle.take(`friend${i}`, `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`).succeeded()
    }
    expect(throttle.size()).toBeLessThanOrEqual(30_000)
    expect(throttle.size()).toBeGreaterThan(20_000)
  })

  test('what has many failures is not driven out by others that have one each', () => {
    const waits = createWaits({ clock, freeTries: 5 })
    for (let i = 0; i < 12; i++) {
      waits.take('victim')
      now += waits.waitMs('victim')
    }
    waits.take('victim')
    for (let i = 0; i < 50_000; i++) waits.take(`other ${i}`)
    expect(waits.size()).toBe(10_000)
    expect(waits.waitMs('victim')).toBeGreaterThan(minuteMs)
  })

  test('who is told to wait leaves nothing behind', () => {
    for (let i = 0; i < 20; i++) fail(`first${i}`, '192.0.2.1')
    const before = throttle.size()
    for (let i = 0; i < 1000; i++) expect(fail(`user${i}`, '192.0.2.1')).toBeGreaterThan(0)
    expect(throttle.size()).toBe(before)
  })
})

test.each([
  [null, 'none'],
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['no address', 'no address'],
])('%p counts as %p', (address, key) => expect(addressKey(address)).toBe(key))
