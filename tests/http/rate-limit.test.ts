import { describe, expect, test } from 'bun:test'
import type { Config } from '../../src/config.ts'
import { createBuckets, createRateLimits } from '../../src/http/rate-limit.ts'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'

const manualClock = () => {
  let nowMs = 1_800_000_000_000
  return { now: () => nowMs, pass: (ms: number) => (nowMs += ms) }
}

function limitsWith(settings: Partial<Config>) {
  const clock = manualClock()
  const setting = ((name: keyof Config) => settings[name] ?? 0) as never
  return { clock, limits: createRateLimits({ setting, clock }) }
}

/** How many are let through at once, of as many as are asked. */
const letThrough = (take: () => unknown, asked = 50) =>
  Array.from({ length: asked }, take).filter((refusal) => refusal === null).length

describe('so many starts of a script are let through at once', () => {
  const rows: [string, number, number | null, number][] = [
    ['as the setting says', 3, null, 3],
    ['as the policy says where the setting has no limit', 0, 4, 4],
    ['as the policy says where it is lower', 10, 2, 2],
    ['as the setting says where it is lower: a policy does not widen', 2, 10, 2],
    ['as many as are asked, where nothing is said', 0, null, 50],
  ]
  test.each(rows)('%s', (_, usual, own, expected) => {
    const { limits } = limitsWith({ rate_limit_per_script: usual })
    expect(letThrough(() => limits.takeStart(1, own))).toBe(expected)
  })
})

describe('so many requests with a token', () => {
  const rows: [string, number, number | null, number][] = [
    ['as the setting says', 3, null, 3],
    ['as its own limit says, also where it is higher', 3, 5, 5],
    ['as many as are asked, where its own limit is 0', 3, 0, 50],
  ]
  test.each(rows)('%s', (_, usual, own, expected) => {
    const { limits } = limitsWith({ rate_limit_per_token: usual })
    expect(letThrough(() => limits.takeToken(1, own))).toBe(expected)
  })
})

test('a refusal says when, and then it is true', () => {
  const { clock, limits } = limitsWith({ rate_limit_per_script: 7 })
  letThrough(() => limits.takeStart(1, null))
  for (let repeat = 0; repeat < 20; repeat++) {
    const refusal = limits.takeStart(1, null)
    const waitSec = Number(refusal?.headers['retry-after'])
    expect(refusal?.type).toBe('busy')
    expect(refusal?.message).toContain(`At most 7 starts of this script a minute: try again in ${waitSec} s.`)
    clock.pass((waitSec - 1) * 1000)
    expect(limits.takeStart(1, null)).not.toBeNull()
    clock.pass(1000)
    expect(limits.takeStart(1, null)).toBeNull()
  }
})

test('one script, or token, does not use up what another has, nor a script what a token has', () => {
  const { limits } = limitsWith({ rate_limit_per_script: 1, rate_limit_per_token: 1 })
  expect([limits.takeStart(1, null), limits.takeStart(2, null), limits.takeToken(1, null)]).toEqual([null, null, null])
  expect(limits.takeStart(1, null)?.status).toBe(429)
})

describe('buckets', () => {
  test('over an hour of asking all the time, the rate holds', () => {
    const clock = manualClock()
    const buckets = createBuckets(clock)
    let taken = 0
    for (let second = 0; second < 3600; second++) {
      if (buckets.take(1, 10) === 0) taken++
      clock.pass(1000)
    }
    expect(taken).toBeGreaterThanOrEqual(600)
    expect(taken).toBeLessThanOrEqual(610) // and the ten that a full bucket holds
  })

  test('a clock that is set back neither fills nor locks one', () => {
    const clock = manualClock()
    const buckets = createBuckets(clock)
    for (let n = 0; n < 5; n++) buckets.take(1, 5)
    clock.pass(-86_400_000)
    expect(buckets.take(1, 5)).toBe(12_000)
    clock.pass(12_000)
    expect(buckets.take(1, 5)).toBe(0)
  })

  test('a lower rate is in force at once', () => {
    const buckets = createBuckets(manualClock())
    buckets.take(1, 1000)
    expect([buckets.take(1, 1), buckets.take(1, 1)]).toEqual([0, 60_000])
  })

  test('there are never more than so many, and those that are full go', () => {
    const clock = manualClock()
    const buckets = createBuckets(clock, 100)
    for (let key = 0; key < 10_000; key++) buckets.take(key, 5)
    expect(buckets.size).toBe(100)
    clock.pass(60_000)
    buckets.take(1, 5)
    expect(buckets.size).toBe(1)
  })
})

test('through the front door: more starts than the policy says are a 429, repeats and other scripts are not', async () => {
  const say = pythonScript({ text: { type: 'str' } }, 'print(args["text"])')
  const gateway = await startApp({
    'python/limited.py': say,
    'python/.limited.policy.json': JSON.stringify({ queue: { rate_per_min: 3 } }),
    'python/free.py': say,
  })
  const start = (script: string, key?: string) =>
    gateway.fetch(`/api/scripts/${script}/run?async=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) },
      body: '{"text":"a"}',
    })
  const runId = async (response: Response) => ((await response.json()) as { run_id: number }).run_id
  const first = await runId(await start('limited', 'once'))
  expect(await runId(await start('limited', 'once'))).toBe(first)
  expect((await start('limited')).status).toBe(202)
  await gateway.finished(first)
  expect((await gateway.fetch(`/api/runs/${first}/rerun`, { method: 'POST' })).status).toBe(202)

  const refused = [await start('limited'), await gateway.fetch(`/api/runs/${first}/rerun`, { method: 'POST' })]
  for (const response of refused) {
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('retry-after'))).toBeWithin(1, 21)
    expect(await response.json()).toMatchObject({ error: { type: 'busy' } })
  }
  const form = await gateway.fetch('/scripts/limited/execute', {
    method: 'POST',
    body: new FormData(),
    redirect: 'manual',
  })
  expect(form.status).toBe(429)
  expect((await start('free')).status).toBe(202)
  expect(await runId(await start('limited', 'once'))).toBe(first)
  const { body } = await gateway.json<{ items: Run[]; total: number }>('/api/runs')
  expect(body.total).toBe(4)
})
