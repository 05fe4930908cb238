/** Which level of confinement this host can do, found once by trying, and the wrapping of command lines in it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StartProcess } from '../process/model.ts'
import { type BwrapDeps, createBwrap, filterName } from './bwrap.ts'
import { createEtcCopy } from './etc.ts'
import { type Host, lookAtHost } from './host.ts'
import { createLandlock, type LandlockFacts, type LevelDeps, usersMax } from './landlock.ts'
import source from './launcher.js' with { type: 'text' }
import { type Isolation, type Level, levels } from './model.ts'
import { parentsOf, realPath } from './paths.ts'
import { createPlain } from './plain.ts'
import { type Attempt, attempt } from './probe.ts'
import { mayEnter } from './reach.ts'
import { makeFilter, netKinds } from './seccomp.ts'
import { findSystem, treesOf } from './system.ts'

export interface IsolationDeps {
  /** The best that works, or one level. */
  wanted: 'auto' | Level
  /** The first of the scripts' user ids; 0: scripts stay root, without its rights. */
  uidBase: number
  /** Absolute path of this very program. */
  bun: string
  /** Absolute paths of other interpreters, as they are started. */
  interpreters: string[]
  /** Absolute; made anew. Nobody else writes there. */
  dirForFiles: string
  startProcess: StartProcess
  /** Looked at when left out. */
  host?: Host
}

type Confine = Isolation['confine']

/** Rejects with an Error whose message says why the wanted level does not work here. */
export async function createIsolation(deps: IsolationDeps): Promise<Isolation> {
  const { wanted, startProcess, dirForFiles } = deps
  const { host = lookAtHost() } = deps
  const { launcher, filters } = writeFiles(dirForFiles)
  const uidBase = host.canChangeUser && deps.uidBase > 0 ? deps.uidBase : null
  const trees = [...deps.interpreters.flatMap((path) => treesOf(path)), ...treesOf(deps.bun, true)]
  const basics = [...new Set([...trees, '/etc/resolv.conf'].flatMap((path) => realPath(path) ?? []))]
  const level: LevelDeps = { host, uidBase, basics, system: findSystem(), bun: deps.bun, launcher }
  const etcCopy = createEtcCopy(join(dirForFiles, 'etc'), level.system)
  const trying = (confine: Confine) => attempt({ startProcess, host, dirForFiles, bun: deps.bun, confine })

  const [landlock, bwrapTried] = await Promise.all([
    wanted === 'plain' ? null : tryLandlock(level, trying),
    wanted === 'plain' || wanted === 'landlock'
      ? null
      : tryBwrap({ ...level, filters, landlock: null, etcCopy }, trying),
  ])
  const facts = landlock?.facts ?? null
  const confines: Record<Level, { confine: Confine | null; problem: string | null }> = {
    bwrap: {
      confine: bwrapTried?.deps ? createBwrap({ ...bwrapTried.deps, landlock: facts }) : null,
      problem: bwrapTried?.problem ?? null,
    },
    landlock: { confine: facts && createLandlock(level, facts), problem: landlock?.problem ?? null },
    plain: { confine: createPlain(level), problem: null },
  }
  const chosen = wanted === 'auto' ? levels.find((name) => confines[name].confine)! : wanted
  const { confine, problem } = confines[chosen]
  if (!confine) throw new Error(`ISOLATION=${wanted} does not work here. ${problem}`)
  const better = levels.slice(0, levels.indexOf(chosen))
  const reasons = wanted === 'auto' ? better.flatMap((name) => confines[name].problem ?? []) : []
  const isRightsKept = chosen === 'plain' && !host.setpriv && host.uid === 0
  const user = isRightsKept
    ? 'root, with its rights: setpriv (util-linux) is missing'
    : describeUser(host, uidBase, deps.uidBase)
  const isUncovered = chosen === 'plain' || (chosen === 'landlock' && !facts?.canMount)
  const walled =
    isUncovered && !isRightsKept && uidBase !== null ? walledOff([deps.bun, ...deps.interpreters], uidBase) : []
  return {
    report: {
      level: chosen,
      reasons: [...reasons, ...walled.map(({ sentence }) => sentence)],
      enforces: enforcedBy(chosen, facts, level).filter((name) => name !== 'user' || walled.length === 0),
      user: [user, ...walled.map(({ path }) => `root without its rights for what ${path} runs`)].join('; '),
    },
    confine,
  }
}

/** Interpreters that a script's own user cannot reach: it stays the gateway's then, and nobody should believe otherwise. */
function walledOff(interpreters: string[], uid: number) {
  return interpreters.flatMap((path) => {
    const wall = parentsOf(realPath(path) ?? path).find((folder) => !mayEnter(folder, uid))
    const sentence = `"${wall}" is closed to other users, so scripts that ${path} runs get no user of their own: open it (chmod o+x), or set PYTHON to one elsewhere.`
    return wall ? [{ path, sentence }] : []
  })
}

function writeFiles(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o755 })
  const launcher = join(dir, 'launcher.js')
  writeFileSync(launcher, source, { mode: 0o644 })
  let isFiltered = true
  for (const net of netKinds)
    for (const isRunListed of [true, false]) {
      const program = makeFilter({ net, isRunListed })
      if (program) writeFileSync(join(dir, filterName({ net, isRunListed })), program, { mode: 0o644 })
      else isFiltered = false
    }
  return { launcher, filters: isFiltered ? dir : null }
}

type Trying = (confine: Confine) => Promise<Attempt>

const hello = 'landlock'

/** With a view of the file system of its own where the gateway is root and the host lets it, else without. */
async function tryLandlock(
  level: LevelDeps,
  trying: Trying,
): Promise<{ facts: LandlockFacts | null; problem: string | null }> {
  let problem = ''
  for (const canMount of level.host.canMount ? [true, false] : [false]) {
    const { output, problem: found } = await trying(createLandlock(level, { abi: 1, canMount, says: hello }))
    const abi = Number(output.match(`${hello} (\\d+)`)?.[1])
    if (!found && abi > 0) return { facts: { abi, canMount }, problem: null }
    problem = `Landlock: ${found ?? 'the kernel does not offer it'}.`
  }
  return { facts: null, problem }
}

async function tryBwrap(level: Omit<BwrapDeps, 'bwrap'>, trying: Trying) {
  const { bwrap } = level.host
  if (!bwrap) return { deps: null, problem: 'bubblewrap: it is not installed (apt install bubblewrap).' }
  const deps = { ...level, bwrap }
  const { problem } = await trying(createBwrap(deps))
  return problem ? { deps: null, problem: `bubblewrap: ${problem}.` } : { deps, problem: null }
}

function enforcedBy(level: Level, facts: LandlockFacts | null, { host, uidBase }: LevelDeps): string[] {
  if (level === 'plain')
    return [...(host.prlimit ? ['limits'] : []), ...(host.setpriv && uidBase !== null ? ['user'] : [])]
  const hasLists = facts !== null
  const isOwnView = level === 'bwrap' || facts?.canMount
  return [
    ...['read', 'write', 'net', 'limits'],
    ...(hasLists && facts.abi >= 4 ? ['ports'] : []),
    ...(hasLists ? ['run'] : []),
    ...(level === 'bwrap' ? ['pid'] : []),
    ...(isOwnView ? ['tmp', 'proc'] : []),
    ...(uidBase === null ? [] : ['user']),
  ]
}

function describeUser(host: Host, uidBase: number | null, wanted: number): string {
  if (uidBase !== null) return `${uidBase}–${uidBase + usersMax - 1}`
  if (host.uid !== 0) return "the gateway's own, which is not root"
  if (wanted === 0) return 'root without its rights, as SCRIPT_UID_BASE=0 says'
  return 'root without its rights: the gateway itself may not change users here'
}
