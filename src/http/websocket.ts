/** The events of a stream as WebSocket messages, `{id, event, data}` each, at the client's speed. */
import type { SseEvent } from './sse.ts'

/** What we need of Bun's socket. */
export interface Socket {
  send(text: string): unknown
  close(code?: number, reason?: string): unknown
}

/** Bun's answer to `send` when the message waits in its buffer. */
const isBackPressured = -1

export interface EventSender {
  /** Bun calls this when the buffer is empty again. */
  drained(): void
  /** The client is gone. */
  closed(): void
}

interface SendOptions {
  isAllowed?(): boolean
  /** Why it is closed at the end. */
  ended?: string
}

/** Sends until the generator ends, then closes with 1000, or 1008 for whoever may not follow any more. Heartbeats are Bun's own pings. */
export function sendEvents(
  socket: Socket,
  events: (signal: AbortSignal) => AsyncGenerator<SseEvent | null>,
  { isAllowed = () => true, ended = 'the run has ended' }: SendOptions = {},
): EventSender {
  const gone = new AbortController()
  let resume: () => void = () => {}

  async function send() {
    for await (const event of events(gone.signal)) {
      if (gone.signal.aborted) return
      if (event === null) continue
      const sent = socket.send(JSON.stringify(event))
      if (sent === isBackPressured) await new Promise<void>((resolve) => (resume = resolve))
    }
    if (gone.signal.aborted) return
    if (isAllowed()) socket.close(1000, ended)
    else socket.close(1008, 'you may not follow this any more')
  }
  send().catch(() => socket.close(1011, 'the gateway failed'))

  return {
    drained: () => resume(),
    closed() {
      gone.abort()
      resume()
    },
  }
}
