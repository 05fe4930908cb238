/** What `npm start -- COMMAND` does in a checkout: what `scriptgateway COMMAND` does elsewhere. */
import { afterAll, expect, test } from 'bun:test'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { version } from '../../src/version.ts'
import { javascriptScript } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { expectEveryAsset, untilReady } from './served.ts'

const root = resolve(import.meta.dir, '../..')
const folder = tempFolder()
let gateway: Bun.Subprocess | undefined
afterAll(() => gateway?.kill('SIGTERM')) // it ends what it started

test.each<[string, string[], number, string]>([
  ['a command', ['version'], 0, `${version}\n`],
  ['a command that fails, with its exit code', ['users'], 1, `There is no ${join(folder, 'data', 'gateway.db')}`],
  ['the arguments of a command', ['restore', 'a', 'b', '--force'], 1, 'there is more than one file'],
  ['a word that is no command', ['bakcup'], 1, 'There is no command "bakcup"; there are: serve, scan,'],
])('%s is passed on', async (_, args, code, said) => {
  const done = await start(root, args)
  expect(done.said).toContain(said)
  expect(done.code).toBe(code)
})

test('the bundle serves pages, assets, editor and document, and runs scripts', async () => {
  const scripts = join(folder, 'scripts')
  mkdirSync(join(scripts, 'js'), { recursive: true })
  writeFileSync(join(scripts, 'js', 'add.ts'), javascriptScript({}, 'const n: number = 21; console.log(n * 2)'))
  const child = startBeside(root, [], { SCRIPTS_DIR: scripts, AUTH: 'off' })
  gateway = child
  const { url } = await untilReady(child.stdout)
  expect(await (await fetch(`${url}/api/scripts/add/run`)).json()).toMatchObject({ status: 'success', data: 42 })
  await expectEveryAsset(url, 'add')
  child.kill('SIGTERM')
  expect(await child.exited).toBe(0)
}, 60_000)

test('it is bundled once, and anew when a file has changed; of one that was broken off nothing stays', async () => {
  const checkout = copyOfCheckout()
  const ended = Bun.spawn(['true'])
  await ended.exited
  mkdirSync(join(checkout, `node_modules/.bundle-0123456789abcdef.${ended.pid}`))
  const bundles = async () => {
    expect(await start(checkout, ['version'])).toEqual({ code: 0, said: `${version}\n` })
    return readdirSync(join(checkout, 'node_modules')).filter((name) => name.startsWith('.bundle-'))
  }
  const first = await bundles()
  expect(first).toHaveLength(1)
  // What runs must not look for any more of it: it goes with the next one.
  const place = join(checkout, 'node_modules', first[0]!)
  expect(readdirSync(place)).toEqual(['main.js'])
  expect(readFileSync(join(place, 'main.js'), 'utf8')).toContain(`"${root}/src/pages"`) // wherever node_modules lies
  expect(await bundles()).toEqual(first)
  utimesSync(join(checkout, 'tsconfig.json'), new Date(2020, 1), new Date(2020, 1)) // older than the bundle, and another one
  const second = await bundles()
  expect(second).toHaveLength(1)
  expect(second).not.toEqual(first)
})

test('it starts from its sources, and says so, where no bundle can be made', async () => {
  const checkout = copyOfCheckout()
  writeFileSync(join(checkout, 'build.ts'), "throw new Error('No space left on device')")
  const { code, said } = await start(checkout, ['version'])
  expect(said).toContain('Starts from its sources, which takes longer: no bundle could be made.')
  expect(said).toContain('No space left on device')
  expect(said).toEndWith(`${version}\n`)
  expect(code).toBe(0)
})

const startBeside = (cwd: string, args: string[], env: Record<string, string> = {}) =>
  Bun.spawn(['node', 'bootstrap.mjs', 'start', ...args], {
    ...{ cwd, stdout: 'pipe', stderr: 'pipe' },
    env: { PATH: process.env.PATH ?? '', HOME: folder, DATA_DIR: join(folder, 'data'), PORT: '0', ...env },
  })

async function start(cwd: string, args: string[]) {
  const child = startBeside(cwd, args)
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, said: error + out }
}

/** What others may start meanwhile keeps its own bundle. */
function copyOfCheckout(): string {
  const copy = tempFolder()
  for (const name of ['bootstrap.mjs', 'build.ts', 'package.json', 'package-lock.json', 'tsconfig.json'])
    copyFileSync(join(root, name), join(copy, name))
  for (const name of ['src', 'views', 'public']) symlinkSync(join(root, name), join(copy, name))
  const packages = join(copy, 'node_modules')
  mkdirSync(packages)
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(packages, name))
  copyFileSync(join(root, 'node_modules/.package-lock.json'), join(packages, '.package-lock.json'))
  return copy
}
