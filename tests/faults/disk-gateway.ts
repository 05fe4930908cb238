/** A gateway as a process of its own, for faults of its disk; what it says is read, so that it never waits for a reader. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { eventually } from '../harness/folder.ts'
import { gatewayCommand } from '../harness/gateway.ts'

const root = resolve(import.meta.dir, '../..')

export interface Answer {
  status: number
  headers: Headers
  body: { error?: { type: string; message: string } } & Record<string, unknown>
}

export async function startOnDisk({
  dataDir,
  scriptsDir,
  scripts,
  env = {},
  before = [],
}: {
  dataDir: string
  scriptsDir: string
  /** Path below `scriptsDir` → content. */
  scripts: Record<string, string>
  env?: Record<string, string>
  /** A program that becomes the gateway, as `nice` would. */
  before?: string[]
}) {
  for (const [path, content] of Object.entries(scripts)) {
    mkdirSync(dirname(join(scriptsDir, path)), { recursive: true })
    writeFileSync(join(scriptsDir, path), content)
  }
  const child = Bun.spawn([...before, ...gatewayCommand()], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', AUTH: 'off', DATA_DIR: dataDir, SCRIPTS_DIR: scriptsDir, PORT: '0', ...env },
    stdout: 'pipe',
    stderr: 'ignore',
  })
  let said = ''
  void child.stdout.pipeTo(
    new WritableStream({
      write(chunk) {
        said += new TextDecoder().decode(chunk)
      },
    }),
  )
  await eventually('the gateway is ready', () => said.includes(' ready') || child.exitCode !== null, 20_000)
  if (child.exitCode !== null) throw new Error(`The gateway ended: ${said}`)
  const url = /http:\/\/localhost:\d+/.exec(said)?.[0] ?? ''

  const get = (path: string, init?: RequestInit) => fetch(url + path, init)
  async function json<T>(path: string, init?: RequestInit) {
    const response = await get(path, init)
    return { status: response.status, headers: response.headers, body: (await response.json()) as T }
  }
  const ask = (path: string, init?: RequestInit): Promise<Answer> => json<Answer['body']>(path, init)
  const put = (path: string, value: unknown) =>
    ask(path, { method: 'PUT', body: JSON.stringify(value), headers: { 'content-type': 'application/json' } })
  /** At once, as a power failure would. */
  async function kill() {
    child.kill('SIGKILL')
    await child.exited
  }
  return { child, url, fetch: get, json, ask, put, kill }
}
