/** One requirement of a Python script: in one way of writing, or refused with what to do. */
import { describe, expect, test } from 'bun:test'
import { parseMarker, renderMarker } from '../../../src/dependencies/declared/marker.ts'
import { normaliseName, parseRequirement, renderRequirement } from '../../../src/dependencies/declared/pep508.ts'

const rendered = (text: string) => {
  const parsed = parseRequirement(text)
  return 'problem' in parsed ? parsed.problem : renderRequirement(parsed.requirement)
}

test.each([
  ['a name alone', 'requests', 'requests'],
  ['spaces', '  requests  >= 2.25.1 , < 3 ', 'requests>=2.25.1,<3'],
  ['brackets around the versions', 'requests (>=2)', 'requests>=2'],
  ['extras in any order, twice', 'qrcode[PIL, a_b,pil]>=7', 'qrcode[a-b,pil]>=7'],
  ['empty extras', 'qrcode[]', 'qrcode'],
  ['a version in another way of writing', 'torch==2.0.0-RC1', 'torch==2.0.0rc1'],
  ['a specifier twice', 'a>=1,>=1', 'a>=1'],
  ['a prefix', 'a==1.*, != 1.2.*', 'a==1.*,!=1.2.*'],
  ['a compatible release', 'a~=1.4.2', 'a~=1.4.2'],
  ['a local version', 'torch==2.3.1+cpu', 'torch==2.3.1+cpu'],
  ['a local version of several parts', 'torch==2.3.1+CPU-Linux.01', 'torch==2.3.1+cpu.linux.1'],
  ['an epoch', 'a>=1!2.0', 'a>=1!2.0'],
  ['an exact text, as it is', 'a=== V1.0-1', 'a===v1.0-1'],
  ['a marker', "a; python_version<'3.12'", 'a; python_version < "3.12"'],
  ['a marker with a version', 'a>=1 ; os_name=="nt"', 'a>=1; os_name == "nt"'],
  ['an address', 'a @ https://x.example/a-1.whl', 'a @ https://x.example/a-1.whl'],
  [
    'an address and a marker',
    'a@https://x.example/a.whl ; os_name == "nt"',
    'a @ https://x.example/a.whl ; os_name == "nt"',
  ],
  ['a semicolon in an address', 'a @ https://x.example/a;b.whl', 'a @ https://x.example/a;b.whl'],
])('%s is read', (_, text, canonical) => {
  expect(rendered(text)).toBe(canonical)
  expect(rendered(canonical)).toBe(canonical)
})

test.each([
  ['nothing', '', 'is empty'],
  ['an option', '--index-url https://evil.example', 'does not begin with the name'],
  ['a short option', '-r', 'does not begin with the name'],
  ['a line end', 'requests\nother', 'U+000A'],
  ['a look-alike letter', 'requ\u0435sts', 'U+0435'],
  ['a name that is only said in other letters', 'ｎumpy', 'U+FF4E'],
  ['a zero byte', 'a\0b', 'U+0000'],
  ['a path', '../x', 'is a path'],
  ['a path of a folder', 'folder/x', 'is a path'],
  ['an absolute path', '/etc/passwd', 'is a path'],
  ['a path of Windows', 'C:\\x', 'is a path'],
  ['a home folder', '~/x', 'is a path'],
  ['a wheel', 'a-1-py3-none-any.whl', 'WHEEL_DIR'],
  ['a repository', 'git+https://github.com/x/y', 'repository of source code'],
  ['a repository by ssh', 'git+ssh://git@github.com/x/y', 'repository of source code'],
  ['a named repository', 'a @ git+https://github.com/x/y', 'repository of source code'],
  ['a file address', 'file:///etc/passwd', 'is a file of this machine'],
  ['a named file address', 'a @ file:///etc/passwd', 'is a file of this machine'],
  ['an address without a name', 'https://x.example/a.whl', 'NAME @ https://'],
  ['an address of another kind', 'a @ ftp://x/a.whl', 'no http(s) address'],
  ['a variable', 'a==$' + '{VERSION}', 'variable'],
  ['two names', 'requests numpy', 'has "numpy" after the name'],
  ['a version without an operator', 'requests 2.31.0', 'has "2.31.0" after the name'],
  ['one equals sign', 'requests=2.31.0', 'write ==2.31.0'],
  ['how npm says it', 'requests^2.0', 'how npm says it'],
  ['a comma too many', 'a>=1,', 'comma'],
  ['no version', 'a>=', 'has no version after >='],
  ['a word for a version', 'a==latest', 'has no version after =='],
  ['a prefix where none can be', 'a>=1.*', 'only == and !='],
  ['a prefix of an early version', 'a==1.0rc1.*', 'can have none'],
  ['a local version where none can be', 'a>=1+cpu', 'local version'],
  ['a compatible release of one number', 'a~=1', 'two numbers'],
  ['numbers without end', `a==${'9'.repeat(17)}`, 'has no version'],
  ['bad extras', 'a[b c]', 'has extras that are no names'],
  ['extras with an option', 'a[--x]', 'has extras that are no names'],
  ['a name that ends badly', 'a->=1', 'is no version specifier'],
  ['a name that is too long', 'a'.repeat(101), 'more than 100'],
  ['a line that is too long', `a${' '.repeat(4100)}>=1`, 'more than 4000'],
  ['a command', 'a; rm -rf /', 'marker'],
  ['a command in a version', 'a==$(id)', 'has no version'],
  ['an unknown marker', 'a; os.name == "nt"', 'asks for "os.name"'],
  ['a marker of packages', "a; extra == 'x'", 'NAME[EXTRA]'],
  ['an empty marker', 'a;', 'marker needs a name'],
  ['a comment', 'a # b', '"# b" is no version'],
  ['an option behind', 'a --hash=sha256:00', 'is no version'],
])('%s is refused', (_, text, words) => {
  const parsed = parseRequirement(text)
  expect('problem' in parsed ? parsed.problem : JSON.stringify(parsed)).toContain(words)
  expect('problem' in parsed && parsed.problem.endsWith('.')).toBe(true)
})

test('names are the same as PEP 503 says', () => {
  expect(['Foo.Bar', 'foo__bar', 'FOO-._bar'].map(normaliseName)).toEqual(['foo-bar', 'foo-bar', 'foo-bar'])
})

describe('a marker', () => {
  const marker = (text: string) => {
    const parsed = parseMarker(text)
    return 'problem' in parsed ? parsed.problem : renderMarker(parsed.marker)
  }

  test.each([
    ["'3.8' <= python_version", 'python_version >= "3.8"'],
    ['"linux" in sys_platform', '"linux" in sys_platform'],
    ['sys_platform not  in "win32,cygwin"', 'sys_platform not in "win32,cygwin"'],
    [
      '((os_name == "a")) and (sys_platform == "b" or os_name == "c")',
      '(os_name == "c" or sys_platform == "b") and os_name == "a"',
    ],
    ['(os_name == "a" and os_name == "b") or os_name == "c"', 'os_name == "a" and os_name == "b" or os_name == "c"'],
    ['os_name == "b" or os_name == "a" or (os_name == "b")', 'os_name == "a" or os_name == "b"'],
    ['python_full_version ~= "3.8"', 'python_full_version ~= "3.8"'],
  ])('%s has one way of writing', (text, canonical) => {
    expect(marker(text)).toBe(canonical)
    expect(marker(canonical)).toBe(canonical)
  })

  test.each([
    ['"a" == "b"', 'two texts'],
    ['(os_name == "a"', 'not closed'],
    ['os_name == "a")', 'should end'],
    ['os_name', 'at its end'],
    ['os_name = "a"', 'cannot be read'],
    ['os_name == "a" and', 'at its end'],
    ['os_name not "a"', 'needs one of'],
    ['os_name == "a\nb"', 'cannot be read'],
    [`${'('.repeat(30)}os_name == "a"${')'.repeat(30)}`, 'brackets'],
    ['__import__("os")', 'asks for "__import__"'],
  ])('%s is refused', (text, words) => {
    expect(marker(text)).toContain(words)
  })

  test('that joins the other way round keeps its meaning', () => {
    expect(marker('os_name == "a" or os_name == "b" and os_name == "c"')).toBe(
      'os_name == "a" or os_name == "b" and os_name == "c"',
    )
  })
})
