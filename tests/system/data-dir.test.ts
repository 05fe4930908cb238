/** Nobody but the gateway reads what is in the data folder. */
import { expect, test } from 'bun:test'
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { prepareDataDir } from '../../src/system/data-dir.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'

const app = await startApp({
  'python/writes.py': pythonScript(
    {},
    'print("x"); open(os.path.join(os.environ["OUTPUT_DIR"], "a.txt"), "w").write("a")',
  ),
})
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('what the gateway keeps is closed to others; what scripts pass through can be passed and not listed', async () => {
  const { body } = await app.json<{ files: { url: string }[] }>('/api/scripts/writes/run')
  const folder = decodeURIComponent(new URL(body.files[0]!.url).pathname)
    .replace(/^\/static\//, '')
    .replace(/\/a\.txt$/, '')
  const open = ['gateway.db', 'gateway.db-wal', 'secrets.key', 'processes', 'logs', 'logs/script', 'logs/gateway']
  for (const name of open) expect([name, modeOf(join(app.dataDir, name)).slice(1)]).toEqual([name, '00'])
  for (const name of ['static', 'static/writes', 'static/writes/resources', 'tmp'])
    expect([name, modeOf(join(app.dataDir, name))]).toEqual([name, '711'])
  expect(modeOf(join(app.dataDir, 'static', folder))).toBe('700')
  expect((await fetch(body.files[0]!.url.replace(/^http:\/\/[^/]+/, app.url))).status).toBe(200)
})

test('an operator’s own folder keeps its rights, what an earlier version left open is closed', () => {
  const dataDir = join(tempFolder(), 'data')
  mkdirSync(join(dataDir, 'logs/script'), { recursive: true })
  chmodSync(dataDir, 0o750)
  chmodSync(join(dataDir, 'logs'), 0o755)
  prepareDataDir(dataDir)
  expect([modeOf(dataDir), modeOf(join(dataDir, 'logs'))]).toEqual(['750', '700'])
})
