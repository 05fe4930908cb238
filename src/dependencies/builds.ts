/** Environments are built here: one build for each, however many ask, and few at a time. */
import { mkdirSync } from 'node:fs'
import { type Clock, isoTime } from '../clock.ts'
import { GatewayError, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { RuntimeName } from '../scripts/model.ts'
import type { Setting } from '../settings/settings.ts'
import { couldNot, endOf, endOfAbort, intro, outro } from './build-words.ts'
import type { DependencyError } from './dependency-error.ts'
import type { Environment, Environments } from './environments.ts'
import type { InstallationEnd, Installations, LiveInstallation } from './installations.ts'
import type { InstallationTrigger, Installed, Installer, Sources } from './model.ts'
import { hashOf, type Need } from './needs.ts'
import { requirementText } from './requirement-text.ts'
import { portsOf } from './sources.ts'
import { proxies, type Tools } from './tool.ts'

export interface BuildWish {
  need: Need
  /** The newest that the declaration allows, whatever the lock says. */
  isUpdate: boolean
  trigger: InstallationTrigger
  /** null: for what every script gets. */
  scriptId: number | null
  startedBy: string | null
}

export interface Build {
  name: string
  installation: LiveInstallation
  /** Rejects with a `dependency` error that has the installer's last lines. */
  done: Promise<Environment>
}

/** Runs that come soon after a failure get its words; later ones try again. */
const failedForMs = 30_000
/** The newest are remembered. */
const failuresMax = 1000

interface Running extends Build {
  wish: BuildWish
  isUrgent: boolean
  end: PromiseWithResolvers<Environment>
  /** As they were when it began. */
  means: string
}

interface Failure {
  at: number
  error: DependencyError
  /** Somebody ended it: it does not begin again by itself, but whoever needs it may. */
  isCancelled: boolean
  /** What it failed with; see `means`. */
  means: string
}

export interface BuildsDeps {
  installers: Record<RuntimeName, Installer>
  environments: Environments
  installations: Installations
  toolFor: Tools
  setting: Setting
  clock: Clock
  log: Log
  /** Throws a GatewayError in words. */
  sources(): Sources
  /** Why nothing may be written now, for the host's sake. */
  hostProblem(): GatewayError | null
  /** Writes the lock, before anybody is told that it is done. Rejects where an update would not be in force without it. */
  onBuilt(environment: Environment, wish: BuildWish, lock: string, note: (text: string) => void): Promise<void>
}

export type Builds = ReturnType<typeof createBuilds>

export function createBuilds(deps: BuildsDeps) {
  const { installers, environments, installations, toolFor, setting, clock, log, sources, hostProblem, onBuilt } = deps
  const building = new Map<string, Running>()
  const waiting: Running[] = []
  const failures = new Map<string, Failure>()
  let active = 0
  let isClosed = false

  /** Begins to build what is needed, or joins who builds it already. Throws the words of a failure that has just been. */
  function ensure(wish: BuildWish): Build {
    const { need, trigger, isUpdate } = wish
    const name = isUpdate ? hashOf([need.set, 'update', crypto.randomUUID()]) : need.name
    const other = isUpdate ? updateOf(need) : building.get(name)
    if (other) {
      if (trigger !== 'discovery') other.isUrgent = true
      return other
    }
    if (isClosed) throw new GatewayError('unavailable', 'The gateway is stopping.', { headers: { 'retry-after': '5' } })
    const failure = failureOf(name)
    if (failure && !failure.isCancelled && trigger === 'run' && Math.abs(clock.now() - failure.at) < failedForMs)
      throw failure.error
    const { declaration } = need
    const installation = installations.begin({
      ...{ runtime: declaration.runtime, environment: name, trigger, isUpdate, scriptId: wish.scriptId },
      ...{ file: declaration.file, requirements: declaration.requirements.map(requirementText) },
      startedBy: wish.startedBy,
    })
    const end = Promise.withResolvers<Environment>()
    end.promise.catch(() => {}) // whoever waits hears it; the installation tells it in any case
    const isUrgent = trigger !== 'discovery'
    const build: Running = { name, installation, wish, end, done: end.promise, isUrgent, means: means() }
    installation.abort.signal.addEventListener('abort', () => dropWaiting(build), { once: true })
    building.set(name, build)
    waiting.push(build)
    beginNext()
    return build
  }

  /** Two that ask for the newest get the same. */
  const updateOf = ({ set, declaration: { lockFile } }: Need) =>
    [...building.values()].find(
      ({ wish: { isUpdate, need } }) => isUpdate && need.set === set && need.declaration.lockFile === lockFile,
    )

  function beginNext() {
    while (active < setting('install_slots') && waiting.length > 0) {
      const urgent = waiting.findIndex(({ isUrgent }) => isUrgent)
      const [build] = waiting.splice(Math.max(0, urgent), 1)
      active++
      void perform(build!).finally(() => {
        active--
        beginNext()
      })
    }
  }

  function dropWaiting(build: Running) {
    const at = waiting.indexOf(build)
    if (at === -1) return
    waiting.splice(at, 1)
    failed(build, endOfAbort(build.installation))
  }

  async function perform(build: Running): Promise<void> {
    const { name, installation, wish } = build
    const { declaration } = wish.need
    const { runtime } = declaration
    let buildDir: string | null = null
    try {
      build.means = means()
      const refusal = hostProblem()
      if (refusal) throw refusal
      const from = sources()
      installation.hide(from.secrets)
      installations.started(installation)
      installation.log.note(intro(wish, from))
      buildDir = environments.makeBuildDir(runtime, name, installation.row.id)
      const installed = await install(build, from, buildDir)
      const { environment, isNew } = await place(build, installed, buildDir)
      await onBuilt(environment, wish, installed.lock, (text) => installation.log.note(text))
      installation.log.note(outro(installed, environment, isNew))
      failures.delete(name)
      succeeded(build, installed, environment)
    } catch (error) {
      if (buildDir !== null) await environments.discard(buildDir)
      failed(build, error)
    }
  }

  async function install({ name, installation, wish }: Running, from: Sources, buildDir: string): Promise<Installed> {
    const { declaration, lock, lockState } = wish.need
    const { runtime } = declaration
    const downloadDir = environments.downloadDir(runtime)
    mkdirSync(downloadDir, { recursive: true })
    const runTool = toolFor({
      writable: [buildDir],
      shared: [downloadDir],
      readable: runtime === 'python' && from.wheelDir ? [from.wheelDir] : [],
      ports: portsOf(from, declaration.requirements, proxies()),
      timeoutMs: setting('install_timeout_min') * 60_000,
      onOutput: (stream, chunk) => installation.log.append(stream, chunk),
      mask: installation.mask,
      signal: installation.abort.signal,
    })
    return installers[runtime].install({
      ...{
        declaration,
        dir: buildDir,
        finalDir: environments.placeOf(runtime, name),
        downloadDir,
        sources: from,
        runTool,
      },
      lock: wish.isUpdate || lockState !== 'current' ? null : lock,
      staleLock: wish.isUpdate || lockState !== 'stale' ? null : lock,
      note: (text) => installation.log.note(text),
    })
  }

  async function place({ name, wish }: Running, installed: Installed, buildDir: string) {
    const { declaration, set } = wish.need
    const { runtime } = declaration
    const facts = await installers[runtime].facts()
    const environment = await environments.complete({ runtime, name, buildDir }, installed, {
      ...{ set, runtime_id: facts.id, built_at: isoTime(clock.now())! },
      lock_digest: installers[runtime].lockDigest(installed.lock),
      requirements: declaration.requirements.map(requirementText),
    })
    return { environment, isNew: environment.name === name }
  }

  function succeeded(build: Running, { packages }: Installed, environment: Environment) {
    building.delete(build.name)
    const { bytes, name } = environment
    report(build, { status: 'success', reason: null, packages, bytes, environment: name })
    build.end.resolve(environment)
  }

  /** A setting or a secret that is another now may have been its reason: then it says nothing any more. */
  function failureOf(name: string): Failure | undefined {
    const failure = failures.get(name)
    if (!failure || failure.means === means()) return failure
    failures.delete(name)
    return undefined
  }

  /** What an installation has to do with: where packages come from, and whether it may begin. */
  function means(): string {
    try {
      return hashOf([JSON.stringify(sources()), hostProblem() === null ? 'may' : 'may not'])
    } catch (error) {
      return messageOf(error)
    }
  }

  function remember({ name, wish, means }: Running, error: DependencyError, isCancelled: boolean) {
    if (wish.isUpdate) return // nobody asks for that name again
    failures.delete(name)
    failures.set(name, { at: clock.now(), error, isCancelled, means })
    if (failures.size > failuresMax) failures.delete(failures.keys().next().value!)
  }

  function failed(build: Running, error: unknown) {
    building.delete(build.name)
    const { status, error: told } = endOf(build.installation, error, log)
    const reason = told.message.replace(couldNot, '')
    if (status !== 'interrupted') remember(build, told, status === 'cancelled')
    report(build, { status, reason, packages: [], bytes: null, environment: build.name })
    build.end.reject(told)
  }

  function report({ installation }: Running, end: InstallationEnd) {
    if (end.reason !== null) noteQuietly(installation, end.reason.split('\n')[0]!)
    const problem = installations.finish(installation, end)
    if (problem)
      log.error(
        { installation: installation.row.id, error: problem.message },
        'the end of an installation could not be stored',
      )
  }

  return {
    ensure,
    /** That is waiting or under way under this name. */
    of: (name: string): Build | undefined => building.get(name),
    /** That is waiting or under way for this set, an update too. */
    ofSet: (set: string): Build | undefined => [...building.values()].find(({ wish }) => wish.need.set === set),
    /** The last failure under this name, or that somebody cancelled it, since the gateway was started. */
    failureOf: (name: string): DependencyError | undefined => failureOf(name)?.error,
    /** Asked for on purpose: an earlier failure says nothing any more. */
    forgetFailure: (name: string) => void failures.delete(name),
    /** Names under which something is being built. */
    names: (): string[] => [...building.keys()],
    /** More may begin, perhaps. */
    look: beginNext,
    /** Ends what is under way. */
    async close(): Promise<void> {
      isClosed = true
      const all = [...building.values()]
      await installations.close()
      await Promise.allSettled(all.map(({ done }) => done))
    },
  }
}

/** A full disk must not keep an end from being told. */
function noteQuietly({ log }: LiveInstallation, text: string) {
  try {
    log.note(text)
  } catch {
    // The reason is in the installation's row, too.
  }
}
