/** Staged files as one stream, .tar.gz: no more of it is in memory than is on its way. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
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
export function packStream(options: PackOptions, onEnd: () => unknown): ReadableStream<Uint8Array> {
  const tar = pack()
  const gzip = createGzip()
  const producing = produce(tar, options)
  producing.catch((error) => gzip.destroy(error))
  Readable.from(tar as AsyncIterable<Buffer>, { objectMode: false })
    .on('error', (error: Error) => void gzip.destroy(error))
    .pipe(gzip)
  const chunks = gzip[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  let isOver = false
  const end = async () => {
    if (isOver) return
    isOver = true
    tar.destroy(null)
    gzip.destroy()
    await onEnd()
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next()
        if (!done) return controller.enqueue(value)
        await producing
        await end()
        controller.close()
      } catch (error) {
        await end()
        controller.error(error)
      }
    },
    cancel: end,
  })
}

async function produce(tar: ReturnType<typeof pack>, { dir, manifest, files, modifiedAt }: PackOptions) {
  const mtime = modifiedAt
  tar.entry({ name: manifestName, mtime, mode: 0o600 }, `${JSON.stringify(manifest, null, 1)}\n`)
  for (const { path, size } of files) {
    const isExecutable = ((await stat(join(dir, path))).mode & 0o100) !== 0
    const entry = tar.entry({ name: path, size, mtime, mode: isExecutable ? 0o755 : 0o644 })
    if (size === 0) entry.end(undefined)
    else await pipeline(createReadStream(join(dir, path), { end: size - 1 }), entry as unknown as NodeJS.WritableStream)
  }
  tar.finalize()
}
