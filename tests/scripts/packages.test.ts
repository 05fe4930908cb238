/** Scripts and their packages, as far as the scripts folder has to do with them. */
import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import type { Caller } from '../../src/http/caller.ts'
import type { Permissions } from '../../src/isolation/model.ts'
import type { Deleted } from '../../src/scripts/deleted.ts'
import { mayListPackages, packagesRuntimeOf } from '../../src/scripts/packages-files.ts'
import type { QuestionStart } from '../../src/scripts/question-start.ts'
import { createRemoval } from '../../src/scripts/removal.ts'
import type { ScannerOptions } from '../../src/scripts/scanner.ts'
import { refuseStrangers } from '../../src/scripts/trust.ts'
import { createLab, js, type Lab, python } from './lab.ts'

let lab: Lab
const open = async (packages: Partial<ScannerOptions> = {}) => {
  lab = await createLab({ schema_timeout_sec: 5 }, packages)
}
afterEach(() => lab.close())

/** Cannot answer without its package. */
const needy = `import needed\n${python({ n: { type: 'int' } })}`

describe('a script is asked for its schema with its packages', () => {
  test('by what it is started with, with its variables and programs', async () => {
    const released: string[] = []
    const start = (file: string): QuestionStart => ({
      argv: (args) => [
        '/bin/sh',
        '-c',
        'printf \'{"%s": {"type": "str", "help": "%s"}}\' "$WORD" "$PATH"',
        file,
        ...args,
      ],
      env: { WORD: 'word' },
      binDir: '/the/bin',
      readable: () => ['/bin'],
      release: () => void released.push(file),
    })
    await open({ startOf: ({ file, runtime }) => (runtime.name === 'js' ? start(file) : null) })
    lab.write('js/a.js', js({}))
    lab.write('python/a.py', python({ own: { type: 'int' } }))
    await lab.scan()
    expect(lab.script('a.py')?.params).toEqual({ own: { type: 'int' } })
    expect(lab.script('a.js')?.params.word?.help).toMatch(/^\/the\/bin:\//)
    expect(released).toEqual([lab.path('js/a.js')])
  })

  test('what it needs may be read while it is asked', async () => {
    const readable: (string[] | undefined)[] = []
    const permissions: Permissions = { net: true, read: ['/asked'], write: [], env: true, run: true }
    await open({
      startOf: ({ file }) => ({
        ...{ argv: (args) => ['python3', file, ...args], env: {}, binDir: '/bin' },
        readable: ({ read }) => ['/the/environment', ...(read === true ? ['/all'] : read)],
      }),
      makePlace: (script) => {
        readable.push(script.readable?.(permissions))
        throw new Error('no place')
      },
    })
    lab.write('python/a.py', python({}))
    await lab.scan()
    expect(readable).toEqual([['/the/environment', '/asked']])
  })

  const answers: [what: string, text: string, pending: string[], error: string | null][] = [
    ['one that can answer all the same has no error', python({}), ['needed'], null],
    [
      'one that fails is told what is missing',
      needy,
      ['needed', 'other'],
      'It did not answer --_sys_get_schema: its packages (needed, other) are not installed yet; it is asked again when they are.',
    ],
    [
      'of many, the first are named',
      needy,
      [...'abcdefg'],
      'It did not answer --_sys_get_schema: its packages (a, b, c, d, e, and 2 more) are not installed yet; it is asked again when they are.',
    ],
  ]
  test.each(answers)('%s', async (_, text, pending, error) => {
    await open({ pendingPackages: () => pending })
    lab.write('python/a.py', text)
    await lab.scan()
    expect(lab.script('a.py')?.error).toBe(error)
  })

  test('one that fails with all of them says why itself', async () => {
    await open({ pendingPackages: () => [] })
    lab.write('python/a.py', needy)
    await lab.scan()
    expect(lab.script('a.py')?.error).toContain("No module named 'needed'")
  })

  test.each([false, true])('when they are there it is asked again, also after a restart: %p', async (isRestarted) => {
    const pending = new Set(['needed'])
    await open({ pendingPackages: () => [...pending] })
    lab.write('python/a.py', needy)
    expect(await lab.scan()).toEqual(['python/a.py'])
    expect(await lab.scan()).toEqual([]) // not there yet
    lab.write('python/needed/__init__.py', '')
    pending.clear()
    if (isRestarted) lab.restart()
    await lab.scan()
    expect(lab.script('a.py')).toMatchObject({ state: 'active', error: null })
    expect(await lab.scan()).toEqual([])
  })

  test('one whose sidecar stands in is asked again, too', async () => {
    const pending = new Set(['needed'])
    await open({ pendingPackages: () => [...pending] })
    lab.write('python/a.py', needy)
    lab.write('python/.a._map.json', '{"n": {"type": "int"}}')
    await lab.scan()
    expect(lab.script('a.py')).toMatchObject({ state: 'active' })
    expect(lab.script('a.py')?.warnings.join()).toContain('its packages (needed) are not installed yet')
    pending.clear()
    expect(await lab.scan()).toEqual(['python/a.py'])
  })
})

test('each look through the folders is told, whether anything changed or not', async () => {
  let looks = 0
  await open({ onLook: () => void looks++ })
  await lab.scan()
  await lab.scan()
  expect(looks).toBe(2)
})

describe('names', () => {
  const rows: [name: string, runtime: 'python' | 'js' | null, isNews: boolean][] = [
    ['requirements.txt', 'python', true],
    ['g/x_requirements.lock', 'python', true],
    ['package.json', 'js', true],
    ['x_bun.lock', 'js', true],
    ['g/base.txt', null, true],
    ['_requirements.txt', null, true],
    ['xrequirements.lock', null, false],
    ['package-lock.json', null, false],
    ['.x.txt', null, false],
    ['requirements.txt.bak', null, false],
  ]
  test.each(rows)('%s', (name, runtime, isNews) => {
    expect(packagesRuntimeOf(name)).toBe(runtime)
    expect(mayListPackages(name)).toBe(isNews)
  })
})

const unkept = { keep: async () => {}, offer: async () => false } as unknown as Deleted

describe('a script that is deleted takes its list and lock along, and no other', () => {
  const rows: [script: string, goes: string[], stays: string[]][] = [
    [
      'python/g/a.py',
      ['python/g/a_requirements.txt', 'python/g/a_requirements.lock'],
      ['python/g/requirements.txt', 'python/g/ba_requirements.txt', 'python/g/a_package.json'],
    ],
    ['js/a.js', ['js/a_package.json', 'js/a_bun.lock'], ['js/package.json', 'js/a_requirements.txt']],
  ]
  test.each(rows)('%s', async (script, goes, stays) => {
    await open()
    lab.write(script, script.endsWith('.py') ? python({}) : js({}))
    for (const name of [...goes, ...stays]) lab.write(name, '{}')
    await lab.scan()
    const rest = { inTurn: <T>(act: () => Promise<T>) => act(), forget: async () => {}, broughtBack: () => {} }
    await createRemoval({ ...lab, ...rest, deleted: unkept }).remove('a')
    expect([script, ...goes, ...stays].filter((name) => existsSync(lab.path(name)))).toEqual(stays)
  })
})

describe('who may not edit a script may not say what its packages are', () => {
  const rows: [filename: string, isRefused: boolean][] = [
    ['requirements.txt', true],
    ['requirements.lock', true],
    ['mine_requirements.txt', false],
    ['mine.py', false],
    ['open/requirements.txt', true],
    ['open/base.txt', true],
    ['open/BASE.TXT', true],
    ['open/tool_requirements.txt', false],
    ['open/data.csv', false],
    ['open/own/base.txt', false],
    ['open/closed/base.txt', true],
    ['open/closed/other_requirements.txt', true],
    ['open/closed/theirs/requirements.txt', true],
  ]
  test.each(rows)('%s', async (filename, isRefused) => {
    await open()
    lab.write('python/top.py', python({}))
    lab.write('python/open/tool.py', python({}))
    lab.write('python/open/own/x.py', python({}))
    lab.write('python/open/closed/theirs.py', python({}))
    await lab.scan()
    const caller = {
      ...{ seesAll: true, is: () => false },
      may: (_: string, row: { filename: string }) => !row.filename.startsWith('open/closed/'),
    } as unknown as Caller
    const place = () => refuseStrangers(lab.catalog, caller, [{ runtime: 'python', filename }])
    if (isRefused) expect(place).toThrow('would lie where a script that you may not change looks for code')
    else expect(place).not.toThrow()
  })
})
