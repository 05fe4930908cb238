/** What the API and the pages show of dependencies, and what they may ask for. */
import type { Problem } from '../errors.ts'
import type { Follow } from '../logs/follow.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import type { RuntimeName } from '../scripts/model.ts'
import type {
  Installation,
  InstallationStatus,
  InstallationTrigger,
  InstalledPackage,
  Readiness,
  Scope,
} from './model.ts'

/** One package as clients write it (contract): `version` a specifier such as `>=2.25.1` or `^1.0.0`, empty for any. */
export interface Dependency {
  /** With extras in brackets for Python: `qrcode[pil]`. */
  name: string
  version: string
}

export interface DependencyView extends Dependency {
  marker: string | null
  url: string | null
  /** The version that is installed; null where none is. */
  installed: string | null
  /** `conflict`: another version than the declared one is installed; `skipped`: its marker does not hold here. */
  state: 'installed' | 'missing' | 'conflict' | 'skipped'
}

/** Something imported that no package declared here has. */
export interface ImportHint {
  /** As it is imported. */
  module: string
  /** The package to declare. */
  package: string
  /** In the script, or in the local module that imports it. */
  file: string
  /** From 1. */
  line: number
  /** It works all the same: the interpreter's own installation has it. */
  is_found: boolean
  /** It goes on without it: it catches that it is not there, or wants it on some platforms only. */
  is_optional: boolean
}

export interface Source {
  scope: Scope
  /** Below SCRIPTS_DIR. */
  file: string
}

export interface DependenciesView {
  script_id: number | null
  runtime: RuntimeName
  state: Readiness
  /** Why it failed or is refused. */
  reason: string | null
  /** null: it declares nothing. */
  source: Source | null
  /** Also there, and not in force because `source` is more specific. */
  shadowed: Source[]
  dependencies: DependencyView[]
  /** Everything in the environment, with what the declared ones need themselves. */
  installed: InstalledPackage[]
  /** `stale`: of another declaration or platform; it is renewed with the next installation. */
  lock: { file: string; state: 'none' | 'current' | 'stale' } | null
  problems: Problem[]
  hints: ImportHint[]
  /** Name of the folder below .deps_cache/{python,nodejs}/. */
  environment: string | null
  /** The last one of this set, or the one that goes on. */
  installation: Installation | null
}

export interface CheckItem extends DependencyView {
  /** The newest there is, allowed or not; null where nothing is newer, or nobody could be asked. */
  latest: string | null
  /** As `state`, or `outdated`: the newest there is would be allowed. */
  result: DependencyView['state'] | 'outdated'
}

export interface CheckView {
  items: CheckItem[]
  /** Installed packages that do not agree with each other, in sentences. */
  conflicts: string[]
  /** Why nothing more is known: it is not installed, or the sources could not be asked; null where they were. */
  problem: string | null
}

/** GET /api/scripts/{id}/environment: what a run is given. */
export interface EnvironmentView {
  runtime: RuntimeName
  /** `Python 3.11.7`. */
  interpreter: string
  /** Absolute; of the program that is started. */
  executable: string
  state: Readiness
  environment: string | null
  packages: InstalledPackage[]
  bytes: number | null
  built_at: string | null
  installer: string | null
  /** Names and values of the variables; those of secrets masked. */
  variables: Record<string, string>
}

export interface CacheEntry {
  runtime: RuntimeName
  environment: string
  state: 'ready' | 'building' | 'broken'
  requirements: string[]
  packages: number
  bytes: number
  files: number
  built_at: string
  /** When a run last began with it, to the hour; null: never. */
  last_used_at: string | null
  age_days: number
  /** Ids of the scripts that need it now. */
  used_by: number[]
  /** Runs that are under way with it. */
  in_use: number
}

export interface CacheStatus {
  items: CacheEntry[]
  bytes: number
  /** Of what was downloaded and is kept for the next installation. */
  download_bytes: number
  /** Setting deps_cache_days. */
  kept_days: number
}

export interface CleanupRequest {
  /** Only what nobody needs and was not used for so many days, deps_cache_days by default; 0: all that nobody needs. */
  older_than_days?: number
  runtime?: RuntimeName
  /** Only these, also where scripts need them: those are installed again when they are run. Never one that a run has now. */
  environments?: string[]
  /** What was downloaded, too. */
  downloads?: boolean
}

export interface CleanupReport {
  removed: string[]
  bytes: number
  /** Asked for, and left because a run is under way with them. */
  in_use: string[]
}

export interface InstallationFilter {
  scriptId?: number
  runtime?: RuntimeName
  status?: InstallationStatus
  environment?: string
}

export interface InstallWish {
  /** Renew the lock: the newest that the declaration allows. */
  isUpdate?: boolean
  trigger: InstallationTrigger
  startedBy: string | null
}

/** Of one runtime, what every script gets that declares nothing more specific. */
export interface GlobalView extends DependenciesView {
  used_by: number[]
}

export const exportFormats = ['requirements', 'lock', 'package.json', 'pep723'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** Everything the routes and pages ask for. `script`: from the catalog. */
export interface Dependencies {
  view(script: RunnableScript): Promise<DependenciesView>
  /** Those of many that declare something: as of the last look, a few seconds ago, and without hints. */
  glance(scripts: RunnableScript[]): Promise<DependenciesView[]>
  /** Asks the sources, which takes seconds. */
  check(script: RunnableScript): Promise<CheckView>
  environment(script: RunnableScript): Promise<EnvironmentView>
  /**
   * Writes one package back to where it is declared: the script's own place unless `scope` says another. Where the set in force is
   * shared with other scripts, it is copied to the script's own place first, so that only this script changes. Installs in the
   * background. Throws `validation`, `forbidden`, `conflict`.
   */
  add(script: RunnableScript, wanted: Dependency, options?: WriteOptions): Promise<DependenciesView>
  /** All of them. */
  replace(script: RunnableScript, wanted: Dependency[], options?: WriteOptions): Promise<DependenciesView>
  /** Throws `not_found` when it is not declared. */
  remove(script: RunnableScript, name: string, options?: WriteOptions): Promise<DependenciesView>
  /** null: it is ready, or declares nothing. Throws `validation` for a declaration that is refused. */
  install(script: RunnableScript, wish: InstallWish): Promise<Installation | null>
  globals(): Promise<Record<RuntimeName, GlobalView>>
  addGlobal(
    runtime: RuntimeName,
    wanted: Dependency[],
    wish: InstallWish,
  ): Promise<{ view: GlobalView; installation: Installation | null }>
  removeGlobal(
    runtime: RuntimeName,
    name: string,
    wish: InstallWish,
  ): Promise<{ view: GlobalView; installation: Installation | null }>
  /** Text with its file name. Throws `conflict` where there is nothing of that kind. */
  exportOf(script: RunnableScript, format: ExportFormat): Promise<{ filename: string; text: string }>
  cache: {
    status(): Promise<CacheStatus>
    cleanup(request: CleanupRequest): Promise<CleanupReport>
  }
  installations: {
    list(filter: InstallationFilter, page: { limit: number; offset: number }): Installation[]
    count(filter: InstallationFilter): number
    /** Throws `not_found`. */
    get(id: number): Installation
    follow(id: number): Follow<Installation>
    /** One that has ended is answered as it is. Throws `not_found`. */
    cancel(id: number): Installation
    /** Ids of the scripts that it is for now. */
    scriptsOf(id: number): number[]
  }
}

export interface WriteOptions {
  scope?: 'script' | 'folder' | 'global'
  startedBy?: string | null
}
