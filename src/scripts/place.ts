/** The one way from a path that was sent to a path on the disk: never out of the scripts folder, also not by a link. */
import { lstat, mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { GatewayError, messageOf } from '../errors.ts'

/**
 * The real path of `filename` in the runtime's folder `root` (absolute), of what is there or of what is to be made there.
 * Throws `forbidden` for what leads out of it, or out of the folder that it is in.
 */
export async function resolvePlace(root: string, filename: string): Promise<string> {
  return insideOf(await realRootOf(root), filename, filename)
}

/** As `resolvePlace`, but a link at the very end is meant itself: to delete it. */
export async function resolveEntry(root: string, filename: string): Promise<string> {
  const realRoot = await realRootOf(root)
  const folder = dirname(filename)
  return join(folder === '.' ? realRoot : await insideOf(realRoot, folder, filename), basename(filename))
}

async function realRootOf(root: string): Promise<string> {
  try {
    await mkdir(root, { recursive: true })
    return await realpath(root)
  } catch (error) {
    throw fileError(error, 'The scripts folder')
  }
}

async function insideOf(realRoot: string, path: string, filename: string): Promise<string> {
  const real = await realOrPlanned(join(realRoot, path), filename)
  if (!real.startsWith(`${realRoot}${sep}`)) throw leadsOut(filename)
  // What a script has linked to may be another's, whose rights nobody asked for; its own folder it has anyway.
  if (!spelled(real).startsWith(spelled(join(realRoot, dirname(path), sep)))) throw leadsElsewhere(filename)
  return real
}

/** As a file system that does not tell case would have it. */
const spelled = (path: string) => path.normalize('NFC').toLowerCase()

/** What does not exist yet is where its folder really is. */
async function realOrPlanned(path: string, filename: string): Promise<string> {
  if (!(await isThere(path, filename))) return join(await realOrPlanned(dirname(path), filename), basename(path))
  try {
    return await realpath(path)
  } catch {
    throw leadsOut(filename) // a link to nothing, or in a circle: where it would lead cannot be told
  }
}

async function isThere(path: string, filename: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw fileError(error, `"${filename}"`)
  }
}

const leadsOut = (filename: string) =>
  new GatewayError(
    'forbidden',
    `"${filename}" is, or goes through, a link that leads out of the scripts folder: it can be changed on the disk only.`,
  )

const leadsElsewhere = (filename: string) =>
  new GatewayError(
    'forbidden',
    `"${filename}" is, or goes through, a link that leads to another folder: open what it leads to.`,
  )

/** What the file system says about `what`, as an answer that a person can act on; other errors stay what they are. */
export function fileError(error: unknown, what: string): unknown {
  const failure = failures[(error as NodeJS.ErrnoException).code ?? '']
  return failure ? new GatewayError(failure[0], `${what} ${failure[1]}: ${messageOf(error)}.`, { cause: error }) : error
}

const closed = ['forbidden', 'cannot be changed, because the gateway may not write there'] as const
const full = ['resource', 'cannot be stored, because the disk has no space left'] as const
const inTheWay = ['conflict', 'cannot be there: a file is where a folder should be, or a folder where a file'] as const

const failures: Record<string, readonly ['forbidden' | 'resource' | 'conflict' | 'validation', string]> = {
  EACCES: closed,
  EPERM: closed,
  EROFS: closed,
  ENOSPC: full,
  EDQUOT: full,
  EISDIR: inTheWay,
  ENOTDIR: inTheWay,
  EEXIST: inTheWay,
  ENAMETOOLONG: ['validation', 'has a path that is too long for this disk'],
}
