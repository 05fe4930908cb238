/** REQUIRE_ISOLATION: nothing is started less confined than it was said to be. */
import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import type { Isolation } from '../../src/isolation/model.ts'
import { silentLog } from '../../src/log.ts'
import type { Run } from '../../src/runs/model.ts'
import { pythonScript, startApp } from '../harness/app.ts'
import { failureOf } from '../harness/failure.ts'
import { tempFolder } from '../harness/folder.ts'

/** A host that does not hold all that is asked for. */
const old: Isolation = {
  report: { level: 'landlock', reasons: [], enforces: ['read'], user: 'nobody' },
  confine: (command) => ({
    ...{ ...command, fileAsFd3: null, isSupervised: false },
    unenforced: ['net: a list of ports needs a newer kernel.'],
  }),
}
const leavesTrace = 'open(os.path.join(os.environ["SCRIPT_DIR"], "it-ran"), "w").close()'
const scripts = {
  'python/asked.py': pythonScript({}, leavesTrace),
  // Its schema is known without asking it, so that it gets as far as a run.
  'python/described.py': `import os\nif __name__ == "__main__":\n    ${leavesTrace}\n`,
  'python/.described._map.json': '{}',
}
const [strict, lax] = [
  await startApp(scripts, { require_isolation: true }, { isolation: old }),
  await startApp(scripts, {}, { isolation: old }),
]

test('where nothing confines the gateway does not start, and says why', async () => {
  const environment = { isolation: 'plain', require_isolation: true } as const
  const started = createApp({ environment, dataDir: tempFolder(), scriptsDir: tempFolder() }, { log: silentLog() })
  expect(await failureOf(started)).toContain('REQUIRE_ISOLATION is on')
})

const run = (gateway: typeof strict, slug: string) =>
  gateway.json<{ run_id?: number; error?: { type: string; message: string } }>(`/api/scripts/${slug}/run`)

test.each([
  ['asked', 'error'],
  ['described', 'active'],
])('a script that cannot be held to all that it asks for is refused: one that is %s', async (slug, state) => {
  expect((await strict.json<{ state: string }>(`/api/scripts/${slug}`)).body.state).toBe(state)
  const { status, body } = await run(strict, slug)
  expect([status, body.error?.type]).toEqual([409, 'conflict'])
  expect(body.error?.message).toContain('REQUIRE_ISOLATION is on: net: a list of ports needs a newer kernel.')
  if (body.run_id) expect((await strict.json<Run>(`/api/runs/${body.run_id}`)).body.status).toBe('failed')
  expect(existsSync(join(strict.scriptsDir, 'python/it-ran'))).toBe(false)
})

test.each(['asked', 'described'])('otherwise it runs: one that is %s', async (slug) => {
  expect((await run(lax, slug)).body).toMatchObject({ status: 'success' })
  expect(existsSync(join(lax.scriptsDir, 'python/it-ran'))).toBe(true)
})
