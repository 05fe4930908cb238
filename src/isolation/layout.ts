/** From what a script may touch to what it sees: the whole host or only the system, and places laid over it. */
import type { Command, Confinement } from './model.ts'
import { isAtOrBelow, isBelow, parentsOf, realPath, statOf } from './paths.ts'
import { mayEnter, mayRead } from './reach.ts'
import { RefusedPath, whyRefused } from './refused.ts'
import { sharedFolders } from './system.ts'

export type View = 'hidden' | 'read' | 'write'

export interface Place {
  path: string
  view: View
  /** What is seen there; null: nothing, an empty folder. */
  from: string | null
  isFile: boolean
}

export interface Layout {
  /** The whole host can be seen where no place says otherwise; else nothing. */
  isWhole: boolean
  isWholeWritable: boolean
  /** Real paths, those above before those inside; none says what the one around it says. */
  places: Place[]
  /** /tmp is `tempDir`; else something that is needed lies in /tmp, and only TMPDIR leads to `tempDir`. */
  hasOwnTmp: boolean
  /** null: the gateway's own user. */
  uid: number | null
  /** The program is Bun, which reserves more memory than it uses. */
  isBun: boolean
  /** Why it is not the script's own user, though it could be. */
  userProblem: string | null
}

interface LayoutDeps {
  command: Command
  confinement: Confinement
  /** Real paths that every script reads, so that its user must reach them: interpreters. */
  basics: string[]
  /** What is to be seen of the system where the host is not. */
  system: string[]
  /** The script's user; null: the gateway's. */
  uid: number | null
  /** Folders can be covered and laid over each other. */
  canCover: boolean
  /** Where not the whole host is seen, its folders are still there to be covered: the view is not built from nothing. */
  isOverHost: boolean
}

type Wish = 'hidden' | 'read' | 'protected' | 'write'

/** Throws an Error when something that is named is not there, or is asked for though no script may see it. */
export function layOut({ command, confinement, basics, system, uid, canCover, isOverHost }: LayoutDeps): Layout {
  const { permissions } = confinement
  const isWholeWritable = isAll(permissions.write)
  const isWhole = isWholeWritable || isAll(permissions.read)
  const hidden = confinement.hidden.flatMap((path) => realPath(path) ?? [])
  const files = filesOf(command)
  const [used, spare] = split(basics, (tree) => files.some((file) => isAtOrBelow(file, tree)))
  const needed = [...used, ...confinement.readable.map(real)]
  const own = [...confinement.writable, confinement.tempDir].map(real)
  const owned = confinement.owned.map(real)
  const listedRead = listed('read', permissions.read, hidden)
  const listedWrite = listed('write', permissions.write, hidden)
  const wishes = new Map<string, Set<Wish>>()
  const wish = (what: Wish, paths: string[]) => {
    for (const path of paths) wishes.set(path, (wishes.get(path) ?? new Set()).add(what))
  }
  wish('hidden', [...hidden, ...sharedFolders.flatMap((path) => realPath(path) ?? [])])
  wish('read', [...needed, ...spare, ...owned, ...listedRead, ...(isWhole ? [] : system)])
  wish(
    'protected',
    confinement.protected.flatMap((path) => realPath(path) ?? []),
  )
  wish('write', [...own, ...listedWrite])

  const reach = uid === null ? nobodyElse : reachOf(uid, { needed, spare, own: [...own, ...owned], files, canCover })
  if (!reach.problem) wish('hidden', reach.closed)

  const places = settle(wishes, isWholeWritable ? 'write' : isWhole ? 'read' : isOverHost ? 'unseen' : 'hidden')
  const usesTmp = [...needed, ...spare, ...own, ...owned, ...listedRead, ...listedWrite].some((path) =>
    isAtOrBelow(path, '/tmp'),
  )
  return {
    isWhole,
    isWholeWritable,
    places,
    hasOwnTmp: canCover && !usesTmp,
    uid: reach.problem ? null : uid,
    isBun: command.env.BUN_BE_BUN === '1',
    userProblem: reach.problem,
  }
}

const isAll = (paths: true | string[]): paths is true => paths === true || paths.includes('/')

function real(path: string): string {
  const found = realPath(path)
  if (found === null) throw new Error(`"${path}" is not there.`)
  return found
}

function listed(what: 'read' | 'write', paths: true | string[], hidden: string[]): string[] {
  if (isAll(paths)) return []
  return paths.map((path) => {
    const found = realPath(path)
    if (found === null) throw new RefusedPath(what, path, 'is not there.')
    const why = whyRefused(what, found, hidden)
    if (why !== null) throw new RefusedPath(what, path, why)
    return found
  })
}

function split<T>(all: T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}

/**
 * Program and script: what must be readable for it to start. Not what its arguments name: a caller who names a file that
 * the script's user may not read must not make it somebody else's run.
 */
const filesOf = ({ argv, env }: Command) =>
  [argv[0] ?? '', env.SCRIPT_PATH ?? ''].filter((path) => path.startsWith('/') && statOf(path)?.isFile()).map(real)

interface Needs {
  needed: string[]
  /** Nice to have: other interpreters. */
  spare: string[]
  own: string[]
  files: string[]
  canCover: boolean
}

const nobodyElse = { closed: [] as string[], problem: null as string | null }

/** Folders on the way that are closed to the script's user are covered, and what is needed inside put back. */
function reachOf(uid: number, { needed, spare, own, files, canCover }: Needs): typeof nobodyElse {
  const wallOf = (path: string) => parentsOf(path).find((folder) => !mayEnter(folder, uid))
  const closed = new Set<string>(canCover ? spare.flatMap((path) => wallOf(path) ?? []) : [])
  for (const path of [...needed, ...own, ...files]) {
    const wall = wallOf(path)
    if (wall && !needed.some((place) => isAtOrBelow(wall, place))) closed.add(wall)
    else if (wall) return { closed: [], problem: `"${wall}" is closed to user ${uid}` }
  }
  // What becomes its own it may read, whoever's it is now.
  const others = files.filter((file) => !own.some((folder) => isAtOrBelow(file, folder)))
  const unread = [...needed, ...others].find((path) => !mayRead(path, uid))
  if (unread) return { closed: [], problem: `user ${uid} may not read "${unread}"` }
  if (closed.size > 0 && !canCover) return { closed: [], problem: `"${[...closed][0]}" is closed to user ${uid}` }
  return { closed: [...closed], problem: null }
}

/** Each place that says something else than what is around it. */
function settle(wishes: Map<string, Set<Wish>>, outside: View | 'unseen'): Place[] {
  const places: Place[] = []
  for (const path of [...wishes.keys()].sort(byParts)) {
    const around = places.findLast((place) => isBelow(path, place.path))?.view ?? outside
    const view = viewOf(wishes.get(path)!, around === 'unseen' ? 'hidden' : around)
    if (view === around) continue
    const isFile = !statOf(path)?.isDirectory()
    places.push({ path, view, isFile, from: view !== 'hidden' ? path : isFile ? '/dev/null' : null })
  }
  return places
}

function viewOf(wishes: Set<Wish>, around: View): View {
  if (wishes.has('write')) return 'write'
  if (around === 'write' && wishes.has('protected')) return 'read'
  if (wishes.has('read')) return around === 'hidden' ? 'read' : around
  return wishes.has('hidden') ? 'hidden' : around
}

/** What is above comes first, and all that is in a folder comes right after it. */
const byParts = (a: string, b: string) => {
  const [one, other] = [`${a}/`, `${b}/`]
  return one < other ? -1 : one > other ? 1 : 0
}
