/** Keeps the scripts table equal to the folder: finds files, keeps ids, asks changed scripts for their schema. */
import { availableParallelism } from 'node:os'
import type { Clock } from '../clock.ts'
import { GatewayError, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { RunningProcess, StartProcess } from '../process/model.ts'
import type { Runtimes } from '../runtimes/model.ts'
import type { Setting } from '../settings/settings.ts'
import { createChoice } from './choice.ts'
import { extractSchema } from './extract.ts'
import { type Inspection, inspect } from './inspect.ts'
import { type Match, matchRows } from './match.ts'
import { runtimeNames } from './model.ts'
import { createNeighbours } from './neighbours.ts'
import { createOwnWrites } from './own-writes.ts'
import type { Policy } from './policy-model.ts'
import type { MakeQuestionPlace } from './question-place.ts'
import { type QuestionPackages, sayPending } from './question-start.ts'
import { recordFacts, recordNew, recordPresence } from './record.ts'
import { markRivals } from './rivals.ts'
import { createSlots } from './slots.ts'
import type { ScriptStore } from './store.ts'
import type { SeenContent } from './versions.ts'
import { type Found, type Walk, walkScripts } from './walk.ts'

export interface ScanReport {
  /** Files that are scripts, or may be. */
  files: number
  /** Scripts that are not as they were before. */
  changed: number[]
  /** How many were started to be asked for their schema. */
  asked: number
  durationMs: number
}

export interface Scanner {
  /**
   * Brings the table up to date, and resolves when that is done. Calls during a look through the folders share one more
   * look after it. A slow script keeps only those waiting who asked before it was done. Never rejects for a script's sake.
   */
  scan(): Promise<ScanReport>
  /** Asks this script for its schema again, changed or not. Throws `not_found`. */
  rescan(id: number): Promise<ScanReport>
  /** Settles a difference: `script` rewrites the sidecar, `sidecar` keeps it. Throws `not_found`, `conflict`. */
  chooseSchema(id: number, choice: 'script' | 'sidecar'): Promise<void>
  /** Tells of a file (absolute path) that the gateway wrote beside a script: an event about it is no news. */
  rememberWrite(path: string): void
  /** Whether this file (absolute path) is as the gateway itself wrote it: no news for the watcher. */
  isOwnWrite(path: string): boolean
  /** Stops the scripts that are being asked; nothing is written from then on. */
  close(): Promise<void>
}

export interface ScannerOptions extends QuestionPackages {
  store: ScriptStore
  setting: Setting
  runtimes: Runtimes
  startProcess: StartProcess
  /** Absolute. */
  scriptsDir: string
  /** The clean environment that runs get, without the variables of one run. */
  environment: () => Record<string, string>
  makePlace: MakeQuestionPlace
  clock: Clock
  log: Log
  /** Called after each change is stored. */
  onChange: (ids: number[]) => void
  /** Called after each look through the folders, whether anything changed or not. */
  onLook?: () => void
  /** Called with the content of each file that was read, after what became of it is stored. */
  onRead?: (content: SeenContent) => void
}

/** One look through the folders, and the inspections that it began. */
interface Pass {
  report: ScanReport
  inspections: Promise<void>
  tell(ids: number[]): void
  isChangedBeside(found: Found): boolean
}

export function createScanner(options: ScannerOptions): Scanner {
  const { store, setting, runtimes, scriptsDir, clock, log, onChange } = options
  const inSlot = createSlots(Math.max(2, availableParallelism()))
  const neighbours = createNeighbours()
  const ownWrites = createOwnWrites()
  /** Path → stamps, of modules in groups that are no scripts: they have no row to remember them. */
  const helpers = new Map<string, string>()
  /** Path → the inspection that goes on. */
  const inspecting = new Map<string, Promise<unknown>>()
  const askAgain = new Set<number>()
  const processes = new Set<RunningProcess>()
  let warned = new Set<string>()
  let isFirst = true
  let isClosed = false

  const requestPass = singleFlight(look)

  async function scan(): Promise<ScanReport> {
    const { report, inspections } = await requestPass()
    await inspections
    return report
  }

  async function look(): Promise<Pass> {
    const startedAt = performance.now()
    const walks = await walkAll(options)
    warnOnce(walks.flatMap((walk) => walk.warnings))
    const found = walks.flatMap((walk) => walk.found)
    const { matches, absent } = matchRows(found, store.stamps())
    markRivals(matches)

    const report: ScanReport = { files: found.length, changed: [], asked: 0, durationMs: 0 }
    const tell = (ids: number[]) => {
      report.changed.push(...ids)
      if (ids.length > 0) onChange(ids)
    }
    const pass: Pass = { report, tell, isChangedBeside: neighbours.update(walks), inspections: Promise.resolve() }
    if (isClosed) return pass
    tell(recordPresence(store, { matches, absent, unreadable: unreadableOf(walks) }, clock.now()))
    options.onLook?.()
    const begun = matches.filter((match) => isDue(match, pass)).map((match) => begin(match, pass))
    isFirst = false
    pass.inspections = Promise.all(begun).then(() => {
      report.durationMs = performance.now() - startedAt
    })
    return pass
  }

  /** Each warning once while it lasts: there is a scan every few seconds. */
  function warnOnce(warnings: string[]) {
    for (const warning of warnings.filter((text) => !warned.has(text))) log.warn({ scriptsDir }, warning)
    warned = new Set(warnings)
  }

  function isDue({ found, stamp }: Match, { isChangedBeside }: Pass): boolean {
    if (stamp?.isAwaiting && pendingOf(found).length === 0) askAgain.add(stamp.id)
    const known = stamp ? stampsOf({ ...stamp, stamp: stamp.fileStamp }) : helpers.get(found.file)
    if (known !== stampsOf(found) || found.problem) return true
    if (stamp === null) return false
    // A broken script may have been waiting for a module that has arrived; after a start, for its interpreter.
    return askAgain.has(stamp.id) || (stamp.isBroken && (isFirst || isChangedBeside(found)))
  }

  /** One inspection for each file at a time; one that changes meanwhile is looked at again afterwards. */
  function begin(match: Match, pass: Pass): Promise<unknown> {
    const { file } = match.found
    const other = inspecting.get(file)
    if (other) return other.then(scan)
    const inspection = inSlot(() => inspectOne(match, pass))
      .catch((error) => log.error({ file, error: messageOf(error) }, 'A script could not be inspected'))
      .finally(() => inspecting.delete(file))
    inspecting.set(file, inspection)
    return inspection
  }

  async function inspectOne({ found, stamp }: Match, pass: Pass) {
    if (isClosed) return
    const sinceMs = performance.now()
    const row = stamp ? (store.get(stamp.id) ?? null) : null
    const isAskedFor = row !== null && askAgain.delete(row.id)
    const inspection = await inspect({
      ...{ found, row },
      askAgain: isAskedFor || (row?.ownError != null && pass.isChangedBeside(found)),
      siblings: neighbours.of(found),
      ask: (policy) => ask(found, policy, pass),
      onWrite: ownWrites.remember,
    })
    // An answer that the shutdown cut short is none.
    if (isClosed) return
    const id = record(found, row?.id ?? null, inspection, pass)
    if (id !== null && inspection.kind === 'script' && inspection.bytes)
      options.onRead?.({ id, bytes: inspection.bytes, sinceMs })
  }

  const pendingOf = ({ file, dir, runtime }: Found) => options.pendingPackages?.({ file, dir, runtime }) ?? []

  async function ask(found: Found, policy: Policy, { report }: Pass) {
    const { runtime, file, dir } = found
    report.asked++
    const timeoutMs = setting('schema_timeout_sec') * 1000
    const started = (spec: Parameters<StartProcess>[0]) => {
      const process = options.startProcess(spec)
      processes.add(process)
      void process.outcome.then(() => processes.delete(process))
      return process
    }
    const start = options.startOf?.({ file, dir, runtime }) ?? null
    const pending = start ? [] : pendingOf(found) // now: they may arrive while it is asked without them
    try {
      const place = options.makePlace({ dir, policy, readable: start?.readable })
      try {
        const question = { runtime, file, environment: options.environment(), place, start, timeoutMs }
        return sayPending(await extractSchema(started, question), pending)
      } finally {
        await place.dispose()
      }
    } finally {
      start?.release?.()
    }
  }

  /** Answers the id of its script; null where it is none. */
  function record(found: Found, id: number | null, inspection: Inspection, { tell }: Pass): number | null {
    if (inspection.kind === 'helper') helpers.set(found.file, stampsOf(found))
    if (inspection.kind !== 'script') return null
    // Read again: its user may have renamed it while it was asked.
    const row = id === null ? undefined : store.get(id)
    const fresh = id === null ? recordNew(store, found, inspection.facts, clock.now()) : null
    if (row) tell(recordFacts(store, row, inspection.facts, clock.now()))
    else if (fresh !== null) tell([fresh])
    return row?.id ?? fresh
  }

  async function rescan(id: number) {
    if (!store.get(id)) throw new GatewayError('not_found', `There is no script with the id ${id}.`)
    askAgain.add(id)
    return scan()
  }

  async function close() {
    isClosed = true
    for (const process of processes) process.stop('interrupted')
    await Promise.all(inspecting.values())
  }

  const chooseSchema = createChoice({ ...options, runtimes, scan, onWrite: ownWrites.remember })
  return { scan, rescan, chooseSchema, rememberWrite: ownWrites.remember, isOwnWrite: ownWrites.has, close }
}

const walkAll = ({ runtimes, scriptsDir, setting, clock }: ScannerOptions): Promise<Walk[]> =>
  Promise.all(
    runtimeNames.map((name) =>
      walkScripts({
        ...{ runtime: runtimes[name], scriptsDir },
        ignorePatterns: setting('scan_ignore_patterns'),
        nowMs: clock.now(),
      }),
    ),
  )

const unreadableOf = (walks: Walk[]) =>
  walks.flatMap(({ runtime, unreadable }) =>
    [...unreadable].map(([folder, why]) => ({ runtime: runtime.name, folder, why })),
  )

const stampsOf = ({ stamp, sidecarStamp, policyStamp }: Pick<Found, 'stamp' | 'sidecarStamp' | 'policyStamp'>) =>
  `${stamp} ${sidecarStamp} ${policyStamp}`

/** One act at a time; calls meanwhile share the one that follows. */
function singleFlight<T>(act: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  let next: Promise<T> | null = null
  return function request(): Promise<T> {
    if (!running) {
      running = act().finally(() => {
        running = null
      })
      return running
    }
    const again = () => {
      next = null
      return request()
    }
    next ??= running.then(again, again)
    return next
  }
}
