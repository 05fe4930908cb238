/** The free disk, and the clock that jumps. */
import { describe, expect, test } from 'bun:test'
import type { Config } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import { createClockWatch } from '../../src/retention/clock-watch.ts'
import { createDiskGuard } from '../../src/retention/disk-guard.ts'
import type { Setting } from '../../src/settings/settings.ts'

describe('free disk', () => {
  const MiB = 1024 * 1024
  function guardOf(min: number) {
    const disk = { free: 0, looks: 0, isGone: false }
    const time = { at: 1000 }
    const config = { disk_free_bytes_min: min } as Config
    const guard = createDiskGuard({
      dir: '/anywhere',
      setting: ((name: 'disk_free_bytes_min') => config[name]) as Setting,
      clock: { now: () => time.at, sleep: async () => {} },
      freeBytes() {
        disk.looks++
        if (disk.isGone) throw new Error('ENOENT: no such file or directory')
        return disk.free
      },
    })
    return { guard, disk, time, config }
  }

  test.each([
    ['more than enough', 200 * MiB, null],
    ['exactly enough', 128 * MiB, null],
    ['a byte too little, with both numbers', 128 * MiB - 1, '128 MiB are free, and 128 MiB have to stay free'],
    ['too little', 1.5 * MiB, '1.5 MiB are free, and 128 MiB have to stay free (setting disk_free_bytes_min)'],
    ['nothing', 0, '0 bytes are free'],
  ])('%s', (_, free, words) => {
    const { guard, disk } = guardOf(128 * MiB)
    disk.free = free
    if (words === null) expect([guard.problem(), guard.refusal()]).toEqual([null, null])
    else {
      expect(guard.problem()).toContain(words)
      expect(guard.refusal()).toMatchObject({ type: 'resource', status: 507, message: guard.problem() })
    }
    expect(guard.report()).toEqual({ free_bytes: free, free_bytes_min: 128 * MiB, problem: guard.problem() })
  })

  test('it looks once a second, and after the clock was set back, and reads the setting anew each time', () => {
    const { guard, disk, time, config } = guardOf(10)
    for (let i = 0; i < 1000; i++) guard.problem()
    expect(disk.looks).toBe(1)
    time.at += 1000
    disk.free = 10
    expect(guard.problem()).toBeNull()
    config.disk_free_bytes_min = 11
    expect(guard.problem()).not.toBeNull()
    time.at -= 50_000
    disk.free = 11
    expect([guard.problem(), disk.looks]).toEqual([null, 3])
  })

  test('a disk that cannot be looked at takes no runs', () => {
    const { guard, disk } = guardOf(0)
    disk.isGone = true
    expect(guard.problem()).toContain('ENOENT')
    expect(guard.report().free_bytes).toBeNull()
  })

  test('the real one answers in microseconds', () => {
    const setting = (() => 0) as unknown as Setting
    const guard = createDiskGuard({ dir: '/tmp', setting, clock: { now: Date.now, sleep: async () => {} } })
    guard.problem()
    const from = performance.now()
    for (let i = 0; i < 10_000; i++) guard.problem()
    expect((performance.now() - from) / 10_000).toBeLessThan(0.05) // ms; a bound that no busy machine reaches
    expect(guard.report().free_bytes).toBeGreaterThan(0)
  })
})

test('age says nothing for a day after the clock jumped, forward or back', () => {
  const time = { wall: 1_000_000, steady: 5 }
  const pass = (ms: number) => {
    time.wall += ms
    time.steady += ms
  }
  const hour = 3_600_000
  const watch = createClockWatch({
    clock: { now: () => time.wall, sleep: async () => {} },
    log: silentLog(),
    steadyNow: () => time.steady,
  })
  expect(watch.isTrusted()).toBe(true)
  pass(100 * 24 * hour)
  time.wall += 60_000 // set by a minute: no jump
  expect(watch.isTrusted()).toBe(true)
  time.wall += 365 * 24 * hour
  expect(watch.isTrusted()).toBe(false)
  pass(23 * hour)
  expect(watch.isTrusted()).toBe(false)
  time.wall -= 365 * 24 * hour
  expect(watch.isTrusted()).toBe(false)
  pass(23 * hour)
  expect(watch.isTrusted()).toBe(false)
  pass(hour)
  expect(watch.isTrusted()).toBe(true)
})
