/** A requirements.txt: what it asks for, and every way of asking for more than that. */
import { describe, expect, test } from 'bun:test'
import { renderRequirement } from '../../../src/dependencies/declared/pep508.ts'
import type { Policy } from '../../../src/dependencies/declared/policy.ts'
import { parseRequirements } from '../../../src/dependencies/declared/requirements-file.ts'

const policy: Policy = {
  urlPrefixes: ['https://wheels.example/pub', 'https://port.example:8443/'],
  indexes: ['https://pypi.org/simple', 'https://mine.example/simple/'],
  buildsAllowed: ['Built_Here'],
}
const hash = (digit: string) => `sha256:${digit.repeat(64)}`

const parse = (text: string, others: Record<string, string> = {}) =>
  parseRequirements(
    { file: 'python/requirements.txt', text },
    {
      policy,
      include: (_, path) =>
        others[path] === undefined
          ? { problem: `${path} is not there.` }
          : { file: `python/${path}`, text: others[path] },
    },
  )
const read = (text: string, others?: Record<string, string>) => {
  const { requirements, problems } = parse(text, others)
  expect(problems).toEqual([])
  return requirements.map((one) => renderRequirement(one))
}

describe('what it asks for', () => {
  test.each<[string, string, string[]]>([
    ['comments and empty lines', '# top\n\n requests>=2 # why\n\t\n', ['requests>=2']],
    ['a byte order mark and Windows line ends', '\ufeffrequests\r\nnumpy\r\n', ['requests', 'numpy']],
    ['a line that goes on', 'requests \\\n  >=2, \\\n  <3\nnumpy', ['requests>=2,<3', 'numpy']],
    ['a comment that ends one', 'requests \\\n# why\nnumpy', ['requests', 'numpy']],
    [
      'a `#` in an address',
      `a @ https://wheels.example/pub/a.whl#sha256=${'0'.repeat(64)}`,
      [`a @ https://wheels.example/pub/a.whl#sha256=${'0'.repeat(64)}`],
    ],
    ['the same twice', 'requests>=2\nRequests >= 2', ['requests>=2']],
    [
      'two that a marker tells apart',
      'a==1; os_name=="nt"\na==2; os_name!="nt"',
      ['a==1; os_name == "nt"', 'a==2; os_name != "nt"'],
    ],
    [
      'the index that is asked anyway',
      '--index-url https://pypi.org/simple/\n-i https://mine.example/simple\n--extra-index-url=https://pypi.org/simple\na',
      ['a'],
    ],
    [
      'an address that is allowed',
      'a @ https://WHEELS.example/pub/sub/a-1.whl',
      ['a @ https://wheels.example/pub/sub/a-1.whl'],
    ],
    [
      'a source that may be built',
      'built-here @ https://wheels.example/pub/b.tar.gz',
      ['built-here @ https://wheels.example/pub/b.tar.gz'],
    ],
    ['nothing', '', []],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  test('hashes, on lines of their own', () => {
    const { requirements, problems } = parse(`a==1 \\\n    --hash=${hash('b')} \\\n    --hash ${hash('A')}\nb==1`)
    expect(problems).toEqual([])
    expect(requirements.map(({ hashes }) => hashes)).toEqual([[hash('a'), hash('b')], []])
  })

  test('what other files add', () => {
    const others = { 'base.txt': '-r more.txt\nb', 'more.txt': 'c' }
    for (const line of ['-r base.txt', '-rbase.txt', '--requirement base.txt', '--requirement=base.txt'])
      expect(read(`${line}\na`, others)).toEqual(['c', 'b', 'a'])
  })
})

describe('is refused', () => {
  test.each([
    ['an index', '--index-url https://evil.example/simple', 'PIP_INDEX_URL'],
    ['an index, in short', '-ihttps://evil.example/simple', 'PIP_INDEX_URL'],
    ['an index with the password of another', '-i https://u:p@pypi.org/simple', 'PIP_INDEX_URL'],
    ['another index', '--extra-index-url https://evil.example', 'PIP_EXTRA_INDEX_URLS'],
    ['constraints', '-c c.txt', 'Constraints are not read'],
    ['an editable folder', '-e .', 'WHEEL_DIR'],
    ['links', '-f /etc', 'WHEEL_DIR'],
    ['links, in full', '--find-links=http://x', 'WHEEL_DIR'],
    ['no index', '--no-index', 'DEPS_OFFLINE'],
    ['a host without certificates', '--trusted-host evil.example', 'Certificates'],
    ['building', '--no-binary :all:', 'PIP_BUILDS_ALLOWED'],
    ['early versions', '--pre', '>=2.0b1'],
    ['hashes for all', '--require-hashes', 'hashes of the lock'],
    ['another option', '--global-option=x', 'none but -r is taken'],
    ['an option after a package', 'a --config-settings=x=y', 'not taken after a package'],
    ['a short option after a package', 'a -r /etc/passwd', 'not taken after a package'],
    ['another kind of hash', `a --hash=md5:${'0'.repeat(32)}`, 'is no hash'],
    ['a variable', 'a==$' + '{HOME}', 'variable'],
    ['a variable in an option', '--index-url https://$' + '{TOKEN}@pypi.org/simple', 'variable'],
    ['a path', './a', 'is a path'],
    ['a repository', 'git+ssh://git@x/y', 'repository'],
    ['a file that is not there', '-r nothing.txt', 'nothing.txt is not there'],
    ['an address that is not allowed', 'a @ https://other.example/pub/a.whl', 'DEPS_URL_PREFIXES'],
    ['an address beside what is allowed', 'a @ https://wheels.example/public/a.whl', 'DEPS_URL_PREFIXES'],
    ['another port', 'a @ https://wheels.example:444/pub/a.whl', 'DEPS_URL_PREFIXES'],
    ['without encryption', 'a @ http://wheels.example/pub/a.whl', 'DEPS_URL_PREFIXES'],
    ['a host that only begins so', 'a @ https://wheels.example.evil/pub/a.whl', 'DEPS_URL_PREFIXES'],
    ['a user that looks like a host', 'a @ https://wheels.example@evil.example/pub/a.whl', 'has a user'],
    ['an empty user', 'a @ https://@wheels.example/pub/a.whl', 'has a user'],
    ['a way up', 'a @ https://wheels.example/pub/../x/a.whl', '".."'],
    ['a hidden way up', 'a @ https://wheels.example/pub/%2e%2e/x/a.whl', '".."'],
    ['a hidden slash', 'a @ https://wheels.example/pub/..%2fx/a.whl', 'hidden slashes'],
    ['a backslash', 'a @ https://wheels.example\\@evil.example/a.whl', 'backslashes'],
    ['something after `#`', 'a @ https://wheels.example/pub/a.whl#egg=b', 'only #sha256'],
    ['a source to be built', 'a @ https://wheels.example/pub/a.tar.gz', 'PIP_BUILDS_ALLOWED'],
    ['the same package in another way', 'ok\na>=1\nA>=2', 'second time'],
    ['the same package with other extras', 'ok\na\na[b]', 'line 2'],
    ['a control character', 'a\u000b--index-url https://x', 'U+000B'],
    ['a line end that only some know', 'a\u2028--index-url https://x', 'U+2028'],
  ])('%s', (_, text, words) => {
    const { requirements, problems } = parse(text)
    const line = text.split('\n').length
    expect(problems.map(({ path }) => path)).toEqual([`/line/${line}`])
    expect(problems[0]?.message).toContain(words)
    expect(requirements.some(({ key }) => key === 'evil')).toBe(false)
  })

  test('what is wrong in a file that is included, with its name and line', () => {
    const { problems } = parse('a\n-r base.txt', { 'base.txt': 'b\n\n-e .' })
    expect(problems).toEqual([
      { path: '/line/2', message: expect.stringContaining('python/base.txt, line 3: A folder cannot be installed') },
    ])
  })

  test('files that include each other', () => {
    expect(parse('-r a.txt', { 'a.txt': '-r b.txt', 'b.txt': '-r a.txt' }).problems[0]?.message).toContain(
      'includes itself',
    )
  })

  test('files that include each other too deep', () => {
    const others = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`${n}.txt`, `-r ${n + 1}.txt`]))
    expect(parse('-r 0.txt', others).problems[0]?.message).toContain('5 deep')
  })

  test('files that include others again and again', () => {
    const many = (name: string) => `${`-r ${name}\n`.repeat(30)}`
    const { problems } = parse(many('1.txt'), { '1.txt': many('2.txt'), '2.txt': many('3.txt'), '3.txt': '' })
    expect(problems.length).toBeLessThanOrEqual(50)
    expect(problems[0]?.message).toContain('More than 50 files')
  })

  test('more packages than anybody needs, and no more problems than anybody reads', () => {
    const { requirements, problems } = parse(Array.from({ length: 5000 }, (_, n) => `p${n}`).join('\n'))
    expect([requirements.length, problems.length]).toEqual([1000, 50])
  })
})

/** Numbers from a seed, so that what fails can be seen again. */
function* random(seed: number) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state / 2 ** 32
  }
}

test('whatever a file holds, nothing comes out of it that is an option, a path or a second line', () => {
  const numbers = random(42)
  const next = (below: number) => Math.floor((numbers.next().value ?? 0) * below)
  const pieces = [
    ...[
      'a',
      'requests',
      'B_c',
      '==',
      '>=',
      '~=',
      '<',
      ',',
      '1.0',
      '2.*',
      '[',
      ']',
      'x',
      ';',
      ' ',
      ' ',
      '\t',
      '\\',
      '\n',
      '\r',
    ],
    ...[
      '--index-url',
      '-r',
      '-e',
      '--hash=',
      hash('0'),
      '@',
      ' @ ',
      'https://wheels.example/pub/',
      '.whl',
      'file:',
      'git+',
      '..',
      '/',
    ],
    ...[
      '#',
      '$' + '{X}',
      '"',
      "'",
      'os_name',
      'python_version',
      ' and ',
      ' or ',
      ' in ',
      '(',
      ')',
      '\0',
      'é',
      '\u2028',
      '\ufeff',
      '%2e',
      '$(id)',
    ],
  ]
  const bad: string[] = []
  let taken = 0
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + next(9) }, () => pieces[next(pieces.length)]).join('')
    for (const requirement of parse(text).requirements) {
      taken++
      const line = renderRequirement(requirement)
      const again = parse(line)
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]*(\[[a-z0-9,-]+\])?([<>=!~]| @ https:\/\/wheels\.example\/|; |$)/.test(line))
        bad.push(text)
      if (/[^\x20-\x7e]|(^|\s)-|\.\.\/|\/\.\.|\$/.test(line)) bad.push(text)
      if (again.problems.length > 0 || renderRequirement(again.requirements[0]!) !== line) bad.push(text)
    }
  }
  expect(bad).toEqual([])
  expect(taken).toBeGreaterThan(1000)
})
