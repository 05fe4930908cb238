/** Installations at the worst moment: the gateway is killed in the middle, the disk is full, the machine was switched off. */
import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Installation } from '../../src/dependencies/model.ts'
import type { Run } from '../../src/runs/model.ts'
import { startOnDisk } from '../faults/disk-gateway.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { startRegistry } from '../harness/registry.ts'
import { makeWheel, startIndex } from '../harness/wheels.ts'

const big = `x = ${JSON.stringify('y'.repeat(3_000_000))}\n`
const index = startIndex({
  wheels: [
    makeWheel({ name: 'kiwi', version: '1.0.0' }),
    makeWheel({ name: 'plum', version: '1.0.0' }),
    makeWheel({ name: 'melon', version: '1.0.0', modules: { 'melon.py': `__version__ = "1.0.0"\n${big}` } }),
  ],
})
const registry = await startRegistry()
await registry.add({ name: 'lime', version: '1.0.0' })
const gateways: Awaited<ReturnType<typeof startOnDisk>>[] = []
afterAll(async () => {
  for (const one of gateways) await one.kill()
  index.stop()
  registry.stop()
})

const saying = (name: string) => `import json, sys
if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print("{}"); sys.exit()
    import ${name}
    print(json.dumps({"said": ${name}.__version__}))
`
const post = { method: 'POST' }

async function start(
  dataDir: string,
  scriptsDir: string,
  scripts: Record<string, string>,
  env: Record<string, string> = {},
) {
  const gateway = await startOnDisk({
    dataDir,
    scriptsDir,
    scripts,
    env: { PIP_INDEX_URL: index.url, NPM_CONFIG_REGISTRY: registry.url, ...env },
  })
  gateways.push(gateway)
  return gateway
}

const installations = async (gateway: Awaited<ReturnType<typeof start>>) =>
  (await gateway.ask('/api/installations')).body.items as Installation[]

const sayingJs = (name: string) => `if (process.argv.includes('--_sys_get_schema')) console.log('{}')
else console.log(JSON.stringify({ said: require('${name}') }))
export default {}
`
/** Of the first two tests: what the first one leaves is whole, and the second one takes it from there. */
const [dataDir, scriptsDir] = [join(tempFolder(), 'data'), join(tempFolder(), 'scripts_repo')]
const scripts = {
  ...{ 'python/a.py': saying('kiwi'), 'python/requirements.txt': 'kiwi\nplum\n' },
  ...{ 'js/b.js': sayingJs('lime'), 'js/package.json': '{"dependencies": {"lime": "1.0.0"}}' },
}

test('killed in the middle of an installation: nothing half is left, the waiting run goes on after the start, and no process', async () => {
  const hold = index.hold('kiwi-1.0.0-py3-none-any.whl')
  const first = await start(dataDir, scriptsDir, scripts)
  const { body } = await first.ask('/api/scripts/a/run?async=1', post)
  await hold.asked
  const cache = join(dataDir, '.deps_cache/python')
  expect(readdirSync(cache).some((name) => name.startsWith('.building-'))).toBe(true)
  const installers = installersOf(first.child.pid)
  expect(installers.length).toBeGreaterThan(0)
  await first.kill()
  hold.release()

  const second = await start(dataDir, scriptsDir, {})
  const run = await eventually(
    'the run that waited has ended',
    async () => {
      const found = (await second.ask(`/api/runs/${body.run_id}`)).body as unknown as Run
      return found.finished_at === null ? undefined : found
    },
    30_000,
  )
  expect(run).toMatchObject({ status: 'success', result: { data: { said: '1.0.0' } } })
  const ofPython = (await installations(second)).filter(({ runtime }) => runtime === 'python')
  expect(ofPython.map(({ status }) => status)).toEqual(['success', 'interrupted'])
  expect(readdirSync(cache).filter((name) => name.startsWith('.'))).toEqual([])
  expect(installers.filter(isAlive)).toEqual([])
  expect(readFileSync(join(scriptsDir, 'python/requirements.lock'), 'utf8')).toContain('plum==1.0.0')
}, 60_000)

test('after the machine was switched off: an environment that lost bytes is built anew, one that did not is used', async () => {
  const first = gateways.at(-1) ?? (await start(dataDir, scriptsDir, scripts))
  const runs = (gateway: typeof first) =>
    Promise.all(['a', 'b'].map((slug) => gateway.ask(`/api/scripts/${slug}/run`, post)))
  const said = [{ said: '1.0.0' }, { said: 'lime@1.0.0' }]
  expect((await runs(first)).map(({ status, body }) => (status === 200 ? body.data : body))).toEqual(said)
  const before = (await installations(first)).length
  await first.kill()
  const cache = join(dataDir, '.deps_cache')
  writeFileSync(join(cache, 'boot'), 'another start of the machine')
  const lost = [...new Bun.Glob('python/*/lib/**/kiwi.py').scanSync(cache)]
  expect(lost).toHaveLength(1)
  truncateSync(join(cache, lost[0]!))

  const second = await start(dataDir, scriptsDir, {})
  expect((await runs(second)).map(({ body }) => body.data)).toEqual(said)
  const all = await installations(second)
  expect(all.slice(0, all.length - before).map(({ file }) => file)).toEqual(['python/requirements.txt'])
}, 60_000)

const folder = mkdtempSync(join(tmpdir(), 'scriptgateway-disk-'))
const disk = join(folder, 'disk')
mkdirSync(disk)
const mounted = Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=12m', 'none', disk])
if (!mounted.success) console.warn(`SKIPPED: a full disk needs a small one, and mount says: ${mounted.stderr}`)
afterAll(async () => {
  for (const one of gateways) await one.kill()
  if (mounted.success) Bun.spawnSync(['umount', '-l', disk])
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(!mounted.success)(
  'a disk that is full: it is said so, nothing half is left, and it works when there is room',
  async () => {
    const [dataDir, scriptsDir] = [join(disk, 'data'), join(tempFolder(), 'scripts_repo')]
    const scripts = { 'python/a.py': saying('melon'), 'python/requirements.txt': 'melon\n' }
    const gateway = await start(dataDir, scriptsDir, scripts, { DEPS_AUTO_INSTALL: '0', DISK_FREE_BYTES_MIN: '0' })
    writeFileSync(join(disk, 'filler'), new Uint8Array(7 * 1024 * 1024))
    const full = await gateway.ask('/api/scripts/a/run', post)
    expect([full.status, full.body.error?.type]).toEqual([502, 'dependency'])
    expect(full.body.error?.message).toMatch(/no space|disk is full/i)
    expect(readdirSync(join(dataDir, '.deps_cache/python')).filter((name) => !['downloads'].includes(name))).toEqual([])
    rmSync(join(disk, 'filler'))
    const asked = await gateway.ask('/api/scripts/a/dependencies/install?wait=1', post)
    expect(asked.status).toBe(200)
    expect((await gateway.ask('/api/scripts/a/run', post)).body.data).toEqual({ said: '1.0.0' })
  },
  60_000,
)

/** Processes of installers that this gateway started. */
const installersOf = (gateway: number): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1]
        return Number(parent) === gateway && readFileSync(`/proc/${pid}/environ`, 'latin1').includes('RUN_ID=install-')
      } catch {
        return false // no process, or gone meanwhile
      }
    })

/** One that nobody has asked for its end is no process any more. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}
