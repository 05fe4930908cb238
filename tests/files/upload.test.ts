/** Uploads over a real connection: what a Request made by hand cannot show. */
import { afterAll, describe, expect, test } from 'bun:test'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { GatewayError } from '../../src/errors.ts'
import { readSubmission } from '../../src/files/body.ts'
import { disposableFolder, everythingIn, until } from './harness.ts'

const tmpDir = disposableFolder('upload')
const MiB = 1024 * 1024
const outcomes: string[] = []

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  maxRequestBodySize: 1024 * MiB,
  async fetch(request) {
    try {
      const limits = { bodyBytesMax: MiB, uploadBytesMax: 32 * MiB }
      const { files, fields, dispose } = await readSubmission(request, { tmpDir, ...limits })
      const answer = Response.json({ fields, files: files.map(({ size, sha256 }) => ({ size, sha256 })) })
      await dispose()
      outcomes.push('read')
      return answer
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      outcomes.push(error.message)
      return new Response(error.message, { status: error.status })
    }
  },
})
afterAll(() => server.stop(true))
const url = `http://127.0.0.1:${server.port}/`

const leftovers = () => everythingIn(tmpDir).filter((name) => name !== 'uploads')

const head = (length: number) =>
  `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${length}\r\n\r\n`
const partHead = '--x\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n'

test('a large file arrives whole', async () => {
  const content = crypto.getRandomValues(new Uint8Array(65_536))
  const parts = Array.from({ length: 16 * 20 }, () => content)
  const data = new FormData()
  data.append('before', '1')
  data.append('f', new Blob(parts), 'a.bin')
  data.append('after', '2')
  const response = await fetch(url, { method: 'POST', body: data })
  const hash = new Bun.CryptoHasher('sha256')
  for (const part of parts) hash.update(part)
  expect(await response.json()).toEqual({
    fields: { before: '1', after: '2' },
    files: [{ size: 20 * MiB, sha256: hash.digest('hex') }],
  })
  expect(leftovers()).toEqual([])
})

test('a file over its limit is refused with an answer that the client sees', async () => {
  const data = new FormData()
  data.append('f', new Blob([new Uint8Array(40 * MiB)]), 'a.bin')
  const response = await fetch(url, { method: 'POST', body: data })
  expect([response.status, await response.text()]).toEqual([
    413,
    expect.stringMatching(/^The file "f" is larger than 32 MiB/),
  ])
  expect(leftovers()).toEqual([])
})

test('an upload of 200 MB does not grow the gateway', async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'upload-server.ts'), tmpDir], { stdout: 'pipe' })
  try {
    const { value } = await child.stdout.getReader().read()
    const address = `http://127.0.0.1:${new TextDecoder().decode(value).trim()}/`
    const peakMiB = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024
    const upload = async (size: number) => {
      const file = Buffer.alloc(size)
      const body = Buffer.concat([Buffer.from(partHead), file, Buffer.from('\r\n--x--\r\n')])
      const headers = { 'content-type': 'multipart/form-data; boundary=x' }
      expect(await (await fetch(address, { method: 'POST', body, headers })).json()).toEqual([size])
    }
    await upload(MiB)
    const before = peakMiB()
    await upload(200_000_000)
    expect(peakMiB() - before).toBeLessThan(60)
  } finally {
    child.kill()
    await child.exited
  }
})

describe('a client that goes away', () => {
  const rows: [string, string][] = [
    ['in the middle of a file', `${partHead}${'x'.repeat(200_000)}`],
    ['after a whole file', `${partHead}abc\r\n${partHead}`],
  ]
  test.each(rows)('%s leaves nothing behind', async (_name, sent) => {
    outcomes.length = 0
    const socket = connect(server.port!, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(head(10_000_000) + sent)
    await until(() => leftovers().some((name) => name.endsWith('a.bin')))
    socket.destroy()
    await until(() => outcomes.length === 1)
    expect(outcomes).toEqual(['The request ended before its body was complete.'])
    expect(leftovers()).toEqual([])
  })

  test('in the middle of JSON ends the reading', async () => {
    outcomes.length = 0
    const socket = connect(server.port!, '127.0.0.1')
    await once(socket, 'connect')
    const json =
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"a":'
    await new Promise((resolve) => socket.write(json, resolve))
    await until(() => server.pendingRequests === 1)
    socket.destroy()
    await until(() => outcomes.length === 1)
    expect(outcomes).toEqual(['The request ended before its body was complete.'])
  })
})
