/** A run that cannot be confined as its policy says: told, and nothing of it is left. */
import { expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pythonScript, startApp } from '../harness/app.ts'

const app = await startApp({
  'python/reads.py': pythonScript({}, 'print("x")'),
  'python/.reads._map.json': '{}',
  'python/.reads.policy.json': '{"permissions": {"read": ["/nowhere/at/all"]}}',
})

test('it fails with what is missing, and its folders go', async () => {
  const { status, body } = await app.json<{ error: { type: string; message: string } }>('/api/scripts/reads/run')
  expect([status, body.error.type]).toEqual([409, 'conflict'])
  expect(body.error.message).toContain('/nowhere/at/all')
  const resources = join(app.dataDir, 'static/reads/resources')
  expect(existsSync(resources) ? readdirSync(resources) : []).toEqual([])
  expect(readdirSync(join(app.dataDir, 'tmp')).filter((name) => name.startsWith('run-'))).toEqual([])
})
