/** Rows as the store takes them, for tests that ask the store itself. */
import type { NewRun } from '../../src/runs/writes.ts'

export const newRun = (rest: Partial<NewRun> = {}): NewRun => ({
  ...{ scriptId: 1, status: 'running', trigger: 'api', params: {}, contentHash: '', queuedAt: 1, startedAt: 1 },
  ...{
    idempotencyKey: null,
    requestHash: null,
    startedBy: null,
    askedBy: null,
    host: '',
    environmentHash: null,
    isolation: null,
  },
  packagesEnvironment: null,
  ...{
    priority: 0,
    retryOf: null,
    attempt: 1,
    request: null,
    scheduleId: null,
    occurrenceId: null,
    firstAttemptId: null,
  },
  ...rest,
})
