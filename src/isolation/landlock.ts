/** Landlock: the script's process refuses itself, by rules of the kernel, whatever is not allowed. Needs no privileges. */

import { prefixEnvironment } from './environment.ts'
import type { Host } from './host.ts'
import { type Layout, layOut } from './layout.ts'
import type { Command, ConfinedCommand, Confinement, Permissions } from './model.ts'
import { giveAway } from './owner.ts'
import { isBelow, realPath, without } from './paths.ts'
import { RefusedPath } from './refused.ts'
import { rlimitNumbers, rlimitsOf } from './rlimits.ts'
import { makeFilter, type NetKind } from './seccomp.ts'
import { devices, loaders, procFiles } from './system.ts'

/** What launcher.js is told. */
export interface LauncherConfig {
  /** What is printed, with the kernel's version of Landlock, before the program starts. */
  says?: string
  /** The gateway's pid, with which the script dies. */
  parent?: number
  /** A view of the file system of its own, with its own /proc. */
  mounts?: { places: Mount[]; isReadOnly: boolean }
  limits: [resource: number, soft: number, hard: number][]
  landlock?: {
    /** Letters of rights (read, list, write, execute, device) and where they hold. */
    rules: [string, string[]][]
    /** Everything that is done with files, only which programs are started, or nothing (but ports). */
    holds: 'files' | 'programs' | 'nothing'
    /** TCP ports that may be connected to; null: all. */
    ports: number[] | null
    /** No signals and abstract sockets to others. */
    scoped: boolean
  }
  /** Root's rights go; `id`: the user it becomes, null for the same. */
  user?: { id: number | null }
  /** BPF, in base64. */
  seccomp?: string
  cwd: string
}

interface Mount {
  path: string
  /** null: an empty folder. */
  from: string | null
  isFile: boolean
  isWritable: boolean
  mode?: string
  bytes?: number
}

export interface LandlockFacts {
  /** The kernel's version of it. */
  abi: number
  /** The gateway is root, and may give each script its own view of the file system. */
  canMount: boolean
  /** What the launcher prints before the kernel's version, when that is asked. */
  says?: string
}

export interface LevelDeps {
  host: Host
  /** This very program, which is Bun when told so. */
  bun: string
  /** Absolute; launcher.js is written there. */
  launcher: string
  /** Real paths of what every script reads. */
  basics: string[]
  system: { readable: string[]; links: [string, string][] }
  /** null: scripts get no users of their own. */
  uidBase: number | null
}

export const usersMax = 10_000
export const uidOf = (uidBase: number | null, index: number) => (uidBase === null ? null : uidBase + (index % usersMax))

const scratchBytes = 64 * 1024 * 1024

export function createLandlock(deps: LevelDeps, facts: LandlockFacts) {
  const { host, basics, system, uidBase } = deps
  return function confine(command: Command, confinement: Confinement): ConfinedCommand {
    const { permissions } = confinement
    const uid = uidOf(uidBase, confinement.userIndex)
    const canCover = facts.canMount
    const layout = layOut({ command, confinement, basics, system: system.readable, uid, canCover, isOverHost: true })
    giveAway(confinement, host, layout.uid)
    const ports = portsOf(permissions)
    const config: LauncherConfig = {
      ...(facts.says && { says: facts.says }),
      parent: process.pid,
      ...(facts.canMount && { mounts: mountsOf(layout, confinement) }),
      limits: limitsOf(confinement, layout, host),
      landlock: { rules: rulesOf(layout, command, confinement, facts), holds: 'files', ports, scoped: true },
      ...(host.uid === 0 && { user: { id: layout.uid } }),
      ...seccompOf(permissions),
      cwd: command.cwd,
    }
    const env = { ...command.env, TMPDIR: layout.hasOwnTmp ? '/tmp' : confinement.tempDir }
    const launched = launch(deps, config, { ...command, env })
    const unenforced = unenforcedBy(facts, permissions, layout)
    return { ...launched, cwd: '/', fileAsFd3: null, isSupervised: false, unenforced }
  }
}

/** A single argument may have 128 KiB. */
const argumentBytesMax = 100_000

/** The command line of launcher.js, started in a folder that is no script's. */
export function launch({ bun, launcher }: LevelDeps, config: LauncherConfig, { argv, env }: Omit<Command, 'cwd'>) {
  const text = JSON.stringify(config).replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const parts = text.match(new RegExp(`.{1,${argumentBytesMax}}`, 'g')) ?? []
  const start = [bun, 'run', '--no-install', '--no-env-file', '--config=/dev/null', launcher]
  return { argv: [...start, String(parts.length), ...parts, ...argv], env: prefixEnvironment(env) }
}

export const limitsOf = (confinement: Confinement, { uid, isBun }: Layout, host: Host) =>
  rlimitsOf(confinement.limits, { hasOwnUser: uid !== null, isBun, hardMax: host.hardLimits }).map(
    ([name, soft, hard]): [number, number, number] => [rlimitNumbers[name], soft, hard],
  )

/** null: no list of ports. An empty list is none either: then there are no sockets at all. */
export const portsOf = ({ net }: Permissions) => (net === true ? null : net)

/** Port 53 stands for asking for names, which is done by datagrams. */
const netKindOf = ({ net }: Permissions): NetKind =>
  net === true ? 'all' : net.length === 0 ? 'none' : net.includes(53) ? 'ports and names' : 'ports'

export const filterKindOf = (permissions: Permissions) => ({
  net: netKindOf(permissions),
  isRunListed: permissions.run !== true,
})

const filters = new Map<string, string | undefined>()

export function seccompOf(permissions: Permissions): { seccomp?: string } {
  const kind = filterKindOf(permissions)
  const key = `${kind.net} ${kind.isRunListed}`
  if (!filters.has(key)) {
    const program = makeFilter(kind)
    filters.set(key, program ? Buffer.from(program).toString('base64') : undefined)
  }
  return { seccomp: filters.get(key) }
}

function mountsOf(layout: Layout, { tempDir }: Confinement): LauncherConfig['mounts'] {
  const places = layout.places.map(({ path, view, from, isFile }): Mount => {
    if (path === '/tmp' && view === 'hidden')
      return layout.hasOwnTmp
        ? { path, from: tempDir, isFile, isWritable: true }
        : { path, from: null, isFile, isWritable: true, mode: '1777', bytes: scratchBytes }
    return { path, from, isFile, isWritable: view === 'write', ...(from === null && { mode: '755', bytes: 1 << 20 }) }
  })
  const shm: Mount = {
    path: '/dev/shm',
    from: null,
    isFile: false,
    isWritable: true,
    mode: '1777',
    bytes: scratchBytes,
  }
  const shown = realPath('/dev/shm') ? [shm, ...places] : places
  return { places: shown, isReadOnly: !layout.isWholeWritable }
}

/** What Landlock cannot take out of a folder again has to be left out: it only ever allows. */
function rulesOf(layout: Layout, command: Command, { permissions, tempDir }: Confinement, { canMount }: LandlockFacts) {
  const { places, isWhole, isWholeWritable } = layout
  const pathsOf = (...views: string[]) => places.filter(({ view }) => views.includes(view)).map(({ path }) => path)
  const kernels = ['/proc', '/dev']
  // What is covered is not there to be read; without covers, it must not be allowed.
  const unread = canMount ? kernels : [...kernels, ...pathsOf('hidden')]
  const unwritten = [...kernels, '/sys', ...pathsOf('hidden', 'read')]
  const reads = [
    ...(isWhole ? without('/', unread) : []),
    ...pathsOf('read').flatMap((path) => without(path, canMount ? [] : inside(path, pathsOf('hidden')))),
  ]
  const writes = [
    ...(isWholeWritable ? without('/', unwritten) : []),
    ...pathsOf('write').flatMap((path) => without(path, inside(path, unwritten))),
    ...(canMount && pathsOf('hidden').includes('/tmp') ? ['/tmp'] : []),
    tempDir,
    '/dev/shm',
  ]
  const procs = canMount ? ['/proc'] : ['/proc/self/.', ...procFiles]
  const x = permissions.run === true ? 'x' : ''
  const rules: [string, string[]][] = [
    [`r${x}`, [...reads, ...procs]],
    [`w${x}`, writes],
    ['d', devices],
    // What is hidden is covered, so that names can be listed everywhere: `ls /` works as without confinement.
    ...(isWhole && canMount ? ([['l', ['/']]] as [string, string[]][]) : []),
    ...execRules(command, permissions),
  ]
  return rules
}

const inside = (folder: string, paths: string[]) => paths.filter((path) => isBelow(path, folder))

/** Where programs are listed: they, the interpreter, and the loader that the kernel starts with each. */
export function execRules({ argv }: Command, { run }: Permissions): [string, string[]][] {
  if (run === true) return []
  const programs = run.map((path) => {
    const found = realPath(path)
    if (found === null) throw new RefusedPath('run', path, 'is not there.')
    return found
  })
  return [['x', [...new Set([...programs, ...loaders(), ...(realPath(argv[0] ?? '') ? [realPath(argv[0]!)!] : [])])]]]
}

function unenforcedBy({ abi }: LandlockFacts, permissions: Permissions, layout: Layout): string[] {
  return [
    ...(abi < 4 && Array.isArray(permissions.net) && permissions.net.length > 0 ? [portsNeedKernel] : []),
    ...(abi < 3 && layout.uid === null ? [truncateNeedsKernel] : []),
    ...(abi < 6 && layout.uid === null ? [signalsNeedKernel] : []),
    ...filterProblem(),
    ...userProblem(layout),
  ]
}

export const portsNeedKernel = 'net: a list of ports needs Landlock of Linux 6.7 or newer.'
const truncateNeedsKernel = 'write: before Linux 6.2, files that the gateway may write can be cut to nothing.'
const signalsNeedKernel =
  "Signals: before Linux 6.12, the script can stop the gateway and all that runs as the gateway's own user."
export const filterProblem = () =>
  makeFilterWorks()
    ? []
    : [`System calls are not filtered on ${process.arch}: sockets and the kernel's interfaces stay open.`]
const makeFilterWorks = () => process.arch === 'x64' || process.arch === 'arm64'
export const userProblem = ({ userProblem: why }: Layout) =>
  why === null ? [] : [`The script runs as the gateway's own user, without its rights: ${why}.`]
