/** Which level is picked, what it says of itself, and what it refuses to do. */
import { describe, expect, test } from 'bun:test'
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createLandlock } from '../../src/isolation/landlock.ts'
import { makeFilter } from '../../src/isolation/seccomp.ts'
import { findSystem } from '../../src/isolation/system.ts'
import { failureOf } from '../harness/failure.ts'
import { eventually } from '../harness/folder.ts'
import {
  type Asked,
  confinementOf,
  create,
  host,
  levels,
  places,
  plain,
  python,
  run,
  runPython,
  startProcess,
} from './harness.ts'

const { data, scripts, elsewhere, output } = places
const command = { argv: ['/bin/true'], cwd: scripts, env: { RUN_ID: 'x' } }

describe('the level', () => {
  test('is the best that works, with why no better one does', async () => {
    const { report } = await create('auto', { host: { ...host, bwrap: null } })
    expect(report.level).not.toBe('bwrap')
    expect(report.reasons[0]).toBe('bubblewrap: it is not installed (apt install bubblewrap).')
  })

  test('that is asked for and does not work ends the start', async () => {
    const started = create('bwrap', { host: { ...host, bwrap: '/bin/false' } })
    expect(await failureOf(started)).toContain(
      'ISOLATION=bwrap does not work here. bubblewrap: it ended with exit code 1.',
    )
  })

  test('is found in a moment', async () => {
    const startedAt = performance.now()
    await create('auto')
    expect(performance.now() - startedAt).toBeLessThan(1000) // 25 ms; a busy machine
  })

  test('plain says what nothing holds', () => {
    const { unenforced } = plain.confine(command, confinementOf({ net: [] }))
    expect(unenforced.join(' ')).toContain('Nothing keeps the script from the folders of the gateway')
    expect(unenforced.join(' ')).toContain('net: nothing holds')
    expect(unenforced.join(' ')).not.toContain('read: ')
  })

  const kernels: [sentence: string, abi: number, uidBase: number | null, words: string][] = [
    ['Linux 6.12 holds signals', 6, null, ''],
    ['Linux 6.11 does not', 5, null, 'Signals: before Linux 6.12, the script can stop the gateway'],
    ['but a user of its own may not signal the gateway', 5, 50_000, ''],
    ['Linux 6.1 holds no cutting of files either', 2, null, 'write: before Linux 6.2'],
  ]
  test.each(kernels)('landlock says what an old kernel does not hold: %s', (_, abi, uidBase, words) => {
    const deps = { host, uidBase, basics: [], system: findSystem(), bun: process.execPath, launcher: '/launcher.js' }
    // Nothing is given away, nor is the script's user asked whether it gets there: what matters is what is said.
    const idle = { ...deps, host: { ...host, canChangeUser: false } }
    const asked = confinementOf({ confinement: { readable: [], owned: [] } })
    const { unenforced } = createLandlock(idle, { abi, canMount: true })(command, asked)
    expect(unenforced.join(' ')).toContain(words)
    if (!words) expect(unenforced).toEqual([])
  })

  test.each(levels.filter(([name]) => name !== 'landlock without mounts'))(
    '%s enforces all that a policy can ask',
    (_, isolation) => {
      const asked: Asked = { net: [443], read: [], write: [elsewhere], run: ['/bin/true'] }
      expect(isolation.confine(command, confinementOf(asked)).unenforced).toEqual([])
    },
  )

  test('an interpreter in a closed folder is told, where it cannot be put back', async () => {
    if (!host.canChangeUser) return console.warn('skipped: only root can give scripts users of their own')
    const folder = join(elsewhere, 'closed')
    mkdirSync(folder, { mode: 0o700 })
    const path = join(folder, 'python3')
    copyFileSync('/bin/true', path)
    const { report } = await create('plain', { interpreters: [path] })
    expect(report.reasons.join()).toContain(`"${folder}" is closed to other users`)
    expect(report.user).toContain(`root without its rights for what ${path} runs`)
    chmodSync(folder, 0o755)
    expect((await create('plain', { interpreters: [path] })).report.user).not.toContain(path)
  })

  test('that covers what is hidden lists what is not', async () => {
    for (const [name, isolation] of levels.filter(([name]) => name === 'bwrap' || name === 'landlock')) {
      const { stdout } = await run(isolation, ['/bin/ls', '/'])
      expect([name, stdout.split('\n')]).toEqual([name, expect.arrayContaining(['etc', 'usr'])])
    }
  })

  test('with no user ids to give, scripts are root without its rights', async () => {
    if (host.uid !== 0) return
    for (const wanted of ['bwrap', 'landlock'] as const) {
      if (wanted === 'bwrap' && !host.bwrap) continue
      const isolation = await create(wanted, { uidBase: 0 })
      expect(isolation.report.user).toContain('SCRIPT_UID_BASE=0')
      const { stdout } = await run(isolation, ['/bin/grep', '-E', '^(Uid|CapEff|CapBnd)', '/proc/self/status'])
      expect(stdout.replace(/\s+/g, ' ').trim()).toBe('Uid: 0 0 0 0 CapEff: 0000000000000000 CapBnd: 0000000000000000')
    }
  })
})

describe.each(levels)('%s refuses', (_, isolation) => {
  const link = join(elsewhere, 'link-to-data')
  if (!existsSync(link)) symlinkSync(data, link)

  test.each<[string, Asked, string]>([
    [
      'a path that is not there',
      { read: ['/no/such'] },
      'The permission to read names "/no/such", which is not there.',
    ],
    ['the data folder', { read: [data] }, 'no script may see: it lies in the gateway'],
    ['what lies in it', { write: [join(data, 'static/other')] }, 'no script may see'],
    ['a link to it', { read: [link] }, 'no script may see'],
    ['the kernel', { write: ['/proc/sys'] }, 'no script gets'],
    ['devices', { read: ['/dev'] }, 'no script gets'],
  ])('%s', (_, asked, message) => {
    expect(() => isolation.confine(command, confinementOf(asked))).toThrow(message)
  })

  test('a program that cannot be started, with its name', async () => {
    const { exitCode, stderr } = await run(isolation, [join(scripts, 'nothing')])
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('nothing')
  })
})

describe.each(levels)('%s', (_, isolation) => {
  test.skipIf(!python)('write inside a protected folder, where it is named', async () => {
    const inside = join(scripts, 'state')
    mkdirSync(inside, { recursive: true, mode: 0o777 })
    Bun.spawnSync(['chmod', '777', inside])
    const text = `import os
open(${JSON.stringify(join(inside, 'a'))}, 'w')
try: open(${JSON.stringify(join(scripts, 'b'))}, 'w'); print('ESCAPED')
except OSError: print('held')`
    const { stdout, stderr } = await runPython(isolation, text, { write: [inside] })
    expect(stderr + stdout).toBe('held\n')
  })

  test('a script dies with its gateway', async () => {
    const mark = `RUN_ID=orphan-${crypto.randomUUID()}`
    const sleeper = isolation.confine(
      { argv: ['/bin/sleep', '300'], cwd: scripts, env: { RUN_ID: mark.slice(7) } },
      confinementOf({}),
    )
    // A gateway of its own, which starts the script and is killed.
    const source = `const [argv, env, file] = ${JSON.stringify([sleeper.argv, sleeper.env, sleeper.fileAsFd3])}
      const words = argv.map((word) => word.replaceAll('"parent":${process.pid},', '"parent":' + process.pid + ','))
      const fd = file ? [require('node:fs').openSync(file)] : []
      Bun.spawn(words, { env, cwd: '/', stdio: ['ignore', 'ignore', 'inherit', ...fd] })
      setInterval(() => {}, 1000)`
    const gateway = Bun.spawn([process.execPath, '-e', source], { stdio: ['ignore', 'ignore', 'inherit'] })
    const pids = () => findSleepers(mark)
    await eventually('the script runs', async () => (await pids()).length > 0)
    gateway.kill('SIGKILL')
    await gateway.exited
    await eventually('the script is gone', async () => (await pids()).length === 0)
  })
})

/** Processes named sleep that carry the mark. */
async function findSleepers(mark: string): Promise<number[]> {
  const found: number[] = []
  for (const pid of new Bun.Glob('[0-9]*').scanSync({ cwd: '/proc', onlyFiles: false })) {
    const read = (name: string) =>
      Bun.file(`/proc/${pid}/${name}`)
        .text()
        .catch(() => '')
    if ((await read('comm')).trim() === 'sleep' && (await read('environ')).includes(mark)) found.push(Number(pid))
  }
  return found
}

test('a script that dies at its file limit is told so by the kernel', async () => {
  const [, isolation] = levels[0] ?? ['plain', plain]
  const argv = ['/bin/dd', 'if=/dev/zero', `of=${join(output, 'big')}`, 'bs=1M', 'count=20']
  const { signal } = await run(isolation, argv)
  expect(signal).toBe('SIGXFSZ')
})

test.each(['x64', 'arm64'])('filters for %s are well formed', (machine) => {
  for (const net of ['all', 'ports', 'ports and names', 'none'] as const) {
    const program = makeFilter({ net, isRunListed: true }, machine)!
    const view = new DataView(program.buffer)
    const length = program.length / 8
    for (let at = 0; at < length; at++) {
      if ((view.getUint16(at * 8, true) & 7) !== 5) continue // a jump
      for (const jump of [view.getUint8(at * 8 + 2), view.getUint8(at * 8 + 3)])
        expect(at + 1 + jump).toBeLessThan(length)
    }
    expect(view.getUint16((length - 1) * 8, true)).toBe(6)
  }
  expect(makeFilter({ net: 'all', isRunListed: false }, 'riscv64')).toBeNull()
  expect(startProcess).toBeFunction()
})
