/** Temporary files, counted and cleaned: what a live run needs stays, whatever its age. */
import { expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'

const app = await startApp({
  'python/keep.py': pythonScript(
    { file: { type: 'file', required: true } },
    'print("here", flush=True)\ntime.sleep(60)',
  ),
})
const tmp = (path: string) => join(app.dataDir, 'tmp', path)

interface Counts {
  items: number
  files: number
  bytes: number
}

interface Status {
  total: Counts
  in_use: Counts
  removable: Counts
  kinds: Record<string, Counts>
  oldest_at: string | null
}

/** A folder with a file of three bytes; `isOld`: unchanged for two hours. */
function leave(folder: string, isOld: boolean) {
  mkdirSync(tmp(folder), { recursive: true })
  writeFileSync(tmp(`${folder}/file`), 'abc')
  if (isOld) makeOld(folder)
}

function makeOld(folder: string) {
  const time = Date.now() / 1000 - 7200
  for (const name of readdirSync(tmp(folder), { recursive: true })) utimesSync(tmp(`${folder}/${name}`), time, time)
  utimesSync(tmp(folder), time, time)
}

test('what belongs to no live run and is older than an hour goes, and nothing else', async () => {
  const form = new FormData()
  form.append('file', new File(['upload'], 'in use.txt'))
  const { body: run } = await app.json<{ run_id: number }>('/api/scripts/keep/run?async=1', {
    method: 'POST',
    body: form,
  })
  await eventually('the run prints', async () =>
    (await (await app.fetch(`/api/runs/${run.run_id}/logs`)).text()).includes('here'),
  )
  const used = [`uploads/${readdirSync(tmp('uploads'))[0]}`, `run-${run.run_id}`]
  for (const folder of used) makeOld(folder)
  const old = ['uploads/u-old', 'run-77', 'runs/78-x', '.old-y', 'else']
  for (const folder of old) leave(folder, true)
  leave('uploads/u-new', false)

  const { body: before } = await app.json<Status>('/api/temp-files/status')
  expect(before.total.items).toBe(used.length + old.length + 1)
  expect(before.in_use.items).toBe(used.length)
  expect(before.removable).toEqual({ items: old.length, files: old.length, bytes: 3 * old.length })
  expect([before.kinds.uploads?.items, before.kinds.leftovers?.items, before.kinds.other?.items]).toEqual([3, 1, 1])
  expect(Date.parse(before.oldest_at ?? '')).toBeLessThan(Date.now() - 7_000_000)

  const { body: cleaned } = await app.json('/api/temp-files/cleanup', { method: 'POST' })
  expect(cleaned).toEqual({ removed: before.removable })
  expect(old.filter((folder) => existsSync(tmp(folder)))).toEqual([])
  expect([...used, 'uploads/u-new', 'schema'].every((folder) => existsSync(tmp(folder)))).toBe(true)
  expect((await app.json('/api/temp-files/cleanup', { method: 'POST' })).body).toEqual({
    removed: { items: 0, files: 0, bytes: 0 },
  })
})
