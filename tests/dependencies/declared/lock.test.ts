/** requirements.lock: the same bytes for the same pins, and nothing in it but pins. */
import { describe, expect, test } from 'bun:test'
import {
  declarationHash,
  digestOfLock,
  formatLock,
  type Lock,
  mergeLocks,
  parseLock,
  renderLock,
} from '../../../src/dependencies/declared/lock.ts'

const policy = { urlPrefixes: ['https://wheels.example/'], indexes: [], buildsAllowed: [] }
const hash = (digit: string) => `sha256:${digit.repeat(64)}`
const packages = [
  {
    name: 'requests',
    version: '2.31.0',
    hashes: [hash('b'), hash('a')],
    extras: ['socks'],
    marker: 'os_name == "posix"',
  },
  { name: 'direct', version: '', hashes: [hash('c')], url: 'https://wheels.example/direct-1-py3-none-any.whl' },
  { name: 'certifi', version: '2024.2.2', hashes: [hash('d')] },
]
const text = formatLock({ normal: 'set', platform: 'cpython-3.11.7-linux', packages })
const read = (lock: string): Lock => {
  const parsed = parseLock(lock, policy)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.lock
}

test('is text that people can read, sorted', () => {
  expect(text).toBe(
    `# Written by ScriptGateway: the versions that are installed. Keep it with the declaration; do not change it by hand.
# declaration: ${declarationHash('set')}
# platforms: cpython-3.11.7-linux
certifi==2024.2.2 \\
    --hash=${hash('d')}
direct @ https://wheels.example/direct-1-py3-none-any.whl \\
    --hash=${hash('c')}
requests[socks]==2.31.0; os_name == "posix" \\
    --hash=${hash('a')} \\
    --hash=${hash('b')}
`,
  )
})

test('comes back as it was written', () => {
  expect(renderLock(read(text))).toBe(text)
  expect(read(text).packages.map(({ name, version }) => [name, version])).toEqual([
    ['certifi', '2024.2.2'],
    ['direct', ''],
    ['requests', '2.31.0'],
  ])
})

test('of a set without packages is one', () => {
  const empty = formatLock({ normal: 'x', platform: 'p', packages: [] })
  expect(read(empty)).toEqual({ declaration: declarationHash('x'), platforms: ['p'], packages: [] })
})

describe('its digest', () => {
  const digest = (lock: string) => digestOfLock(read(lock))

  test('is about what is installed, not about comments, order or platforms', () => {
    const [one, two] = [packages[2]!, packages[0]!]
    const other = formatLock({ normal: 'other', platform: 'q', packages: [two, packages[1]!, one] })
    expect(digest(`${other}\n# more`)).toBe(digest(text))
  })

  test.each([
    ['a version', '2.31.0', '2.31.1'],
    ['a hash', 'd'.repeat(64), 'e'.repeat(64)],
    ['an extra', '[socks]', ''],
  ])('changes with %s', (_, from, to) => {
    expect(digest(text.replace(from, to))).not.toBe(digest(text))
  })
})

describe('for a further platform', () => {
  const other = (change: (item: (typeof packages)[0]) => (typeof packages)[0]) =>
    read(
      formatLock({
        normal: 'set',
        platform: 'another',
        packages: packages.map((item) => change(item as (typeof packages)[0])),
      }),
    )

  test('joins the hashes of the same versions', () => {
    const merged = mergeLocks(
      read(text),
      other((item) => ({ ...item, hashes: [hash('f')] })),
    )
    expect(merged?.platforms).toEqual(['another', 'cpython-3.11.7-linux'])
    expect(merged?.packages.map(({ hashes }) => hashes.length)).toEqual([2, 2, 3])
  })

  test('is another one where a version is', () => {
    expect(
      mergeLocks(
        read(text),
        other((item) => ({ ...item, version: item.version && '9' })),
      ),
    ).toBeNull()
    expect(mergeLocks(read(text), { ...read(text), declaration: declarationHash('other') })).toBeNull()
    expect(mergeLocks(read(text), { ...read(text), packages: read(text).packages.slice(1) })).toBeNull()
  })
})

test.each([
  ['an option', '--index-url https://evil.example', 'is an option'],
  ['another file', '-r /etc/passwd', 'is an option'],
  ['a path', './evil', 'is a path'],
  ['a repository', `git+https://x/y --hash=${hash('0')}`, 'source code'],
  ['an address that is not allowed', `a @ https://evil.example/a.whl --hash=${hash('0')}`, 'DEPS_URL_PREFIXES'],
  ['a range', `a>=1 --hash=${hash('0')}`, 'does not name one version'],
  ['a prefix', `a==1.* --hash=${hash('0')}`, 'does not name one version'],
  ['two versions', `a==1,==2 --hash=${hash('0')}`, 'does not name one version'],
  ['any version', `a --hash=${hash('0')}`, 'does not name one version'],
  ['no hash', 'a==1', 'has no hash'],
  ['a weak hash', 'a==1 --hash=md5:00', 'is no hash'],
  ['a package twice', `certifi==1 --hash=${hash('0')}`, 'a second time'],
])('%s in it is refused', (_, line, words) => {
  const parsed = parseLock(`${text}${line}\n`, policy)
  expect('problem' in parsed ? parsed.problem : '').toContain(words)
  expect('problem' in parsed ? parsed.problem : '').toContain('Line 11 of the lock')
})

test.each([
  ['of somebody else', `requests==1 --hash=${hash('0')}\n`],
  ['with a platform that is none', text.replace('cpython-3.11.7-linux', '../x')],
  ['empty', ''],
])('one %s is refused', (_, lock) => {
  expect(parseLock(lock, policy)).toHaveProperty('problem')
})
