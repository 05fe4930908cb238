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
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no', // nginx would hold the lines back
    },
  })
}

/** How long a stream goes on, at most, for whoever may not follow it any more; ms. */
const checkedEachMs = 5000

/** The same events until `isAllowed` says no: rights may be taken away while somebody follows. */
export async function* whileAllowed<T>(
  events: AsyncGenerator<T>,
  isAllowed: () => boolean,
  now: () => number = Date.now,
): AsyncGenerator<T> {
  let checkedAt = now()
  for await (const event of events) {
    if (now() - checkedAt >= checkedEachMs) {
      if (!isAllowed()) return
      checkedAt = now()
    }
    yield event
  }
}

function toText({ id, event, data }: SseEvent) {
  return `${id === undefined ? '' : `id: ${id}\n`}${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`
}
