/** A folder of scripts that the gateway may not write. A process of its own: root has to give its rights up for it. */
import { afterAll, expect, test } from 'bun:test'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { startOnDisk } from '../faults/disk-gateway.ts'
import { tempFolder } from '../harness/folder.ts'
import { createApi } from './api.ts'
import { python } from './lab.ts'

const isRoot = process.getuid?.() === 0
const withoutRights = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all']
const cannot = isRoot && !Bun.which('setpriv') ? 'root may write everywhere, and setpriv (util-linux) is missing' : null
if (cannot) console.warn(`SKIPPED: a folder that may not be written: ${cannot}`)

test.skipIf(cannot !== null)(
  'a folder that may not be written is a 403 that says so, and nothing is lost',
  async () => {
    const folder = tempFolder()
    const places = { dataDir: join(folder, 'data'), scriptsDir: join(folder, 'scripts') }
    const gateway = await startOnDisk({
      ...places,
      scripts: { 'python/closed/locked.py': python({}) },
      before: isRoot ? withoutRights : [],
    })
    const closed = join(places.scriptsDir, 'python/closed')
    chmodSync(closed, 0o555)
    afterAll(async () => {
      chmodSync(closed, 0o755)
      await gateway.kill()
    })

    const api = createApi(gateway)
    const answers = [
      await api.put('locked', `# 13\n${python({})}`, '*'),
      await api.create({ filename: 'closed/new.py' }),
      await api.upload({ 'closed/a.py': python({}) }),
    ]
    for (const { status, body } of answers)
      expect([status, body.error.message]).toEqual([403, expect.stringContaining('may not write')])
    expect((await api.delete('locked')).status).toBe(403)
    chmodSync(closed, 0o755)
    expect(await api.text('locked')).toBe(python({}))
    expect((await api.get('locked')).body.state).toBe('active')
    expect((await api.put('locked', `# 14\n${python({})}`, '*')).status).toBe(200) // it was the folder alone
  },
)
