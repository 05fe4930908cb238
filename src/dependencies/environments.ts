/** The environments on the disk: found at start, used, and never changed. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import { removeFolder } from '../files/temp.ts'
import type { Log } from '../log.ts'
import type { RuntimeName } from '../scripts/model.ts'
import { writeInPlace } from '../scripts/write.ts'
import type { EnvironmentFacts, Installed } from './model.ts'
import { closeTree, measureTree, sealTree } from './seal.ts'

/** What is kept in memory of one: the rest is read when somebody looks at it. */
export interface Environment {
  runtime: RuntimeName
  /** Name of its folder, unique over all runtimes. */
  name: string
  /** Absolute. */
  dir: string
  set: string
  lockDigest: string
  builtAtMs: number
  bytes: number
  files: number
  /** It was not looked through since the machine was started: after a power failure, files of it may be empty. */
  isUnproven: boolean
}

export const folderOf: Record<RuntimeName, string> = { python: 'python', js: 'nodejs' }

const factsName = 'environment.json'
const lockName = 'environment.lock'
const buildingPrefix = '.building-'
const removingPrefix = '.removing-'

export type Environments = ReturnType<typeof createEnvironments>

interface EnvironmentsDeps {
  /** Absolute, ours alone: `.deps_cache`. */
  dir: string
  log: Log
  bootId?(): string
}

export function createEnvironments({ dir, log, bootId = readBootId }: EnvironmentsDeps) {
  const byName = new Map<string, Environment>()
  const bySet = new Map<string, Environment[]>()
  const runs = new Map<string, number>()
  /** For as long as somebody looks at many scripts: it never changes. */
  const read = new WeakMap<Environment, WeakRef<EnvironmentFacts>>()
  const proofs = new WeakMap<Environment, Promise<boolean>>()
  const bootFile = join(dir, 'boot')
  let version = 0

  /** Reads what is there, and removes what a dead gateway left half. */
  async function load(): Promise<void> {
    const boot = bootId()
    const [lastBoot, ...names] = existsSync(bootFile) ? readFileSync(bootFile, 'utf8').split('\n') : []
    const isSameBoot = boot !== '' && lastBoot === boot
    const proven = new Set(isSameBoot ? names : [])
    for (const runtime of Object.keys(folderOf) as RuntimeName[]) {
      const folder = join(dir, folderOf[runtime])
      await mkdir(folder, { recursive: true })
      for (const name of await readdir(folder)) {
        const path = join(folder, name)
        if (name.startsWith(buildingPrefix) || name.startsWith(removingPrefix)) await removeLater(path)
        else if (!name.startsWith('.') && name !== 'downloads') {
          const facts = await readFacts(path)
          if (facts) add(toEnvironment(runtime, name, path, facts, !proven.has(name)))
          else log.warn({ path }, 'an environment without environment.json is not used')
        }
      }
    }
    if (!isSameBoot) await writeInPlace(bootFile, Buffer.from(`${boot}\n`), { isNew: false })
  }

  function add(environment: Environment) {
    byName.set(environment.name, environment)
    bySet.set(environment.set, [...(bySet.get(environment.set) ?? []), environment])
    version++
  }

  function drop({ name, set }: Environment) {
    byName.delete(name)
    bySet.set(
      set,
      (bySet.get(set) ?? []).filter((one) => one.name !== name),
    )
    version++
  }

  /** With this lock; the newest of the set where `lockDigest` is null. */
  function find(set: string, lockDigest: string | null): Environment | undefined {
    const all = bySet.get(set) ?? []
    if (lockDigest !== null) return all.find((one) => one.lockDigest === lockDigest)
    return all.reduce<Environment | undefined>(
      (best, one) => (best && best.builtAtMs >= one.builtAtMs ? best : one),
      undefined,
    )
  }

  /** An empty folder to build in, beside its place. Absolute. */
  function makeBuildDir(runtime: RuntimeName, name: string, id: number): string {
    const path = join(dir, folderOf[runtime], `${buildingPrefix}${name}-${id}`)
    mkdirSync(path, { recursive: true })
    return path
  }

  const placeOf = (runtime: RuntimeName, name: string) => join(dir, folderOf[runtime], name)

  /** What was built is sealed and put in its place in one step. Where the same is there already, that one is answered. */
  async function complete(
    { runtime, name, buildDir }: { runtime: RuntimeName; name: string; buildDir: string },
    installed: Installed,
    about: Pick<EnvironmentFacts, 'set' | 'lock_digest' | 'requirements' | 'runtime_id' | 'built_at'>,
  ): Promise<Environment> {
    const same = find(about.set, about.lock_digest)
    if (same && (await isWhole(same))) {
      await removeLater(buildDir)
      return same
    }
    const size = await sealTree(buildDir)
    const { packages, modules, installer, lock } = installed
    const facts: EnvironmentFacts = { format: 1, runtime, ...about, installer, packages, modules, ...size }
    await writeInPlace(join(buildDir, lockName), Buffer.from(lock), { isNew: true })
    await writeInPlace(join(buildDir, factsName), Buffer.from(JSON.stringify(facts)), { isNew: true })
    await closeTree(buildDir, [lockName, factsName])
    const path = placeOf(runtime, name)
    if (existsSync(path)) await removeLater(path) // not in the index, so it was not whole
    await rename(buildDir, path)
    const environment = toEnvironment(runtime, name, path, facts, false)
    add(environment)
    noteProven(environment)
    return environment
  }

  /** Whether nothing of it has gone missing; looked through at most once, however many ask. One that is not whole is removed. */
  async function isWhole(environment: Environment): Promise<boolean> {
    if (!isKnown(environment)) return false
    if (!environment.isUnproven) return isThere(environment)
    const proof = proofs.get(environment) ?? prove(environment)
    proofs.set(environment, proof)
    return proof
  }

  async function prove(environment: Environment): Promise<boolean> {
    const isGood = await isComplete(environment)
    if (!isKnown(environment)) return false // removed meanwhile; another may be in its place
    if (isGood) noteProven(environment)
    else {
      log.warn({ environment: environment.name }, 'an environment has lost files, and is built anew')
      await remove(environment)
    }
    return isGood
  }

  /** Kept over a restart of the gateway; where it cannot be written, the next start looks it through once more. */
  function noteProven(environment: Environment) {
    environment.isUnproven = false
    try {
      appendFileSync(bootFile, `${environment.name}\n`)
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'it could not be noted that an environment is whole')
    }
  }

  const isKnown = (environment: Environment) => byName.get(environment.name) === environment

  /** Gone from the index at once; a run that has it keeps it until it ends only where `runsOf` was asked first. */
  async function remove(environment: Environment): Promise<void> {
    drop(environment)
    await removeLater(environment.dir)
  }

  /** Under another name first: nobody finds half of it. */
  async function removeLater(path: string): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const away = name.startsWith(removingPrefix)
      ? path
      : join(path, '..', `${removingPrefix}${name}-${crypto.randomUUID().slice(0, 8)}`)
    try {
      if (away !== path) await rename(path, away)
      await removeFolder(away)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.error({ path, error: messageOf(error) }, 'a folder of the cache could not be removed')
    }
  }

  return {
    ...{ load, find, makeBuildDir, placeOf, complete, isWhole, remove, discard: removeLater },
    /** It is not there any more. */
    forget: drop,
    get: (name: string) => byName.get(name),
    list: (): Environment[] => [...byName.values()],
    /** Grows with each change: what was found is what would be found while it is the same. */
    version: () => version,
    /** Counts a run as under way with it, until what it answers is called. */
    lease(name: string): () => void {
      runs.set(name, (runs.get(name) ?? 0) + 1)
      let isGiven = true
      return () => {
        if (!isGiven) return
        isGiven = false
        const left = (runs.get(name) ?? 1) - 1
        if (left > 0) runs.set(name, left)
        else runs.delete(name)
      }
    },
    /** Runs that are under way with it. */
    runsOf: (name: string) => runs.get(name) ?? 0,
    /** Everything that is known of it. Rejects when it is gone. */
    async facts(environment: Environment): Promise<EnvironmentFacts> {
      const path = join(environment.dir, factsName)
      const known = existsSync(path) ? read.get(environment)?.deref() : undefined
      const facts = known ?? (await readFacts(environment.dir))
      if (!facts) throw new Error(`${path} cannot be read`)
      read.set(environment, new WeakRef(facts))
      return facts
    },
    lockText: ({ dir: path }: Environment): Promise<string> => readFile(join(path, lockName), 'utf8'),
    /** Absolute; where the runtime's downloads are kept. */
    downloadDir: (runtime: RuntimeName) => join(dir, folderOf[runtime], 'downloads'),
  }
}

/** Whether all that was built is there; what somebody put beside it does not count against it. */
async function isComplete({ dir, files, bytes }: Environment): Promise<boolean> {
  try {
    const own = await Promise.all([factsName, lockName].map((name) => stat(join(dir, name))))
    const all = await measureTree(dir)
    return all.files - own.length >= files && own.reduce((rest, { size }) => rest - size, all.bytes) >= bytes
  } catch {
    return false // what cannot be looked through is not used
  }
}

async function readFacts(path: string): Promise<EnvironmentFacts | null> {
  try {
    const facts = JSON.parse(await readFile(join(path, factsName), 'utf8')) as EnvironmentFacts
    return facts.format === 1 ? facts : null
  } catch {
    return null // whatever is wrong with it: it is not used, and the log says which one
  }
}

const toEnvironment = (
  runtime: RuntimeName,
  name: string,
  dir: string,
  facts: EnvironmentFacts,
  isUnproven: boolean,
): Environment => ({
  ...{ runtime, name, dir, isUnproven, set: facts.set, lockDigest: facts.lock_digest },
  ...{ builtAtMs: Date.parse(facts.built_at), bytes: facts.bytes, files: facts.files },
})

/** Another one after each start of the machine; empty where nobody tells. */
function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * Whether it is still where it was found: somebody may have emptied the cache by hand, or moved the interpreter that it leads
 * to. About 3 µs.
 */
export const isThere = ({ runtime, dir }: Environment) =>
  existsSync(join(dir, runtime === 'python' ? 'bin/python' : 'environment.json'))
