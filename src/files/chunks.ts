/** The body of a request, chunk by chunk; ends with an error when the client goes away. */
import { GatewayError } from '../errors.ts'
import { renewCaller } from '../http/caller.ts'
import { formatBytes } from './store.ts'

/** How long a client may take with a body; only the time counts that we wait for it, not what it waits for our disk. */
export interface ArrivalLimits {
  /** Between two pieces. */
  silenceMsMax: number
  /** Before the average counts. */
  graceMs: number
  /** On average; below what a modem did. */
  bytesPerSecMin: number
}

const arrivalLimits: ArrivalLimits = { silenceMsMax: 30_000, graceMs: 30_000, bytesPerSecMin: 500 }

/**
 * Never waits for a client that has left, or trickles. Stops reading when the caller stops. Throws `validation` (400, 408),
 * and `auth` or `forbidden` for who may not make this request any more when its last byte has come.
 */
export async function* bodyChunks(
  request: Request,
  signal = request.signal,
  limits = arrivalLimits,
): AsyncGenerator<Uint8Array, void> {
  if (!request.body) return
  const reader = request.body.getReader()
  const pace = watchPace(limits, () => stop())
  // Ends a read that waits. (To race each read with one promise for the signal would keep every chunk until the end.)
  const stop = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', stop, { once: true })
  try {
    while (!signal.aborted) {
      pace.waits()
      const { done, value } = await reader.read()
      pace.got(value?.length ?? 0)
      if (done) break
      if (value.length > 0) yield value
    }
  } catch (error) {
    throw incomplete(error)
  } finally {
    pace.end()
    signal.removeEventListener('abort', stop)
    stop()
  }
  if (signal.aborted) throw incomplete(signal.reason)
  if (pace.isTooSlow()) throw tooSlow()
  renewCaller(request)
}

/** Calls `giveUp` once when the body comes too slowly. */
function watchPace({ silenceMsMax, graceMs, bytesPerSecMin }: ArrivalLimits, giveUp: () => void) {
  let since: number | null = null // the moment from which a piece is waited for
  let waitedMs = 0
  let bytes = 0
  let isTooSlow = false
  const timer = setInterval(look, Math.min(1000, silenceMsMax / 4))

  function look() {
    if (since === null || isTooSlow) return
    const waitMs = performance.now() - since
    isTooSlow = waitMs > silenceMsMax || waitedMs + waitMs > graceMs + (bytes / bytesPerSecMin) * 1000
    if (isTooSlow) giveUp()
  }

  return {
    waits() {
      since = performance.now()
    },
    got(count: number) {
      waitedMs += performance.now() - (since ?? performance.now())
      since = null
      bytes += count
    },
    isTooSlow: () => isTooSlow,
    end: () => clearInterval(timer),
  }
}

const tooSlow = () =>
  new GatewayError('validation', 'The request body came too slowly: it was given up.', {
    status: 408,
    headers: { connection: 'close' },
  })

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
