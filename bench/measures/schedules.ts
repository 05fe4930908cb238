/** What ten thousand schedules cost a gateway that has nothing else to do, and how late runs begin when two hundred are due at once. */
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import { cpuMs } from '../processes.ts'
import { trivialPython, withSidecar } from '../samples.ts'
import type { Gateway } from '../server.ts'
import { percentile } from '../stats.ts'

const schedulesCount = 10_000
const corePercentMax = 1
const lateMsMax = 100
const dueAtOnce = 200

/** Of several scripts: one has a hundred schedules at most. */
const names = ['one', 'two', 'three', 'four']
const script = Object.assign({}, ...names.map((name) => withSidecar(`python/${name}.py`, trivialPython)))

export const schedules: Measure = {
  name: 'schedules',
  about: `${schedulesCount} schedules, and ${dueAtOnce} that are due at once`,
  run: async (lab) => [await idle(lab), ...(await lateness(lab))],
}

/** All paused: what is due is claimed, noted and moved on, and starts nothing. What runs cost is another measure. */
async function idle(lab: Lab): Promise<Row> {
  const options = { scriptsDir: lab.scripts(script), dataDir: lab.folder(), env: { SCHEDULES_PAUSED: 'true' } }
  const seconds = lab.isQuick ? 10 : 60
  const without = await percentOfCore(options, seconds)
  seed(options.dataDir)
  const withAll = await percentOfCore(options, seconds)
  return {
    what: `Processor of a gateway with ${schedulesCount} schedules, of which ${perMinute} a minute are due`,
    unit: '%',
    baseline: without,
    against: 'the same gateway without them',
    measured: withAll,
    compared: { value: withAll - without, unit: '%', how: 'difference' },
    promised: { atMost: corePercentMax },
  }

  async function percentOfCore(given: typeof options, sec: number): Promise<number> {
    const gateway = await lab.gateway(given)
    await Bun.sleep(5000) // after a start, times are looked at anew
    const before = cpuMs(gateway.pid)
    await Bun.sleep(sec * 1000)
    const used = cpuMs(gateway.pid) - before
    await gateway.stop()
    return (used / (sec * 1000)) * 100
  }
}

/** A tenth every five minutes, four tenths each hour, the others each day: over zones, minutes and hours. */
const kinds = [
  { share: 0.1, cron: (i: number) => `${i % 5}-59/5 * * * *`, perMinute: 1 / 5 },
  { share: 0.4, cron: (i: number) => `${i % 60} * * * *`, perMinute: 1 / 60 },
  { share: 0.5, cron: (i: number) => `${i % 60} ${i % 24} * * 1-5`, perMinute: 1 / 1440 },
]
const perMinute = Math.round(kinds.reduce((sum, kind) => sum + kind.share * schedulesCount * kind.perMinute, 0))
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']

function seed(dataDir: string) {
  const database = new Database(join(dataDir, 'gateway.db'))
  const insert = database.query(
    `INSERT INTO schedules (script_id, expression, timing, timezone, params, sealed_params, misfire, misfire_window_ms, misfire_max, overlap, created_at, updated_at)
     VALUES (1, ?1, ?2, ?3, '{}', x'00', 'once', 3600000, 10, 'skip', 1, 1)`,
  )
  database.transaction(() => {
    for (const { share, cron } of kinds)
      for (let i = 0; i < share * schedulesCount; i++)
        insert.run(cron(i), JSON.stringify({ kind: 'cron', cron: cron(i) }), zones[i % zones.length]!)
  })()
  database.close()
}

interface Begun {
  queued_at: string
  started_at: string
}

async function lateness(lab: Lab): Promise<Row[]> {
  const rounds = lab.isQuick ? 1 : 5
  const gateway = await lab.gateway({
    scriptsDir: lab.scripts(script),
    dataDir: lab.folder(),
    env: { RUN_SLOTS: '16' },
  })
  const one: number[] = []
  const accepted: number[] = []
  const begun: number[] = []
  for (let round = 0; round < rounds; round++) {
    const [single] = await due(gateway, 1)
    one.push(single!.begunMs)
    const many = await due(gateway, dueAtOnce)
    accepted.push(...many.map(({ acceptedMs }) => acceptedMs))
    // As far as slots allow: the others wait for one of these to end.
    begun.push(
      ...many
        .map(({ begunMs }) => begunMs)
        .sort((a, b) => a - b)
        .slice(0, 16),
    )
  }
  const rows = { unit: 'ms' as const, baseline: percentile(one, 95), against: 'one that is due alone' }
  const row = (what: string, values: number[], promised: Row['promised']): Row => ({
    ...{ ...rows, what, measured: percentile(values, 95) },
    compared: { value: percentile(values, 95), unit: 'ms', how: 'itself' },
    promised,
  })
  await gateway.stop()
  return [
    row(`From its second until a run begins, of ${dueAtOnce} that are due at once and 16 slots (95 %)`, begun, {
      atMost: lateMsMax,
    }),
    row('The same until its row is stored, of all of them (95 %)', accepted, null),
  ]
}

/** Milliseconds after their second. */
async function due(gateway: Gateway, count: number): Promise<{ acceptedMs: number; begunMs: number }[]> {
  const { call } = gateway
  const at = Math.ceil(Date.now() / 1000) * 1000 + 5000
  const json = { 'content-type': 'application/json' }
  const body = JSON.stringify({ cron_expression: new Date(at).toISOString(), timezone: 'UTC' })
  const made = new Map<number, string>()
  for (let i = 0; i < count; i++) {
    const name = names[i % names.length]!
    const options = { method: 'POST', body, headers: json, expected: 201 }
    made.set(JSON.parse(await call(`/api/scripts/${name}/schedules`, options)).id, name)
  }
  if (Date.now() >= at) throw new Error(`${count} schedules could not be made in 5 s.`)
  const runs = new Map<number, Begun>()
  while (runs.size < count) {
    await Bun.sleep(500)
    const { items } = JSON.parse(await call(`/api/runs?trigger=schedule&page_size=200`)) as {
      items: (Begun & { schedule_id: number; status: string })[]
    }
    for (const run of items) if (made.has(run.schedule_id) && run.status === 'success') runs.set(run.schedule_id, run)
  }
  for (const [id, name] of made) await call(`/api/scripts/${name}/schedules/${id}`, { method: 'DELETE', expected: 204 })
  const since = (time: string) => Date.parse(time) - at
  return [...runs.values()].map(({ queued_at, started_at }) => ({
    acceptedMs: since(queued_at),
    begunMs: since(started_at),
  }))
}
