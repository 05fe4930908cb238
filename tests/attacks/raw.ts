/** Bytes to the gateway as they are: `fetch` tidies up what it sends. */
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  /** 0: the connection was closed without one. */
  status: number
  /** Of the head; of several answers the first. */
  text: string
  /** How many answers came. */
  answers: number
  /** What was sent when nothing came and nothing was closed: null. */
  isClosed: boolean
}

/** Sends the bytes; answers when the gateway has closed, or has been silent for `silenceMs`. */
export function sendRaw(url: string, bytes: string | Uint8Array, { silenceMs = 1500, isHalfClosed = false } = {}) {
  const { promise, resolve } = Promise.withResolvers<RawAnswer>()
  const chunks: Uint8Array[] = []
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const finish = (isClosed: boolean) => {
    socket.destroy()
    const text = Buffer.concat(chunks).toString()
    const heads = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].filter(([, status]) => status !== '100')
    resolve({ status: Number(heads[0]?.[1] ?? 0), text, answers: heads.length, isClosed })
  }
  socket.setTimeout(silenceMs, () => finish(false))
  socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
  socket.on('error', () => {}) // a reset: `close` follows
  socket.on('close', () => finish(true))
  socket.write(bytes)
  if (isHalfClosed) socket.end()
  return promise
}

/** Open connections that said `head` and nothing more. */
export async function openMany(url: string, count: number, head: string): Promise<Socket[]> {
  const port = Number(new URL(url).port)
  return Promise.all(
    Array.from({ length: count }, () => {
      const { promise, resolve, reject } = Promise.withResolvers<Socket>()
      const socket = connect(port, '127.0.0.1', () => socket.write(head, () => resolve(socket)))
      socket.on('error', reject)
      return promise
    }),
  )
}
