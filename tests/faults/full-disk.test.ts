/** A disk that is full while scripts run: a small one of its own, where this machine lets the test make one. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { gatewayCommand } from '../harness/gateway.ts'

const root = resolve(import.meta.dir, '../..')
const folder = mkdtempSync(join(tmpdir(), 'scriptgateway-disk-'))
const disk = join(folder, 'disk')
mkdirSync(disk)
const mounted = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=24m', 'none', disk])
if (!mounted.success) console.warn(`SKIPPED: a full disk needs a small one, and mount says: ${mounted.stderr}`)
let gateway: Bun.Subprocess | undefined
afterAll(async () => {
  gateway?.kill('SIGKILL')
  await gateway?.exited
  if (mounted.success) Bun.spawnSync(['umount', '-l', disk])
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(!mounted.success)(
  'the gateway lives on, tells callers that the disk is full, no run stays running, and all is well when there is room',
  async () => {
    const scriptsDir = join(folder, 'scripts_repo')
    mkdirSync(join(scriptsDir, 'python'), { recursive: true })
    const script = (name: string, body: string) =>
      writeFileSync(join(scriptsDir, 'python', name), pythonScript({}, body))
    script('chatty.py', 'while True: print("x" * 1000)')
    script('quick.py', 'print("done")')
    const env = {
      PATH: process.env.PATH ?? '',
      DATA_DIR: join(disk, 'data'),
      SCRIPTS_DIR: scriptsDir,
      PORT: '0',
      LOG_LEVEL: 'trace',
      AUTH: 'off',
      DISK_FREE_BYTES_MIN: '0', // else it would refuse before
    }
    const child = Bun.spawn(gatewayCommand(), {
      cwd: root,
      env,
      stdout: 'pipe',
      stderr: 'ignore',
    })
    gateway = child
    const reader = child.stdout.getReader()
    let said = ''
    await eventually('it is ready', async () => {
      said += new TextDecoder().decode((await reader.read()).value)
      return said.includes(' ready')
    })
    const url = /http:\/\/localhost:\d+/.exec(said)?.[0] ?? ''
    const ask = async <T>(path: string) => {
      const response = await fetch(url + path)
      return { status: response.status, body: (await response.json()) as T }
    }

    const filler = join(disk, 'filler')
    writeFileSync(filler, new Uint8Array(8 * 1024 * 1024))
    const failed = await ask<{ error: { type: string; message: string } }>('/api/scripts/chatty/run')
    expect([failed.status, failed.body.error.type]).toEqual([507, 'resource'])
    expect(failed.body.error.message).toContain('disk is full')
    while (!(await isFull(join(disk, 'more'))));
    const refused = await ask<{ error: { type: string } }>('/api/scripts/quick/run')
    expect([200, 507]).toContain(refused.status)
    expect((await ask('/health')).status).toBe(200)

    rmSync(filler)
    rmSync(join(disk, 'more'), { force: true })
    await eventually('no run is told as running', async () => {
      const { items } = (await ask<{ items: Run[] }>('/api/runs')).body
      return items.every(({ status }) => status !== 'running' && status !== 'queued')
    })
    expect((await ask('/api/scripts/quick/run')).body).toMatchObject({ status: 'success', data: 'done\n' })
    expect((await ask<Run>('/api/runs/1')).body).toMatchObject({ status: 'failed', error: { type: 'resource' } })
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
  },
  60_000,
)

/** Adds a little to a file; true when that does not work any more. */
async function isFull(file: string): Promise<boolean> {
  try {
    const { size } = Bun.file(file)
    const more = new Uint8Array((Number.isFinite(size) ? size : 0) + 256 * 1024)
    writeFileSync(file, more)
    return false
  } catch {
    return true
  }
}
