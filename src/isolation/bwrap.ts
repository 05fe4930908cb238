/** bubblewrap: the script in namespaces of its own, which hold what it may see and reach. */
import { join } from 'node:path'
import { becoming, lastly, limiting } from './chain.ts'
import { splitEnvironment } from './environment.ts'
import type { EtcCopy } from './etc.ts'
import {
  execRules,
  filterKindOf,
  filterProblem,
  type LandlockFacts,
  type LauncherConfig,
  type LevelDeps,
  launch,
  limitsOf,
  portsNeedKernel,
  portsOf,
  seccompOf,
  uidOf,
  userProblem,
} from './landlock.ts'
import { type Layout, layOut } from './layout.ts'
import type { Command, ConfinedCommand, Confinement, Permissions } from './model.ts'
import { giveAway } from './owner.ts'
import { isAtOrBelow, isBelow, parentsOf } from './paths.ts'
import type { FilterKind } from './seccomp.ts'

export interface BwrapDeps extends LevelDeps {
  bwrap: string
  /** Absolute; the filters lie there, see `filterName`. null where system calls cannot be filtered. */
  filters: string | null
  /** null: no Landlock, hence no lists of ports or programs. */
  landlock: LandlockFacts | null
  /** Called where not the whole host is seen; null: its files are shown one by one. */
  etcCopy(): EtcCopy | null
}

export const filterName = ({ net, isRunListed }: FilterKind) =>
  `${net.replaceAll(' ', '-')}${isRunListed ? '-run' : ''}.bpf`

const scratchBytes = String(64 * 1024 * 1024)

export function createBwrap(deps: BwrapDeps) {
  const { host, bwrap, basics, system, uidBase, filters } = deps
  return function confine(command: Command, asked: Confinement): ConfinedCommand {
    const { permissions } = asked
    const hasLauncher = needsLauncher(deps, permissions)
    const confinement = hasLauncher ? { ...asked, readable: [...asked.readable, deps.launcher] } : asked
    const uid = uidOf(uidBase, asked.userIndex)
    const layout = layOut({
      command,
      confinement,
      basics,
      system: system.readable,
      uid,
      canCover: true,
      isOverHost: false,
    })
    giveAway(asked, host, layout.uid)
    const env = { ...command.env, TMPDIR: layout.hasOwnTmp ? '/tmp' : asked.tempDir }
    const inner = hasLauncher
      ? launchInside(deps, { ...command, env }, asked, layout)
      : chain(deps, { ...command, env }, asked, layout)
    const isFiltered = !hasLauncher && filters !== null
    return {
      argv: [
        bwrap,
        ...namespaces(permissions, host.uid === 0),
        ...(isFiltered ? ['--seccomp', '3'] : []),
        ...view(layout, asked, system.links, layout.isWhole ? null : deps.etcCopy()),
        ...['--chdir', hasLauncher ? '/' : command.cwd, '--'],
        ...inner.argv,
      ],
      cwd: '/',
      env: inner.env,
      fileAsFd3: isFiltered ? join(filters, filterName(filterKindOf(permissions))) : null,
      isSupervised: true,
      unenforced: unenforcedBy(deps, permissions, layout),
    }
  }
}

/** Ports and programs are lists that only Landlock can hold; and without util-linux somebody has to set limits and user. */
function needsLauncher({ host, landlock }: BwrapDeps, { net, run }: Permissions): boolean {
  const isListed = run !== true || (net !== true && net.length > 0)
  return (isListed && landlock !== null) || !host.prlimit || (host.uid === 0 && !host.setpriv)
}

const namespaces = ({ net }: Permissions, isRoot: boolean) => [
  ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try', '--die-with-parent'],
  ...(net !== true && net.length === 0 ? ['--unshare-net'] : []),
  // Root needs no user namespace, and keeps, until it has become the script's user, what that takes.
  ...(isRoot ? ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'].flatMap((cap) => ['--cap-add', cap]) : ['--unshare-user']),
]

function view(layout: Layout, { tempDir }: Confinement, allLinks: [string, string][], copy: EtcCopy | null): string[] {
  const { isWhole, isWholeWritable } = layout
  // Only what every script reads has a place in the copy, not what a policy lists beside it or lets it write.
  const isUsual = copy && layout.places.every(({ path, view }) => !isOfEtc(path) || (view === 'read' && copy.has(path)))
  const etc = isUsual ? copy : null
  const places = etc ? layout.places.filter(({ path }) => !etc.files.has(path)) : layout.places
  const links = etc ? allLinks.filter(([, link]) => !isBelow(link, '/etc')) : allLinks
  const root = isWhole ? [isWholeWritable ? '--bind' : '--ro-bind', '/', '/'] : []
  const covers = places.filter(({ view, from, path }) => view === 'hidden' && from === null && path !== '/tmp')
  const madeIn = [...covers.map(({ path }) => path), '/tmp', ...(isWhole ? [] : ['/'])]
  const made = new Set<string>(etc ? places.flatMap(({ path }) => parentsOf(path)).filter(isOfEtc) : [])
  /** bwrap makes the folders above a place for root alone. */
  const opening = (path: string) =>
    parentsOf(path)
      .filter((folder) => !made.has(folder) && madeIn.some((cover) => isBelow(folder, cover)))
      .flatMap((folder) => {
        made.add(folder)
        return ['--perms', '0755', '--dir', folder]
      })
  /** What bwrap makes is root's: a script's own user cannot write there as it is, and each remount costs a look at all mounts. */
  const closing = (paths: string[]) => (layout.uid === null ? paths.flatMap((path) => ['--remount-ro', path]) : [])
  const isTmpShown = places.some(({ path, view }) => path === '/tmp' && view !== 'hidden')
  return [
    ...root,
    ...(isWhole ? [] : links.flatMap(([target, link]) => [...opening(link), '--symlink', target, link])),
    ...(isWholeWritable ? ['--ro-bind', '/sys', '/sys'] : []),
    ...['--dev', '/dev', '--proc', '/proc'],
    ...['--perms', '1777', '--size', scratchBytes, '--tmpfs', '/dev/shm'],
    ...closing(['/dev']),
    ...(isTmpShown ? [] : ownTmp(layout, tempDir)),
    ...(etc ? ['--ro-bind', etc.folder, '/etc'] : []),
    ...places.flatMap(({ path, view, from }) => {
      if (path === '/tmp' && view === 'hidden') return []
      const show = from === null ? ['--tmpfs', path] : [view === 'write' ? '--bind' : '--ro-bind', from, path]
      return [...(isTmpShown && isBelow(path, '/tmp') ? [] : opening(path)), ...show]
    }),
    ...closing(covers.map(({ path }) => path)),
    ...(isWhole ? [] : closing(['/'])),
  ]
}

const isOfEtc = (path: string) => isAtOrBelow(path, '/etc')

const ownTmp = ({ hasOwnTmp }: Layout, tempDir: string) =>
  hasOwnTmp ? ['--bind', tempDir, '/tmp'] : ['--perms', '1777', '--size', scratchBytes, '--tmpfs', '/tmp']

/** Limits and user by util-linux, then the variables that none of these programs may obey, then the program. */
function chain({ host }: BwrapDeps, { argv, env }: Command, confinement: Confinement, layout: Layout) {
  const { early, late } = splitEnvironment(env)
  return {
    argv: [
      ...limiting(host, confinement, layout),
      ...(host.uid === 0 ? becoming(host, layout) : []),
      ...lastly(host, late),
      ...argv,
    ],
    env: early,
  }
}

function launchInside(deps: BwrapDeps, command: Command, confinement: Confinement, layout: Layout) {
  const { permissions } = confinement
  const { host, landlock } = deps
  const ports = portsOf(permissions)
  const isListed = permissions.run !== true || (ports !== null && ports.length > 0)
  const holds = permissions.run === true ? 'nothing' : 'programs'
  const config: LauncherConfig = {
    limits: limitsOf(confinement, layout, host),
    ...(landlock && isListed && { landlock: { rules: execRules(command, permissions), holds, ports, scoped: false } }),
    ...(host.uid === 0 && { user: { id: layout.uid } }),
    ...seccompOf(permissions),
    cwd: command.cwd,
  }
  return launch(deps, config, command)
}

function unenforcedBy({ landlock }: BwrapDeps, { net, run }: Permissions, layout: Layout): string[] {
  const arePortsListed = net !== true && net.length > 0
  return [
    ...(arePortsListed && (landlock?.abi ?? 0) < 4 ? [portsNeedKernel] : []),
    ...(run !== true && !landlock ? ['run: a list of programs needs Landlock, which this kernel does not offer.'] : []),
    ...filterProblem(),
    ...userProblem(layout),
  ]
}
