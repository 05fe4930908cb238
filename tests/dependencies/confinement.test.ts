/** Code of packages at each level of confinement that works here, and scripts that would change what they were given. */
import { afterAll, describe, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { measureTree } from '../../src/dependencies/seal.ts'
import type { CacheStatus } from '../../src/dependencies/view-model.ts'
import { startApp, type TestApp } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { startRegistry } from '../harness/registry.ts'
import { startIndex } from '../harness/wheels.ts'
import { levels, plain, python } from '../isolation/harness.ts'
import { npmThatRuns, pythonAttack, type Report, reportIn, sdistThat, type Targets } from './attacks-of-packages.ts'

const stops: (() => unknown)[] = []
afterAll(async () => {
  for (const stop of stops) await stop()
})

const post = { method: 'POST' }
const inPython = (body: string) => `import json, sys
if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print("{}"); sys.exit()
${body.replaceAll(/^/gm, '    ')}
`
const inJavascript = (body: string) => `import * as fs from 'node:fs'
if (process.argv.includes('--_sys_get_schema')) console.log('{}')
else {
${body}
}
export default {}
`

/** What a script tries on its own environment; answers what it could. */
const changing = inPython(`import evil, os, pathlib
site = pathlib.Path(evil.__file__).parent
done = []
def attempt(name, act):
    try:
        act()
        done.append(name)
    except OSError:
        pass
attempt("write", lambda: open(evil.__file__, "a").write("# changed"))
attempt("add", lambda: (site / "added.py").write_text("x"))
attempt("cache", lambda: (site / "__pycache__" / "evil.more.pyc").write_text("x"))
attempt("remove", lambda: os.unlink(evil.__file__))
attempt("rename", lambda: os.rename(evil.__file__, str(site / "other.py")))
attempt("open the folder", lambda: os.chmod(site, 0o777))
attempt("replace the interpreter", lambda: os.unlink(sys.prefix + "/bin/python"))
print(json.dumps({"done": done, "said": evil.__version__}))`)
const changingJs = inJavascript(`const file = require.resolve('evil')
const done = []
const attempt = (name, act) => { try { act(); done.push(name) } catch {} }
attempt('write', () => fs.appendFileSync(file, '// changed'))
attempt('add', () => fs.writeFileSync(file + '.added', 'x'))
attempt('remove', () => fs.unlinkSync(file))
attempt('open the folder', () => fs.chmodSync(file.slice(0, file.lastIndexOf('/')), 0o777))
console.log(JSON.stringify({ done, said: require('evil') }))`)

/** Names, kinds, rights and contents of all that is in a folder. */
function digestOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    const [path, stats] = [join(folder, name), lstatSync(join(folder, name))]
    hash.update(`${name} ${stats.mode} ${stats.uid}\n`)
    if (stats.isFile()) hash.update(readFileSync(path))
    if (stats.isSymbolicLink()) hash.update(readlinkSync(path))
  }
  return hash.digest('hex')
}

const isRunning = (marker: string) =>
  readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(marker)
    } catch {
      return false // gone meanwhile
    }
  })

const ask = (gateway: TestApp, slug: string) =>
  gateway
    .json<{ data: unknown; error?: { message: string } }>(`/api/scripts/${slug}/run`, post)
    .then(({ body }) => body)

const unheldByPlain = ['read another script', 'write outside', 'connect to the gateway']

/**
 * Both installers run by one tool, and the package of JavaScript runs the attack in Python; so that the package of Python, whose
 * installation takes twenty times as long, is built where most is held and where least is.
 */
const tried = [...levels.filter(([name]) => name !== 'bwrap without util-linux'), ['plain', plain] as const]
const withPython = [tried[0]![0], 'plain']

describe.skipIf(!python).each(tried)('at the level %s', async (level, isolation) => {
  const hasPython = withPython.includes(level)
  const index = startIndex({ wheels: [] })
  const registry = await startRegistry()
  await registry.add({ name: 'lime', version: '1.0.0' })
  stops.push(index.stop, registry.stop)
  const outside = tempFolder()
  chmodSync(outside, 0o777)
  const gateway = await startApp(
    {
      ...(hasPython && { 'python/change.py': changing, 'python/change_requirements.txt': 'evil\n' }),
      ...{ 'js/changejs.js': changingJs, 'js/changejs_package.json': '{"dependencies": {"evil": "1.0.0"}}' },
      ...{ 'js/other.js': inJavascript(''), 'js/other_package.json': '{"dependencies": {"lime": "1.0.0"}}' },
    },
    {
      ...{ pip_index_url: index.url, npm_config_registry: registry.url, pip_builds_allowed: ['evil'] },
      ...{ npm_scripts_allowed: ['evil'], python: python ?? 'python3' },
    },
    { isolation },
  )
  chmodSync(dirname(gateway.dataDir), 0o755) // else no user but the gateway's gets there
  const slugs = hasPython ? ['change', 'changejs'] : ['changejs']
  const install = async (slug: string) =>
    (await gateway.json<{ state?: string }>(`/api/scripts/${slug}/dependencies/install?wait=1`, post)).body

  test('code of packages reaches nothing but what it builds and where it came from, and leaves nobody behind', async () => {
    const cache = join(gateway.dataDir, '.deps_cache')
    const environments = async () =>
      (await gateway.json<CacheStatus>('/api/dependencies/cache/status')).body.items.map(({ runtime, environment }) =>
        join(cache, folderOf(runtime), environment),
      )
    expect(await install('other')).toMatchObject({ state: 'ready' })
    const [sealed] = await environments()
    const ofPython = join(cache, 'python/another')
    execFileSync('cp', ['-a', sealed!, ofPython]) // sealed alike, and where those of Python are
    const others = [sealed!, ofPython]
    const before = others.map(digestOf)
    const targets = (runtime: 'python' | 'js', report: string): Targets => ({
      read: {
        ...{ database: join(gateway.dataDir, 'gateway.db'), 'the key': join(gateway.dataDir, 'secrets.key') },
        ...{ passwords: '/etc/shadow', 'another script': join(gateway.scriptsDir, 'js/other.js') },
      },
      write: {
        ...{ outside: join(outside, 'evil'), 'a script': join(gateway.scriptsDir, 'js/other.js') },
        'a list': join(gateway.scriptsDir, 'python/requirements.txt'),
        ...{ 'an environment': join(sealed!, 'evil'), 'a file of one': join(sealed!, 'environment.json') },
        ...{ 'an environment of Python': join(ofPython, 'evil') },
        downloads: join(cache, folderOf(runtime), 'downloads/evil.whl'),
      },
      connect: { 'the gateway': Number(new URL(gateway.url).port) },
      ...{ pid: process.pid, marker: `left-${runtime}-${crypto.randomUUID()}`, report },
    })
    const forPython = targets('python', `http://127.0.0.1:${index.port}`)
    const forJs = { ...targets('js', registry.url), hold: 'index.js' }
    index.publish(sdistThat('evil', pythonAttack(forPython)))
    await registry.add(npmThatRuns('evil', `${python} attack.py`, { 'attack.py': pythonAttack(forJs) }))
    const ends = await Promise.all(slugs.map(install))
    expect([isRunning(forPython.marker), isRunning(forJs.marker)]).toEqual([false, false])
    expect(ends.map(({ state }) => state)).toEqual(slugs.map(() => 'ready'))
    for (const paths of [...(hasPython ? [index.requests()] : []), registry.requests]) {
      const report = reportIn(paths)
      expect(couldOf(report!, level)).toEqual([])
      expect(report!.tried.daemon).toBe('ok')
      expect(report!.variables.filter((name) => /TOKEN|SECRET|KEY$|PASSWORD|^DATA_DIR/.test(name))).toEqual([])
    }
    expect(others.map(digestOf)).toEqual(before)
    // What was built is as large as it was when it was sealed, though somebody held a file of it open and wrote.
    const after = await environments()
    expect(after).toHaveLength(slugs.length + 1)
    for (const place of after) {
      const { bytes } = JSON.parse(readFileSync(join(place, 'environment.json'), 'utf8'))
      const own = ['environment.json', 'environment.lock'].map((name) => lstatSync(join(place, name)).size)
      expect((await measureTree(place)).bytes - own.reduce((sum, size) => sum + size)).toBe(bytes)
    }
  }, 60_000)

  test('a script cannot change the environment that it is given', async () => {
    const ends = await Promise.all(slugs.map((slug) => ask(gateway, slug)))
    expect(ends.map(({ data, error }) => data ?? error)).toEqual(
      slugs.map((slug) => ({ done: [], said: slug === 'change' ? '1.0.0' : 1 })),
    )
  }, 30_000)
})

const folderOf = (runtime: string) => (runtime === 'js' ? 'nodejs' : runtime)

/** Attempts that came through and that the level says it holds. */
const couldOf = ({ tried }: Report, level: string) =>
  Object.entries(tried)
    .filter(([name, how]) => how === 'ok' && name !== 'daemon' && !(level === 'plain' && unheldByPlain.includes(name)))
    .map(([name]) => name)

describe('what code of packages may use up', async () => {
  const [index, registry] = [startIndex({ wheels: [] }), await startRegistry()]
  stops.push(index.stop, registry.stop)
  index.publish(
    sdistThat(
      'fills', // many files: the kernel knows nothing of their sum
      'import time\nfor at in range(400):\n    open("f%d" % at, "wb").write(bytes(1 << 20)); time.sleep(0.01)',
    ),
  )
  await registry.add(
    npmThatRuns('prints', 'yes | head -c 1000000000'),
    npmThatRuns('hoards', 'head -c 30000000 /dev/zero > big'),
    npmThatRuns('sleeps', 'sleep 100'),
  )
  const python = (name: string) => ({
    [`python/${name}.py`]: inPython('print(1)'),
    [`python/${name}_requirements.txt`]: `${name}\n`,
  })
  const npm = (name: string) => ({
    [`js/${name}.js`]: inJavascript('console.log(1)'),
    [`js/${name}_package.json`]: JSON.stringify({ dependencies: { [name]: '1.0.0' } }),
  })
  const gateway = await startApp(
    { ...python('fills'), ...npm('prints'), ...npm('hoards'), ...npm('sleeps') },
    {
      ...{ pip_index_url: index.url, npm_config_registry: registry.url, pip_builds_allowed: ['*'] },
      ...{ npm_scripts_allowed: ['*'], install_bytes_max: 20 << 20, install_slots: 1 },
    },
  )
  const set = (changes: Record<string, unknown>) =>
    gateway.json('/api/settings', {
      ...{ method: 'PATCH', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(changes),
    })
  const install = (slug: string) =>
    gateway.json<{ error?: { message: string } }>(`/api/scripts/${slug}/dependencies/install?wait=1`, post)

  test('disk, output and time are told by the limit, nothing is left, and INSTALL_SLOTS counts at once', async () => {
    const names = ['fills', 'prints', 'hoards']
    const ends = Promise.all(names.map(install))
    const statuses = async () =>
      (await gateway.json<{ items: { status: string }[] }>('/api/installations')).body.items
        .map(({ status }) => status)
        .sort()
    await eventually('all have been asked for', async () => (await statuses()).length === names.length)
    expect(await statuses()).toEqual(['queued', 'queued', 'running'])
    await set({ install_slots: 3 })
    expect(await statuses()).toEqual(['running', 'running', 'running'])
    const words = (await ends).map(({ body }) => body.error?.message ?? '')
    expect(words[0]).toMatch(/It wrote more than 20 MiB in .* \(setting INSTALL_BYTES_MAX\)/)
    expect(words[1]).toMatch(/It printed more than 256 MiB|It wrote a file of more than 20 MiB/) // Bun keeps it in one
    expect(words[2]).toMatch(/It wrote (a file of )?more than 20 MiB.* \(setting INSTALL_BYTES_MAX\)/)
    await set({ install_timeout_min: 0.02 })
    expect((await install('sleeps')).body.error?.message).toMatch(
      /It was still going on after 0\.02 min \(setting INSTALL_TIMEOUT_MIN\)/,
    )
    const left = ['python', 'nodejs'].flatMap((name) => readdirSync(join(gateway.dataDir, '.deps_cache', name)))
    expect(left.filter((name) => name !== 'downloads')).toEqual([])
  }, 60_000)
})
