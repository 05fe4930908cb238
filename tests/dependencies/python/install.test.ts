/** Python packages by the real pip, from an index of wheels that are made here. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { formatLock } from '../../../src/dependencies/declared/lock.ts'
import { type Declaration, InstallError, type Installed, type InstallJob } from '../../../src/dependencies/model.ts'
import { createPythonInstaller } from '../../../src/dependencies/python/installer.ts'
import { tempFolder } from '../../harness/folder.ts'
import { type Index, makeSdist, makeWheel, type PackageFile, startIndex } from '../../harness/wheels.ts'
import { createJobs, createTool, declare, python, sourcesAt } from './place.ts'

const timeoutMs = 60_000
const root = tempFolder()
const canary = join(root, 'canary')
const { runTool, commands, printed } = createTool(root)
const policy = () => ({ urlPrefixes: [], indexes: [], buildsAllowed: [] })
const installer = createPythonInstaller({
  python,
  uv: null,
  factsFile: join(root, 'facts.json'),
  runProbe: runTool,
  policy,
})
const { job, downloadDir, notes } = createJobs(root, runTool)
const stops: (() => void)[] = []
afterAll(() => {
  for (const stop of stops) stop()
})

const wheel = (name: string, version = '1.0', more: Partial<Parameters<typeof makeWheel>[0]> = {}) =>
  makeWheel({ name, version, ...more })

function indexOf(...wheels: ReturnType<typeof makeWheel>[]): Index {
  const index = startIndex({ wheels })
  stops.push(index.stop)
  return index
}

const versions = ({ packages }: Pick<Installed, 'packages'>) =>
  packages.map(({ name, version }) => `${name} ${version}`)

/** A lock of the declaration with these files, on this platform. */
async function lockOf(declaration: Declaration, ...files: PackageFile[]): Promise<string> {
  const packages = files.map(({ filename, project, bytes }) => {
    const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    return { name: project, version: filename.split('-')[1] ?? '', hashes: [hash] }
  })
  return formatLock({ normal: declaration.normal, platform: (await installer.facts()).id, packages })
}

async function failure(of: Promise<unknown>): Promise<InstallError> {
  const error = await of.then(
    () => new Error('it went well'),
    (reason) => reason,
  )
  if (!(error instanceof InstallError)) throw error
  return error
}

/** What a program says that is started in the environment, in its final place. */
async function run(argv: string[]): Promise<string> {
  const { stdout } = await runTool({ argv, env: {}, isStdoutKept: true })
  return stdout.trim()
}

const filesBelow = (folder: string) =>
  [...new Glob('**/*').scanSync({ cwd: folder, dot: true, onlyFiles: true, followSymlinks: false })].map((file) =>
    join(folder, file),
  )

describe('an environment', () => {
  const user = 'reader'
  const password = 'pass-word-4711'
  const index = indexOf(
    wheel('kiwi', '1.0', {
      modules: { 'kiwi/__init__.py': 'def main():\n    import sys\n    print("kiwi", sys.prefix)\n' },
      requires: ['plum>=1', 'jam; extra == "sweet"', 'nowhere; python_version < "3"'],
      extras: ['sweet'],
      consoleScripts: { kiwi: 'kiwi:main' },
    }),
    wheel('plum', '1.5', { modules: { plum: '', 'plums/core.py': '' } }),
    wheel('jam'),
  )
  index.requireAuth(user, password)
  const sources = sourcesAt(index.url.replace('//', `//${user}:${password}@`))
  const declaration = declare('Kiwi[sweet]>=1', 'old-one ; python_version < "3"')
  let built: InstallJob
  let installed: Installed

  let isDoneEarly = false

  beforeAll(async () => {
    built = job(declaration, sources)
    const held = index.hold('jam-1.0-py3-none-any.whl')
    let isDone = false
    const installing = installer.install(built).finally(() => {
      isDone = true
    })
    await Promise.race([held.asked, installing])
    isDoneEarly = isDone
    held.release()
    installed = await installing
    renameSync(built.dir, built.finalDir)
  }, timeoutMs)

  test('has waited for an index that takes its time', () => {
    expect(isDoneEarly).toBe(false)
  })

  test('has what is declared and what that needs, by extras and markers', () => {
    expect(versions(installed)).toEqual(['jam 1.0', 'kiwi 1.0', 'plum 1.5'])
    expect(installed.modules).toEqual({ jam: ['jam'], kiwi: ['kiwi'], plum: ['plum'], plums: ['plum'] })
    expect(installed.installer).toMatch(/^pip \d/)
  })

  test(
    'works where it was put in the end, with its commands, apart from what the system has',
    async () => {
      expect(await run([join(built.finalDir, 'bin/kiwi')])).toBe(`kiwi ${built.finalDir}`)
      const looks =
        'import importlib.util as u, sys; print([n for n in ["pip", "setuptools"] if u.find_spec(n)], sys.prefix)'
      expect(await run([join(built.finalDir, 'bin/python'), '-c', looks])).toBe(`[] ${built.finalDir}`)
    },
    timeoutMs,
  )

  test('names the folder that it was built in nowhere that is read', () => {
    const files = [...filesBelow(join(built.finalDir, 'bin')), join(built.finalDir, 'pyvenv.cfg')]
    expect(files.filter((file) => readFileSync(file, 'latin1').includes(built.dir))).toEqual([])
    expect(readdirSync(built.finalDir).filter((name) => name.startsWith('.install'))).toEqual([])
  })

  test('holds no credentials, nor do its lock, its downloads, the command lines and what was printed', () => {
    const places = [...filesBelow(built.finalDir), ...filesBelow(downloadDir)]
    expect(places.length).toBeGreaterThan(20)
    expect(places.filter((file) => readFileSync(file, 'latin1').includes(password))).toEqual([])
    expect(installed.lock).not.toContain(password)
    expect(commands.flatMap(({ argv }) => argv).filter((one) => one.includes(password))).toEqual([])
    expect(printed.join('\n')).toContain('Successfully installed')
    expect(printed.join('\n')).not.toContain(password)
  })

  test('fits a lock that names every package with its hash', async () => {
    const facts = await installer.facts()
    expect(installed.lock).toMatch(/^jam==1\.0 \\\n {4}--hash=sha256:[0-9a-f]{64}\nkiwi==1\.0 \\\n.*\nplum==1\.5 \\\n/m)
    expect(installer.fits(installed.lock, declaration, facts)).toBe(true)
    expect(installer.fits(installed.lock, declare('kiwi>=1'), facts)).toBe(false)
    expect(installer.fits(installed.lock, declaration, { ...facts, id: 'cpython-3.9.1-x86_64-linux-gnu' })).toBe(false)
    expect(installer.fits('kiwi==1.0', declaration, facts)).toBe(false)
  })

  test(
    'is made again from its lock, whatever has come since; says what has, and what does not go together in it',
    async () => {
      index.publish(wheel('plum', '1.6'), wheel('plum', '9.0', { tag: 'cp39-cp39-win_amd64' }))
      const again = job(declaration, sources, { lock: installed.lock })
      const same = await installer.install(again)
      expect(versions(same)).toEqual(versions(installed))
      expect(same.lock).toBe(installed.lock)
      renameSync(again.dir, again.finalDir)
      const about = { declaration, sources, runTool, downloadDir, environment: again.finalDir }
      const [outdated, conflicts] = await Promise.all([installer.outdated(about), installer.conflicts(about)])
      expect(outdated).toEqual([{ name: 'plum', latest: '1.6' }])
      expect(conflicts).toEqual([])

      const [metadata = ''] = filesBelow(again.finalDir).filter((file) => /kiwi-1\.0\.dist-info\/METADATA$/.test(file))
      writeFileSync(metadata, readFileSync(metadata, 'utf8').replace('plum>=1', 'plum<1'))
      expect(await installer.conflicts(about)).toEqual(['kiwi 1.0 has requirement plum<1, but you have plum 1.5.'])
    },
    timeoutMs,
  )

  test(
    'is refused when a file is not the one that the lock names',
    async () => {
      const lock = installed.lock.replaceAll(/(plum==1\.5 \\\n {4}--hash=sha256:)[0-9a-f]{64}/g, `$1${'0'.repeat(64)}`)
      expect(lock).not.toBe(installed.lock)
      const { message, lines } = await failure(installer.install(job(declaration, sources, { lock })))
      expect(message).toMatch(/^plum-1\.5-py3-none-any\.whl is not the file that the lock names .*tampered/)
      expect(lines.join('\n')).toContain('DO NOT MATCH THE HASHES')
    },
    timeoutMs,
  )
})

/** A package that nobody has is in ../runs.test.ts, a login that is missing, and a wheel offline, in ../safety.test.ts. */
describe('what cannot be installed is told in words', () => {
  const index = indexOf(
    wheel('kiwi', '1.0', { requires: ['plum<2'] }),
    wheel('lime', '1.0', { requires: ['plum>=2'] }),
    ...[wheel('plum'), wheel('plum', '2.0'), wheel('garbage'), wheel('liar'), wheel('cut')],
    ...[makeSdist({ name: 'sour', version: '1.0', canary }), makeSdist({ name: 'plum', version: '3.0', canary })],
  )
  index.breakFile('garbage-1.0-py3-none-any.whl')
  index.breakFile('cut-1.0-py3-none-any.whl', 'cut')
  index.wrongHash('liar-1.0-py3-none-any.whl')

  test.concurrent.each<[string, string[], string, RegExp]>([
    [
      'versions that contradict each other',
      ['kiwi', 'lime'],
      index.url,
      /^These cannot be installed together: .*kiwi 1\.0 depends on plum<2; lime 1\.0 depends on plum>=2/,
    ],
    ['a wheel that is none', ['garbage'], index.url, /^The wheel of garbage is broken/],
    [
      'a file with another hash than the index says',
      ['liar'],
      index.url,
      /^liar-1\.0-py3-none-any\.whl is not the file that the index names .*tampered/,
    ],
    [
      'a file that was cut off',
      ['cut'],
      index.url,
      /^cut-1\.0-py3-none-any\.whl is not the file that the index names .*cut off/,
    ],
    ['a package that is source only', ['sour'], index.url, /^sour is there as source only, .*PIP_BUILDS_ALLOWED/],
    [
      'an index that is not there',
      ['kiwi'],
      'http://127.0.0.1:1/simple',
      /^http:\/\/127\.0\.0\.1:1\/simple cannot be reached .*refused/,
    ],
    [
      'an index without TLS where it should have it',
      ['kiwi'],
      index.url.replace('http:', 'https:'),
      /^The certificate of https:\/\/127/,
    ],
  ])(
    '%s',
    async (_, lines, where, words) => {
      const error = await failure(installer.install(job(declare(...lines), sourcesAt(where))))
      expect(error.message).toMatch(words)
      expect(error.lines.length).toBeGreaterThan(0)
      expect(error.lines.length).toBeLessThanOrEqual(20)
      expect(error.kind).toBe('failed')
    },
    timeoutMs,
  )

  test('and no code of a package has run', () => {
    expect(existsSync(canary)).toBe(false)
  })
})

test.concurrent(
  'source is built where it is allowed and there is no wheel; what was built is not kept for others',
  async () => {
    const ran = join(root, 'canary-allowed')
    const index = indexOf(makeSdist({ name: 'sour', version: '1.0', canary: ran }), wheel('plum', '3.3'))
    const sources = sourcesAt(index.url, { pipBuildsAllowed: ['Sour', 'plum'] })
    const done = job(declare('sour', 'plum'), sources)
    const before = commands.length
    const installed = await installer.install(done)
    expect(versions(installed)).toEqual(['plum 3.3', 'sour 1.0'])
    expect(existsSync(ran)).toBe(true)
    expect(existsSync(join(downloadDir, 'wheels/plum-3.3-py3-none-any.whl'))).toBe(false)
    const mine = commands.slice(before).filter(({ cwd }) => cwd?.startsWith(done.dir))
    const building = mine.filter(({ argv }) => argv.includes('--no-binary'))
    expect(building.length).toBe(2)
    expect(building.every(({ runsPackages }) => runsPackages)).toBe(true)
    expect(mine.filter(({ runsPackages }) => runsPackages).length).toBe(2)
  },
  timeoutMs,
)

test.concurrent(
  'a lock that does not fit any more is kept where it can be, and given up where it cannot',
  async () => {
    const index = indexOf(wheel('kiwi'), wheel('plum'), wheel('lime', '1.0', { requires: ['plum'] }))
    const sources = sourcesAt(index.url)
    const staleLock = await lockOf(declare('kiwi', 'plum'), wheel('kiwi'), wheel('plum'))
    index.publish(wheel('kiwi', '2.0'), wheel('plum', '2.0'), wheel('pear', '1.0', { requires: ['kiwi>=2'] }))
    const rows: [string[], string[]][] = [
      [
        ['kiwi>=2', 'plum', 'lime'],
        ['kiwi 2.0', 'lime 1.0', 'plum 1.0'],
      ],
      [
        ['pear', 'plum'],
        ['kiwi 2.0', 'pear 1.0', 'plum 2.0'],
      ],
    ]
    const found = await Promise.all(
      rows.map(async ([lines]) => versions(await installer.install(job(declare(...lines), sources, { staleLock })))),
    )
    expect(found).toEqual(rows.map(([, expected]) => expected))
    expect(notes.filter((note) => note.includes('resolved anew')).length).toBe(1)
  },
  timeoutMs,
)

test.concurrent(
  'another file of a version that a lock names is refused',
  async () => {
    const lock = await lockOf(declare('kiwi'), wheel('kiwi'))
    const index = indexOf(wheel('kiwi', '1.0', { modules: { kiwi: 'import evil' } }), wheel('lime'))
    const changed = job(declare('kiwi', 'lime'), sourcesAt(index.url), { staleLock: lock })
    expect((await failure(installer.install(changed))).message).toMatch(
      /^kiwi 1\.0 is another file than the one that the lock names/,
    )
  },
  timeoutMs,
)

test.concurrent(
  'a lock of another platform is made to serve both; offline, packages come from what was fetched before and the wheel folder',
  async () => {
    const here = join(root, 'offline')
    const { job: jobHere } = createJobs(here, runTool)
    const wheelDir = join(here, 'my wheels')
    mkdirSync(wheelDir, { recursive: true })
    const mine = wheel('mine', '1.0', { requires: ['fetched'] })
    writeFileSync(join(wheelDir, mine.filename), mine.bytes)
    const index = startIndex({ wheels: [wheel('fetched')] })
    const { id } = await installer.facts()
    const foreign = (await lockOf(declare('fetched'), wheel('fetched')))
      .replace(id, 'cpython-3.9.1-aarch64-linux-gnu')
      .replace(/sha256:\w+/, `sha256:${'1'.repeat(64)}`)
    const both = await installer.install(jobHere(declare('fetched'), sourcesAt(index.url), { staleLock: foreign }))
    index.stop()
    expect(both.lock).toContain(`# platforms: ${['cpython-3.9.1-aarch64-linux-gnu', id].sort().join(', ')}`)
    expect(both.lock.match(/--hash=/g)?.length).toBe(2)
    const sources = sourcesAt(index.url, { isOffline: true, wheelDir })
    const resolved = await installer.install(jobHere(declare('mine'), sources))
    const locked = await installer.install(jobHere(declare('mine'), sources, { lock: resolved.lock }))
    for (const installed of [resolved, locked]) expect(versions(installed)).toEqual(['fetched 1.0', 'mine 1.0'])
  },
  timeoutMs,
)

test.concurrent(
  'a package by its address is locked by it, and comes from there again',
  async () => {
    const direct = wheel('direct')
    const index = indexOf(direct)
    const address = `${new URL(index.url).origin}/files/${direct.filename}`
    const allowing = { urlPrefixes: [`${new URL(index.url).origin}/files/`], indexes: [], buildsAllowed: [] }
    const deps = { python, uv: null, factsFile: join(root, 'facts.json'), runProbe: runTool, policy: () => allowing }
    const open = createPythonInstaller(deps)
    const nowhere = sourcesAt('http://127.0.0.1:1/simple')
    const declaration = declare(`direct @ ${address}`)
    const first = await open.install(job(declaration, nowhere))
    expect(versions(first)).toEqual(['direct 1.0'])
    expect(first.lock).toContain(`direct @ ${address} \\\n    --hash=sha256:`)
    expect(versions(await open.install(job(declaration, nowhere, { lock: first.lock })))).toEqual(['direct 1.0'])
  },
  timeoutMs,
)

test(
  'a declaration of nothing is an environment with nothing in it',
  async () => {
    const installed = await installer.install(job(declare(), sourcesAt('http://127.0.0.1:1/simple')))
    expect(installed.packages).toEqual([])
    expect(installer.fits(installed.lock, declare(), await installer.facts())).toBe(true)
  },
  timeoutMs,
)
