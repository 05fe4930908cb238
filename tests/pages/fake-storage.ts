/** A storage that only pretends: numbers as they may be, and what it was asked. */
import { nothingRemoved, type StorageStatus } from '../../src/retention/model.ts'
import { iso } from './samples.ts'

export function fakeStorage() {
  const GiB = 1024 ** 3
  const status: StorageStatus = {
    kept: {
      ...{ runs: 12_345, log_bytes: 1.25 * GiB, output_bytes: 3.5 * GiB },
      ...{ oldest_at: iso(80 * 86_400), unmeasured_runs: 0, database_bytes: 96 * 1024 ** 2 },
    },
    bytes_max: 20 * GiB,
    disk: { free_bytes: 48 * GiB, free_bytes_min: 128 * 1024 ** 2, problem: null },
    due: { runs: 2, logs: 14, outputs: 0, bytes_over: 0 },
    is_running: false,
    last: {
      started_at: iso(2700),
      finished_at: iso(2699),
      removed: { ...nothingRemoved(), runs: 31, logs: 1, bytes: 4_200_000 },
      problem: null,
    },
  }
  const fake = { current: status, cleaned: 0 }
  return {
    status: async () => fake.current,
    clean: async () => {
      fake.cleaned++
      return status.last!
    },
    /** What the page is to show. */
    show: (change: Partial<StorageStatus>) => {
      fake.current = { ...status, ...change }
    },
    asked: () => fake.cleaned,
  }
}
