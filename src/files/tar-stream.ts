/** Files as one stream, .tar.gz: no more of it is in memory than is on its way. */
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { type Pack, pack } from 'tar-stream'

/** What `produce` writes, to the end of the archive; where it fails, so does the stream. `onEnd`: once, however it ends. */
export function tarStream(
  produce: (tar: Pack) => Promise<void>,
  onEnd: () => unknown = () => {},
): ReadableStream<Uint8Array> {
  const tar = pack()
  const gzip = createGzip()
  const producing = produce(tar).then(() => tar.finalize())
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
