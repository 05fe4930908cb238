/** A client of /api/runs/{id}/events that reads Server-Sent Events as a browser does. */
import type { TestApp } from '../harness/app.ts'

export interface Received {
  id: string
  event: string
  data: { lines?: { seq: number; stream: string; line: string; ts: string }[]; status?: string; id?: number }
}

/** Reads until the stream ends, or until `isEnough` says so, and then leaves. */
export async function followEvents(
  gateway: TestApp,
  id: number,
  { lastEventId, after, isEnough = () => false }: FollowOptions = {},
): Promise<Received[]> {
  const gone = new AbortController()
  const response = await gateway.fetch(`/api/runs/${id}/events${after === undefined ? '' : `?after=${after}`}`, {
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    signal: gone.signal,
  })
  const received: Received[] = []
  for await (const event of eventsOf(response)) {
    received.push(event)
    if (isEnough(received)) break
  }
  gone.abort()
  return received
}

export interface FollowOptions {
  lastEventId?: string
  after?: string
  isEnough?(received: Received[]): boolean
}

export async function* eventsOf(response: Response): AsyncGenerator<Received> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]))
      if (fields.has('data'))
        yield { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(fields.get('data')!) }
    }
  }
}

/** The same on a WebSocket; resolves when the gateway closes it. */
export function followSocket(
  gateway: TestApp,
  id: number,
  after?: string,
): Promise<{ code: number; received: Received[] }> {
  const socket = new WebSocket(
    `${gateway.url.replace('http', 'ws')}/ws/runs/${id}${after === undefined ? '' : `?after=${after}`}`,
  )
  const received: Received[] = []
  return new Promise((resolve, reject) => {
    socket.onmessage = ({ data }) => received.push(JSON.parse(String(data)))
    socket.onerror = () => reject(new Error('the socket was refused'))
    socket.onclose = ({ code }) => resolve({ code, received })
  })
}

export const linesOf = (received: Received[]) => received.flatMap(({ data }) => data.lines ?? [])
export const namesOf = (received: Received[]) => received.map(({ event }) => event)
