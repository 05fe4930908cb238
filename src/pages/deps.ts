/** What the pages need from the rest; wired in app.ts. */
import type { Viewer } from '../../views/viewer.ts'
import type { CallersDependencies } from '../dependencies/for-caller.ts'
import type { BatchAction, BatchItem } from '../gateway/batch.ts'
import type { HostReport } from '../host.ts'
import type { Permission } from '../http/sse.ts'
import type { Notifications } from '../notify/view-model.ts'
import type { Retention } from '../retention/retention.ts'
import type { LogLine, Run, RunStatus } from '../runs/model.ts'
import type { Place, RunQuery } from '../runs/search.ts'
import type { RunStats, StatsQuery } from '../runs/stats.ts'
import type { Schedules } from '../schedules/view-model.ts'
import type { Param, Script } from '../scripts/model.ts'
import type { PolicyEditor } from '../scripts/policy-editor.ts'
import type { SchemaEditor } from '../scripts/schema-editor.ts'
import type { Settings } from '../settings/settings.ts'
import type { GatewayLogReader } from '../system/log-reader.ts'
import type { ManyActs, ScriptActs } from './callers-scripts.ts'
import type { PageCode } from './code-saves.ts'
import type { PageNewScripts } from './new-script.tsx'
import type { PageScriptAccess } from './script-access.tsx'
import type { PageVariables } from './variables.tsx'
import type { PageVersions } from './versions.tsx'

/** A page of runs, newest first. `before` and `after` are run ids: the runs next to them, older or newer. */
export interface RunsQuery {
  script_id?: number
  status?: RunStatus
  /** The run that they repeat. */
  retry_of?: number
  /** Of the attempts of a run the last one alone. */
  isLastAttempt?: boolean
  before?: number
  after?: number
  page_size: number
}

export interface SearchOptions {
  from: Place | null
  /** What comes before `from` in the list, and not after it. */
  isBack: boolean
  count: number
}

export interface SparkRun {
  status: string
  duration_ms: number | null
}

export interface PageDeps {
  /** Who looks: what they may not do is not shown. null: nobody in particular. */
  viewer: Viewer | null
  /** For the tab that says who may do what with a script; only administrators see it. */
  access: PageScriptAccess
  scripts: {
    list(): Script[]
    find(idOrSlug: string): { script: Script; params: Param[] } | undefined
    /** Rejects when the file cannot be read. */
    source(id: number): Promise<string>
  }
  runs: {
    /** `total` counts what the filters match, wherever the page is. */
    list(query: RunsQuery): { items: Run[]; total: number }
    get(id: number): Run | undefined
    /** All of them, this one among them, in their order; asked of a run that was tried again. */
    attemptsOf(run: Run): Run[]
    /** The newest twenty of each script, finished and running ones, oldest first; the same list until one of them changes. */
    sparks(scriptIds: number[]): Map<number, SparkRun[]>
    active(): Run[]
    /** Throws `conflict` when it is over. */
    cancel(id: number): unknown
    /** The newest one of a script that ended well and gave something, with its result. */
    lastResult(scriptId: number): Run | null
    log(id: number): { tail(lines: number): Promise<LogLine[]>; before(seq: number, lines: number): Promise<LogLine[]> }
    /** A page of the history, or what there was time for. */
    search(query: RunQuery, options: SearchOptions): { items: Run[]; next: Place | null; isPartial: boolean }
    /** The names of those who asked for runs, as far as the visitor may know. */
    askers(): string[]
    /** The highest number there is. */
    newestId(): number
    stats(query: Omit<StatsQuery, 'scriptIds'>): RunStats
    /** Answers for each of them; never rejects. What is deleted can be brought back for a while. */
    batch(action: BatchAction, ids: number[]): Promise<BatchItem[]>
    /** Whether the visitor deleted it a moment ago and can have it back. */
    comesBack(id: number): boolean
    /** Brings back what the visitor deleted; answers for each of them, and never rejects. */
    bringBack(ids: number[]): Promise<BatchItem[]>
  }
  /**
   * Starts a run from a posted form (urlencoded or multipart, trigger `form`). Throws GatewayError; `validation` carries the
   * fields as `details` and, where it can, what was posted as `values`. A switch posts `false` and then, when on, `true`: the
   * last value counts. Empty values of a `multiple` parameter are spare inputs, not values.
   */
  submit(idOrSlug: string, request: Request): Promise<Run>
  /** Settles a difference between a script and its sidecar. Throws `not_found`, and `conflict` when there is nothing to choose. */
  chooseSchema(id: number, use: 'script' | 'sidecar'): Promise<void>
  /** The files of scripts, for the Code tab. */
  code: PageCode
  /** Making scripts, for editors. */
  newScripts: PageNewScripts
  /** What the files of scripts have been. */
  versions: PageVersions
  /** Asks a script for its schema again. */
  rescan(id: number): Promise<unknown>
  /** For an address that names the script, and for one act on many. */
  acts: { one: ScriptActs; each: ManyActs }
  /** In use, most used first. */
  tags(): { name: string; count: number }[]
  policies: PolicyEditor
  schemas: SchemaEditor
  settings: Pick<Settings, 'list' | 'update' | 'get'>
  variables: PageVariables
  dependencies: CallersDependencies
  /** Lists and counts are of the scripts that the visitor sees. */
  schedules: Schedules
  /** Everything: the routes say who may what. */
  notifications: Notifications
  storage: Pick<Retention, 'status' | 'clean'>
  /** The gateway's own; only administrators see it. */
  gatewayLog: Pick<GatewayLogReader, 'last' | 'follow'>
  /** Of a stream that goes on after rights were taken away. */
  permission(): Permission
  /** What the host grants. */
  host(): HostReport
  /** Without a slash at its end. */
  baseUrl(): string
  /** Told about what is not a GatewayError; the visitor sees a page that says nothing about it. */
  report(error: unknown): void
  now?(): number
}
