/**
 * The life of runs as a seeded simulation: starts, ends, cancels, changes of settings and policies, drains, crashes and
 * jumps of the clock in any order, with the rules checked after each step. A failure prints its seed: SIMULATION_SEED=N repeats it; SIMULATION_SEEDS=N goes
 * through so many.
 */

import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Clock } from '../../src/clock.ts'
import { openDatabase } from '../../src/db/open.ts'
import { noPackages } from '../../src/dependencies/for-runs.ts'
import { silentLog } from '../../src/log.ts'
import { options } from '../../src/options/options.ts'
import type { Outcome, ProcessSpec, RunningProcess } from '../../src/process/model.ts'
import { isFinished, type RunStatus, transitions } from '../../src/runs/model.ts'
import { createPlanner } from '../../src/runs/plan.ts'
import { createRuns, type Runs } from '../../src/runs/runs.ts'
import type { RunnableScript } from '../../src/scripts/catalog.ts'
import { queuePolicy } from '../../src/scripts/policy-effect.ts'
import type { Policy } from '../../src/scripts/policy-model.ts'
import type { Setting } from '../../src/settings/settings.ts'
import { createVault } from '../../src/variables/vault.ts'
import { tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'

const stepsPerSeed = 250
const { SIMULATION_SEED: given, SIMULATION_SEEDS: count = 2 } = process.env
const random = () => Math.floor(Math.random() * 2 ** 31)
const seeds = given ? [Number(given)] : Array.from({ length: Number(count) }, (_, index) => (index ? random() : 1))

const simulations: { close(): void }[] = []
afterAll(() => {
  for (const simulation of simulations) simulation.close()
})

test.each(seeds)(
  'the rules hold through every step of seed %i',
  async (seed) => {
    const simulation = createSimulation(seed)
    simulations.push(simulation)
    try {
      for (let step = 0; step < stepsPerSeed; step++) {
        await simulation.step()
        simulation.check()
      }
      await simulation.finish()
    } catch (error) {
      console.error(`SIMULATION_SEED=${seed}\n${simulation.history.slice(-15).join('\n')}`)
      throw error
    }
  },
  60_000,
)

/** mulberry32: small, and the same everywhere. */
function createRandom(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  return { below, pick: <T>(items: readonly T[]): T => items[below(items.length)]! }
}

interface Fake {
  runId: number
  scriptId: number
  stopped: 'cancelled' | 'interrupted' | null
  end(outcome: Partial<Outcome>): void
}

const endings: Partial<Outcome>[] = [
  { exitCode: 0 },
  { exitCode: 3 },
  { signal: 'SIGSEGV' },
  { reason: 'timeout', signal: 'SIGKILL' },
  { reason: 'output_limit', signal: 'SIGTERM' },
  { reason: 'resource_limit', signal: 'SIGKILL', overLimit: { limit: 'memory', used: 2, max: 1 } },
]

const statusOf: Record<string, RunStatus> = {
  cancelled: 'cancelled',
  interrupted: 'interrupted',
  timeout: 'timeout',
  output_limit: 'killed',
  resource_limit: 'killed',
}

function createSimulation(seed: number) {
  const random = createRandom(seed)
  const dataDir = tempFolder()
  const db = openDatabase(join(dataDir, 'gateway.db'))
  const settings: Record<string, unknown> = { run_slots: 2, queue_length_max: 12 }
  const setting = ((name: keyof typeof options) => settings[name] ?? options[name].default) as Setting
  const vault = createVault({ key: new Uint8Array(32) })
  const scripts = new Map([1, 2, 3].map((id) => [id, scriptOf(id)]))
  for (const id of scripts.keys())
    db.$client.run(
      `INSERT INTO scripts (id, slug, runtime, filename, created_at, updated_at) VALUES (${id}, 's${id}', 'python', 's${id}.py', 0, 0)`,
    )

  let now = 1_000_000
  const sleepers: (() => void)[] = []
  const clock: Clock = { now: () => now, sleep: () => new Promise((resolve) => sleepers.push(resolve)) }

  const processes = new Map<number, Fake>()
  const history: string[] = []
  /** As they were last seen. */
  const seen = new Map<number, { status: RunStatus; row: string }>()
  const accepted = new Set<number>()
  let generation = 0
  let runs = createGateway()

  function createGateway(): Runs {
    const mine = ++generation
    const created: Runs = createRuns({
      ...{ db, setting, isolation: unconfined, seal: vault, clock, log: silentLog(), dataDir },
      packages: noPackages,
      planner: createPlanner({
        ...{ setting, dataDir, scriptsDir: dataDir, baseUrl: () => 'http://localhost', mac: vault.mac, level: 'plain' },
        variables: () => ({ env: {}, secrets: [] }),
      }),
      scriptNow: (id) => scripts.get(id) ?? null,
      hostProblem: () => null,
      onChange: ({ id, status }) => {
        // A dead gateway says nothing any more.
        if (mine === generation)
          demand(rowOf(id)?.status === status, `run ${id} is told as ${status} and stored otherwise`)
      },
      startProcess: (spec) => startFake(spec, mine),
    })
    return created
  }

  function startFake(spec: ProcessSpec, mine: number): RunningProcess {
    const runId = Number(spec.env.RUN_ID)
    const scriptId = Number(spec.env.SCRIPT_ID)
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const blank = {
      exitCode: null,
      signal: null,
      durationMs: 5,
      outputBytes: 0,
      usage: null,
      overLimit: null,
      error: null,
    }
    const fake: Fake = {
      ...{ runId, scriptId, stopped: null },
      end(outcome) {
        processes.delete(runId)
        resolve({ reason: 'exit', ...blank, ...outcome })
      },
    }
    demand(mine === generation, 'a dead gateway starts nothing')
    demand(!processes.has(runId), `run ${runId} is started once`)
    checkTurn(runId, scriptId)
    processes.set(runId, fake)
    spec.onOutput('stdout', new TextEncoder().encode('a line\n'))
    return {
      pid: 0,
      outcome: promise,
      stop(reason) {
        if (reason === 'cancelled' || reason === 'interrupted') fake.stopped ??= reason
      },
    }
  }

  /** What begins may begin: there is a slot, and nobody else has the better right to it. */
  function checkTurn(runId: number, scriptId: number) {
    demand(processes.size < setting('run_slots') && hasSlot(scriptId), `run ${runId} has a slot`)
    const mine = rowOf(runId)!
    const better = rows().find(
      (other) =>
        other.status === 'queued' &&
        hasSlot(other.script_id) &&
        (other.priority > mine.priority || (other.priority === mine.priority && other.id < mine.id)),
    )
    demand(!better, `run ${runId} begins before run ${better?.id}, which has the better right`)
  }

  function hasSlot(scriptId: number) {
    const own = [...processes.values()].filter((one) => one.scriptId === scriptId).length
    return slotsOf(scriptId) === 0 || own < slotsOf(scriptId)
  }

  const slotsOf = (scriptId: number) => {
    const { slots, secondStart } = queuePolicy(scripts.get(scriptId)!.policy, setting)
    return secondStart === 'parallel' ? slots : 1
  }

  interface Row {
    id: number
    script_id: number
    status: RunStatus
    priority: number
    retry_of: number | null
    finished_at: number | null
  }
  const rows = () => db.$client.query('SELECT * FROM runs ORDER BY id').all() as Row[]
  const rowOf = (id: number) => db.$client.query('SELECT * FROM runs WHERE id = ?').get(id) as Row | null

  const note = (text: string) => history.push(text)
  /** What is thrown inside a run would be its failure, and no test's. */
  const violations: string[] = []
  const demand = (holds: boolean, what: string) => {
    if (!holds) violations.push(what)
  }

  async function start() {
    const script = scripts.get(1 + random.below(3))!
    note(`start ${script.id}`)
    const { secondStart } = queuePolicy(script.policy, setting)
    const active = runs.active().filter(({ script_id }) => script_id === script.id)
    try {
      const { run } = runs.start({ script, values: { n: random.below(9) }, trigger: 'api' })
      expect(secondStart === 'skip' && active.length > 0).toBe(false)
      accepted.add(run.id)
    } catch (error) {
      const { type } = error as { type?: string }
      if (type === 'conflict') expect([secondStart, active.length > 0]).toEqual(['skip', true])
      else if (type === 'busy') expect(runs.counts().queued).toBeGreaterThanOrEqual(setting('queue_length_max'))
      else throw error
    }
  }

  /** A process ends, as it was asked to or by itself; resolves when its run has. */
  async function end(fake: Fake) {
    const finished = runs.follow(fake.runId).finished
    const outcome = fake.stopped ? { reason: fake.stopped, signal: 'SIGTERM' } : random.pick(endings)
    note(`end ${fake.runId} ${JSON.stringify(outcome)}`)
    fake.end(outcome as Partial<Outcome>)
    const run = await finished
    const byExit = outcome.exitCode === 0 ? 'success' : 'failed'
    expect([run.id, run.status]).toEqual([run.id, statusOf[outcome.reason ?? ''] ?? byExit])
    expect(run.reason === null).toBe(run.status === 'success')
  }

  async function crash() {
    note('crash')
    generation++ // whatever the old one still does is not heard
    processes.clear()
    await comeBack()
  }

  async function drain() {
    note('drain')
    const drained = runs.drain(1000)
    expect(() => runs.start({ script: scripts.get(1)!, values: {}, trigger: 'api' })).toThrow('stopping')
    for (const wake of sleepers.splice(0)) wake()
    await Promise.resolve()
    await Bun.sleep(0)
    for (const fake of [...processes.values()]) await end(fake)
    await drained
    expect(rows().filter(({ status }) => status === 'running')).toEqual([])
    await comeBack()
  }

  async function comeBack() {
    runs = createGateway()
    runs.recover()
    expect(rows().filter(({ status }) => status === 'running')).toEqual([]) // before anything is served
    runs.resume((scriptId) => ({ script: scripts.get(scriptId)! }))
    for (const { id } of rows()) accepted.add(id)
  }

  const weighted: [weight: number, act: () => void | Promise<void>][] = [
    [10, start],
    [10, async () => void (processes.size > 0 && (await end(random.pick([...processes.values()]))))],
    [
      3,
      () => {
        const id = 1 + random.below(Math.max(1, accepted.size))
        note(`cancel ${id}`)
        if (rowOf(id)) runs.cancel(id)
      },
    ],
    [
      2,
      () => {
        settings.run_slots = 1 + random.below(4)
        note(`slots ${settings.run_slots}`)
        runs.limitsChanged()
      },
    ],
    [
      2,
      () => {
        const script = scripts.get(1 + random.below(3))!
        script.policy = randomPolicy()
        note(`policy ${script.id} ${JSON.stringify(script.policy)}`)
        runs.limitsChanged()
      },
    ],
    [
      1,
      () => {
        now += random.below(10_000_000) - 5_000_000 // a clock may be set back, too
        note(`clock ${now}`)
      },
    ],
    [1, crash],
    [1, drain],
  ]
  const actions = weighted.flatMap(([weight, act]) => Array.from({ length: weight }, () => act))

  const randomPolicy = (): Policy => ({
    queue: {
      slots: 1 + random.below(3),
      priority: random.below(3) - 1,
      second_start: random.pick(['parallel', 'parallel', 'queue', 'skip', 'replace']),
    },
    on_interrupt: random.pick(['leave', 'retry']),
  })

  return {
    history,
    async step() {
      now += random.below(50)
      await random.pick(actions)()
      await Bun.sleep(0)
    },

    check() {
      expect(violations).toEqual([])
      const all = rows()
      const ids = new Set(all.map(({ id }) => id))
      expect([...accepted].filter((id) => !ids.has(id))).toEqual([]) // none is lost
      for (const row of all) {
        const text = JSON.stringify(row)
        const before = seen.get(row.id)
        if (before) {
          expect([row.id, reaches(before.status, row.status)]).toEqual([row.id, true])
          if (isFinished(before.status)) expect(withoutRequest(text)).toBe(withoutRequest(before.row)) // history does not change
        }
        expect([row.id, row.finished_at === null]).toEqual([row.id, !isFinished(row.status)])
        seen.set(row.id, { status: row.status, row: text })
        expect(all.filter(({ retry_of }) => retry_of === row.id).length).toBeLessThanOrEqual(1)
      }
      const running = all.filter(({ status }) => status === 'running').map(({ id }) => id)
      expect(running).toEqual([...processes.keys()].sort((a, b) => a - b)) // what is said to run runs, and nothing else
      const queued = all.filter(({ status }) => status === 'queued')
      expect(runs.counts()).toEqual({ running: running.length, queued: queued.length })
      if (processes.size < setting('run_slots'))
        for (const { id, script_id } of queued) expect([id, hasSlot(script_id)]).toEqual([id, false]) // nobody waits for nothing
    },

    async finish() {
      note('finish')
      while (processes.size > 0) for (const fake of [...processes.values()]) await end(fake)
      expect(rows().filter(({ status }) => !isFinished(status))).toEqual([])
    },

    close: () => db.$client.close(),
  }
}

/** What was kept to run it again goes when it has been. */
const withoutRequest = (row: string) =>
  row.replace(/ It is not run again: [^"]*/, '').replace(/"request":(null|\{[^}]*\}|"[^"]*")/, '')

function reaches(from: RunStatus, to: RunStatus): boolean {
  return from === to || (transitions[from] as readonly RunStatus[]).some((next) => reaches(next, to))
}

function scriptOf(id: number): RunnableScript {
  return {
    ...{ id, slug: `s${id}`, file: `/s${id}.py`, dir: '/', contentHash: 'hash', params: [], policy: {} },
    runtime: {
      ...{ name: 'python', label: 'Python', folder: 'python', extensions: ['.py'], env: {} },
      entryPointProblem: () => null,
      command: (file, args) => ['python3', file, ...args],
      argument: (flag, value) => [flag, value],
    },
  }
}
