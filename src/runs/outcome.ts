/** How a process ended becomes how the run ended, with a reason in words. */
import { DependencyError } from '../dependencies/dependency-error.ts'
import { type ErrorType, GatewayError, storageFault } from '../errors.ts'
import { formatBytes } from '../files/store.ts'
import { type Mask, masked, noMask } from '../logs/mask.ts'
import type { EndReason, Outcome, OverLimit } from '../process/model.ts'
import type { PolicyLimitName } from '../scripts/policy-model.ts'
import type { ExecutionEnd, RunLimits } from './execute.ts'
import type { LimitHit, Result, RunStatus } from './model.ts'
import { hintFor } from './signal-words.ts'
import type { RunEnd } from './store.ts'

type End = { status: RunStatus; errorType: ErrorType | null; reason: string | null; limitHit?: LimitHit }

/** The row's last write but for its time and its log, which the caller knows. */
export function endOf(end: ExecutionEnd, limits: RunLimits, mask: Mask): RunEnd {
  const { outcome, outputProblem } = end
  const isOverDisk = outputProblem && (outcome.reason === 'exit' || outcome.reason === 'output_limit')
  const verdict = isOverDisk
    ? overDisk(outputProblem, end.leftBytes, limits)
    : (launcherFault(end) ?? verdictOf(outcome, limits))
  return {
    ...blank,
    ...verdict,
    durationMs: Math.round(outcome.durationMs),
    exitCode: outcome.exitCode,
    signal: outcome.signal,
    result: end.result && maskResult(resultFor(verdict.status, end.result), mask),
    files: end.files,
    stderrTail: mask.cut(end.stderrTail),
    outputBytes: outcome.outputBytes,
    cpuMs: outcome.usage && Math.round(outcome.usage.cpuMs),
    memoryBytesPeak: outcome.usage?.memoryBytesPeak ?? null,
    processesPeak: outcome.usage?.processesPeak ?? null,
  }
}

/** A fault of ours or of the host: the client is told what it can do, and no details. */
export function failedEnd(error: unknown): RunEnd {
  const known = error instanceof GatewayError ? error : storageFault(error)
  return {
    ...blank,
    status: 'failed',
    errorType: known?.type ?? 'system',
    stderrTail: known instanceof DependencyError ? known.stderr : '',
    reason: known?.message ?? 'The gateway could not complete the run; its log has the details.',
  }
}

/** Ended before it began. */
export const unstartedEnd = (status: 'cancelled' | 'interrupted', reason: string): RunEnd => ({
  ...blank,
  status,
  errorType: status === 'cancelled' ? 'script' : 'unavailable', // as where it was running already
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
  cpuMs: null,
  memoryBytesPeak: null,
  processesPeak: null,
  limitHit: null,
} satisfies Partial<RunEnd>

/** The program that confines the script tells so when it cannot, and does not start it: see launcher.js. */
function launcherFault({ outcome, stderrTail }: ExecutionEnd): End | null {
  const says = 'scriptgateway: the script was not started: '
  if (outcome.reason !== 'exit' || outcome.exitCode !== 121 || !stderrTail.startsWith(says)) return null
  const reason = `The script was not started, since it could not be confined: ${stderrTail.slice(says.length).trim()}.`
  return { status: 'failed', errorType: 'system', reason }
}

const verdictOf = (outcome: Outcome, limits: RunLimits): End => verdicts[outcome.reason](outcome, limits)

const verdicts: Record<EndReason, (outcome: Outcome, limits: RunLimits) => End> = {
  exit: ({ exitCode, signal }) => {
    if (exitCode === 0) return { status: 'success', errorType: null, reason: null }
    const how = signal ? `was ended by ${signal}${hintFor(signal)}` : `ended with exit code ${exitCode}`
    return { status: 'failed', errorType: 'script', reason: `The script ${how}.` }
  },
  timeout: ({ durationMs }, limits) => ({
    status: 'timeout',
    errorType: 'timeout',
    reason: `Stopped at its time limit of ${inWords(limits.timeoutMs)} (${setBy(limits, 'timeout_min')}).`,
    limitHit: { limit: 'time', used: Math.round(durationMs) / 1000, max: limits.timeoutMs / 1000 },
  }),
  cancelled: () => ({ status: 'cancelled', errorType: 'script', reason: 'It was cancelled while it was running.' }),
  interrupted: () => ({
    status: 'interrupted',
    errorType: 'unavailable',
    reason: 'The gateway stopped while it was running.',
  }),
  output_limit: ({ outputBytes }, limits) => ({
    status: 'killed',
    errorType: 'resource',
    reason: `It printed more than ${limits.outputBytesMax.toLocaleString('en')} bytes, its output limit (${setBy(limits, 'output_bytes_max')}).`,
    limitHit: { limit: 'output', used: outputBytes, max: limits.outputBytesMax },
  }),
  resource_limit: ({ overLimit }, limits) => {
    if (!overLimit) throw new Error('an outcome of resource_limit names no limit')
    const { limit, used, max } = overLimit
    return {
      status: 'killed',
      errorType: 'resource',
      reason: `Stopped at its limit of ${limitWords[limit](used, max)} (${setBy(limits, limitNames[limit])}).`,
      limitHit: overLimit,
    }
  },
  not_started: ({ error }) => ({ status: 'failed', errorType: 'system', reason: `It could not be started: ${error}.` }),
}

const overDisk = (problem: string, used: number, limits: RunLimits): End => ({
  status: 'killed',
  errorType: 'resource',
  reason: `It left ${problem}, its output limit (${setBy(limits, 'output_bytes_max')}).`,
  limitHit: { limit: 'disk', used, max: limits.outputBytesMax },
})

/** Where it is raised: in the script's policy, where that is the narrower one. */
const setBy = ({ narrowed }: RunLimits, name: PolicyLimitName) =>
  narrowed.includes(name) ? `${name} of its policy` : `setting ${name}`

const limitNames = {
  memory: 'memory_bytes_max',
  cpu: 'cpu_sec_max',
  processes: 'processes_max',
} as const satisfies Record<OverLimit['limit'], PolicyLimitName>

const limitWords: Record<OverLimit['limit'], (used: number, max: number) => string> = {
  memory: (used, max) => `memory: it used ${formatBytes(used)} of ${formatBytes(max)}`,
  cpu: (used, max) => `processor time: it used ${inWords(used * 1000)} of ${inWords(max * 1000)}`,
  processes: (used, max) => `processes: it had ${used} processes and threads of ${max}`,
}

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
  return { ...result, data: maskData(result.data, mask) }
}

/** Names of members and numbers may be secrets too. */
function maskData(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return mask(value)
  if (typeof value === 'number') return mask(String(value)) === masked ? masked : value
  if (Array.isArray(value)) return value.map((item) => maskData(item, mask))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [mask(name), maskData(item, mask)]))
}
