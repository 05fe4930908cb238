/** A long history costs no more than a short one: every question of retention walks along an index, and blocks nobody. */
import { Database } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { createRetentionStore } from '../../src/runs/retention-store.ts'
import { createLab } from './lab.ts'

const lab = createLab()
lab.script('a')
afterAll(() => lab.db.$client.close())

test('no statement reads through all runs', () => {
  const said: string[] = []
  const client = lab.db.$client
  const query = client.query.bind(client)
  client.query = ((text: string) => {
    said.push(text)
    return query(text)
  }) as typeof client.query
  const store = createRetentionStore({ db: lab.db })
  store.unmeasured(1)
  store.setMeasured([{ id: 1, logBytes: 1, outputBytes: 1 }])
  store.placeOf(1, 5)
  store.upTo(1, { finishedAt: 1, id: 1 }, 1, 1)
  store.countUpTo(1, { finishedAt: 1, id: 1 }, 1)
  store.remove([1])
  for (const part of ['log', 'output'] as const) {
    store.withPart(part, 1, 1, 1)
    store.countWithPart(part, 1, { after: 0, before: 1 })
    store.owners(part, [1])
  }
  store.withFiles('all', 1, 1)
  store.withFiles(1, 1, 1)
  store.expire(['log', 'output'], [1], 1)
  client.query = query as typeof client.query
  expect(said.length).toBeGreaterThan(12)
  // On a connection of its own: a write that is explained keeps the transactions beside it from committing.
  const explaining = new Database(join(lab.dataDir, 'gateway.db'))
  for (const text of said) {
    const steps = explaining.query<{ detail: string }, never[]>(`EXPLAIN QUERY PLAN ${text}`).all()
    const plan = steps.map(({ detail }) => detail)
    expect(
      plan.filter((step) => /SCAN (r|runs)$|TEMP B-TREE/.test(step) && !text.includes('UNION')),
      text,
    ).toEqual([])
    expect(
      plan.some((step) => /(r|runs) USING/.test(step)),
      `${text}\n${plan.join('\n')}`,
    ).toBe(true)
  }
  explaining.close()
})

test('while 100,000 runs go nobody waits long for a turn', async () => {
  lab.db.$client.run(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO runs (script_id, status, trigger, params, content_hash, queued_at, finished_at, result)
    SELECT 1, 'success', 'api', '{"a":1}', '', 1000, 2000 + i, '{"type":"text","data":"done"}' FROM n`)
  const retention = lab.newRetention()
  let [longestMs, last, looks] = [0, performance.now(), 0]
  const heart = setInterval(() => {
    const at = performance.now()
    longestMs = Math.max(longestMs, at - last)
    last = at
    looks++
  }, 1)
  const from = performance.now()
  const { removed, problem } = await retention.clean()
  clearInterval(heart)
  expect([removed.runs, problem]).toEqual([99_999, null])
  console.info(`100,000 runs: ${Math.round(performance.now() - from)} ms, longest block ${longestMs.toFixed(1)} ms`)
  expect(longestMs).toBeLessThan(1000) // generous: two cores that others use too
  expect(looks).toBeGreaterThan(100)
}, 120_000)
