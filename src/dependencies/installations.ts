/** Installations as everybody else knows them: begun, followed while they go on, and kept as history. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { type Follow, followEnded, followLive } from '../logs/follow.ts'
import { lastLineOf } from '../logs/log-cursor.ts'
import { createLogIndexes } from '../logs/log-index.ts'
import { mergeTail } from '../logs/log-store.ts'
import { createMask, noMask } from '../logs/mask.ts'
import { createRunLog, type RunLog } from '../logs/run-log.ts'
import type { Setting } from '../settings/settings.ts'
import type { Installation, InstallationStatus, InstalledPackage } from './model.ts'
import { type InstallationStore, toInstallation } from './store.ts'
import type { InstallationRow, NewInstallation } from './table.ts'

export interface LiveInstallation {
  row: InstallationRow
  readonly log: RunLog
  finished: PromiseWithResolvers<Installation>
  abort: AbortController
  /** What the log must not show. */
  hide(secrets: string[]): void
  /** For words that are shown beside the log. */
  mask(text: string): string
}

export interface InstallationEnd {
  status: Exclude<InstallationStatus, 'queued' | 'running'>
  reason: string | null
  packages: InstalledPackage[]
  bytes: number | null
  /** Where what was built is the same as one that was there, that one's. */
  environment: string
}

interface InstallationsDeps {
  store: InstallationStore
  setting: Setting
  clock: Clock
  /** Absolute; made with the first log. */
  logDir: string
  /** Told of every change of state, after it is stored. */
  onChange(installation: Installation): void
}

export type Installations = ReturnType<typeof createInstallations>

export function createInstallations({ store, setting, clock, logDir, onChange }: InstallationsDeps) {
  const live = new Map<number, LiveInstallation>()
  const logPath = (id: number) => join(logDir, `${id}.log`)
  const indexes = createLogIndexes()

  function begin(wanted: Omit<NewInstallation, 'queuedAt'>): LiveInstallation {
    const row = store.insert({ ...wanted, queuedAt: clock.now() })
    let mask = noMask
    const one: LiveInstallation = {
      row,
      log: createRunLog({
        path: logPath(row.id),
        bytesMax: setting('log_bytes_max'),
        now: clock.now,
        mask: () => mask,
      }),
      finished: Promise.withResolvers(),
      abort: new AbortController(),
      hide: (secrets) => {
        mask = createMask([], {}, secrets)
      },
      mask: (text) => mask(text),
    }
    live.set(row.id, one)
    onChange(toInstallation(row))
    return one
  }

  function started(one: LiveInstallation) {
    const startedAt = clock.now()
    store.begin(one.row.id, startedAt)
    one.row = { ...one.row, status: 'running', startedAt }
    one.log.tell()
    onChange(toInstallation(one.row))
  }

  /** Never throws: where the end cannot be stored now, the next start finds it interrupted. */
  function finish(one: LiveInstallation, end: InstallationEnd): Error | null {
    let problem: Error | null = null
    try {
      one.log.close()
    } catch (error) {
      problem = error as Error
    }
    const full = { ...end, finishedAt: clock.now(), logLines: one.log.lastSeq }
    one.row = { ...one.row, ...full }
    try {
      store.finish(one.row.id, full)
    } catch (error) {
      problem = error as Error
    }
    live.delete(one.row.id)
    one.finished.resolve(toInstallation(one.row))
    onChange(toInstallation(one.row))
    return problem
  }

  function rowOf(id: number): InstallationRow {
    const row = live.get(id)?.row ?? store.get(id)
    if (!row) throw new GatewayError('not_found', `There is no installation ${id}.`)
    return row
  }

  /** Of one that goes on, with the lines that it has said so far. */
  function nowOf(row: InstallationRow): Installation {
    const one = live.get(row.id)
    return toInstallation(one ? { ...one.row, logLines: one.log.lastSeq } : row)
  }

  function follow(id: number): Follow<Installation> {
    const one = live.get(id)
    const closed = { path: logPath(id), indexes }
    if (!one) return followEnded(toInstallation(rowOf(id)), closed)
    return followLive({ ...closed, log: one.log, run: () => toInstallation(one.row), finished: one.finished.promise })
  }

  return {
    ...{ begin, started, finish, follow },
    get: (id: number) => nowOf(rowOf(id)),
    live: (id: number) => live.get(id),
    list: (filter: Parameters<typeof store.list>[0], page: { limit: number; offset: number }) =>
      store.list(filter, page).map(nowOf),
    count: store.count,
    /** Of this environment, the newest; null for none. */
    lastOf(environment: string): Installation | null {
      const row = store.newestOf(environment)
      return row ? nowOf(row) : null
    },
    /** At start: nothing is under way that is not. Answers how many were. */
    recover(): number {
      const ids = store.interruptAll(
        clock.now(),
        'The gateway ended while it went on; it begins again when it is needed.',
      )
      for (const id of ids) {
        const path = logPath(id)
        if (!existsSync(path)) continue // it had said nothing
        mergeTail(path, new Date(clock.now()).toISOString())
        store.setLogLines(id, lastLineOf(path))
      }
      return ids.length
    },
    /** Those that ended longer ago than the setting says go, with their logs. */
    tidy() {
      const days = setting('installation_retention_days')
      if (days === 0) return
      for (const id of store.forget(clock.now() - days * 86_400_000)) rmSync(logPath(id), { force: true })
    },
    /** Resolves when nothing is under way any more. */
    async close(): Promise<void> {
      const all = [...live.values()]
      for (const { abort } of all) abort.abort('interrupted')
      await Promise.all(all.map(({ finished }) => finished.promise))
    },
  }
}
