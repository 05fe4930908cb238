/** Environments over starts of the gateway and of the machine: which of them have to be looked through before they are used. */
import { expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEnvironments } from '../../src/dependencies/environments.ts'
import { silentLog } from '../../src/log.ts'
import { tempFolder } from '../harness/folder.ts'

const folder = tempFolder()

async function start(boot: string) {
  const environments = createEnvironments({ dir: folder, log: silentLog(), bootId: () => boot })
  await environments.load()
  const unproven = () =>
    environments
      .list()
      .filter(({ isUnproven }) => isUnproven)
      .map(({ name }) => name)
      .sort()
  return { environments, unproven }
}

test('an environment is looked through once after a start of the machine, however often the gateway is started before', async () => {
  const { environments, unproven } = await start('one')
  for (const name of ['left', 'right']) {
    const buildDir = environments.makeBuildDir('js', name, 1)
    writeFileSync(join(buildDir, 'index.js'), 'x')
    const installed = { lock: name, packages: [], modules: {}, installer: 'a test' }
    const about = {
      set: name,
      lock_digest: name,
      requirements: [],
      runtime_id: 'r',
      built_at: '2026-11-21T00:00:00.000Z',
    }
    await environments.complete({ runtime: 'js', name, buildDir }, installed, about)
  }
  expect(unproven()).toEqual([])
  expect((await start('one')).unproven()).toEqual([])

  expect((await start('two')).unproven()).toEqual(['left', 'right'])
  const again = await start('two') // the gateway alone, before anybody had looked
  expect(again.unproven()).toEqual(['left', 'right'])
  expect(await again.environments.isWhole(again.environments.get('left')!)).toBe(true)
  expect(again.unproven()).toEqual(['right'])
  expect((await start('two')).unproven()).toEqual(['right'])
  expect((await start('')).unproven()).toEqual(['left', 'right']) // nobody tells which start it is
})
