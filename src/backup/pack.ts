/** Staged files as one stream, .tar.gz. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Pack } from 'tar-stream'
import { tarStream } from '../files/tar-stream.ts'
import { manifestName, type PackedFile } from './model.ts'

interface PackOptions {
  /** Where the files are, absolute. */
  dir: string
  /** The first file of the archive. */
  manifest: object
  files: PackedFile[]
  /** For all entries alike, so that equal content makes equal archives. */
  modifiedAt: Date
}

/** `onEnd`: once, however it ends. */
export const packStream = (options: PackOptions, onEnd: () => unknown): ReadableStream<Uint8Array> =>
  tarStream((tar) => produce(tar, options), onEnd)

async function produce(tar: Pack, { dir, manifest, files, modifiedAt }: PackOptions) {
  const mtime = modifiedAt
  tar.entry({ name: manifestName, mtime, mode: 0o600 }, `${JSON.stringify(manifest, null, 1)}\n`)
  for (const { path, size } of files) {
    const isExecutable = ((await stat(join(dir, path))).mode & 0o100) !== 0
    const entry = tar.entry({ name: path, size, mtime, mode: isExecutable ? 0o755 : 0o644 })
    if (size === 0) entry.end(undefined)
    else await pipeline(createReadStream(join(dir, path), { end: size - 1 }), entry as unknown as NodeJS.WritableStream)
  }
}
