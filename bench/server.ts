/** The real gateway as a process of its own: client and server share no event loop. */
import { createServer } from 'node:net'
import type { Lab } from './lab.ts'

export interface GatewayOptions {
  scriptsDir: string
  dataDir: string
  /** On top of the small environment it gets. */
  env?: Record<string, string>
  /** Instead of the lab's. */
  command?: string[]
  /** False: answers as soon as it listens. */
  waitsUntilReady?: boolean
}

export interface Gateway {
  /** Without a slash at the end. */
  url: string
  pid: number
  /** From its start to the first answer of /health. */
  startMs: number
  /** Its answer's body was read; throws an Error for any other status than `expected`. */
  call(path: string, init?: RequestInit & { expected?: number }): Promise<string>
  /** Ends it and waits for that; more than once is fine. */
  stop(): Promise<void>
}

const startTimeoutMs = 30_000
const pollMs = 2
const stopTimeoutMs = 10_000

export async function startGateway(lab: Lab, options: GatewayOptions): Promise<Gateway> {
  const { scriptsDir, dataDir, env = {}, command = lab.gatewayCommand, waitsUntilReady = true } = options
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const child = Bun.spawn(command, {
    env: {
      ...{
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '',
        AUTH: 'off',
        HOST: '127.0.0.1',
        PORT: String(port),
      },
      ...{ DATA_DIR: dataDir, SCRIPTS_DIR: scriptsDir, PYTHON: lab.python, ...env },
    },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
    detached: true, // Ctrl+C is ours to pass on
  })
  lab.defer(stop) // before it answers: an interruption may come meanwhile
  const gateway: Gateway = { url, pid: child.pid, startMs: 0, call: (path, init) => call(url + path, init), stop }
  await until(`${url}/health`, child)
  gateway.startMs = performance.now() - startedAt
  if (waitsUntilReady) await until(`${url}/ready`, child)
  return gateway

  /** The second signal tells it not to wait for runs. */
  async function stop() {
    if (child.exitCode !== null || child.signalCode !== null) return
    const cut = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    child.kill('SIGTERM')
    child.kill('SIGTERM')
    const hurry = setTimeout(() => child.kill('SIGTERM'), 100) // two at once can arrive as one
    await child.exited
    clearTimeout(hurry)
    clearTimeout(cut)
  }
}

async function call(address: string, { expected = 200, ...init }: RequestInit & { expected?: number } = {}) {
  const response = await fetch(address, init)
  const body = await response.text()
  if (response.status !== expected) throw new Error(`${address} answered ${response.status}: ${body.slice(0, 300)}`)
  return body
}

/** Polls until the address answers 200. */
export async function until(address: string, child: { exitCode: number | null }) {
  const end = performance.now() + startTimeoutMs
  for (;;) {
    const response = await fetch(address).catch(() => null) // refused: it does not listen yet
    await response?.arrayBuffer()
    if (response?.ok) return
    if (child.exitCode !== null) throw new Error(`The process ended with ${child.exitCode} before ${address} answered.`)
    if (performance.now() > end) throw new Error(`${address} did not answer 200 within ${startTimeoutMs / 1000} s.`)
    await Bun.sleep(pollMs)
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
