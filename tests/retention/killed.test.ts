/** kill -9 in the middle of a pass, before each removal in turn, until one passes untouched: no row names what is not there. */
import { expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../harness/folder.ts'
import { createLab, type Lab } from './lab.ts'

const folder = tempFolder('retention-')

test('after a kill at any moment every row says what is there, and the next pass leaves nothing that is nobody’s', async () => {
  let stops = 0
  for (let stop = 1; ; stop++) {
    const dataDir = join(folder, String(stop))
    fill(createLab(dataDir))
    const child = Bun.spawn([process.execPath, join(import.meta.dir, 'killed-pass.ts'), dataDir, String(stop)], {
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [said, complained] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    expect(complained).toBe('')
    const lab = createLab(dataDir)
    try {
      expectNoLie(lab)
      Object.assign(lab.settings, { log_retention_days: 10, output_retention_days: 10, retention_days: 50 })
      expect((await lab.newRetention().clean()).problem).toBeNull()
      expectNoLie(lab)
      expect(filesOf(dataDir)).toEqual(rightfulFiles(lab))
    } finally {
      lab.db.$client.close()
    }
    if (said.includes('untouched')) break
    expect(child.signalCode).toBe('SIGKILL')
    stops++
  }
  expect(stops).toBe(8) // two runs and two runs' parts, log and files each
}, 60_000)

function fill(lab: Lab) {
  lab.script('a')
  const all = { log: 10, output: 10, result: 10 }
  for (const endedDaysAgo of [60, 55, 20, 15, 1]) lab.run({ endedDaysAgo, ...all })
  lab.run({ endedDaysAgo: null, log: 10 })
  lab.db.$client.close()
}

function expectNoLie(lab: Lab) {
  for (const id of lab.ids()) {
    const { log_expired_at, output_expired_at } = lab.row(id)
    if (log_expired_at === null) expect(existsSync(lab.logPath(id))).toBe(true)
    if (lab.row(id).finished_at !== null && output_expired_at === null)
      expect(existsSync(join(lab.outputDir(id), 'made.bin'))).toBe(true)
  }
}

const filesOf = (dataDir: string) =>
  readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(\d+\.|made)/.test(entry.name))
    .map(({ name, parentPath }) => join(parentPath, name))
    .sort()

const rightfulFiles = (lab: Lab) => {
  const [newest, running] = lab.ids().slice(-2)
  const log = lab.logPath(newest!)
  return [
    ...[log, log.replace(/log$/, 'result.json'), lab.logPath(running!)],
    join(lab.outputDir(newest!), 'made.bin'),
  ].sort()
}
