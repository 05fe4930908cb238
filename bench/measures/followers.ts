/** How long after it was printed a line is in a follower's hands. */
import { join } from 'node:path'
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import { clockPython, withSidecar } from '../samples.ts'
import type { Gateway } from '../server.ts'
import { percentile } from '../stats.ts'

const followerCounts = [1, 200]
const percentileMsMax = 20
const everyMs = 10
const followTimeoutMs = 20_000

export const followers: Measure = {
  name: 'followers',
  about: 'Lines on their way from the script to those who follow the run',
  async run(lab) {
    const lines = lab.isQuick ? 50 : 300
    const scriptsDir = lab.scripts(withSidecar('python/clock.py', clockPython({ lines, everyMs })))
    const gateway = await lab.gateway({ scriptsDir, dataDir: lab.folder() })
    const baseline = percentile(await bareLatencies(lab, join(scriptsDir, 'python/clock.py')), 95)
    const rows: Row[] = []
    for (const count of followerCounts) rows.push(await measure(lab, gateway, { count, lines, baseline }))
    return rows
  },
}

async function measure(
  lab: Lab,
  gateway: Gateway,
  { count, lines, baseline }: { count: number; lines: number; baseline: number },
): Promise<Row> {
  const { run_id } = JSON.parse(
    await gateway.call('/api/scripts/clock/run?async=1', { method: 'POST', expected: 202 }),
  ) as { run_id: number }
  const received = await Promise.all(Array.from({ length: count }, () => follow(gateway.url, run_id)))
  const latencies = received.flatMap(latenciesOf)
  if (latencies.length !== lines * count)
    throw new Error(`${count} followers got ${latencies.length} lines instead of ${lines * count}.`)
  lab.note(
    `${count} followers: median ${percentile(latencies, 50).toFixed(2)} ms, 99th percentile ${percentile(latencies, 99).toFixed(2)} ms, longest ${percentile(latencies, 100).toFixed(2)} ms`,
  )
  const measured = percentile(latencies, 95)
  return {
    what: `From print() to ${count === 1 ? 'one follower' : `each of ${count} followers`}, 95th percentile`,
    unit: 'ms',
    baseline,
    against: 'bare pipe reader',
    measured,
    compared: { value: measured, unit: 'ms', how: 'itself' },
    promised: { atMost: percentileMsMax },
  }
}

/** Bytes with the moment they came; looked into when all is over, to keep the client out of what it measures. */
interface Received {
  atMs: number
  bytes: Uint8Array
}

const nowMs = () => performance.timeOrigin + performance.now()

/** A plain socket: nothing of a client library between the bytes and the clock. */
function follow(url: string, runId: number): Promise<Received[]> {
  const { hostname, port } = new URL(url)
  const received: Received[] = []
  const request = `GET /api/runs/${runId}/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('A follower waited in vain for the end.')), followTimeoutMs)
    const end = (act: () => void) => {
      clearTimeout(late)
      act()
    }
    Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open: (socket) => void socket.write(request),
        data(socket, bytes) {
          received.push({ atMs: nowMs(), bytes: bytes.slice() })
          if (Buffer.from(bytes).includes('execution_finished')) socket.end()
        },
        close: () => end(() => resolve(received)),
        error: (_, error) => end(() => reject(error)),
      },
    }).catch((error) => end(() => reject(error)))
  })
}

async function bareLatencies(lab: Lab, file: string): Promise<number[]> {
  const child = Bun.spawn(lab.runtimes.python.command(file, []), { stdout: 'pipe', stderr: 'inherit' })
  lab.defer(() => child.kill())
  const received: Received[] = []
  const reader = child.stdout.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return latenciesOf(received)
    received.push({ atMs: nowMs(), bytes: value.slice() })
  }
}

/** Milliseconds from each line's own time to the chunk that completed it. A summary at the end may repeat lines: not counted. */
function latenciesOf(received: Received[]): number[] {
  const latencies: number[] = []
  let rest = ''
  let next = 0
  for (const { atMs, bytes } of received) {
    rest += Buffer.from(bytes).toString('latin1')
    let end = 0
    for (const match of rest.matchAll(/at (\d+) #(\d+)\D/g)) {
      end = match.index + match[0].length
      if (Number(match[2]) !== next) continue
      next++
      latencies.push(atMs - Number(BigInt(match[1]!) / 1000n) / 1000)
    }
    rest = rest.slice(end)
  }
  return latencies
}
