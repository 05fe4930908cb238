/** A script's history goes completely, and nobody else's does. */
import { expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../../src/db/open.ts'
import { createForget } from '../../src/runs/forget.ts'
import { createRunStore } from '../../src/runs/store.ts'
import { createScriptStore } from '../../src/scripts/store.ts'
import { tempFolder } from '../harness/folder.ts'
import { newRun } from '../harness/rows.ts'

test('more runs than one batch go with logs, parts of logs, results and outputs; other scripts keep theirs', async () => {
  const folder = tempFolder()
  const db = openDatabase(join(folder, 'gateway.db'))
  const store = createRunStore({ db })
  const scripts = createScriptStore(db)
  const times = { createdAt: 1, updatedAt: 1 }
  const [gone, kept] = ['gone', 'kept'].map((slug) =>
    scripts.insert({ runtime: 'python', filename: `${slug}.py`, slug, ...times }),
  )
  const logPath = (id: number) => join(folder, `logs/${Math.floor(id / 100)}/${id}.log`)
  const resultPath = (id: number) => `${logPath(id)}.json`
  const begin = (scriptId: number) => store.insert(newRun({ scriptId })).id
  const ids = scripts.transaction(() => Array.from({ length: 450 }, () => begin(gone?.id ?? 0)))
  const other = begin(kept?.id ?? 0)
  for (const id of [...ids.filter((id) => id % 3 === 0), other]) {
    mkdirSync(join(logPath(id), '..'), { recursive: true })
    for (const path of [logPath(id), `${logPath(id)}.tail.17`, resultPath(id)]) writeFileSync(path, 'x')
  }
  const staticDir = join(folder, 'static')
  for (const slug of ['gone', 'kept']) mkdirSync(join(staticDir, slug, 'resources'), { recursive: true })

  const ended: number[] = []
  const end = async (scriptId: number) => ended.push(scriptId)
  await createForget({ store, end, logPath, resultPath, staticDir })({ id: gone?.id ?? 0, slug: 'gone' })

  expect(ended).toEqual([gone?.id ?? 0])
  expect([store.count({ scriptId: gone?.id }), store.count({})]).toEqual([0, 1])
  const files = readdirSync(join(folder, 'logs'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  )
  expect(files.map(({ name }) => name).sort()).toEqual([`${other}.log`, `${other}.log.json`, `${other}.log.tail.17`])
  expect([existsSync(join(staticDir, 'gone')), existsSync(join(staticDir, 'kept'))]).toEqual([false, true])
  db.$client.close()
})
