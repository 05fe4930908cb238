/**
 * Files of the gateway's own machine that a caller may name, where the operator allows it: whoever may run a script may name
 * them, the patterns are the only rule.
 */
import { realpath } from 'node:fs/promises'
import { basename, normalize } from 'node:path'
import { GatewayError, invalid } from '../errors.ts'
import { isAtOrBelow } from '../isolation/paths.ts'
import { whyRefused } from '../isolation/refused.ts'
import { contentTypeOf } from '../results/content-types.ts'
import { openFile } from './opened-file.ts'

interface LocalOptions {
  /** JSON pointer of the parameter. */
  path: string
  /** Globs over absolute paths. */
  patterns: string[]
  /** Real paths of the gateway's own folders, which no pattern opens. */
  closed: string[]
}

/**
 * The file that an absolute path leads to, under its real path: every link resolved, it must match a pattern, and it is what was
 * opened there that is looked at. Throws `forbidden` when no pattern allows it, whether there is such a file or not, and
 * `validation` for what is no regular file.
 */
export async function openLocalFile(value: string, { path: parameter, patterns, closed }: LocalOptions) {
  if (value.includes('\0')) throw invalid(parameter, 'must not contain a NUL character')
  const real = await resolveLinks(value)
  // A path that leads nowhere is judged as it is written: to say "missing" about a forbidden one would be telling.
  const judged = real ?? normalize(value)
  if (isClosed(judged, closed) || !matches(judged, patterns)) throw forbidden(parameter)
  if (real === null) throw invalid(parameter, 'names a file that does not exist')
  const size = sizeOfFileAt(real)
  if (size === null) throw invalid(parameter, 'must name a regular file that the gateway may read, no folder or device')
  const filename = basename(real)
  return { path: real, filename, size, contentType: contentTypeOf(filename) }
}

/**
 * Whether a path that was allowed still is the file itself: it may have waited in the queue, and somebody who can write there
 * may have put a link in its place, or in that of a folder above it.
 */
export const isStillItself = (path: string): boolean => sizeOfFileAt(path) !== null

/** null for what is no regular file, or lies elsewhere than the path says. */
function sizeOfFileAt(path: string): number | null {
  const file = openFile(path)
  file?.closeUnlessStreamed()
  return file ? file.stats.size : null
}

async function resolveLinks(path: string): Promise<string | null> {
  try {
    return await realpath(path)
  } catch {
    return null // missing, or a folder on the way is closed to us: the same to the caller
  }
}

/** The gateway's own folders, and those of the kernel: /proc has its environment, in files that look like any other. */
const isClosed = (path: string, closed: string[]) =>
  closed.some((folder) => isAtOrBelow(path, folder)) || whyRefused('write', path, []) !== null

const matches = (path: string, patterns: string[]) =>
  patterns.some((pattern) => pattern.startsWith('/') && new Bun.Glob(pattern).match(path))

function forbidden(path: string): GatewayError {
  const message = 'names a local file that the setting local_file_access_patterns does not allow'
  return new GatewayError('forbidden', `${path.slice(1)} ${message}.`, { details: [{ path, message }] })
}
