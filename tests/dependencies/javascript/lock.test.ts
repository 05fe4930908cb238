import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { lockFits, lockProblems, parseLock, portableLock } from '../../../src/dependencies/javascript/lock.ts'
import { failureOf } from '../../harness/failure.ts'
import { tempFolder } from '../../harness/folder.ts'
import { type Registry, startRegistry } from '../../harness/registry.ts'
import { createBuilds, declare, installer, sourcesOf } from './jobs.ts'

const hash = `sha512-${'A'.repeat(86)}==`
const entry = (what: string, address = '') =>
  `"left": [${JSON.stringify(what)}, ${JSON.stringify(address)}, {}, "${hash}"],`
const lockOf = (
  packages = entry('left@1.0.0'),
  root = '"name": "x", "dependencies": { "left": "^1.0.0", }',
  more = '',
) => `{
  // written by hand
  "lockfileVersion": 1,
  "workspaces": { "": { ${root} } },${more}
  "packages": { ${packages} },
}`

describe('a lock fits', () => {
  const left = declare({ left: '^1.0.0' })
  test.each<[string, boolean, string, ReturnType<typeof declare>]>([
    ['the declaration it was made for', true, lockOf(), left],
    ['not another specifier', false, lockOf(), declare({ left: '^1.0.1' })],
    ['not one package more', false, lockOf(), declare({ left: '^1.0.0', right: '1' })],
    ['not one package less', false, lockOf(), declare({})],
    ['not with a version that is not asked for', false, lockOf(entry('left@2.0.0')), left],
    ['not with another package in its place', false, lockOf(entry('evil@1.0.0')), left],
    ['not where nothing was resolved', false, lockOf(''), left],
    ['not with other overrides', false, lockOf(), declare({ left: '^1.0.0' }, { deep: '1.0.0' })],
    [
      'with the same overrides',
      true,
      lockOf(undefined, undefined, '"overrides": { "deep": "1.0.0" },'),
      declare({ left: '^1.0.0' }, { deep: '1.0.0' }),
    ],
    [
      'not with packages for development in it',
      false,
      lockOf(undefined, '"dependencies": { "left": "^1.0.0" }, "devDependencies": { "a": "1" }'),
      left,
    ],
    ['not with patches', false, lockOf(undefined, undefined, '"patchedDependencies": { "left@1.0.0": "p" },'), left],
    ['not when it cannot be read', false, 'lockfile v1', left],
    ['not when it is a list', false, '[]', left],
    ['not when it is another list', false, lockOf('"left": "left@1.0.0"'), left],
  ])('%s', (_, isFitting, text, declaration) => expect(lockFits(text, declaration)).toBe(isFitting))
})

describe('a lock that names other places than the registry is refused', () => {
  const allowed = { registry: 'https://registry.example/npm', urls: ['https://files.example/left.tgz'] }
  const tarball = (what: string) => `"left": [${JSON.stringify(what)}, {}, "${hash}"],`
  test.each<[string, string, string[]]>([
    ['no address', entry('left@1.0.0'), []],
    ['the registry', entry('left@1.0.0', 'https://registry.example/npm/left/-/left-1.0.0.tgz'), []],
    ['a version with a tag', entry('left@1.0.0-rc.1+build'), []],
    ['an address that is declared', tarball('left@https://files.example/left.tgz'), []],
    ['another host', entry('left@1.0.0', 'https://evil.example/l.tgz'), ['left comes from https://evil.example/l.tgz']],
    [
      'another scheme',
      entry('left@1.0.0', 'http://registry.example/l.tgz'),
      ['left comes from http://registry.example/l.tgz'],
    ],
    ['a file', entry('left@1.0.0', 'file:///etc/passwd'), ['left comes from file:///etc/passwd']],
    ['no address at all', entry('left@1.0.0', '../x.tgz'), ['left comes from ../x.tgz']],
    ['a tarball', tarball('left@https://evil.example/l.tgz'), ['left comes from https://evil.example/l.tgz']],
    ['a folder', tarball('left@file:../../etc'), ['left comes from file:../../etc']],
    ['a link', tarball('left@link:/etc'), ['left comes from link:/etc']],
    ['a workspace', tarball('left@workspace:x'), ['left comes from workspace:x']],
    ['git', tarball('left@git+ssh://git@evil.example/x#abc'), ['left comes from git+ssh://git@evil.example/x#abc']],
    ['GitHub', tarball('left@github:a/b#c'), ['left comes from github:a/b#c']],
    ['a path for a name', entry('../left@1.0.0'), ['left is called ../left']],
    ['a hash that is none', entry('left@1.0.0').replace(hash, 'md5-x'), ['left has a hash that is none']],
  ])('%s', (_, packages, problems) => expect(lockProblems(parseLock(lockOf(packages)), allowed)).toEqual(problems))
})

describe('what the installer does with it', () => {
  const build = createBuilds(tempFolder())
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry()
    await registry.add({ name: 'left', version: '1.0.0' }, { name: 'left', version: '1.1.0' })
  })
  afterAll(() => registry.stop())

  test('one that fits is refused, and the file is named', async () => {
    const lock = lockOf(entry('left@1.0.0', 'https://evil.example/l.tgz'))
    const building = build(declare({ left: '^1.0.0' }), sourcesOf(registry), { lock })
    expect(await failureOf(building)).toContain(
      `left comes from https://evil.example/l.tgz in js/bun.lock; packages come from the registry ${new URL(registry.url).host} alone. Renew the lock with "update".`,
    )
    expect(registry.requests).toEqual([])
  })

  test('one that does not fit is left aside, and that is said', async () => {
    const staleLock = lockOf(entry('left@1.0.0', 'https://evil.example/l.tgz'))
    const { packages, notes } = await build(declare({ left: '1.1.0' }), sourcesOf(registry), { staleLock })
    expect(packages).toEqual([{ name: 'left', version: '1.1.0' }])
    expect(notes.join()).toContain('The lock is made anew.')
  })

  test('one that cannot be read is left aside, too', async () => {
    const { packages } = await build(declare({ left: '1.1.0' }), sourcesOf(registry), { staleLock: '{"packages": 1' })
    expect(packages).toEqual([{ name: 'left', version: '1.1.0' }])
  })
})

test('locks that install the same have one digest, however they are written', () => {
  const digest = (text: string) => installer.lockDigest(text)
  const text = lockOf(entry('left@1.0.0'))
  expect(digest(text.replace('// written by hand', '').replaceAll('\n', ' '))).toBe(digest(text))
  expect(digest(lockOf(entry('left@1.0.0', 'https://mirror.example/left.tgz')))).toBe(digest(text))
  expect(digest(lockOf(entry('left@1.0.1')))).not.toBe(digest(text))
  expect(digest(text.replace(hash, hash.replace('A', 'B')))).not.toBe(digest(text))
  expect(digest('no lock')).not.toBe(digest('neither'))
})

test.each<[string, string, string]>([
  ['the usual address goes', 'https://registry.example/npm/left/-/left-1.0.0.tgz', ''],
  ['one at another host goes', 'https://cdn.example/x.tgz', ''],
  [
    'an unusual one at the registry stays',
    'https://registry.example/dl/left.tgz',
    'https://registry.example/dl/left.tgz',
  ],
])('in a lock that is kept %s', (_, address, kept) => {
  const text = portableLock(lockOf(entry('left@1.0.0', address)), 'https://user:word@registry.example/npm/')
  expect(text).toBe(lockOf(entry('left@1.0.0', kept)))
})
