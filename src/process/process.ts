/** The only place that starts a process: in a session of its own, under limits that are watched, ended as a tree. */
import { closeSync, openSync } from 'node:fs'
import { messageOf } from '../errors.ts'
import type { Cgroups } from './cgroup.ts'
import type { Journal } from './journal.ts'
import type { EndReason, Outcome, OverLimit, ProcessSpec, RunningProcess, StartProcess } from './model.ts'
import { childStarted } from './orphans.ts'
import type { RunGroup } from './run-group.ts'
import {
  createSweeper,
  findTree,
  killAbandoned,
  killKnown,
  killTree,
  type Sweeper,
  type Tree,
  terminateTree,
} from './tree.ts'
import { createWatcher, type Watcher } from './usage.ts'
import { endingOf, limitThatEnded, usageOf } from './verdict.ts'

/** How long a child may go on holding the output open after the main process has gone. */
const drainMs = 100
/** How long after KILL the output is still waited for: a process in an uninterruptible call dies late. */
const cutMs = 1000
/** A program that is being stopped and goes on growing gets no more grace at this multiple of its limit. */
const graceEndsAt = 1.5

interface StartDeps {
  sweeper?: Sweeper
  watcher?: Watcher
  /** Where the host grants none, limits are watched only. */
  cgroups?: Pick<Cgroups, 'forRun'> | null
  /** Where the pids are kept over the gateway's death. */
  journal?: Pick<Journal, 'add' | 'remove'> | null
}

export function createStartProcess(deps: StartDeps = {}): StartProcess {
  const { cgroups = null, journal = null } = deps
  const { sweeper = createSweeper(), watcher = createWatcher({ journal }) } = deps
  return (spec) => {
    const startedAt = performance.now()
    try {
      const child = spawn(spec)
      const processesMax = spec.resources?.processesMax ?? Number.POSITIVE_INFINITY
      const ended = childStarted(child.pid, { keepsItsOwn: spec.isSupervised ?? false, processesMax })
      void child.exited.then(ended)
      const group = (spec.resources && cgroups?.forRun(spec.resources, spec.isSupervised ?? false)) ?? null
      journal?.add(child.pid)
      const running = attend(spec, child, startedAt, { sweeper, watcher, group })
      if (journal) void running.outcome.catch(() => {}).then(() => journal.remove(child.pid))
      return running
    } catch (error) {
      return notStarted(messageOf(error))
    }
  }
}

function spawn({ argv, cwd, env, fileAsFd3 }: ProcessSpec) {
  const file = fileAsFd3 ? openSync(fileAsFd3, 'r') : null
  try {
    const stdio: ['ignore', 'pipe', 'pipe', ...number[]] = ['ignore', 'pipe', 'pipe']
    if (file !== null) stdio.push(file)
    return Bun.spawn(argv, { cwd, env, stdio, detached: true })
  } finally {
    if (file !== null) closeSync(file)
  }
}

type Child = ReturnType<typeof spawn>

interface Attendants {
  sweeper: Sweeper
  watcher: Watcher
  group: RunGroup | null
}

function attend(
  spec: ProcessSpec,
  child: Child,
  startedAt: number,
  { sweeper, watcher, group }: Attendants,
): RunningProcess {
  const { isSupervised = false } = spec
  let cause: EndReason | null = null
  let overLimit: OverLimit | null = null
  let killTimer: ReturnType<typeof setTimeout> | undefined
  let killed: (() => void) | undefined
  let outputBytes = 0
  let fault: { error: unknown } | null = null
  const whenKilled = new Promise<void>((resolve) => {
    killed = resolve
  })

  const watch = watcher.watch({
    ...{ pid: child.pid, mark: spec.mark, isSupervised, limits: spec.resources, onOver },
    ...(group && { cpuMs: group.cpuMs, isOutOfProcesses: group.isOutOfProcesses }),
  })
  const tree: Tree = { pid: child.pid, mark: spec.mark, isSupervised, known: watch.known, group }
  void group?.add(child.pid).then(() => addStragglers(tree, group))

  function stop(reason: EndReason) {
    if (cause) return
    cause = reason
    terminateTree(tree)
    killTimer = setTimeout(kill, spec.graceMs)
  }

  function kill() {
    group?.kill()
    killTree(tree)
    killed?.()
  }

  function onOver(over: OverLimit) {
    if (!cause) overLimit = over
    else if (over.limit !== 'cpu' && over.used > over.max * graceEndsAt) kill()
    stop('resource_limit')
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
    const verdict = judge(durationMs)
    group?.remove()
    if (cause || !isDrained) {
      killTree(tree)
      killAbandoned()
    } else killKnown(tree)
    sweeper.schedule(spec.mark)
    if (!isDrained && !(await within(cutMs, isRead))) for (const reading of pumps) reading.cut()
    if (fault) throw (fault as { error: unknown }).error
    return { ...verdict, outputBytes }
  }

  function judge(durationMs: number): Omit<Outcome, 'outputBytes'> {
    const { cpuMs, bytesPeak } = toldOf(child)
    const measured = {
      watched: watch.end(cpuMs),
      group: group?.usage() ?? null,
      toldBytesPeak: bytesPeak,
      isSupervised,
    }
    const usage = usageOf(measured)
    const ending = endingOf(child.exitCode, signalOf(child), isSupervised)
    overLimit ??= limitThatEnded(ending, cause ?? 'exit', usage, measured, spec)
    const reason = overLimit ? 'resource_limit' : (cause ?? 'exit')
    return { reason, ...ending, durationMs, usage, overLimit, error: null }
  }

  return { pid: child.pid, outcome: finish(), stop }
}

const signalOf = ({ signalCode }: Child) => (signalCode === null ? null : String(signalCode))

/** What it started before it was moved. */
function addStragglers(tree: Tree, group: RunGroup) {
  const members = new Set(group.pids())
  if (members.size === 0) return // refused, or over
  for (const { pid } of findTree(tree)) if (!members.has(pid)) void group.add(pid)
}

/**
 * What the system tells at the end, of the process and those it waited for. Its peak of memory begins with the gateway's own,
 * from before the program was loaded: only above that it says something.
 */
function toldOf(child: Child): { cpuMs: number; bytesPeak: number } {
  const told = child.resourceUsage()
  if (!told) return { cpuMs: 0, bytesPeak: 0 }
  const ownBytesPeak = process.resourceUsage().maxRSS * 1024
  return { cpuMs: Number(told.cpuTime.total) / 1000, bytesPeak: told.maxRSS > ownBytesPeak ? told.maxRSS : 0 }
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
  const outcome: Outcome = {
    ...{ reason: 'not_started', exitCode: null, signal: null, durationMs: 0, outputBytes: 0 },
    ...{ usage: null, overLimit: null, error },
  }
  return { pid: 0, outcome: Promise.resolve(outcome), stop: () => {} }
}
