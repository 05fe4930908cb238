/** What a hostile script tries, at each level: a cell of the table in docs/isolation.md is a test here, also those that say "no". */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { release } from 'node:os'
import { join, resolve } from 'node:path'
import type { Isolation } from '../../src/isolation/model.ts'
import { type AtPlain, attempt, attempts, everybody } from './attempts.ts'
import { damage, otherRuns, ownUid, ports, restore, setuid, startFixture, target, type Who } from './fixture.ts'
import { create, host, isOutOfSight, levels, places, plain, python, run, runJs, runPython, script } from './harness.ts'

const { data, elsewhere, scripts } = places
const q = JSON.stringify

let stop = () => {}
beforeAll(async () => {
  stop = await startFixture()
})
afterEach(restore)
afterAll(() => stop())

const gatewaysUser: Who = host.uid === 0 ? 'root' : 'same'
const confined: Who = host.canChangeUser ? 'own' : gatewaysUser
const all: [level: string, isolation: Isolation, who: Who][] = levels.map(([level, isolation]) => [
  level,
  isolation,
  confined,
])
if (host.canChangeUser) all.push(['plain', plain, 'own'])
else console.warn('tests/isolation: not root, so that plain with users of their own is not tried')
all.push(["plain, as the gateway's user", await create('plain', { uidBase: 0 }), gatewaysUser])
if (!host.setpriv || !host.prlimit) console.warn('tests/isolation: without util-linux, some of plain must fail here')

const [major = 0, minor = 0] = release().split('.').map(Number)
const holdsSignals = major > 6 || (major === 6 && minor >= 12)
const signals = 'signal the gateway or another run'
const attributes = 'change rights or times of files elsewhere'

function expectedOf(level: string, line: string, who: Who, atPlain: AtPlain = everybody): 'held' | 'ESCAPED' | 'host' {
  const isOpen =
    level.startsWith('plain') ||
    (level === 'landlock without mounts' && line === attributes) ||
    (level.startsWith('landlock') && line === signals && !holdsSignals)
  if (!isOpen) return 'held'
  return { yes: 'ESCAPED', host: 'host', no: 'held' }[atPlain[who] ?? 'no'] as 'held'
}

for (const [level, isolation, who] of python ? all : [])
  for (const [line, rows] of Object.entries(attempts))
    describe(`${level}: ${line}`, () => {
      const named = rows.map((row) => [expectedOf(level, line, who, row[3]), row[0], row] as const)
      test.each(named)('%s when %s', async (expected, sentence, [, body, asked]) => {
        const { stdout, stderr } = await runPython(isolation, attempt(body(otherRuns[who])), asked?.())
        const said = `${stdout}${stderr}`
        expect(said).not.toMatch(/NameError|SyntaxError/) // held by a mistake of ours
        if (expected !== 'host') expect(said).toMatch(expected === 'held' ? /^held:/ : /^ESCAPED$/m)
        else if (!/^ESCAPED$/m.test(said)) console.warn(`tests/isolation: not by ${level}: ${sentence}: ${said}`)
        if (expected === 'held') expect(damage()).toEqual([])
      })
    })

describe('the table in docs/isolation.md', () => {
  const text = readFileSync(resolve(import.meta.dir, '../../docs/isolation.md'), 'utf8')
  const [, table = ''] = text.match(/^\| a script tries to .*\n\|[-|]+\n((?:\|.*\n)+)/m) ?? []
  const lines = table
    .trim()
    .split('\n')
    .map((line) => line.slice(2, -2).split(' | '))
  /** Tried below, by more than Python. */
  const special = 'act on the sandbox before it holds: `bunfig.toml`, `LD_PRELOAD`, `BUN_OPTIONS`'

  test('has a line for all that is tried, and nothing else', () => {
    expect(lines.map(([line]) => line)).toEqual([...Object.keys(attempts), special])
  })

  test.each(Object.entries(attempts))('says no where all of it works, and only there: %s', (line, rows) => {
    const [, bwrap, landlock, withoutMounts, ...plains] = lines.find(([first]) => first === line) ?? []
    expect([bwrap, landlock, withoutMounts]).not.toContain('no')
    const isOpenTo = (...whos: Who[]) => rows.every(([, , , atPlain = everybody]) => whos.every((who) => atPlain[who]))
    expect(plains.map((cell) => cell === 'no')).toEqual([isOpenTo('own'), isOpenTo('root', 'same')])
  })
})

test.skipIf(!python)('plain without util-linux keeps what the gateway may, and says so', async () => {
  const bare = await create('plain', { host: { ...host, setpriv: null, prlimit: null } })
  const tried = (line: string, about: string) => {
    const [, body] = attempts[line]?.find(([sentence]) => sentence === about) ?? []
    return runPython(bare, attempt(body!(0)))
  }
  const gains = await tried("become root, use a setuid program, keep a right of root's", 'it may gain rights')
  expect(gains.stdout.trim()).toBe('ESCAPED')
  expect(gains.unenforced.join(' ')).toContain('setpriv (util-linux) is not installed')
  const large = await tried('raise a limit, dump its memory', 'a file larger than allowed is written')
  expect(large.stdout.trim()).toBe('ESCAPED')
  expect(large.unenforced.join(' ')).toContain('prlimit (util-linux) is not installed')
  if (host.uid !== 0) return
  const keeps = await tried("become root, use a setuid program, keep a right of root's", 'it keeps a right of root')
  expect(keeps.stdout.trim()).toBe('ESCAPED')
  expect(bare.report.user).toBe('root, with its rights: setpriv (util-linux) is missing')
  expect(keeps.unenforced.join(' ')).toContain('The script is root, with its rights')
})

describe.each(all)('%s: held as well', (level, isolation, who) => {
  const uid = who === 'own' ? ownUid : host.uid
  const isPlain = level.startsWith('plain')

  test.skipIf(!python || host.uid !== 0 || who !== 'own' || isOutOfSight)(
    'a setuid program is no other user',
    async () => {
      const { stdout } = await runPython(isolation, `import subprocess; subprocess.run([${q(setuid)}, '-u'])`)
      expect(stdout.trim()).toBe(String(uid))
    },
  )

  test('what JavaScript tries', async () => {
    const { stdout } = await runJs(
      isolation,
      `const fs = require('node:fs')
       for (const [name, act] of Object.entries({
         read: () => fs.readFileSync(${q(join(data, 'secret.txt'))}),
         write: () => fs.writeFileSync(${q(target)}, 'x'),
         own: () => fs.writeFileSync(${q(join(scripts, 'evil.py'))}, 'x'),
         environment: () => { if (!fs.readFileSync('/proc/${process.pid}/environ').length) throw 0 },
         signal: () => process.kill(${process.pid}, 0),
       })) try { act(); console.log('ESCAPED', name) } catch {}
       try { await fetch('http://127.0.0.1:${ports.other}'); console.log('ESCAPED fetch') } catch {}
       console.log(process.getuid())
       export default 1`,
      { net: [] },
      'ts',
    )
    const byUser = { own: [], root: ['signal'], same: ['environment', 'signal'] }[who]
    const signalled = level.startsWith('landlock') && !holdsSignals ? byUser.filter((name) => name === 'signal') : []
    const worked = isPlain ? ['read', 'write', 'own', ...byUser, 'fetch'] : signalled
    expect(stdout.trim().split('\n')).toEqual([...worked.map((name) => `ESCAPED ${name}`), String(uid)])
  })

  test('settings for Bun in the folder of the script act only when it is confined', async () => {
    const trace = join(elsewhere, 'preloaded')
    const folder = join(scripts, 'preload')
    script('preload/bunfig.toml', 'preload = ["./evil.ts"]\n')
    script(
      'preload/evil.ts',
      `try { require('node:fs').writeFileSync(${q(trace)}, String(process.getuid())) } catch {}`,
    )
    const file = script('preload/a.js', 'console.log("ran"); module.exports = 1')
    const cwd = folder
    const command = [process.execPath, 'run', '--no-install', '--no-env-file', file]
    await run(isolation, ['/bin/true'], { cwd })
    expect(existsSync(trace)).toBe(false)
    const { stdout } = await run(isolation, command, { cwd })
    expect(stdout).toBe('ran\n')
    // Of the script itself it is a part.
    expect(existsSync(trace) ? readFileSync(trace, 'utf8') : '').toBe(isPlain ? String(uid) : '')
    rmSync(trace, { force: true })
  })

  test.each(['LD_PRELOAD', 'BUN_OPTIONS', 'NODE_OPTIONS', 'BUN_INSPECT', 'LD_AUDIT'])(
    'the variable %s acts on no program but its own',
    async (name) => {
      // The loader complains once in each program that obeys it.
      const { stdout, stderr } = await run(isolation, ['/usr/bin/printenv', name], { env: { [name]: '/no/such.so' } })
      expect(stdout.trim()).toBe('/no/such.so')
      const complaints = stderr.match(/cannot be (preloaded|loaded)/g)?.length ?? 0
      expect(complaints).toBeLessThanOrEqual(name.startsWith('LD_') ? 1 : 0)
      expect(level).toBeString()
    },
  )
})
