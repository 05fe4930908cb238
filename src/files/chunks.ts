/** The body of a request, chunk by chunk; ends with an error when the client goes away. */
import { GatewayError } from '../errors.ts'
import { formatBytes } from './store.ts'

/** Never waits for a client that has left. Stops reading when the caller stops. */
export async function* bodyChunks(request: Request, signal = request.signal): AsyncGenerator<Uint8Array, void> {
  if (!request.body) return
  const reader = request.body.getReader()
  // Ends a read that waits. (To race each read with one promise for the signal would keep every chunk until the end.)
  const stop = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', stop, { once: true })
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read()
      if (done) break
      if (value.length > 0) yield value
    }
  } catch (error) {
    throw incomplete(error)
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
  if (signal.aborted) throw incomplete(signal.reason)
}

/** All of the body. Throws `too_large` as soon as more than `bytesMax` are announced or have come. */
export async function readAll(request: Request, bytesMax: number): Promise<Uint8Array> {
  const announced = announcedBytes(request)
  if (announced !== null && announced > bytesMax) throw bodyTooLarge(bytesMax)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bodyChunks(request)) {
    size += chunk.length
    if (size > bytesMax) throw bodyTooLarge(bytesMax)
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/** Whether a body has no byte at all, whatever its headers say. Reads it, so only for one that is refused otherwise. */
export async function isEmptyBody(request: Request): Promise<boolean> {
  if (!request.body || announcedBytes(request) === 0) return true
  for await (const _chunk of bodyChunks(request)) return false
  return true
}

export const bodyTooLarge = (bytesMax: number) =>
  new GatewayError(
    'too_large',
    `The request body is larger than ${formatBytes(bytesMax)} (the setting body_bytes_max).`,
  )

function announcedBytes(request: Request): number | null {
  const header = request.headers.get('content-length')
  return header === null ? null : Number(header)
}

export const incomplete = (cause: unknown) =>
  new GatewayError('validation', 'The request ended before its body was complete.', { status: 400, cause })
