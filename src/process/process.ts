/** The only place that starts a process: in a session of its own, under a time and an output limit, ended as a tree. */
import { messageOf } from '../errors.ts'
import type { EndReason, Outcome, ProcessSpec, RunningProcess, StartProcess } from './model.ts'
import { createSweeper, type Sweeper, signalGroup, signalTree } from './tree.ts'

/** How long a child may go on holding the output open after the main process has gone. */
const drainMs = 100
/** How long after KILL the output is still waited for: a process in an uninterruptible call dies late. */
const cutMs = 1000

export function createStartProcess({ sweeper = createSweeper() }: { sweeper?: Sweeper } = {}): StartProcess {
  return (spec) => {
    const startedAt = performance.now()
    try {
      return watch(spec, spawn(spec), startedAt, sweeper)
    } catch (error) {
      return notStarted(messageOf(error))
    }
  }
}

const spawn = ({ argv, cwd, env }: ProcessSpec) =>
  Bun.spawn(argv, { cwd, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', detached: true })

type Child = ReturnType<typeof spawn>

function watch(spec: ProcessSpec, child: Child, startedAt: number, sweeper: Sweeper): RunningProcess {
  let cause: EndReason | null = null
  let killTimer: ReturnType<typeof setTimeout> | undefined
  let killed: (() => void) | undefined
  let outputBytes = 0
  let fault: { error: unknown } | null = null
  const whenKilled = new Promise<void>((resolve) => {
    killed = resolve
  })

  function stop(reason: EndReason) {
    if (cause) return
    cause = reason
    const kill = () => {
      signalTree(child.pid, spec.mark, 'SIGKILL')
      killed?.()
    }
    signalTree(child.pid, spec.mark, 'SIGTERM')
    killTimer = setTimeout(kill, spec.graceMs)
  }

  function take(stream: 'stdout' | 'stderr', chunk: Uint8Array) {
    const room = spec.outputBytesMax - outputBytes
    outputBytes += chunk.byteLength
    if (room > 0 && !fault) hand(stream, chunk.byteLength > room ? chunk.subarray(0, room) : chunk)
    if (outputBytes > spec.outputBytesMax) stop('output_limit')
  }

  /** Whoever takes the output may be out of disk: then the run ends, and the output is still read so that it can. */
  function hand(stream: 'stdout' | 'stderr', chunk: Uint8Array) {
    try {
      spec.onOutput(stream, chunk)
    } catch (error) {
      fault = { error }
      stop('interrupted')
    }
  }

  const timeTimer = setTimeout(() => stop('timeout'), spec.timeoutMs)
  const pumps = [
    pump(child.stdout, (chunk) => take('stdout', chunk)),
    pump(child.stderr, (chunk) => take('stderr', chunk)),
  ]

  async function finish(): Promise<Outcome> {
    await child.exited
    const durationMs = performance.now() - startedAt
    clearTimeout(timeTimer)
    const isRead = Promise.all(pumps.map((reading) => reading.done)).then(() => true)
    let isDrained = await within(drainMs, isRead)
    // Whoever is still there has lost its parent. After a stop it has the rest of its grace, else it ends now.
    if (cause && !isDrained) isDrained = await Promise.race([isRead, whenKilled.then(() => false)])
    clearTimeout(killTimer)
    if (cause || !isDrained) signalTree(child.pid, spec.mark, 'SIGKILL')
    else signalGroup(child.pid, 'SIGKILL')
    sweeper.schedule(spec.mark)
    if (!isDrained && !(await within(cutMs, isRead))) for (const reading of pumps) reading.cut()
    if (fault) throw (fault as { error: unknown }).error
    const exitCode = child.signalCode ? null : child.exitCode
    return {
      reason: cause ?? 'exit',
      exitCode,
      signal: child.signalCode ? String(child.signalCode) : null,
      durationMs,
      outputBytes,
      error: null,
    }
  }

  return { pid: child.pid, outcome: finish(), stop }
}

/** Reads a stream to its end; `cut` gives up on one that somebody keeps open. */
function pump(stream: ReadableStream<Uint8Array>, take: (chunk: Uint8Array) => void) {
  const reader = stream.getReader()
  async function read() {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      take(value)
    }
  }
  return { done: read(), cut: () => void reader.cancel() }
}

const within = async (ms: number, isDone: Promise<boolean>) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const answer = await Promise.race([isDone, late])
  clearTimeout(timer)
  return answer
}

function notStarted(error: string): RunningProcess {
  const outcome: Outcome = { reason: 'not_started', exitCode: null, signal: null, durationMs: 0, outputBytes: 0, error }
  return { pid: 0, outcome: Promise.resolve(outcome), stop: () => {} }
}
