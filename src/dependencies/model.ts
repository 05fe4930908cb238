/** What a script needs installed: as it is declared, as it was resolved, and the environment it came to. */
import type { Problem } from '../errors.ts'
import type { RuntimeName } from '../scripts/model.ts'

/** Where a declaration stands, most specific first: that order is the contract's (section 3). */
export const scopes = ['inline', 'script', 'folder', 'named', 'group', 'global'] as const
/**
 * `inline`: in the script itself (PEP 723); `script`: `{stem}_requirements.txt` beside it; `folder`: in its folder; `named`: in a
 * subfolder named like it; `group`: in a folder above; `global`: at the top of SCRIPTS_DIR.
 */
export type Scope = (typeof scopes)[number]

/** One package that is asked for. */
export interface Requirement {
  /** As it was written. */
  name: string
  /** What makes two names the same: normalised as in PEP 503 for Python, as it is for npm. */
  key: string
  /** A specifier such as `>=2.25.1` or `^1.0.0`; empty for any. Canonical: one way of writing for what is the same. */
  version: string
  /** Python only: sorted, normalised. */
  extras: string[]
  /** Python only: an environment marker (PEP 508), canonical. */
  marker: string | null
  /** Instead of a version: an http(s) address that the settings allow. */
  url: string | null
  /** Python only: `sha256:…`, as `--hash` gives them. */
  hashes: string[]
}

/** What one place asks for. */
export interface Declaration {
  runtime: RuntimeName
  scope: Scope
  /** Path below SCRIPTS_DIR, with `/`, of the file it stands in: the script's own where it is inline. */
  file: string
  requirements: Requirement[]
  /** npm's `overrides`; null where there are none. */
  overrides: Record<string, string> | null
  /** `requires-python` of PEP 723; null where nothing is said. */
  requiresPython: string | null
  /** What is refused, path `/line/3` or `/dependencies/name`. With any of them nothing is installed. */
  problems: Problem[]
  /** Equal for equal sets, however they are written. */
  normal: string
  /** Path below SCRIPTS_DIR of the lock that belongs to it. */
  lockFile: string
}

/** An interpreter that packages are installed for. */
export interface RuntimeFacts {
  /** Names it with version and platform: part of the hash. `cpython-3.11.7-x86_64-linux-gnu`, `bun-1.4.5-linux-x64-glibc`. */
  id: string
  /** `Python 3.11.7`, for people. */
  label: string
  /** Names that need no package: of the language itself, and of what its installation has beside it. */
  builtins: ReadonlySet<string>
  /** Of the language alone: what a script with an environment sees. */
  language: ReadonlySet<string>
}

export interface InstalledPackage {
  name: string
  version: string
}

/** `environment.json` in each environment: what it is. Written last. */
export interface EnvironmentFacts {
  format: 1
  runtime: RuntimeName
  /** Hash of declaration, runtime and platform. */
  set: string
  /** SHA-256 of `lock`, as `lockDigest` makes it. */
  lock_digest: string
  /** What was asked for, one line each. */
  requirements: string[]
  runtime_id: string
  /** `pip 23.2.1`. */
  installer: string
  packages: InstalledPackage[]
  /** Python only: name of a module → the packages that have it. */
  modules: Record<string, string[]>
  /** ISO 8601 in UTC. */
  built_at: string
  bytes: number
  files: number
}

/** Where packages come from and what may be done, as the settings say now. */
export interface Sources {
  /** With user and password where there are some: never shown. */
  pipIndexUrl: string
  pipExtraIndexUrls: string[]
  npmRegistry: string
  npmToken: string | null
  isOffline: boolean
  /** Absolute; null where none is set. */
  wheelDir: string | null
  npmScriptsAllowed: string[]
  pipBuildsAllowed: string[]
  /** What must not be seen in a log. */
  secrets: string[]
}

/** A program of an installer, to be run confined. */
export interface ToolCommand {
  argv: string[]
  /** On top of a clean base (PATH HOME LANG TMPDIR). */
  env: Record<string, string>
  /** Absolute; the folder that is built when left out. */
  cwd?: string
  /** Absolute paths that it must read beside interpreters, the system, and what it writes. */
  readable?: string[]
  /** Its stdout is data and not for the log: it is answered as text. */
  isStdoutKept?: boolean
  /** It runs code of packages: it must not write the download cache, which every later build reads. */
  runsPackages?: boolean
}

/**
 * Runs it to its end, its lines in the log. May write the folder that is built and the download cache, nothing else; may connect
 * only to the ports of the sources (none when offline). Rejects with an InstallError when it fails, also by time or size.
 */
export type RunTool = (command: ToolCommand) => Promise<{ stdout: string }>

/** What failed, in words for whoever declared it. `lines`: the installer's own last ones. */
export class InstallError extends Error {
  constructor(
    message: string,
    readonly lines: string[] = [],
    readonly kind: 'failed' | 'timeout' | 'resource' | 'cancelled' | 'interrupted' = 'failed',
  ) {
    super(message)
    this.name = 'InstallError'
  }
}

/** One environment to be built. */
export interface InstallJob {
  declaration: Declaration
  /** Absolute; there and empty. Becomes the environment when all went well. */
  dir: string
  /** Absolute; where it will be. */
  finalDir: string
  /** Absolute; what was downloaded, shared by all builds of the runtime. There. */
  downloadDir: string
  /** Fits the declaration: exactly this is installed, or it fails. */
  lock: string | null
  /** Does not fit it any more: what it says is kept where it can be. */
  staleLock: string | null
  sources: Sources
  runTool: RunTool
  /** A line of our own in the log. */
  note(text: string): void
}

/** What an installer made of `dir`. */
export interface Installed {
  /** To be kept beside the declaration. */
  lock: string
  packages: InstalledPackage[]
  modules: Record<string, string[]>
  /** `pip 23.2.1`. */
  installer: string
}

/** What is newer than what is installed. */
export interface Outdated {
  name: string
  /** The newest there is. */
  latest: string
}

/** How packages of one runtime are installed. Starts nothing itself: its programs go through `runTool`. */
export interface Installer {
  runtime: RuntimeName
  /** Looked up once and remembered. Rejects with an InstallError that says what to install on this machine. */
  facts(): Promise<RuntimeFacts>
  /** What `facts` found, null before: for whoever cannot wait. */
  knownFacts(): RuntimeFacts | null
  /** Whether the lock is one of this declaration and this platform: then it is installed as it is. */
  fits(lock: string, declaration: Declaration, facts: RuntimeFacts): boolean
  /** Equal for locks that install the same; comments and order do not count. */
  lockDigest(lock: string): string
  /** Rejects with an InstallError. `dir` is thrown away then. */
  install(job: InstallJob): Promise<Installed>
  /** Installed packages that do not go together, in sentences. Rejects with an InstallError. */
  conflicts(job: Pick<InstallJob, 'sources' | 'runTool' | 'downloadDir'> & { environment: string }): Promise<string[]>
  /** Asks the sources. `environment`: absolute folder of the one to look at. Rejects with an InstallError. */
  outdated(
    job: Pick<InstallJob, 'declaration' | 'sources' | 'runTool' | 'downloadDir'> & { environment: string },
  ): Promise<Outdated[]>
}

export const installationStatuses = [
  'queued',
  'running',
  'success',
  'failed',
  'timeout',
  'cancelled',
  'interrupted',
] as const
export type InstallationStatus = (typeof installationStatuses)[number]

/** Why it was begun: a script was found or changed, a run needs it, somebody asked. */
export const installationTriggers = ['discovery', 'run', 'request'] as const
export type InstallationTrigger = (typeof installationTriggers)[number]

/** An installation as the API gives it. Times are ISO 8601 in UTC. */
export interface Installation {
  id: number
  runtime: RuntimeName
  /** Name of the folder below .deps_cache/{python,nodejs}/ that it makes. */
  environment: string
  status: InstallationStatus
  trigger: InstallationTrigger
  /** The lock is renewed: the newest that the declaration allows. */
  update: boolean
  /** The script it was begun for, null for the global set. */
  script_id: number | null
  /** Where the declaration stands, below SCRIPTS_DIR. */
  file: string
  /** One line each. */
  requirements: string[]
  /** In words, for every end but success; with what the installer said last. */
  reason: string | null
  /** What was installed. */
  packages: InstalledPackage[]
  /** Of the environment. */
  bytes: number | null
  queued_at: string
  started_at: string | null
  finished_at: string | null
  duration_ms: number | null
  log_lines: number
  started_by: string | null
}

/** How a script stands with what it declares. */
export const readiness = ['none', 'ready', 'missing', 'installing', 'failed', 'refused'] as const
/**
 * `none`: it declares nothing; `missing`: not installed yet; `failed`: the last installation did; `refused`: what it declares has
 * problems, and nothing is installed.
 */
export type Readiness = (typeof readiness)[number]
