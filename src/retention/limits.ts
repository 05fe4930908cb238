/** How long and how much is kept of one script: its own words where it has them, else the settings. */
import type { Policy } from '../scripts/policy-model.ts'
import type { Setting } from '../settings/settings.ts'

/** Infinity: no limit. */
export interface KeepLimits {
  runMs: number
  logMs: number
  outputMs: number
  runs: number
  /** Of this script's logs and files; the setting retention_bytes holds over all scripts beside it. */
  bytes: number
}

const dayMs = 86_400_000

/** A script's own `days` hold for the run with all that belongs to it: who keeps a run for a year means its log too. */
export function keepLimits(setting: Setting, own: Policy['retention'] = {}): KeepLimits {
  const ms = (days: number) => unlimited(days) * dayMs
  return {
    runMs: ms(own.days ?? setting('retention_days')),
    logMs: ms(own.days ?? setting('log_retention_days')),
    outputMs: ms(own.days ?? setting('output_retention_days')),
    runs: unlimited(own.runs ?? setting('retention_runs_per_script')),
    bytes: own.bytes ?? Number.POSITIVE_INFINITY,
  }
}

/** A setting of 0 is no limit. */
export const unlimited = (value: number) => (value === 0 ? Number.POSITIVE_INFINITY : value)
