/** What changes in the gateway, as events for the pages: they fetch again what they show of it. */
import { heartbeatMs, type SseEvent } from './sse.ts'

/** What a reader is told of an event; null: nothing. */
export type Shown = (event: SseEvent) => SseEvent | null

export interface Feed {
  publish(event: SseEvent): void
  /** Yields what is published from now on; null is a heartbeat. Ends when the signal aborts. */
  subscribe(signal: AbortSignal, shown?: Shown): AsyncGenerator<SseEvent | null>
}

/** Events that wait for a slow reader; beyond that it gets `reset` and should load its page again. */
const waitingMax = 1000

export function createFeed(): Feed {
  const readers = new Set<(event: SseEvent) => void>()

  async function* subscribe(signal: AbortSignal, shown: Shown = (event) => event): AsyncGenerator<SseEvent | null> {
    let waiting: SseEvent[] = []
    let wake: () => void = () => {}
    const read = (published: SseEvent) => {
      const event = shown(published)
      if (event === null) return
      waiting = waiting.length < waitingMax ? [...waiting, event] : [{ event: 'reset', data: {} }]
      wake()
    }
    readers.add(read)
    signal.addEventListener('abort', () => wake())
    try {
      yield { event: 'ready', data: {} }
      while (!signal.aborted) {
        if (waiting.length === 0) await waitFor(heartbeatMs, (resolve) => (wake = resolve))
        if (waiting.length === 0) yield null
        const batch = waiting
        waiting = []
        yield* batch
      }
    } finally {
      readers.delete(read)
    }
  }

  return {
    publish: (event) => {
      for (const read of readers) read(event)
    },
    subscribe,
  }
}

const waitFor = (ms: number, arm: (resolve: () => void) => void) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    arm(() => {
      clearTimeout(timer)
      resolve()
    })
  })
