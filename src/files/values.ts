/** A `file` parameter that came as text: an address, the data itself, or the path of a local file. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError, invalid } from '../errors.ts'
import { extensionForType } from '../results/content-types.ts'
import { parseDataUrl } from './data-url.ts'
import { openLocalFile } from './local.ts'
import { safeFilename } from './names.ts'
import { type FetchOptions, fetchToFile } from './remote.ts'
import { formatBytes, type StoredFile } from './store.ts'
import { makeUploadFolder, removeFolder } from './temp.ts'

export type { StoredFile } from './store.ts'

export interface ResolveOptions extends Omit<FetchOptions, 'folder'> {
  /** What is fetched or decoded goes to folders below it. */
  tmpDir: string
  /** `local_file_access_patterns`: globs that the real path of a local file must match. */
  patterns: string[]
  /** Real paths of the gateway's own folders, which no pattern opens. */
  closed: string[]
}

export interface ResolvedFile extends Omit<StoredFile, 'sha256'> {
  /** Removes what was stored; a local file stays. */
  dispose(): Promise<void>
}

/** Throws `validation`, `too_large` or `forbidden`, each naming the parameter and what would be accepted. */
export async function resolveFileValue(value: string, options: ResolveOptions): Promise<ResolvedFile> {
  if (/^https?:/i.test(value)) return inNewFolder(options, (folder) => fetchToFile(value, { ...options, folder }))
  if (/^data:/i.test(value)) return inNewFolder(options, (folder) => storeDataUrl(value, folder, options))
  if (value.startsWith('/')) return { ...(await openLocalFile(value, options)), dispose: async () => {} }
  throw invalid(options.path, 'must be an uploaded file, an http(s) address, a data: URL, or an absolute path')
}

async function inNewFolder(
  { tmpDir }: ResolveOptions,
  store: (folder: string) => Promise<Omit<StoredFile, 'sha256'>>,
): Promise<ResolvedFile> {
  const folder = await makeUploadFolder(tmpDir)
  const dispose = () => removeFolder(folder)
  try {
    return { ...(await store(folder)), dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function storeDataUrl(value: string, folder: string, { path: parameter, bytesMax }: ResolveOptions) {
  const data = parseDataUrl(value)
  if (typeof data === 'string') throw invalid(parameter, data)
  const size = data.bytes.length
  if (size > bytesMax) {
    const message = `is larger than ${formatBytes(bytesMax)} (the setting upload_bytes_max)`
    throw new GatewayError('too_large', `${parameter.slice(1)} ${message}.`, {
      details: [{ path: parameter, message }],
    })
  }
  const filename = safeFilename(`${parameter.slice(1)}${extensionForType(data.contentType)}`)
  const path = join(folder, filename)
  await writeFile(path, data.bytes, { flag: 'wx', mode: 0o600 })
  return { path, filename, size, contentType: data.contentType }
}
