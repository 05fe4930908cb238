/** A disk that is full to the last byte: every route that writes says so, reads go on, and retention makes room even then. */
import { afterAll, expect, test } from 'bun:test'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LastPass } from '../../src/retention/model.ts'
import { pythonScript } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { startOnDisk } from './disk-gateway.ts'

const folder = mkdtempSync(join(tmpdir(), 'scriptgateway-disk-'))
const disk = join(folder, 'disk')
mkdirSync(disk)
const mounted = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=32m', 'none', disk])
if (!mounted.success) console.warn(`SKIPPED: a full disk needs a small one, and mount says: ${mounted.stderr}`)
let gateway: Awaited<ReturnType<typeof startOnDisk>> | undefined
afterAll(async () => {
  gateway?.child.kill('SIGKILL')
  await gateway?.child.exited
  if (mounted.success) Bun.spawnSync(['umount', '-l', disk])
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(!mounted.success)(
  'full, told, cleaned, well again',
  async () => {
    const MiB = 1024 * 1024
    gateway = await startOnDisk({
      dataDir: join(disk, 'data'),
      scriptsDir: join(folder, 'scripts_repo'),
      scripts: {
        'python/quick.py': pythonScript({}, 'print("done")'),
        'python/leaves.py': pythonScript({}, `open(os.environ["OUTPUT_DIR"] + "/f", "wb").write(bytes(${5 * MiB}))`),
        'python/takes.py': pythonScript({ f: { type: 'file', required: true } }, 'print("done")'),
      },
      // Five seconds are old: a day would be long to wait.
      env: { DISK_FREE_BYTES_MIN: '0', OUTPUT_RETENTION_DAYS: '0.00006' },
    })
    const { ask, put } = gateway
    const outputs = async () =>
      (await ask('/api/retention/status')).body as { kept: { output_bytes: number }; due: { outputs: number } }
    const clean = async () => (await ask('/api/retention/cleanup', { method: 'POST' })).body as unknown as LastPass
    await eventually('what runs left is measured, and not old yet', async () => {
      for (let i = 0; i < 2; i++) expect((await ask('/api/scripts/leaves/run')).status).toBe(200)
      await clean()
      return (await outputs()).kept.output_bytes >= 10 * MiB
    })

    fill(join(disk, 'filler'))
    const form = new FormData()
    form.append('f', new File([new Uint8Array(MiB)], 'f.bin'))
    const writes = [
      () => ask('/api/scripts/takes/run', { method: 'POST', body: form }),
      // Long enough that the write-ahead log has to grow.
      () =>
        put('/api/settings', {
          local_file_access_patterns: Array.from({ length: 9000 }, (_, i) => `/${i}${'x'.repeat(900)}`),
        }),
      () => ask('/api/scripts/leaves/run'),
    ]
    for (const write of writes) {
      const { status, body } = await write()
      expect([status, body.error?.type]).toEqual([507, 'resource'])
      expect(body.error?.message).toMatch(/disk is full|no disk space left|cannot write to its disk/)
    }
    for (const path of ['/health', '/ready', '/api/runs', '/api/runs/1', '/api/settings', '/api/scripts'])
      expect([path, (await ask(path)).status]).toEqual([path, 200])

    await eventually('it is old', async () => (await outputs()).due.outputs >= 2)
    const { removed, problem } = await clean()
    expect([removed.outputs, problem]).toEqual([2, null])
    expect(removed.bytes).toBeGreaterThanOrEqual(10 * MiB)
    expect((await ask('/api/scripts/quick/run')).body).toMatchObject({ status: 'success', data: 'done\n' })
    await eventually('no run is told as running', async () => {
      const { items } = (await ask('/api/runs')).body as { items: { status: string }[] }
      return items.every(({ status }) => ['success', 'failed'].includes(status))
    })
    expect((await ask('/api/runs/1')).body).toMatchObject({ status: 'success', files: [] })
    gateway.child.kill('SIGTERM')
    expect(await gateway.child.exited).toBe(0)
  },
  60_000,
)

/** To the last byte. */
function fill(file: string) {
  for (const bytes of [1024 * 1024, 64 * 1024, 4096, 512])
    try {
      for (;;) appendFileSync(file, new Uint8Array(bytes))
    } catch {
      // Smaller pieces, then.
    }
}
