/** Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html), pulled by the client's speed. */

export interface SseEvent {
  id?: string
  event?: string
  data: unknown
}

/** Shorter than the idle time after which Bun, and many proxies, cut a silent connection. */
export const heartbeatMs = 15_000

/**
 * Answers the events of a generator; null is a heartbeat. The generator is given a signal that aborts when the client
 * leaves, and must end then. No queue of its own: the next event is made when the client has taken the last one.
 */
export function eventStream(
  request: Request,
  events: (signal: AbortSignal) => AsyncGenerator<SseEvent | null>,
): Response {
  if (request.method === 'HEAD') return new Response(null, { headers: streamHeaders })
  const gone = new AbortController()
  const iterator = events(gone.signal)
  const leave = () => {
    gone.abort()
    // One that waits to be read does not hear the signal. What its clean-up throws, the read that goes on throws too.
    iterator.return(undefined).catch(() => {})
  }
  request.signal.addEventListener('abort', leave, { once: true })
  const encoder = new TextEncoder()

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (!done) return controller.enqueue(encoder.encode(value === null ? ': heartbeat\n\n' : toText(value)))
        request.signal.removeEventListener('abort', leave)
        if (!gone.signal.aborted) controller.close()
      },
      cancel: leave,
    },
    { highWaterMark: 1 },
  )
  return new Response(body, { headers: streamHeaders })
}

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no', // nginx would hold the lines back
}

/** Whether whoever made a request might make it now: rights are taken away while a stream goes on. */
export interface Permission {
  isGiven(): boolean
  /** Calls `end` when it has been taken away. Answers what stops listening. */
  onEnd(end: () => void): () => void
}

/** What ends by time alone, a session or a token, is seen at the next event or heartbeat after so many ms. */
const checkedEachMs = 5000

/** The events as long as they are allowed: a change ends them at once, and what waits to be read is not given any more. */
export async function* whileAllowed<T>(
  events: (signal: AbortSignal) => AsyncGenerator<T>,
  signal: AbortSignal,
  permission: Permission,
  now: () => number = Date.now,
): AsyncGenerator<T> {
  if (signal.aborted) return
  const ended = new AbortController()
  const end = () => ended.abort()
  signal.addEventListener('abort', end, { once: true })
  const stopListening = permission.onEnd(end)
  let checkedAt = Number.NEGATIVE_INFINITY // at the first one, too: what changed before we listened
  try {
    for await (const event of events(ended.signal)) {
      if (now() - checkedAt >= checkedEachMs) {
        if (!permission.isGiven()) return
        checkedAt = now()
      }
      if (ended.signal.aborted) return
      yield event
    }
  } finally {
    stopListening()
    signal.removeEventListener('abort', end)
  }
}

function toText({ id, event, data }: SseEvent) {
  return `${id === undefined ? '' : `id: ${id}\n`}${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`
}
