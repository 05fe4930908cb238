/** How a process ended becomes how the run ended, with a reason in words. */
import type { ErrorType } from '../errors.ts'
import type { EndReason, Outcome } from '../process/model.ts'
import type { ExecutionEnd, RunLimits } from './execute.ts'
import { type Mask, noMask } from './mask.ts'
import type { Result, RunStatus } from './model.ts'
import type { RunEnd } from './store.ts'

type End = { status: RunStatus; errorType: ErrorType | null; reason: string | null }

/** The row's last write but for its time and its log, which the caller knows. */
export function endOf(end: ExecutionEnd, limits: RunLimits, mask: Mask): RunEnd {
  const { outcome, outputProblem } = end
  const verdict = outputProblem && outcome.reason === 'exit' ? overOutput(outputProblem) : verdictOf(outcome, limits)
  return {
    ...blank,
    ...verdict,
    durationMs: Math.round(outcome.durationMs),
    exitCode: outcome.exitCode,
    signal: outcome.signal,
    result: end.result && maskResult(resultFor(verdict.status, end.result), mask),
    files: end.files,
    stderrTail: mask(end.stderrTail),
    outputBytes: outcome.outputBytes,
  }
}

/** A fault of ours: the client is not told its details. */
export const failedEnd = (detail: string): RunEnd => ({
  ...blank,
  status: 'failed',
  errorType: /ENOSPC|disk is full|SQLITE_FULL/i.test(detail) ? 'resource' : 'system',
  reason: /ENOSPC|disk is full|SQLITE_FULL/i.test(detail)
    ? "The gateway's disk is full: make room under DATA_DIR and run it again."
    : 'The gateway could not complete the run; its log has the details.',
})

/** Ended before it began. */
export const unstartedEnd = (status: 'cancelled' | 'interrupted', reason: string): RunEnd => ({
  ...blank,
  status,
  errorType: 'system',
  reason,
})

const blank = {
  finishedAt: null,
  durationMs: null,
  exitCode: null,
  signal: null,
  result: null,
  files: [],
  stderrTail: '',
  logLines: 0,
  logBytes: 0,
  outputBytes: 0,
} satisfies Partial<RunEnd>

const verdictOf = (outcome: Outcome, limits: RunLimits): End => verdicts[outcome.reason](outcome, limits)

const verdicts: Record<EndReason, (outcome: Outcome, limits: RunLimits) => End> = {
  exit: ({ exitCode, signal }) => {
    if (exitCode === 0) return { status: 'success', errorType: null, reason: null }
    const how = signal ? `was ended by ${signal}${hintFor(signal)}` : `ended with exit code ${exitCode}`
    return { status: 'failed', errorType: 'script', reason: `The script ${how}.` }
  },
  timeout: (_, { timeoutMs }) => ({
    status: 'timeout',
    errorType: 'timeout',
    reason: `Stopped at its time limit of ${inWords(timeoutMs)} (setting timeout_min).`,
  }),
  cancelled: () => ({ status: 'cancelled', errorType: 'script', reason: 'It was cancelled while it was running.' }),
  interrupted: () => ({
    status: 'interrupted',
    errorType: 'unavailable',
    reason: 'The gateway stopped while it was running.',
  }),
  output_limit: (_, { outputBytesMax }) =>
    overOutput(`It printed more than ${outputBytesMax.toLocaleString('en')} bytes`),
  not_started: ({ error }) => ({ status: 'failed', errorType: 'system', reason: `It could not be started: ${error}.` }),
}

const overOutput = (problem: string): End => ({
  status: 'killed',
  errorType: 'resource',
  reason: `${problem}, its output limit (setting output_bytes_max).`,
})

/** Nobody here sent it. */
const hintFor = (signal: string) => (signal === 'SIGKILL' ? ', most likely because the machine ran out of memory' : '')

function inWords(ms: number) {
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(2))} s`
  return `${Number((ms / 60_000).toFixed(2))} min`
}

/** A script that failed gives the JSON it printed beside its error, and nothing else. */
const resultFor = (status: RunStatus, result: Result): Result | null =>
  status === 'success' || result.type === 'json' ? result : null

function maskResult(result: Result | null, mask: Mask): Result | null {
  if (!result || result.type === 'file' || mask === noMask) return result
  if (result.type === 'text') return { ...result, data: mask(result.data) }
  const maskStrings = (_: string, value: unknown) => (typeof value === 'string' ? mask(value) : value)
  return { ...result, data: JSON.parse(JSON.stringify(result.data), maskStrings) }
}
