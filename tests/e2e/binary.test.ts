/** The single executable: built, moved, started in a folder that is not ours, with nothing else at hand. */
import { afterAll, expect, test } from 'bun:test'
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { javascriptScript, pythonScript } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { startRegistry } from '../harness/registry.ts'
import { expectEveryAsset, untilReady } from './served.ts'

const root = resolve(import.meta.dir, '../..')
const folder = tempFolder()
const binary = join(folder, 'bin', 'scriptgateway')
const home = join(folder, 'somewhere')
let gateway: Bun.Subprocess | undefined
const registry = await startRegistry()
await registry.add({ name: 'left', version: '1.0.0' })
afterAll(() => {
  gateway?.kill('SIGKILL')
  registry.stop()
})

const env = (extra: Record<string, string> = {}) => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  PORT: '0',
  AUTH: 'off',
  ...extra,
})

test('npm run build makes one file', async () => {
  const { BUILT_GATEWAY } = process.env // `npm test` makes it in any case
  if (BUILT_GATEWAY) {
    await eventually('it is built', () => existsSync(BUILT_GATEWAY), 100_000)
    mkdirSync(join(folder, 'bin'))
    copyFileSync(BUILT_GATEWAY, binary)
  } else {
    const build = Bun.spawn([process.execPath, 'build.ts', binary, '--quick'], { cwd: root, stderr: 'inherit' })
    expect(await build.exited).toBe(0)
  }
  expect(readdirSync(join(folder, 'bin'))).toEqual(['scriptgateway'])
}, 120_000)

test('it serves pages, assets and scripts of both kinds, one with packages, from any folder, and obeys no bunfig.toml or .env there', async () => {
  const write = (path: string, content: string) => {
    mkdirSync(join(home, path, '..'), { recursive: true })
    writeFileSync(join(home, path), content)
  }
  write('bunfig.toml', 'preload = ["./evil.ts"]\n')
  write('evil.ts', 'console.log("evil"); process.exit(3)')
  write('.env', 'PORT=1\nTIMEOUT_MIN=never\n')
  write(
    'scripts_repo/python/py.py',
    pythonScript({ n: { type: 'int', default: 2 } }, 'print(json.dumps({"n": int(args["n"]) * 2}))'),
  )
  write(
    'scripts_repo/js/ts.ts',
    javascriptScript({}, 'const n: number = 21; console.log(JSON.stringify({ n: n * 2, bun: Bun.version }))'),
  )
  write('scripts_repo/js/packed/package.json', '{"dependencies":{"left":"1.0.0"}}')
  write('scripts_repo/js/packed/.with._map.json', '{}')
  write(
    'scripts_repo/js/packed/with.ts',
    `import left from 'left'\nconsole.log(JSON.stringify({ left }))\nexport default 1\n`,
  )

  const settings = { NPM_CONFIG_REGISTRY: registry.url, DEPS_AUTO_INSTALL: 'false' }
  const child = Bun.spawn([binary], { cwd: home, env: env(settings), stdout: 'pipe', stderr: 'pipe' })
  gateway = child
  const { said, url } = await untilReady(child.stdout)
  expect(said).toContain('3 scripts are ready.')

  const ask = async (path: string) => (await fetch(url + path)).json()
  expect(await ask('/api/scripts/py/run?n=4')).toMatchObject({ status: 'success', data: { n: 8 } })
  expect(await ask('/api/scripts/ts/run')).toMatchObject({ status: 'success', data: { n: 42, bun: Bun.version } })
  expect(await ask('/api/scripts/with/run')).toMatchObject({ status: 'success', data: { left: 'left@1.0.0' } })

  await expectEveryAsset(url, 'py')
  expect(readdirSync(home).sort()).toEqual(['.env', 'bunfig.toml', 'data', 'evil.ts', 'scripts_repo'])

  const health = Bun.spawn([binary, 'health'], { cwd: home, env: env({ PORT: new URL(url).port }), stdout: 'pipe' })
  expect(await health.exited).toBe(0)
  child.kill('SIGTERM')
  expect(await child.exited).toBe(0)
}, 60_000)

test('without access control a host that is not loopback is refused, with the reason', async () => {
  const child = Bun.spawn([binary], { cwd: home, env: env({ HOST: '0.0.0.0' }), stderr: 'pipe' })
  expect(await child.exited).toBe(1)
  expect(await new Response(child.stderr).text()).toContain('AUTH is off and HOST is 0.0.0.0')
})
