/** A disk that becomes read-only under a gateway that runs, as chattr +i does it where the file system knows that. */
import { afterAll, expect, test } from 'bun:test'
import { closeSync, existsSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pythonScript } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { startOnDisk } from './disk-gateway.ts'

const folder = tempFolder('scriptgateway-disk-')
const dataDir = join(folder, 'data')
const change = (mode: '+i' | '-i', ...paths: string[]) => Bun.spawnSync(['chattr', mode, ...paths])
const missing = whatIsMissing()
if (missing) console.warn(`SKIPPED: a disk that becomes read-only: ${missing}`)
let gateway: Awaited<ReturnType<typeof startOnDisk>> | undefined
afterAll(async () => {
  if (existsSync(dataDir)) change('-i', ...frozen())
  gateway?.child.kill('SIGKILL')
  await gateway?.child.exited
})

/** Null when an open file can be frozen here. */
function whatIsMissing(): string | null {
  const file = join(folder, 'probe')
  const fd = openSync(file, 'w')
  try {
    if (!Bun.which('chattr')) return 'there is no chattr'
    const { success, stderr } = change('+i', file)
    if (!success) return `chattr says ${stderr}`
    writeSync(fd, 'x')
    return 'this file system lets a frozen file be written'
  } catch {
    return null
  } finally {
    closeSync(fd)
    change('-i', file)
    rmSync(file, { force: true })
  }
}

/**
 * All but the shared memory of the write-ahead log, which is mapped: the kernel ends who writes to a frozen mapping,
 * and no real disk freezes memory that way.
 */
const frozen = () => [
  dataDir,
  ...readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => (entry.isFile() || entry.isDirectory()) && !entry.name.endsWith('-shm'))
    .map(({ parentPath, name }) => join(parentPath, name)),
]

test.skipIf(missing !== null)(
  'reads go on, every write says that the disk cannot be written, nothing is a bare 500, and it goes on without a restart',
  async () => {
    gateway = await startOnDisk({
      dataDir,
      scriptsDir: join(folder, 'scripts_repo'),
      scripts: {
        'python/quick.py': pythonScript({}, 'print("done")'),
        'python/takes.py': pythonScript({ f: { type: 'file', required: true } }, 'print("done")'),
      },
    })
    const { ask, put } = gateway
    const { body: first } = await ask('/api/scripts/quick/run')
    expect(first).toMatchObject({ status: 'success' })
    const form = () => {
      const data = new FormData()
      data.append('f', new File(['x'], 'x.txt'))
      return { method: 'POST', body: data }
    }
    const writes = async () => [
      await ask('/api/scripts/quick/run'),
      await ask('/api/scripts/takes/run', form()),
      await put('/api/settings', { timeout_min: 7 }),
      await put('/api/scripts/quick', { alias: 'other' }),
      await put('/api/variables/NAME', { value: 'text', secret: false }),
    ]

    expect(change('+i', ...frozen()).stderr.toString()).toBe('')
    for (const { status, body } of await writes()) {
      expect([503, 507]).toContain(status)
      expect(body.error?.message).toMatch(/cannot write|not allowed to use|read-only/)
    }
    for (const path of ['/health', '/ready', '/api/runs', '/api/runs/1', '/api/settings', '/api/scripts'])
      expect([path, (await ask(path)).status]).toEqual([path, 200])
    expect((await fetch(`${gateway.url}/api/runs/1/logs`)).status).toBe(200)

    expect(change('-i', ...frozen()).stderr.toString()).toBe('')
    for (const { status } of await writes()) expect([200, 201]).toContain(status)
    const { items } = (await ask('/api/runs')).body as { items: { status: string }[] }
    expect(items.map(({ status }) => status)).toEqual(['success', 'success', 'success'])
    gateway.child.kill('SIGTERM')
    expect(await gateway.child.exited).toBe(0)
  },
  60_000,
)
