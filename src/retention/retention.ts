/** Keeps what is on disk within its limits: a pass every minute, a sweep for what nobody owns every hour. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, isoTime } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { messageOf, storageFault } from '../errors.ts'
import { cleanTemp } from '../files/temp-report.ts'
import type { Log } from '../log.ts'
import { createRetentionStore } from '../runs/retention-store.ts'
import type { Policy } from '../scripts/policy-model.ts'
import type { Setting } from '../settings/settings.ts'
import { createClockWatch } from './clock-watch.ts'
import type { DiskGuard } from './disk-guard.ts'
import { unlimited } from './limits.ts'
import { type LastPass, nothingRemoved, type Removed, type StorageStatus } from './model.ts'
import { createPace, type Pace } from './pace.ts'
import { createPass } from './pass.ts'
import { createRunFiles, type RunFiles } from './run-files.ts'
import { createStorageStatus } from './status.ts'
import { createSweep } from './sweep.ts'

interface RetentionDeps {
  db: Db
  setting: Setting
  clock: Clock
  log: Log
  /** Absolute. */
  dataDir: string
  logPath(id: number): string
  /** A script's own words; undefined where it has none. */
  retentionOf(scriptId: number): Policy['retention']
  /** For temporary files. */
  isLive(runId: number): boolean
  filesInUse(): string[]
  /** Somebody deletes the run, or has it back, just now: it is left alone, for its files are on their way. */
  isBusy(runId: number): boolean
  guard: DiskGuard
  /** What measures and removes the files of a run. */
  files?: RunFiles
  lookEveryMs?: number
}

export interface Retention {
  /** Begins to look every minute. */
  start(): void
  /** All of it now, by age too; whoever asks while a pass is under way gets that one. Rejects for nothing but `close`. */
  clean(): Promise<LastPass>
  status(): Promise<StorageStatus>
  /** Ends what is under way; the database can be closed then. */
  close(): Promise<void>
}

const minuteMs = 60_000
const hourMs = 60 * 60_000
/** SQLite begins the write-ahead log anew by itself; only a large write leaves more than this behind. */
const walBytesMax = 16 * 1024 * 1024

export function createRetention(deps: RetentionDeps): Retention {
  const { db, setting, clock, log, dataDir, logPath, retentionOf, isLive, filesInUse, isBusy, guard } = deps
  const store = createRetentionStore({ db })
  const { files = createRunFiles({ dataDir, logPath }), lookEveryMs = minuteMs } = deps
  const pass = createPass({ store, files, setting, retentionOf, isBusy, log })
  const sweep = createSweep({ store, dataDir, isBusy })
  const clockWatch = createClockWatch({ clock, log })
  const status = createStorageStatus({ store, setting, clock, retentionOf, guard })
  const stopping = new AbortController()
  let current: { isWhole: boolean; done: Promise<LastPass> } | null = null
  let last: LastPass | null = null
  let sweptAt = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined

  function begin(isWhole: boolean): Promise<LastPass> {
    const done = perform(isWhole).finally(() => {
      current = null
    })
    current = { isWhole, done }
    return done
  }

  async function perform(isWhole: boolean): Promise<LastPass> {
    const startedAt = clock.now()
    const removed = nothingRemoved()
    let problem: string | null = null
    const pace = createPace({ clock, signal: stopping.signal })
    try {
      const byAge = clockWatch.isTrusted() || isWhole
      await pass({ now: startedAt, pace, removed, byAge })
      if (isWhole || performance.now() - sweptAt >= hourMs) await tidy(pace, removed)
    } catch (error) {
      if (stopping.signal.aborted) throw error
      problem = storageFault(error)?.message ?? 'It could not be completed; the log of the gateway says why.'
      log.error({ error: messageOf(error) }, 'retention could not complete its pass')
    }
    const pastTense = { started_at: isoTime(startedAt)!, finished_at: isoTime(clock.now())! }
    const ended = { ...pastTense, removed, problem }
    if (isWhole || Object.values(removed).some(Boolean) || problem) last = ended
    if (Object.values(removed).some(Boolean)) log.info(removed, 'retention removed what was over its limits')
    return ended
  }

  async function tidy(pace: Pace, removed: Removed) {
    sweptAt = performance.now()
    removed.orphans += await sweep(pace)
    const options = { tmpDir: join(dataDir, 'tmp'), isLive, filesInUse }
    for (const { bytes } of await cleanTemp(
      options,
      clock.now() - unlimited(setting('temp_retention_hours')) * hourMs,
    )) {
      removed.temp_items++
      removed.temp_bytes += bytes
    }
    const wal = statSync(join(dataDir, 'gateway.db-wal'), { throwIfNoEntry: false })
    if (wal && wal.size > walBytesMax) store.checkpoint()
  }

  function lookLater() {
    timer = setTimeout(() => {
      const done = current?.done ?? begin(false)
      done.catch(() => {}).then(() => stopping.signal.aborted || lookLater())
    }, lookEveryMs)
    timer.unref()
  }

  return {
    start: lookLater,
    async clean() {
      while (current && !current.isWhole) await current.done
      return current?.done ?? begin(true)
    },
    status: async () => ({ ...(await status()), is_running: current !== null, last }),
    async close() {
      clearTimeout(timer)
      stopping.abort(new Error('The gateway is stopping.'))
      await current?.done.catch(() => {})
    },
  }
}
