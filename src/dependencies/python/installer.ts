/** Python packages: an environment of their own (venv), filled by pip, or by uv where the host has it. */
import { basename } from 'node:path'
import {
  declarationHash,
  digestOfLock,
  type Lock,
  type LockedPackage,
  mergeLocks,
  parseLock,
  renderLock,
} from '../declared/lock.ts'
import { canonicalVersion } from '../declared/pep440.ts'
import { normaliseName } from '../declared/pep508.ts'
import type { Policy } from '../declared/policy.ts'
import {
  type Declaration,
  InstallError,
  type Installed,
  type Installer,
  type InstallJob,
  type RunTool,
} from '../model.ts'
import { type About, inWords, isUnresolved } from './explain.ts'
import { createPythonFacts, type PythonFacts } from './facts.ts'
import type { Came, LookPlace, Wanted } from './installing.ts'
import { lookFor } from './look.ts'
import { createPip } from './pip.ts'
import { relocate } from './relocate.ts'
import { constraintLines, pinned } from './requirements.ts'
import { readSite } from './site.ts'
import { createUv } from './uv.ts'

interface PythonInstallerDeps {
  /** Absolute. */
  python: string
  /** Absolute; null where the host has none. */
  uv: string | null
  /** Absolute; what was found out of the interpreter is kept there. Its folder is there. */
  factsFile: string
  /** Runs a program confined to looking: it writes nothing, and needs no network. */
  runProbe: RunTool
  /** What a lock may hold: anybody may have written it. */
  policy(): Policy
}

export interface PythonInstaller extends Installer {
  facts(): Promise<PythonFacts>
  knownFacts(): PythonFacts | null
  /** Sentences on packages of an environment that do not go together. Rejects with an InstallError. */
  conflicts(place: LookPlace): Promise<string[]>
}

export function createPythonInstaller(deps: PythonInstallerDeps): PythonInstaller {
  const { python, uv, policy } = deps
  const { facts, known } = createPythonFacts(deps)
  const program = uv ? createUv(uv) : createPip(python, async () => (await facts()).pipFolder)

  return {
    runtime: 'python',
    ...{ facts, knownFacts: known },

    fits(text, { normal }, { id }) {
      const read = parseLock(text, policy())
      return 'lock' in read && isOf(read.lock, normal) && read.lock.platforms.includes(id)
    },

    lockDigest(text) {
      const read = parseLock(text, policy())
      return 'lock' in read ? digestOfLock(read.lock) : ''
    },

    async install(job) {
      const about = await facts()
      const venv = [python, '-I', '-m', 'venv', '--without-pip', '--prompt', basename(job.finalDir), job.dir]
      await inOwnWords(job, about, false, () => job.runTool({ argv: venv, env: {} }))
      const lock = job.lock ?? (await installNewest(job, about))
      if (job.lock !== null) await installLocked(job, about, job.lock)
      relocate(job.dir, job.finalDir)
      return { lock, ...readSite(job.dir), installer: about.installer } satisfies Installed
    },

    async outdated({ environment, ...job }) {
      const about = await facts()
      return inOwnWords(job, about, false, () => program.outdated({ environment, ...job }))
    },

    async conflicts(place) {
      try {
        await program.check(place)
        return []
      } catch (error) {
        const said = error instanceof InstallError && error.kind === 'failed' ? error.lines.filter(isConflict) : []
        if (said.length === 0) throw error
        return said.map((line) => line.trim())
      }
    },
  }

  /** What the lock names, and nothing else. */
  async function installLocked(job: InstallJob, about: PythonFacts, text: string): Promise<void> {
    const read = parseLock(text, policy())
    if ('problem' in read) throw new InstallError(read.problem)
    const requirements = read.lock.packages.map(pinned)
    if (requirements.length === 0) return
    await inOwnWords(job, about, true, () => program.install({ requirements, isLocked: true, constraints: [] }, job))
  }

  /** What an old lock still says; one that cannot be read is as none. */
  function readStale({ staleLock, note }: InstallJob): Lock | null {
    if (staleLock === null) return null
    const read = parseLock(staleLock, policy())
    if ('lock' in read) return read.lock
    note(`The lock is not used, and a new one is made. ${read.problem}`)
    return null
  }

  /** The newest that fits; of what a stale lock says, all that still can be. Answers the lock. */
  async function installNewest(job: InstallJob, about: PythonFacts): Promise<string> {
    const { declaration } = job
    const stale = readStale(job)
    const packages = lockedOf(await resolve(job, about, stale?.packages ?? []), declaration)
    if (stale) refuseChanged(packages, stale, about.id)
    return newLock(declaration, about.id, packages, stale)
  }

  async function resolve(job: InstallJob, about: PythonFacts, kept: LockedPackage[]): Promise<Came[]> {
    const { requirements } = job.declaration
    if (requirements.length === 0) return []
    const constraints = constraintLines(kept, requirements)
    const wanted: Wanted = { requirements, isLocked: false, constraints }
    return inOwnWords(job, about, false, async () => {
      try {
        return await program.install(wanted, job)
      } catch (error) {
        if (constraints.length === 0 || !isUnresolved(error)) throw error
        job.note('What the lock has does not go with what is declared now: everything is resolved anew.')
        return program.install({ ...wanted, constraints: [] }, job)
      }
    })
  }

  async function inOwnWords<T>(
    job: Pick<InstallJob, 'sources' | 'runTool'>,
    { label }: PythonFacts,
    isLocked: boolean,
    act: () => Promise<T>,
  ): Promise<T> {
    const { isOffline, wheelDir } = job.sources
    const about: About = { python: label, isOffline, isLocked, wheelDir, look: (name) => lookFor(name, python, job) }
    try {
      return await act()
    } catch (error) {
      throw await inWords(error, about)
    }
  }
}

/** As pip and uv write them. */
const isConflict = (line: string) =>
  /has requirement .+, but you have|requires .+, (?:which|but)|The package `.+` requires|is not supported on this platform/.test(
    line,
  )

const isOf = (lock: Lock, normal: string) => lock.declaration === declarationHash(normal)

/** As a lock has them: by address where that was declared. */
function lockedOf(came: Came[], { requirements }: Declaration): LockedPackage[] {
  const urls = new Map(requirements.map(({ key, url }) => [key, url]))
  return came.map(({ name, version, hashes }) => {
    const key = normaliseName(name)
    const url = urls.get(key) ?? null
    return { name: key, version: url === null ? (canonicalVersion(version) ?? version) : '', url, hashes }
  })
}

/** The same version on the same platform is the same file: another one is somebody's doing. */
function refuseChanged(packages: LockedPackage[], stale: Lock, platform: string) {
  if (!stale.platforms.includes(platform)) return
  const known = new Map(stale.packages.map(({ name, version, url, hashes }) => [`${name} ${url ?? version}`, hashes]))
  for (const { name, version, url, hashes } of packages) {
    const locked = known.get(`${name} ${url ?? version}`)
    if (locked && !hashes.some((hash) => locked.includes(hash)))
      throw new InstallError(
        `${name} ${version} is another file than the one that the lock names: it may have been tampered with. Nothing was installed; update the lock only if you know why it changed.`,
      )
  }
}

/** Where the old lock is one of the same declaration from another platform, and the same versions came, it serves both. */
function newLock({ normal }: Declaration, platform: string, packages: LockedPackage[], stale: Lock | null): string {
  const lock: Lock = { declaration: declarationHash(normal), platforms: [platform], packages }
  return renderLock((stale && mergeLocks(lock, stale)) ?? lock)
}
