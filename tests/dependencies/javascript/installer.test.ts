import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readlinkSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InstallError, InstallJob, Sources } from '../../../src/dependencies/model.ts'
import { tempFolder } from '../../harness/folder.ts'
import { type Registry, startRegistry } from '../../harness/registry.ts'
import { bun, createBuilds, declare, installer, sourcesOf, textOf } from './jobs.ts'
import { createTool } from './tool.ts'

let registry: Registry
const folder = tempFolder()
const build = createBuilds(folder)

const started: Registry[] = []
afterAll(() => {
  for (const { stop } of started) stop()
})

async function start(...closed: Parameters<typeof startRegistry>): Promise<Registry> {
  const one = await startRegistry(...closed)
  started.push(one)
  return one
}

beforeAll(async () => {
  registry = await start()
  await registry.add(
    { name: 'left', version: '1.0.0', fields: { dependencies: { deep: '^1.0.0' } } },
    { name: 'left', version: '1.1.0', fields: { dependencies: { deep: '^1.0.0' } } },
    { name: 'left', version: '2.0.0', fields: { dependencies: { deep: '^2.0.0' } } },
    { name: 'deep', version: '1.2.0' },
    { name: 'deep', version: '2.0.0' },
    {
      ...{ name: '@sc/oped', version: '0.1.0', fields: { bin: { oped: 'bin/oped.js' }, dependencies: { deep: '^2' } } },
      files: { 'bin/oped.js': '#!/usr/bin/env node\nconsole.log("oped")\n', 'index.js': 'module.exports = 1' },
    },
    { name: 'peer', version: '1.0.0', fields: { peerDependencies: { left: '^1.0.0' } } },
    { name: 'alien', version: '1.0.0', fields: { os: ['win32'] } },
    {
      name: 'native',
      version: '1.0.0',
      fields: { optionalDependencies: { alien: '1', [`for-${process.platform}`]: '1' } },
    },
    { name: `for-${process.platform}`, version: '1.0.0', fields: { os: [process.platform] } },
    {
      ...{ name: 'scripted', version: '1.0.0' },
      fields: { scripts: { postinstall: 'node make.js && bun --version' } },
      files: {
        'make.js': `const fs = require('node:fs')
fs.writeFileSync('made.txt', process.env.HOME)
fs.writeFileSync('../../left-behind.txt', 'x')
fs.rmSync('../../package.json')
fs.symlinkSync(${JSON.stringify(join(folder, 'victim'))}, '../../package.json')`,
      },
    },
    // Bun runs the scripts of well-known packages without being asked.
    { name: 'esbuild', version: '1.0.0', fields: { scripts: { postinstall: 'echo > made.txt' } } },
    { name: 'failing', version: '1.0.0', fields: { scripts: { postinstall: 'echo no compiler here; exit 3' } } },
  )
})

const seen = (dir: string) => readdirSync(dir).sort()

test('what is declared is there, with what it needs; and nothing else is left', async () => {
  const {
    dir,
    packages,
    lock,
    installer: name,
  } = await build(declare({ left: '^1.0.0', '@sc/oped': '' }), sourcesOf(registry))
  expect(packages).toEqual([
    { name: '@sc/oped', version: '0.1.0' },
    { name: 'deep', version: '2.0.0' },
    { name: 'left', version: '1.1.0' },
    { name: 'deep', version: '1.2.0' },
  ])
  expect(name).toBe('bun 1.4.5')
  expect(seen(dir)).toEqual(['bun.lock', 'node_modules', 'package.json'])
  expect(JSON.parse(textOf(dir, 'package.json'))).toEqual({
    ...{ name: 'environment', private: true, dependencies: { '@sc/oped': '*', left: '^1.0.0' } },
  })
  expect(textOf(dir, 'bun.lock')).toBe(lock)
  expect(lock).not.toContain('127.0.0.1')
  expect(readlinkSync(join(dir, 'node_modules/.bin/oped'))).toBe('../@sc/oped/bin/oped.js')
  const moved = `${dir}-moved`
  renameSync(dir, moved)
  expect(textOf(moved, 'node_modules/.bin/oped')).toContain('oped')
})

test('an environment that is written to changes neither the downloads nor another one', async () => {
  const declaration = declare({ deep: '2.0.0' })
  const one = await build(declaration, sourcesOf(registry))
  writeFileSync(join(one.dir, 'node_modules/deep/index.js'), 'changed')
  const other = await build(declaration, sourcesOf(registry))
  expect(textOf(other.dir, 'node_modules/deep/index.js')).toContain('deep@2.0.0')
})

test('nothing declared is an empty environment', async () => {
  const declaration = declare({})
  const { dir, lock, packages } = await build(declaration, sourcesOf(registry))
  expect(packages).toEqual([])
  expect(seen(dir)).toEqual(['bun.lock', 'node_modules', 'package.json'])
  expect(installer.fits(lock, declaration, await installer.facts())).toBe(true)
})

test('overrides reach what packages need themselves', async () => {
  const { packages } = await build(declare({ left: '2.0.0' }, { deep: '1.2.0' }), sourcesOf(registry))
  expect(packages).toContainEqual({ name: 'deep', version: '1.2.0' })
})

test('a package of another name is installed under the declared one', async () => {
  const { dir, packages } = await build(declare({ right: 'npm:left@1.0.0' }), sourcesOf(registry))
  expect(packages).toContainEqual({ name: 'right', version: '1.0.0' })
  expect(textOf(dir, 'node_modules/right/index.js')).toContain('left@1.0.0')
})

test('of packages for one platform each, the one for this is installed', async () => {
  const { packages } = await build(declare({ native: '1' }), sourcesOf(registry))
  expect(packages.map(({ name }) => name).sort()).toEqual([`for-${process.platform}`, 'native'])
})

test('a package is fetched from its own address where the declaration names one', async () => {
  const address = `${registry.url}/deep/-/deep-1.2.0.tgz`
  const declaration = declare({ deep: address })
  const { packages, lock } = await build(declaration, sourcesOf(registry))
  expect(packages).toEqual([{ name: 'deep', version: '1.2.0' }])
  expect(installer.fits(lock, declaration, await installer.facts())).toBe(true)
  const again = await build(declaration, sourcesOf(registry), { lock })
  expect(again.packages).toEqual(packages)
})

describe('a lock', () => {
  test('fixes the versions, for whatever is new since, and at any mirror', async () => {
    const own = await start()
    const mirror = await start()
    const declaration = declare({ pinned: '^1.0.0' })
    await own.add({ name: 'pinned', version: '1.0.0' })
    await mirror.add({ name: 'pinned', version: '1.0.0' }, { name: 'pinned', version: '1.9.0' })
    const { lock } = await build(declaration, sourcesOf(own))
    await own.add({ name: 'pinned', version: '1.5.0' })
    const again = await build(declaration, sourcesOf(own), { lock })
    expect(again.packages).toEqual([{ name: 'pinned', version: '1.0.0' }])
    expect(again.lock).toBe(lock)
    const elsewhere = await build(declaration, sourcesOf(mirror), { lock })
    expect(elsewhere.packages).toEqual([{ name: 'pinned', version: '1.0.0' }])
    const updated = await build(declaration, sourcesOf(own))
    expect(updated.packages).toEqual([{ name: 'pinned', version: '1.5.0' }])
  })

  test('that does not fit any more keeps what it can', async () => {
    const { lock } = await build(declare({ left: '1.0.0' }), sourcesOf(registry))
    const wider = declare({ left: '^1.0.0', '@sc/oped': '*' })
    const facts = await installer.facts()
    expect(installer.fits(lock, wider, facts)).toBe(false)
    const { packages, lock: next } = await build(wider, sourcesOf(registry), { staleLock: lock })
    expect(packages).toContainEqual({ name: 'left', version: '1.0.0' })
    expect(packages).toContainEqual({ name: '@sc/oped', version: '0.1.0' })
    expect(installer.fits(next, wider, facts)).toBe(true)
  })

  test('of a project with more in it gives its versions, too', async () => {
    const { lock } = await build(declare({ left: '1.0.0' }), sourcesOf(registry))
    const theirs = lock
      .replace('"name": "environment"', '"name": "my-tools"')
      .replace('"left": "1.0.0"', '"left": "^1.0.0"')
      .replace(/("left": "\^1.0.0",\s*\},)/, '$1 "devDependencies": { "deep": "*" },')
    expect(theirs).toContain('devDependencies')
    const declaration = declare({ left: '^1.0.0' })
    expect(installer.fits(theirs, declaration, await installer.facts())).toBe(false)
    const { packages } = await build(declaration, sourcesOf(registry), { staleLock: theirs })
    expect(packages).toContainEqual({ name: 'left', version: '1.0.0' })
  })

  test('with a hash that is not of what comes is refused, and says what to do', async () => {
    const declaration = declare({ fresh: '1.0.0' })
    const one = await start()
    const other = await start()
    await one.add({ name: 'fresh', version: '1.0.0' })
    await other.add({ name: 'fresh', version: '1.0.0', files: { 'index.js': 'steal()' } })
    const { lock } = await build(declaration, sourcesOf(one))
    const failure = await failureOf(build(declaration, sourcesOf(other), { lock }))
    expect(failure.message).toContain('What came for fresh is not what its hash says')
    expect(failure.lines.join('\n')).toContain('Integrity')
  })
})

test('offline it installs from what was downloaded before', async () => {
  const declaration = declare({ left: '^1.0.0' })
  const { lock } = await build(declaration, sourcesOf(registry))
  registry.requests.length = 0
  const sources = sourcesOf(registry, { isOffline: true })
  expect((await build(declaration, sources)).packages).toHaveLength(2)
  expect((await build(declaration, sources, { lock })).packages).toHaveLength(2)
  expect(registry.requests).toEqual([])
})

describe('configuration of others does not count', () => {
  const hostile = tempFolder()
  const bunfig = `[install]\nregistry = "http://127.0.0.1:9"\ncafile = "/nonexistent"\n[install.scopes]\nsc = "http://127.0.0.1:9"\n`
  const npmrc = 'registry=http://127.0.0.1:9\n@sc:registry=http://127.0.0.1:9\nignore-scripts=false\n'

  test('in the home folder, and in the folders above', async () => {
    const inside = join(hostile, 'data')
    mkdirSync(join(inside, 'home/.config'), { recursive: true })
    for (const place of [hostile, inside, join(inside, 'home')]) {
      writeFileSync(join(place, 'bunfig.toml'), bunfig)
      writeFileSync(join(place, '.bunfig.toml'), bunfig)
      writeFileSync(join(place, '.npmrc'), npmrc)
    }
    writeFileSync(join(inside, 'package.json'), '{"name":"outer","dependencies":{"nothing":"1"}}')
    const { packages } = await createBuilds(inside)(declare({ '@sc/oped': '*' }), sourcesOf(registry))
    expect(packages).toContainEqual({ name: '@sc/oped', version: '0.1.0' })
  })

  test('and a project above that takes the folder for its own is told', async () => {
    const inside = join(tempFolder(), 'data')
    mkdirSync(inside)
    writeFileSync(join(inside, 'package.json'), '{"name":"outer","workspaces":["*"]}')
    const failure = await failureOf(createBuilds(inside)(declare({ deep: '*' }), sourcesOf(registry)))
    expect(failure.message).toContain('a package.json in a folder above has workspaces that include this one')
  })
})

describe('a registry that asks who it is', () => {
  test.each<[string, () => Promise<[Registry, Partial<Sources>]>]>([
    ['by a token', async () => [await start({ token: 'npm_T0ken' }), { npmToken: 'npm_T0ken' }]],
    [
      'by a name and a password',
      async () => {
        const closed = await start({ login: 'us@er:pa:ss' })
        return [closed, { npmRegistry: closed.url.replace('://', '://us%40er:pa%3Ass@') }]
      },
    ],
  ])('%s gets it, and it is left nowhere', async (_, open) => {
    const [closed, more] = await open()
    await closed.add({ name: 'mine', version: '1.0.0' })
    const { dir, tool, lock } = await build(declare({ mine: '*' }), sourcesOf(closed, more))
    expect(closed.credentials).not.toEqual([])
    const words = [textOf(dir, 'package.json'), lock, tool.log(), ...tool.commands.flatMap(({ argv }) => argv)].join(
      '\n',
    )
    expect(words).not.toMatch(/npm_T0ken|pa:ss|pa%3Ass/)
    expect(seen(dir)).toEqual(['bun.lock', 'node_modules', 'package.json'])
  })

  test('does not hand it on to where it redirects', async () => {
    const closed = await start({ token: 'npm_T0ken' })
    const open = await start()
    await closed.add({ name: 'moved', version: '1.0.0' })
    await open.add({ name: 'moved', version: '1.0.0' })
    closed.fail('moved', { redirect: `${open.url}/moved/-/moved-1.0.0.tgz` }, 'tarball')
    await build(declare({ moved: '*' }), sourcesOf(closed, { npmToken: 'npm_T0ken' }))
    expect(open.requests).toEqual(['GET /moved/-/moved-1.0.0.tgz'])
    expect(open.credentials).toEqual([])
  })
})

describe('install scripts', () => {
  test('are not run, which is said', async () => {
    const { dir, notes } = await build(declare({ scripted: '*', esbuild: '*' }), sourcesOf(registry))
    for (const name of ['scripted', 'esbuild'])
      expect(existsSync(join(dir, 'node_modules', name, 'made.txt'))).toBe(false)
    expect(notes).toEqual([
      'Install scripts are not run: esbuild, scripted (allowed by the setting NPM_SCRIPTS_ALLOWED).',
    ])
  })

  test.each([['scripted'], ['*']])(
    'are run where %s is allowed, and leave nothing beside the packages',
    async (allowed) => {
      writeFileSync(join(folder, 'victim'), 'untouched')
      const declaration = declare({ scripted: '*' })
      const { dir, tool, lock } = await build(declaration, sourcesOf(registry, { npmScriptsAllowed: [allowed] }))
      expect(textOf(dir, 'node_modules/scripted/made.txt')).toBe(join(folder, 'home'))
      expect(seen(dir)).toEqual(['bun.lock', 'node_modules', 'package.json'])
      expect(textOf(folder, 'victim')).toBe('untouched')
      expect(installer.fits(lock, declaration, await installer.facts())).toBe(true)
      expect(tool.commands.map(({ runsPackages }) => runsPackages ?? false)).toEqual([false, true])
      expect(JSON.stringify(tool.commands[1]!.env)).not.toContain('downloads')
    },
  )

  test('that fail say so', async () => {
    const failure = await failureOf(
      build(declare({ failing: '*' }), sourcesOf(registry, { npmScriptsAllowed: ['failing'] })),
    )
    expect(failure.message).toBe('The postinstall script of failing exited with 3.')
  })
})

describe('what goes wrong is said in words', () => {
  beforeAll(async () => {
    const names = ['broken', 'halved', 'vanished', 'closed', 'down']
    await registry.add(
      ...names.map((name) => ({
        name,
        version: '1.0.0',
        files: { 'index.js': `'${Bun.SHA256.hash(name, 'hex').repeat(40)}'` },
      })),
    )
    await registry.add(
      { name: 'wants-git', version: '1.0.0', fields: { dependencies: { g: 'git+https://127.0.0.1:9/x/y.git' } } },
      { name: 'wants-folder', version: '1.0.0', fields: { dependencies: { g: 'file:/etc' } } },
      {
        name: 'wants-address',
        version: '1.0.0',
        fields: { dependencies: { g: `${registry.url}/deep/-/deep-1.2.0.tgz` } },
      },
    )
    registry.fail('broken', 'integrity')
    registry.fail('halved', 'cut', 'tarball')
    registry.fail('vanished', 404, 'tarball')
    registry.fail('closed', 403)
    registry.fail('down', 500)
  })

  const host = () => new URL(registry.url).host

  test.each<[string, Record<string, string>, () => string, Partial<Sources>]>([
    ['a package that is not there', { 'no-such': '*' }, () => `The registry ${host()} has no package no-such.`, {}],
    ['one in a scope', { '@no/such': '*' }, () => `The registry ${host()} has no package @no/such.`, {}],
    ['a version that is not there', { left: '^9.0.0' }, () => 'There is no version of left that fits "^9.0.0".', {}],
    ['another hash', { broken: '*' }, () => 'What came for broken is not what its hash says', {}],
    [
      'cut in the middle',
      { halved: '*' },
      () => `The connection to the registry ${host()} ended in the middle of halved@1.0.0`,
      {},
    ],
    ['no archive', { vanished: '*' }, () => `The registry ${host()} has no file for this version of vanished.`, {}],
    ['forbidden', { closed: '*' }, () => `The registry ${host()} does not give closed out (403)`, {}],
    [
      'a fault of the registry',
      { down: '*' },
      () => `The registry ${host()} answered 500 when it was asked for down`,
      {},
    ],
    [
      'a git repository',
      { 'wants-git': '*' },
      () => 'g is asked for from a git repository; packages come from the registry alone.',
      {},
    ],
    [
      'a folder',
      { 'wants-folder': '*' },
      () => 'g is asked for from a folder; packages come from the registry alone.',
      {},
    ],
    [
      'an address',
      { 'wants-address': '*' },
      () => `g comes from ${registry.url}/deep/-/deep-1.2.0.tgz; packages come from`,
      {},
    ],
    ['another platform', { alien: '*' }, () => `alien is for win32 only; this is ${process.platform}`, {}],
    [
      'nobody there',
      { left: '*' },
      () => 'The registry 127.0.0.1:9 cannot be reached (ConnectionRefused)',
      { npmRegistry: 'http://127.0.0.1:9' },
    ],
    [
      'offline',
      { 'never-seen': '*' },
      () => 'never-seen is not in the cache, and nothing is fetched',
      { isOffline: true },
    ],
  ])('%s', async (_, wanted, words, more) => {
    const failure = await failureOf(
      build(declare(wanted), sourcesOf(registry, more), { toolBase: { BUN_CONFIG_HTTP_RETRY_COUNT: '0' } }),
    )
    expect(failure.message).toStartWith(words())
  })

  test('no token', async () => {
    const closed = await start({ token: 'x' })
    const failure = await failureOf(build(declare({ left: '*' }), sourcesOf(closed)))
    expect(failure.message).toContain('does not give left out (401): its token is set by NPM_REGISTRY_SECRET.')
    expect(failure.lines.at(-1)).toBe('error: left@* failed to resolve')
  })

  test('offline, with a lock and without the downloads', async () => {
    const declaration = declare({ left: '^1.0.0' })
    const { lock } = await build(declaration, sourcesOf(registry))
    const downloadDir = tempFolder()
    const failure = await failureOf(build(declaration, sourcesOf(registry, { isOffline: true }), { lock, downloadDir }))
    expect(failure.message).toMatch(/^(left|deep)(@[\d.]+)? is not in the cache, and nothing is fetched/)
  })
})

test('a registry that does not answer is waited for', async () => {
  const slow = await start()
  await slow.add({ name: 'slow', version: '1.0.0' })
  slow.fail('slow', 'slow')
  const building = build(declare({ slow: '*' }), sourcesOf(slow))
  await slow.asked('GET /slow')
  slow.release()
  expect((await building).packages).toEqual([{ name: 'slow', version: '1.0.0' }])
})

describe('newer versions', () => {
  const ask = async (wanted: Record<string, string>, more: Partial<Sources> = {}, at = registry) => {
    const { dir } = await build(declare(wanted), sourcesOf(at, more))
    const tool = createTool(dir)
    const job = {
      declaration: declare(wanted),
      sources: sourcesOf(at, more),
      runTool: tool.run,
    } satisfies Partial<InstallJob>
    return installer.outdated({ ...job, downloadDir: join(folder, 'downloads'), environment: dir })
  }

  test('are those that the registry recommends', async () => {
    expect(await ask({ left: '^1.0.0', deep: '2.0.0', right: 'npm:left@1.0.0', '@sc/oped': '' })).toEqual([
      { name: 'left', latest: '2.0.0' },
      { name: 'right', latest: '2.0.0' },
    ])
  })

  test('are asked for with the token', async () => {
    const closed = await start({ token: 'npm_T0ken' })
    await closed.add({ name: 'mine', version: '1.0.0' }, { name: 'mine', version: '1.0.1' })
    expect(await ask({ mine: '1.0.0' }, { npmToken: 'npm_T0ken' }, closed)).toEqual([{ name: 'mine', latest: '1.0.1' }])
  })

  test('cannot be asked for when the package is gone, or offline', async () => {
    const other = await start()
    await other.add({ name: 'mine', version: '1.0.0' })
    const { dir } = await build(declare({ mine: '*' }), sourcesOf(other))
    other.fail('mine', 404)
    const job = {
      declaration: declare({ mine: '*' }),
      runTool: createTool(dir).run,
      downloadDir: folder,
      environment: dir,
    }
    const gone = await failureOf(installer.outdated({ ...job, sources: sourcesOf(other) }))
    expect(gone.message).toBe(`The registry ${new URL(other.url).host} has no package mine.`)
    const offline = await failureOf(installer.outdated({ ...job, sources: sourcesOf(other, { isOffline: true }) }))
    expect(offline.message).toContain('DEPS_OFFLINE')
  })
})

test('a real package comes from the real registry, and again with its lock', async () => {
  const real = 'https://registry.npmjs.org'
  const isThere = await fetch(`${real}/is-odd`, { signal: AbortSignal.timeout(5000) }).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isThere) return console.warn(`SKIPPED: ${real} cannot be reached from here.`)
  const declaration = declare({ 'is-odd': '3.0.1' })
  const { packages, lock, dir } = await build(declaration, sourcesOf(real))
  expect(packages).toEqual([
    { name: 'is-number', version: '6.0.0' },
    { name: 'is-odd', version: '3.0.1' },
  ])
  const again = await build(declaration, sourcesOf(real), { lock })
  expect(again.lock).toBe(lock)
  const run = Bun.spawnSync([bun, '-e', 'console.log(require("is-odd")(3))'], { cwd: dir })
  expect(run.stdout.toString()).toBe('true\n')
}, 30_000)

const failureOf = async (failing: Promise<unknown>): Promise<InstallError> => {
  const error = await failing.then(
    () => null,
    (thrown) => thrown,
  )
  expect(error?.name).toBe('InstallError')
  return error
}
