/** A run with the attempts that it is one of. */
import type { Run, RunAttempt } from './model.ts'

/** `attempts` is there where there is more than one; `attemptsOf` is asked only then. */
export function withAttempts(run: Run, attemptsOf: (run: Run) => Run[]): Run {
  if (run.first_attempt_id === null && run.next_attempt_id === null) return run
  const attempts = attemptsOf(run)
  return attempts.length > 1 ? { ...run, attempts: attempts.map(toAttempt) } : run
}

const toAttempt = ({ id, attempt, status, started_at, finished_at, reason }: Run): RunAttempt => ({
  ...{ id, attempt, status, started_at, finished_at, reason },
})
