/** A history on disk that never ran: rows, logs, results and files, as a gateway leaves them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Config, type OptionName, options } from '../../src/config.ts'
import { openDatabase } from '../../src/db/open.ts'
import { type Log, silentLog } from '../../src/log.ts'
import { createRetention } from '../../src/retention/retention.ts'
import type { RunFiles } from '../../src/retention/run-files.ts'
import { folderName } from '../../src/runs/plan.ts'
import type { Policy } from '../../src/scripts/policy-model.ts'
import { createScriptStore } from '../../src/scripts/store.ts'
import type { Setting } from '../../src/settings/settings.ts'
import { tempFolder } from '../harness/folder.ts'

export const now = Date.parse('2026-11-21T04:05:06.789Z')
export const dayMs = 86_400_000

export interface PastRun {
  script?: number
  status?: string
  /** Days ago; null: it has not ended. */
  endedDaysAgo?: number | null
  /** Bytes; 0: it printed nothing. */
  log?: number
  /** Bytes of a file in its OUTPUT_DIR; 0: none. */
  output?: number
  /** Bytes of a long result. */
  result?: number
}

export type Lab = ReturnType<typeof createLab>

export function createLab(dataDir = join(tempFolder('retention-'), 'data')) {
  const db = openDatabase(join(dataDir, 'gateway.db'))
  const scripts = createScriptStore(db)
  const settings: Partial<Config> = {}
  const busy = new Set<number>()
  const own = new Map<number, Policy['retention']>()
  const logPath = (id: number) => join(dataDir, 'logs/script', String(Math.floor(id / 1000)), `${id}.log`)
  const slugs = new Map(scripts.all().map(({ id, slug }) => [id, slug]))
  const time = { at: now }
  const setting = ((name: OptionName) => settings[name] ?? options[name].default) as Setting
  const clock = { now: () => time.at, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) }
  const problems = { ...silentLog(), error: (about: unknown) => console.error('lab:', about) } as Log
  const newRetention = (files?: RunFiles, lookEveryMs?: number) =>
    createRetention({
      ...{ db, setting, clock, log: problems, dataDir, logPath, isLive: () => false, filesInUse: () => [] },
      isBusy: (id) => busy.has(id),
      ...{ files, lookEveryMs },
      retentionOf: (id) => own.get(id),
      guard: {
        problem: () => null,
        refusal: () => null,
        report: () => ({ free_bytes: 1, free_bytes_min: 0, problem: null }),
      },
    })

  return {
    ...{ dataDir, db, settings, own, busy, time, setting, clock, logPath, newRetention },
    script(slug: string): number {
      const { id } = scripts.insert({ runtime: 'python', filename: `${slug}.py`, slug, createdAt: 1, updatedAt: 1 })
      slugs.set(id, slug)
      return id
    },
    /** Answers its number. */
    run({ script = 1, status, endedDaysAgo = 0, log = 0, output = 0, result = 0 }: PastRun = {}): number {
      const end = endedDaysAgo === null ? null : now - endedDaysAgo * dayMs
      const queuedAt = (end ?? now) - 1000
      const row = db.$client
        .query<{ id: number }, [number, string, number, number | null, number]>(
          `INSERT INTO runs (script_id, status, trigger, params, content_hash, queued_at, finished_at, log_lines)
          VALUES (?, ?, 'api', '{}', '', ?, ?, ?) RETURNING id`,
        )
        .get(script, status ?? (end === null ? 'running' : 'success'), queuedAt, end, log > 0 ? 1 : 0)
      const id = row?.id ?? 0
      if (log > 0) write(logPath(id), log)
      if (output > 0) write(join(outputDir(script, id, queuedAt), 'made.bin'), output)
      if (result > 0) write(logPath(id).replace(/\.log$/, '.result.json'), result)
      return id
    },
    outputDir: (id: number) => {
      const { script, queuedAt } = db.$client
        .query<{ script: number; queuedAt: number }, [number]>(
          'SELECT script_id AS script, queued_at AS queuedAt FROM runs WHERE id = ?',
        )
        .get(id)!
      return outputDir(script, id, queuedAt)
    },
    ids: () =>
      db.$client
        .query<{ id: number }, []>('SELECT id FROM runs ORDER BY id')
        .all()
        .map(({ id }) => id),
    row: (id: number) =>
      db.$client.query<Record<string, unknown>, [number]>('SELECT * FROM runs WHERE id = ?').get(id)!,
    write,
  }

  function outputDir(script: number, id: number, queuedAt: number) {
    return join(dataDir, 'static', slugs.get(script) ?? '', 'resources', folderName({ id, queuedAt }))
  }
}

function write(path: string, bytes: number) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, new Uint8Array(bytes))
}
