/** Gateways for hostile scripts: one for each level of isolation there is here, and a look at what is still alive of a run. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { type Level, levels } from '../../src/isolation/model.ts'
import { silentLog } from '../../src/log.ts'
import type { Run } from '../../src/runs/model.ts'
import { startApp, type TestApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { startOnDisk } from './disk-gateway.ts'

export const MiB = 1024 * 1024

/** Call it at the top of a file. One gateway for each level that works here; the others are told. */
export async function startAtEachLevel(
  scripts: Record<string, string>,
  environment: Parameters<typeof startApp>[1] = {},
) {
  const gateways: [Level, TestApp][] = []
  for (const isolation of levels) {
    const problem = await problemOf(isolation)
    if (problem) console.warn(`SKIPPED: hostile scripts under ${isolation}: ${problem}`)
    else gateways.push([isolation, await startApp(scripts, { ...environment, isolation })])
  }
  return gateways
}

/** Why a level does not work here. */
export async function problemOf(isolation: Level): Promise<string | null> {
  const [dataDir, scriptsDir] = [tempFolder(), tempFolder()]
  try {
    const app = await createApp({ environment: { auth: 'off', isolation }, dataDir, scriptsDir }, { log: silentLog() })
    await app.close(0)
    return null
  } catch (error) {
    return String(error)
  }
}

/** The same at each level, at once: most of it is waiting. What fails says where. */
export async function atEach(gateways: [Level, TestApp][], act: (gateway: TestApp, level: Level) => Promise<void>) {
  const tried = await Promise.allSettled(gateways.map(([level, gateway]) => act(gateway, level)))
  const failed = tried.flatMap((one, index) =>
    one.status === 'rejected' ? [`at ${gateways[index]![0]}: ${one.reason?.stack ?? one.reason}`] : [],
  )
  if (failed.length > 0) throw new Error(failed.join('\n\n'))
}

let tokens = 0

/** A number of seconds that no other `sleep` on the machine sleeps: what a run starts has it on its command line. */
export const newToken = () => `3000.${process.pid}${String(++tokens).padStart(4, '0')}`

/** Pids of the processes that have the token on their command line. */
export function alive(token: string): number[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
  return pids.filter((pid) => commandLine(pid).includes(token))
}

function commandLine(pid: number): string {
  try {
    const file = openSync(`/proc/${pid}/cmdline`, 'r')
    try {
      const bytes = Buffer.alloc(16_384)
      return bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0))
    } finally {
      closeSync(file)
    }
  } catch {
    return '' // gone meanwhile
  }
}

/** A gateway whose children are its own runs alone: in a test's process there are those of every other file, too. */
export async function startApart(level: Level, scripts: Record<string, string>) {
  const folder = tempFolder()
  const places = { dataDir: join(folder, 'data'), scriptsDir: join(folder, 'scripts') }
  const env = { ISOLATION: level, KILL_GRACE_SEC: '0.3' }
  const { child, fetch, json } = await startOnDisk({ ...places, scripts, env })
  const finished = (id: number) =>
    eventually(`run ${id} ends`, async () => {
      const { body } = await json<Run>(`/api/runs/${id}`)
      return body.finished_at ? body : undefined
    })
  return { child, json, fetch, finished }
}

/** Starts a run with a token of its own and does not wait for it. */
export async function begin(gateway: Pick<TestApp, 'json'>, script: string, params: Record<string, unknown> = {}) {
  const token = newToken()
  const { status, body } = await gateway.json<{ run_id: number }>(`/api/scripts/${script}/run?async=1`, {
    method: 'POST',
    body: JSON.stringify({ token, ...params }),
    headers: { 'content-type': 'application/json' },
  })
  if (status !== 202) throw new Error(`${script}: ${status} ${JSON.stringify(body)}`)
  return { id: body.run_id, token }
}

/** Waits until the run has printed this. */
export const printed = (gateway: Pick<TestApp, 'json' | 'fetch'>, id: number, text: string) =>
  eventually(`run ${id} prints ${text}`, async () => {
    const log = await (await gateway.fetch(`/api/runs/${id}/logs`)).text()
    const { finished_at, reason } = (await gateway.json<Run>(`/api/runs/${id}`)).body
    if (finished_at && !log.includes(text)) throw new Error(`run ${id} ended without ${text}: ${reason} ${log}`)
    return log.includes(text)
  })

/** Waits until nothing of a run is alive. */
export const goneWith = (token: string, ms?: number) =>
  eventually(`nothing with ${token} is alive`, () => alive(token).length === 0, ms)
