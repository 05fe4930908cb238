/** The words for a limit say where it is raised. */
import { expect, test } from 'bun:test'
import { noMask } from '../../src/logs/mask.ts'
import type { OverLimit } from '../../src/process/model.ts'
import type { ExecutionEnd, RunLimits } from '../../src/runs/execute.ts'
import type { RunStatus } from '../../src/runs/model.ts'
import { endOf } from '../../src/runs/outcome.ts'
import type { PolicyLimitName } from '../../src/scripts/policy-model.ts'

const limits = (narrowed: PolicyLimitName[]): RunLimits => ({
  ...{ timeoutMs: 90_000, graceMs: 0, outputBytesMax: 2048, resultBytesMax: 1, logBytesMax: 1, narrowed },
  resources: { memoryBytesMax: 1, cpuSecMax: 1, processesMax: 1, openFilesMax: 1, fileBytesMax: 1 },
})
const outcome: ExecutionEnd['outcome'] = {
  ...{ reason: 'exit', exitCode: null, signal: 'SIGKILL', durationMs: 91_000, outputBytes: 3000 },
  ...{ usage: null, overLimit: null, error: null },
}
const end = (rest: Partial<ExecutionEnd['outcome']>, own: Partial<ExecutionEnd> = {}): ExecutionEnd => ({
  ...{ outcome: { ...outcome, ...rest }, result: null, files: [], leftBytes: 0, outputProblem: null, stderrTail: '' },
  ...own,
})
const over = (overLimit: OverLimit) => end({ reason: 'resource_limit', overLimit })

test.each<[PolicyLimitName, RunStatus, string, ExecutionEnd]>([
  ['timeout_min', 'timeout', 'time limit of 1.5 min', end({ reason: 'timeout' })],
  ['output_bytes_max', 'killed', 'printed more than 2,048 bytes', end({ reason: 'output_limit' })],
  ['output_bytes_max', 'killed', 'left 3 files', end({ exitCode: 0 }, { outputProblem: '3 files', leftBytes: 4000 })],
  ['memory_bytes_max', 'killed', '3 KiB of 2 KiB', over({ limit: 'memory', used: 3072, max: 2048 })],
  ['cpu_sec_max', 'killed', '3 s of 2 s', over({ limit: 'cpu', used: 3, max: 2 })],
  ['processes_max', 'killed', '31 processes and threads of 30', over({ limit: 'processes', used: 31, max: 30 })],
])('%s: %s', (name, status, words, ended) => {
  const [bySetting, byPolicy] = [[], [name]].map((narrowed) => endOf(ended, limits(narrowed), noMask))
  expect([bySetting?.status, bySetting?.limitHit === null]).toEqual([status, false])
  expect(bySetting?.reason).toContain(words)
  expect(bySetting?.reason).toContain(`(setting ${name})`)
  expect(byPolicy?.reason).toContain(`(${name} of its policy)`)
})

test('a launcher that could not confine the script is no exit code of the script', () => {
  const says = 'scriptgateway: the script was not started: Landlock failed (errno 1)\n'
  const told = endOf(end({ exitCode: 121, signal: null }, { stderrTail: says }), limits([]), noMask)
  expect(told).toMatchObject({
    status: 'failed',
    errorType: 'system',
    reason: expect.stringContaining('Landlock failed'),
  })
  const own = endOf(end({ exitCode: 121, signal: null }, { stderrTail: 'mine' }), limits([]), noMask)
  expect(own).toMatchObject({ errorType: 'script', reason: 'The script ended with exit code 121.' })
})
