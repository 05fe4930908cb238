/** Runs that wait for their packages: they hold no slot meanwhile, and line up for one when everything is there. */
import type { PackagesForRuns, PackagesState } from '../dependencies/for-runs.ts'
import { GatewayError, storageFault } from '../errors.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import type { LiveRun } from './live.ts'

interface AsideDeps {
  packages: PackagesForRuns
  /** As it is now; null when it is gone. */
  scriptNow(scriptId: number): RunnableScript | null
  /** Its packages are there: it lines up for a slot. */
  enqueue(run: LiveRun): void
  /** Lets begin who may. */
  look(): void
  fail(run: LiveRun, error: unknown): void
  /** Between two tries to write that an installation begins. */
  retryMs: number
}

/** A declaration that changes faster than it can be installed keeps a run waiting no longer than so many times. */
const roundsMax = 10

export type Aside = ReturnType<typeof createAside>

export function createAside({ packages, scriptNow, enqueue, look, fail, retryMs }: AsideDeps) {
  const waiting = new Map<number, { run: LiveRun; installation: number | null }>()

  function add(run: LiveRun, { installation, until }: PackagesState & { state: 'waiting' }, round = 1) {
    const { id } = run.row
    waiting.set(id, { run, installation })
    noteQuietly(
      run,
      `It waits until its packages are installed${installation === null ? '' : ` (installation ${installation})`}.`,
    )
    until.then(
      () => again(run, round),
      (error) => {
        // A database that cannot be written now is no reason for a run to fail.
        if (!(error instanceof GatewayError) && storageFault(error)) setTimeout(again, retryMs, run, round)
        else if (waiting.delete(id)) fail(run, error)
      },
    )
  }

  function again(run: LiveRun, round: number) {
    if (!waiting.delete(run.row.id)) return // cancelled meanwhile
    const state = packages.check(scriptNow(run.row.scriptId) ?? run.request.script)
    if (state.state !== 'waiting') {
      enqueue(run)
      look()
    } else if (round < roundsMax) add(run, state, round + 1)
    else fail(run, new Error(`what it needs was installed ${roundsMax} times, and was never complete`))
  }

  return {
    add: (run: LiveRun, state: PackagesState & { state: 'waiting' }) => add(run, state),
    /** Takes one out; false when it does not wait here. */
    remove: (id: number): boolean => waiting.delete(id),
    /** The installation that a run waits for; null where it waits for none. */
    installationOf: (id: number): number | null => waiting.get(id)?.installation ?? null,
    get size() {
      return waiting.size
    },
  }
}

/** The disk may be full; that it waits is told by its row, too. */
function noteQuietly({ log }: LiveRun, text: string) {
  try {
    log.note(text)
  } catch {
    // What has to be stored, its end, is tried again by whoever stores it.
  }
}
