/** Notifications on a database of their own, with a clock that the test moves and a receiver that fails as it is told. */
import { afterAll } from 'bun:test'
import { join } from 'node:path'
import type { Clock } from '../../src/clock.ts'
import { type Config, type OptionName, options } from '../../src/config.ts'
import { openDatabase } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import type { DeliveryState, RuleInput } from '../../src/notify/model.ts'
import { createNotify, type NotifyDeps } from '../../src/notify/notify.ts'
import type { Run, RunStatus, Trigger } from '../../src/runs/model.ts'
import { createRunStore } from '../../src/runs/store.ts'
import type { RunRow } from '../../src/runs/table.ts'
import { toRun } from '../../src/runs/to-run.ts'
import { localText, zoneText } from '../../src/schedules/times/zone.ts'
import type { Catalog } from '../../src/scripts/catalog.ts'
import { createScriptStore } from '../../src/scripts/store.ts'
import type { Setting } from '../../src/settings/settings.ts'
import { createVault } from '../../src/variables/vault.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { createReceiver } from '../harness/receiver.ts'

export const sec = 1000
export const min = 60 * sec
export const hour = 60 * min

interface RunParts {
  status?: RunStatus
  scriptId?: number
  scheduleId?: number | null
  trigger?: Trigger
  durationMs?: number
  stderr?: string
  exitCode?: number | null
  firstAttemptId?: number | null
  nextAttemptId?: number | null
}

/** A clock that stands still until it is moved. */
export function givenClock(startMs: number) {
  const time = { at: startMs }
  const sleepers = new Set<{ at: number; wake(): void }>()
  const clock: Clock = {
    now: () => time.at,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          at: time.at + ms,
          wake() {
            sleepers.delete(sleeper)
            resolve()
          },
        }
        sleepers.add(sleeper)
        if (signal?.aborted) sleeper.wake()
        signal?.addEventListener('abort', sleeper.wake, { once: true })
      }),
  }
  return {
    clock,
    pass(ms: number) {
      time.at += ms
      for (const sleeper of [...sleepers]) if (sleeper.at <= time.at) sleeper.wake()
    },
  }
}

export const startAt = Date.parse('2026-06-01T12:00:00Z')

/** Call it at the top of a file. */
export async function createLab({
  settings = {},
  isOnDisk = false,
  ...overrides
}: { settings?: Partial<Config>; isOnDisk?: boolean } & Partial<
  Pick<NotifyDeps, 'waitingMax' | 'retryMs' | 'log'>
> = {}) {
  const file = isOnDisk ? join(tempFolder('notify-'), 'gateway.db') : ':memory:'
  const db = openDatabase(file)
  const receiver = await createReceiver()
  const scripts = createScriptStore(db)
  const runs = createRunStore({ db })
  const { clock, pass } = givenClock(startAt)
  const given: Partial<Config> = { notify_local_addresses: true, notify_timeout_sec: 5, ...settings }
  const setting = ((name: OptionName) => given[name] ?? options[name].default) as Setting
  const names = new Map<number, { filename: string; alias: null; tags: string[] }>()
  const catalog = {
    get: (id: number) => names.has(id) && { row: names.get(id) },
  } as unknown as Catalog
  const parts = createNotify({
    ...{ db, setting, clock, log: silentLog(), vault: createVault({ key: new Uint8Array(32) }), isKeyKept: true },
    ...{ catalog, baseUrl: () => 'http://gateway.test', random: () => 0.5, localText, zoneText, ...overrides },
  })
  const { notify, notifications } = parts
  afterAll(async () => {
    await parts.close()
    await receiver.close()
    db.$client.close()
  })

  const listed = () => notifications.deliveries({}, { limit: 1000, offset: 0 }).items.reverse()

  const lab = {
    ...{ db, file, receiver, clock, pass, settings: given, notify, notifications, parts, names },
    script(slug: string, tags: string[] = []): number {
      const { id } = scripts.insert({ runtime: 'python', filename: `${slug}.py`, slug, createdAt: 1, updatedAt: 1 })
      names.set(id, { filename: `${slug}.py`, alias: null, tags })
      return id
    },
    /** A run that has ended now, told to nobody. */
    ended(of: RunParts = {}): Run {
      const { status = 'failed', scriptId = 1, scheduleId = null, trigger = 'api', durationMs = 1400 } = of
      const { stderr = '', exitCode = 3, firstAttemptId = null, nextAttemptId = null } = of
      const now = clock.now()
      const values = [scriptId, status, trigger, now, now - durationMs, now, durationMs, exitCode, stderr, scheduleId]
      const { id } = db.$client
        .query(
          `INSERT INTO runs (script_id, status, trigger, params, content_hash, queued_at, started_at, finished_at, duration_ms,
          exit_code, stderr_tail, schedule_id, first_attempt_id, next_attempt_id)
          VALUES (?, ?, ?, '{}', '', ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
        )
        .get(...values, firstAttemptId, nextAttemptId) as { id: number }
      return toRun(runs.get(id) as RunRow)
    },
    /** The same, told. */
    finish(of: RunParts = {}): Run {
      const run = lab.ended(of)
      notify.runFinished(run)
      return run
    },
    /** `path`: what the receiver does, see its harness. */
    channel: (path = 'ok', name = path) =>
      notifications.createChannel({ name, kind: 'webhook', config: { url: receiver.url(path) } }).id,
    rule: (channelId: number, rest: RuleInput = {}, scriptId: number | null = null) =>
      notifications.createRule(scriptId, { channel_id: channelId, events: ['always'], ...rest }).id,
    /** Oldest first. */
    listed,
    states: () => listed().map(({ state }) => state),
    /** Waits until the deliveries have these states, oldest first. */
    become: (...states: DeliveryState[]) =>
      eventually(`the deliveries are ${states}; they are ${lab.states()}`, () => `${lab.states()}` === `${states}`),
    /** Waits until the newest delivery has had so many tries. */
    tried: (attempts: number) =>
      eventually(`${attempts} tries`, () => {
        const last = listed().at(-1)
        return last?.attempts === attempts ? last : undefined
      }),
  }
  return lab
}
