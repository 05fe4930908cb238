/** Refuses runs before the disk is full: then their results could not be kept, nor their ends stored. */
import { statfsSync } from 'node:fs'
import type { Clock } from '../clock.ts'
import { GatewayError, messageOf } from '../errors.ts'
import { formatBytes } from '../files/store.ts'
import type { Setting } from '../settings/settings.ts'
import type { DiskReport } from './model.ts'

/** Asked at most this often. */
const cachedMs = 1000

export interface DiskGuard {
  /** Why no run can be accepted, in words; null when runs can. Costs nothing but once a second. */
  problem(): string | null
  /** The same, for whoever asked for a run. */
  refusal(): GatewayError | null
  report(): DiskReport
}

interface DiskGuardDeps {
  /** Absolute, on the disk that is meant. */
  dir: string
  setting: Setting
  clock: Clock
  /** Bytes that the gateway may still write there; throws when the disk is gone. */
  freeBytes?(dir: string): number
}

export function createDiskGuard({ dir, setting, clock, freeBytes = freeBytesOf }: DiskGuardDeps): DiskGuard {
  let look: { at: number; bytes: number | null; error: string | null } | null = null

  function looked() {
    const now = clock.now()
    if (!look || now - look.at >= cachedMs || now < look.at) look = { at: now, ...lookAt(dir, freeBytes) }
    return look
  }

  function problem(): string | null {
    const { bytes, error } = looked()
    const min = setting('disk_free_bytes_min')
    if (bytes === null) return `The disk of DATA_DIR cannot be looked at: ${error}.`
    if (bytes >= min) return null
    return `The gateway's disk is nearly full: ${formatBytes(bytes)} are free, and ${formatBytes(min)} have to stay free (setting disk_free_bytes_min). Make room under DATA_DIR, then try again.`
  }

  return {
    problem,
    refusal() {
      const text = problem()
      return text === null ? null : new GatewayError('resource', text)
    },
    report: () => ({ free_bytes: looked().bytes, free_bytes_min: setting('disk_free_bytes_min'), problem: problem() }),
  }
}

function lookAt(dir: string, freeBytes: (dir: string) => number) {
  try {
    return { bytes: freeBytes(dir), error: null }
  } catch (error) {
    return { bytes: null, error: messageOf(error) }
  }
}

/** What is left for us, not for root alone. */
function freeBytesOf(dir: string): number {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize
}
