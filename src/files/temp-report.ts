/** What lies in DATA_DIR/tmp: whose it is, how much, since when; and the removal of what nobody needs any more. */
import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeFolder } from './temp.ts'

export const kinds = ['uploads', 'runs', 'leftovers', 'other'] as const
export type TempKind = (typeof kinds)[number]

export interface TempItem {
  /** Absolute. */
  path: string
  kind: TempKind
  files: number
  bytes: number
  /** The latest change of anything in it, milliseconds since 1970. */
  changedAt: number
  /** A live run needs it, whatever its age. */
  isInUse: boolean
}

interface ListOptions {
  /** Absolute. */
  tmpDir: string
  isLive(runId: number): boolean
  /** Absolute paths that live runs were given. */
  filesInUse(): string[]
}

/** Every folder or file that can be removed for itself. Nothing is said of what vanishes meanwhile. */
export async function listTemp({ tmpDir, isLive, filesInUse }: ListOptions): Promise<TempItem[]> {
  const paths = (await Promise.all((await namesIn(tmpDir)).map((name) => itemsAt(tmpDir, name)))).flat()
  const given = filesInUse()
  const items: TempItem[] = []
  for (const { path, kind, runId } of paths) {
    const measured = await measure(path)
    const isGiven = given.some((file) => file === path || file.startsWith(`${path}/`))
    if (measured) items.push({ path, kind, ...measured, isInUse: isGiven || (runId !== null && isLive(runId)) })
  }
  return items
}

/** Removes what is in nobody's use and was last changed before `before`; answers what went. */
export async function cleanTemp(options: ListOptions, before: number): Promise<TempItem[]> {
  const old = (await listTemp(options)).filter(({ isInUse, changedAt }) => !isInUse && changedAt < before)
  for (const { path } of old) await removeFolder(path)
  return old
}

interface ItemPath {
  path: string
  kind: TempKind
  /** The run that it was made for, where its name says so. */
  runId: number | null
}

/** `uploads` and `runs` hold one folder for each upload and run; what is set aside at a start is `.old-…`. */
async function itemsAt(tmpDir: string, name: string): Promise<ItemPath[]> {
  const path = join(tmpDir, name)
  if (name === 'uploads' || name === 'runs')
    return (await namesIn(path)).map((one) => ({ path: join(path, one), kind: name, runId: idIn(/^(\d+)-/, one) }))
  if (name === 'schema') return [] // the scanner's own folder
  const runId = idIn(/^run-(\d+)(?:\.stdout)?$/, name)
  const kind = runId !== null ? 'runs' : name.startsWith('.old-') ? 'leftovers' : 'other'
  return [{ path, kind, runId }]
}

const idIn = (pattern: RegExp, name: string) => {
  const id = pattern.exec(name)?.[1]
  return id === undefined ? null : Number(id)
}

type Measured = Pick<TempItem, 'files' | 'bytes' | 'changedAt'>

/** Files and bytes at and below a path; null for what is not there any more. */
export async function measure(path: string): Promise<Measured | null> {
  const stats = await lstatOrNull(path)
  if (!stats) return null
  const sum = { files: 0, bytes: 0, changedAt: stats.mtimeMs }
  if (!stats.isDirectory()) return { ...sum, files: 1, bytes: stats.size }
  for (const name of await namesIn(path)) {
    const inside = await measure(join(path, name))
    sum.files += inside?.files ?? 0
    sum.bytes += inside?.bytes ?? 0
    sum.changedAt = Math.max(sum.changedAt, inside?.changedAt ?? 0)
  }
  return sum
}

/** A folder that is gone, or that a script closed to others, is empty for us. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}

async function lstatOrNull(path: string): Promise<Stats | null> {
  try {
    return await lstat(path)
  } catch {
    return null // removed meanwhile, by the run that it belonged to
  }
}
