/** A package.json: what it asks for, what in it is refused, and what a change leaves as it was. */
import { describe, expect, test } from 'bun:test'
import { editPackageJson } from '../../../src/dependencies/declared/edit.ts'
import { setMember } from '../../../src/dependencies/declared/json-edit.ts'
import { npmNameProblem, parseNpmVersion } from '../../../src/dependencies/declared/npm-spec.ts'
import { npmRequirement, parsePackageJson } from '../../../src/dependencies/declared/package-json.ts'

const policy = { urlPrefixes: ['https://tarballs.example/x/'], indexes: [], buildsAllowed: [] }
const parse = (value: unknown) => parsePackageJson(typeof value === 'string' ? value : JSON.stringify(value), policy)

describe('a version', () => {
  test.each([
    ['', ''],
    ['*', ''],
    ['x', ''],
    ['^1.0.0', '^1.0.0'],
    ['  >= 1.2   <2 ', '>=1.2 <2'],
    ['1.2.3', '1.2.3'],
    ['v1.2', 'v1.2'],
    ['1.x||>=2.5.0', '1.x || >=2.5.0'],
    ['1.0.0 - 2.0.0', '1.0.0 - 2.0.0'],
    ['~1.2.3-beta.1', '~1.2.3-beta.1'],
    ['latest', 'latest'],
    ['next-11', 'next-11'],
    ['npm:is-odd@^3.0.0', 'npm:is-odd@^3.0.0'],
    ['npm:@scope/x@ >= 1', 'npm:@scope/x@>=1'],
    ['npm:is-odd', 'npm:is-odd'],
  ])('%p is read', (text, version) => {
    expect(parseNpmVersion(text, policy)).toEqual({ version, url: null })
  })

  test('an address that is allowed', () => {
    expect(parseNpmVersion('https://tarballs.example/x/a.tgz', policy)).toEqual({
      version: '',
      url: 'https://tarballs.example/x/a.tgz',
    })
  })

  test.each([
    ['file:../x', 'is a path'],
    ['./x', 'is a path'],
    ['../x', 'is a path'],
    ['~/x', 'is a path'],
    ['/etc', 'is a path'],
    ['C:\\x', 'is a path'],
    ['link:x', 'is a path'],
    ['portal:x', 'is a path'],
    ['workspace:*', 'repositories of many packages'],
    ['catalog:', 'repositories of many packages'],
    ['patch:x', 'repositories of many packages'],
    ['git+https://github.com/x/y', 'source code'],
    ['git@github.com:x/y', 'source code'],
    ['git://x/y', 'source code'],
    ['ssh://x/y', 'source code'],
    ['github:x/y', 'source code'],
    ['GITHUB:x/y', 'source code'],
    ['gist:1', 'source code'],
    ['x/y', 'GitHub'],
    ['x/y#main', 'GitHub'],
    ['http://tarballs.example/x/a.tgz', 'DEPS_URL_PREFIXES'],
    ['https://github.com/x/y.git', 'DEPS_URL_PREFIXES'],
    ['https://tarballs.example/x/../y.tgz', '".."'],
    ['ftp://x/y', 'begins with ftp:'],
    ['npm:../x@1', 'names a package that'],
    ['npm:x@file:y', 'no version after its last @'],
    ['npm:', 'names a package that'],
    ['==1.0', 'is no version'],
    ['1.0; rm -rf /', 'is no version'],
    ['$(id)', 'is no version'],
    ['--registry=x', 'is no version'],
    ['1\u0660', 'characters'],
    [`>=1${'.0'.repeat(200)}`, 'more than 256'],
  ])('%p is refused', (text, words) => {
    expect(JSON.stringify(parseNpmVersion(text, policy)).replaceAll('\\"', '"')).toContain(words)
    expect(parseNpmVersion(text, policy)).toHaveProperty('problem')
  })
})

test.each<[string, boolean]>([
  ['is-odd', true],
  ['@scope/x.y', true],
  ['JSONStream', true],
  ['7zip', true],
  ['.bin', false],
  ['_x', false],
  ['-g', false],
  ['--registry', false],
  ['../x', false],
  ['@x', false],
  ['@x/', false],
  ['@x/y/z', false],
  ['@../x', false],
  ['a b', false],
  ['a\nb', false],
  ['аxios', false], // a Cyrillic first letter
  ['a@1', false],
  ['__proto__', false],
  ['node_modules', false],
  ['', false],
  ['a'.repeat(215), false],
])('%p as a name', (name, isName) => {
  expect(npmNameProblem(name) === null).toBe(isName)
})

describe('a file', () => {
  test('asks for what is needed at run time', () => {
    const found = parse({
      dependencies: { 'is-odd': '^3.0.1', both: '1' },
      optionalDependencies: { fsevents: '2', both: '2' },
      devDependencies: { nothing: 'file:../x' },
      overrides: { 'is-number': '>= 6', any: '*' },
      scripts: { postinstall: 'rm -rf /' },
      trustedDependencies: ['is-odd'],
      workspaces: [],
    })
    expect(found?.problems).toEqual([])
    expect(found?.requirements).toEqual([
      npmRequirement('is-odd', { version: '^3.0.1', url: null }),
      npmRequirement('both', { version: '2', url: null }),
      npmRequirement('fsevents', { version: '2', url: null }),
    ])
    expect(found?.overrides).toEqual({ 'is-number': '>=6', any: '*' })
  })

  test.each<[string, unknown]>([
    ['with its type alone', { type: 'module' }],
    ['with tools alone', { devDependencies: { x: '1' }, workspaces: ['*'] }],
  ])('%s declares nothing', (_, value) => {
    expect(parse(value)).toBeNull()
  })

  test('that says that it needs nothing declares just that', () => {
    expect(parse({ dependencies: {} })).toEqual({ requirements: [], overrides: null, problems: [] })
  })

  test.each<[string, unknown, string, string]>([
    ['no JSON', '{"dependencies": {,}}', '', 'line 1, column 19'],
    ['another value', '[]', '', 'must be a JSON object'],
    ['a list of names', { dependencies: ['a'] }, '/dependencies', 'an object of names and versions'],
    ['a version that is none', { dependencies: { '@a/b': 1 } }, '/dependencies/@a~1b', 'must be a text'],
    ['a name that is none', { dependencies: { '../a': '1' } }, '/dependencies/..~1a', 'is no name'],
    ['a repository', { optionalDependencies: { a: 'github:x/y' } }, '/optionalDependencies/a', 'source code'],
    [
      'overrides in each other',
      { dependencies: {}, overrides: { a: { b: '1' } } },
      '/overrides/a',
      'one version for all',
    ],
    ['overrides for one version', { dependencies: {}, overrides: { 'a@1': '1' } }, '/overrides/a@1', 'is no name'],
    ['overrides by name', { dependencies: { a: '1' }, overrides: { a: '$a' } }, '/overrides/a', 'with "$"'],
    ['an override from elsewhere', { dependencies: {}, overrides: { a: 'file:x' } }, '/overrides/a', 'is a path'],
    ['workspaces', { dependencies: {}, workspaces: ['x'] }, '/workspaces', 'many packages'],
    ['patches', { dependencies: {}, patchedDependencies: { a: 'x' } }, '/patchedDependencies', 'patches'],
    ['resolutions', { dependencies: {}, resolutions: { a: '1' } }, '/resolutions', 'overrides'],
  ])('%s is a problem', (_, value, path, words) => {
    const problems = parse(value)?.problems
    expect(problems).toMatchObject([{ path }])
    expect(problems?.[0]?.message).toContain(words)
  })
})

describe('a change', () => {
  const add = (name: string, version: string) =>
    ({ kind: 'add', requirements: [npmRequirement(name, { version, url: null })] }) as const
  const text = `{\n\t"name": "x",\n\t"files": ["a", "b"],\n\t"dependencies": {\n\t\t"a": "1",\n\t\t"c": "https://x/c.tgz"\n\t},\n\t"optionalDependencies": {"o": "1"},\n\t"n": 1.50\n}\n`

  test('keeps everything else, with its spaces', () => {
    expect(editPackageJson(text, add('b', '^2'))).toBe(text.replace('"1",\n', '"1",\n\t\t"b": "^2",\n'))
    expect(editPackageJson(text, add('a', ''))).toBe(text.replace('"a": "1"', '"a": "*"'))
    expect(editPackageJson(text, { kind: 'remove', key: 'a' })).toBe(text.replace('\t\t"a": "1",\n', ''))
  })

  test('of what is optional leaves it optional', () => {
    expect(JSON.parse(editPackageJson(text, add('o', '2')))).toEqual({
      ...JSON.parse(text),
      optionalDependencies: { o: '2' },
    })
    expect(JSON.parse(editPackageJson(text, { kind: 'remove', key: 'o' })).optionalDependencies).toEqual({})
  })

  test('to exactly these keeps an address that nothing is said against', () => {
    const { requirements } = { requirements: [npmRequirement('c', { version: '', url: null })] }
    expect(JSON.parse(editPackageJson(text, { kind: 'exactly', requirements }))).toMatchObject({
      dependencies: { c: 'https://x/c.tgz' },
      optionalDependencies: {},
    })
  })

  test('that is none leaves every byte', () => {
    expect(editPackageJson(text, add('a', '1'))).toBe(text)
  })

  test('of a file that is not JSON is refused', () => {
    expect(() => editPackageJson('{', add('a', ''))).toThrow('cannot be changed here')
  })

  test.each([
    ['{}', '{\n  "k": 1\n}'],
    ['{ }\n', '{\n  "k": 1\n}\n'],
    ['{"a":{"k":2}}', '{"a":{"k":2},"k": 1}'],
    ['{"k":0,"a":"}","k":[{"k":5}]}', '{"k":0,"a":"}","k":1}'],
    ['{\r\n  "a": 1\r\n}\r\n', '{\r\n  "a": 1,\r\n  "k": 1\r\n}\r\n'],
    ['\ufeff{"\\u006b": "x\\"y"}', '\ufeff{"\\u006b": 1}'],
  ])('sets one member of %p', (before, after) => {
    expect(setMember(before, 'k', 1)).toBe(after)
  })

  test.each([
    ['{"k":1}', '{}'],
    ['{"a":1,"k":[1,2]}', '{"a":1}'],
    ['{\n  "k": {},\n  "a": 1\n}', '{\n  "a": 1\n}'],
  ])('takes one member of %p away', (before, after) => {
    expect(setMember(before, 'k', undefined)).toBe(after)
  })
})
