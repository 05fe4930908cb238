/** What a run is given: places of its own, the clean environment, the limits as they are set now. */
import { join } from 'node:path'
import { inheritedEnvironment } from '../config.ts'
import { encodePath } from '../files/outputs.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import type { Setting } from '../settings/settings.ts'
import type { RunLimits, RunPlan } from './execute.ts'
import type { RunLog } from './run-log.ts'
import type { RunRow } from './table.ts'

interface PlannerDeps {
  setting: Setting
  /** Absolute. */
  dataDir: string
  baseUrl(): string
}

interface PlannedRun {
  row: RunRow
  request: { script: RunnableScript; values: Record<string, unknown> }
  log: RunLog
}

export function createPlanner({ setting, dataDir, baseUrl }: PlannerDeps) {
  const limits = (): RunLimits => ({
    timeoutMs: setting('timeout_min') * 60_000,
    graceMs: setting('kill_grace_sec') * 1000,
    outputBytesMax: setting('output_bytes_max'),
    resultBytesMax: setting('result_bytes_max'),
    logBytesMax: setting('log_bytes_max'),
  })

  return function plan({ row, request: { script, values }, log }: PlannedRun): RunPlan {
    const place = join(script.slug, 'resources', folderName(row))
    return {
      ...{ id: row.id, script, values, log },
      environment: inheritedEnvironment(setting('script_env_names')),
      baseUrl: baseUrl(),
      limits: limits(),
      outputDir: join(dataDir, 'static', place),
      outputUrl: `${baseUrl()}/static/${encodePath(place)}`,
      tempDir: join(dataDir, 'tmp', `run-${row.id}`),
    }
  }
}

/** Unique, sorts by time, and says which run it was. */
const folderName = (row: RunRow) => `${new Date(row.queuedAt).toISOString().replace(/[-:.]/g, '')}-${row.id}`
