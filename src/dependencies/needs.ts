/** From what is declared to the environment that it comes to: found, or to be built under a name. */
import { createHash } from 'node:crypto'
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { satisfies } from '@renovatebot/pep440'
import type { Problem } from '../errors.ts'
import type { RunnableScript } from '../scripts/catalog.ts'
import { type RuntimeName, runtimeNames } from '../scripts/model.ts'
import type { Found } from './declared/find.ts'
import type { Environment, Environments } from './environments.ts'
import type { Declaration, Installer, RuntimeFacts } from './model.ts'
import type { Source } from './view-model.ts'

export interface Need {
  declaration: Declaration
  shadowed: Source[]
  /** Hash of declaration, runtime and platform; empty while the runtime is not known. */
  set: string
  /** What it is built as where it is not there. */
  name: string
  lockState: 'none' | 'current' | 'stale'
  lock: string | null
  /** undefined: not built yet. */
  environment: Environment | undefined
  /** With any, nothing is installed. */
  problems: Problem[]
}

export type NeedScript = Pick<RunnableScript, 'file' | 'dir'> & { runtime: { name: RuntimeName } }

interface NeedsDeps {
  find(script: NeedScript): Found
  findGlobal(runtime: RuntimeName): Found
  installers: Record<RuntimeName, Installer>
  environments: Environments
  /** Absolute. */
  scriptsDir: string
  /** Whatever else makes two environments of the same packages different. */
  extra(runtime: RuntimeName): string[]
  /** Equal for equal settings of what a lock may say. */
  rules(runtime: RuntimeName): string
}

/** What a lock is for a set. */
interface Judgement {
  lockState: 'current' | 'stale'
  digest: string
}

interface ReadLock {
  lock: string | null
  problems: Problem[]
  stamp: string
  /** By set: scripts that declare different things may share a lock for a moment. */
  judgements: Map<string, Judgement>
}

const lockBytesMax = 8 * 1024 * 1024

export type Needs = ReturnType<typeof createNeeds>

export function createNeeds({ find, findGlobal, installers, environments, scriptsDir, extra, rules }: NeedsDeps) {
  const known = new Map<string, { stamp: string; need: Need }>()
  /** What was answered last for each file, and what it depends on beside files. */
  const answered = new Map<string, { need: Need | null; version: string }>()
  /** By path below `scriptsDir`. */
  const locks = new Map<string, ReadLock>()
  /** What was to be built as this turned out to be that. */
  const aliases = new Map<string, string>()

  function needOf(key: string, { declaration, shadowed, stamp }: Found): Need | null {
    if (!declaration) return null
    const facts = installers[declaration.runtime].knownFacts()
    const lockPath = join(scriptsDir, declaration.lockFile)
    const now = `${stamp} ${stampOf(lockPath)} ${environments.version()} ${facts?.id} ${extra(declaration.runtime)}`
    const before = known.get(key)
    if (before?.stamp === now) return before.need
    const need = { shadowed, ...resolve(declaration, facts, lockPath) }
    known.set(key, { stamp: now, need })
    return need
  }

  function resolve(declaration: Declaration, facts: RuntimeFacts | null, lockPath: string): Omit<Need, 'shadowed'> {
    const nothing = { declaration, set: '', name: '', lockState: 'none', lock: null, environment: undefined } as const
    if (declaration.problems.length > 0) return { ...nothing, problems: declaration.problems }
    if (!facts) return { ...nothing, problems: [] }
    const set = hashOf(['set 1', declaration.runtime, declaration.normal, facts.id, ...extra(declaration.runtime)])
    const read = lockAt(lockPath, declaration)
    const problems = [...pythonProblems(declaration, facts), ...read.problems]
    const { lock } = read
    const installer = installers[declaration.runtime]
    if (lock === null) {
      const environment = environments.find(set, null)
      return { ...nothing, set, name: set, environment, problems }
    }
    const { lockState, digest } = judged(read, set, () => {
      const lockState = installer.fits(lock, declaration, facts) ? ('current' as const) : ('stale' as const)
      return { lockState, digest: lockState === 'current' ? installer.lockDigest(lock) : hashOf([lock]) }
    })
    const name = hashOf([set, lockState, digest])
    const built = environments.get(aliases.get(name) ?? name)
    const environment = (lockState === 'current' ? environments.find(set, digest) : undefined) ?? built
    return { declaration, set, name, lockState, lock, environment, problems }
  }

  /** Many scripts may share one, and to read it takes time. */
  function lockAt(path: string, { runtime, lockFile }: Declaration): ReadLock {
    const stamp = `${stampOf(path)} ${rules(runtime)}`
    const before = locks.get(lockFile)
    if (before?.stamp === stamp) return before
    const now = { ...readLock(path, lockFile), stamp, judgements: new Map<string, Judgement>() }
    locks.set(lockFile, now)
    return now
  }

  function judged({ judgements }: ReadLock, set: string, judge: () => Judgement): Judgement {
    const judgement = judgements.get(set) ?? judge()
    judgements.set(set, judgement)
    return judgement
  }

  const versionFor = (runtime: RuntimeName) =>
    `${environments.version()} ${installers[runtime].knownFacts()?.id} ${extra(runtime)}`

  function of(script: NeedScript): Need | null {
    const need = needOf(script.file, find(script))
    answered.set(script.file, { need, version: versionFor(script.runtime.name) })
    return need
  }

  return {
    /** What a script needs; null: it declares nothing. Looks at the files each time, so that it is never what was. */
    of,
    /**
     * As it was answered last, for lists of a thousand: discovery asks for each every few seconds. Never what was before something
     * was installed.
     */
    glance(script: NeedScript): Need | null {
      const before = answered.get(script.file)
      return before && before.version === versionFor(script.runtime.name) ? before.need : of(script)
    },
    /** What every script needs that declares nothing itself. */
    global: (runtime: RuntimeName): Need | null => needOf(globalKey(runtime), findGlobal(runtime)),
    /** What was to be built under `name` is the same as `environment`. */
    alias(name: string, environment: string) {
      if (name === environment) return
      aliases.set(name, environment)
      known.clear()
      answered.clear()
    },
    /** Something was written: nobody is told what was before. */
    lookAnew: () => answered.clear(),
    forget(file: string) {
      known.delete(file)
      answered.delete(file)
    },
    /** Of scripts that are not among these nothing is remembered. */
    keep(files: string[]) {
      const kept = new Set([...files, ...runtimeNames.map(globalKey)])
      for (const remembered of [known, answered])
        for (const key of remembered.keys()) if (!kept.has(key)) remembered.delete(key)
      const lockFiles = new Set([...known.values()].map(({ need }) => need.declaration.lockFile))
      for (const file of locks.keys()) if (!lockFiles.has(file)) locks.delete(file)
    },
  }
}

const globalKey = (runtime: RuntimeName) => `global ${runtime}`

/** Names a folder, and stands in the first line of programs in it, which must not be long: 128 bits. */
export const hashOf = (parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

function stampOf(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : ''
}

function readLock(path: string, file: string): { lock: string | null; problems: Problem[] } {
  const problem = (message: string) => ({ lock: null, problems: [{ path: `/${file}`, message }] })
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats) return { lock: null, problems: [] }
  if (!stats.isFile()) return problem('is not a regular file: remove it, and it is written anew')
  if (stats.size > lockBytesMax) return problem('is larger than a lock can be: remove it, and it is written anew')
  try {
    return { lock: readFileSync(path, 'utf8'), problems: [] }
  } catch (error) {
    return problem(`cannot be read: ${(error as Error).message}`)
  }
}

/** `Python 3.11.7` against `requires-python`. */
function pythonProblems({ requiresPython }: Declaration, { label }: RuntimeFacts): Problem[] {
  const version = label.split(' ')[1] ?? ''
  if (requiresPython === null || satisfies(version, requiresPython)) return []
  return [
    {
      path: '/requires-python',
      message: `asks for Python ${requiresPython}, and this gateway has ${version}: set PYTHON to another interpreter, or change it`,
    },
  ]
}
