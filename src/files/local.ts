/** Files of the gateway's own machine that a caller may name, where the operator allows it. */
import { realpath, stat } from 'node:fs/promises'
import { basename, normalize } from 'node:path'
import { GatewayError, invalid } from '../errors.ts'
import { contentTypeOf } from '../results/content-types.ts'

interface LocalOptions {
  /** JSON pointer of the parameter. */
  path: string
  /** Globs over absolute paths. */
  patterns: string[]
}

/**
 * The file that an absolute path leads to. Its real path, with every link resolved, must match a pattern. Throws
 * `forbidden` when it does not, whether there is such a file or not, and `validation` for what is no regular file.
 */
export async function openLocalFile(value: string, { path: parameter, patterns }: LocalOptions) {
  if (value.includes('\0')) throw invalid(parameter, 'must not contain a NUL character')
  const real = await resolveLinks(value)
  // A path that leads nowhere is judged as it is written: to say "missing" about a forbidden one would be telling.
  if (!matches(real ?? normalize(value), patterns)) throw forbidden(parameter)
  const found = real === null ? null : await stat(real)
  if (real === null || found === null) throw invalid(parameter, 'names a file that does not exist')
  if (!found.isFile()) throw invalid(parameter, 'must name a regular file, not a folder or a device')
  const filename = basename(real)
  return { path: real, filename, size: found.size, contentType: contentTypeOf(filename) }
}

async function resolveLinks(path: string): Promise<string | null> {
  try {
    return await realpath(path)
  } catch {
    return null // missing, or a folder on the way is closed to us: the same to the caller
  }
}

const matches = (path: string, patterns: string[]) =>
  patterns.some((pattern) => pattern.startsWith('/') && new Bun.Glob(pattern).match(path))

function forbidden(path: string): GatewayError {
  const message = 'names a local file that the setting local_file_access_patterns does not allow'
  return new GatewayError('forbidden', `${path.slice(1)} ${message}.`, { details: [{ path, message }] })
}
