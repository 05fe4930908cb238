/** Packages written back: into the line they have, into a copy of a shared set, and nowhere when something is wrong. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import type { PlannedFile } from '../../../src/dependencies/declared/write.ts'
import { createDeclarationWriter, type DeclarationWriter } from '../../../src/dependencies/declared/write.ts'
import { GatewayError } from '../../../src/errors.ts'
import { createPlace, shown } from './place.ts'

let place: ReturnType<typeof createPlace>
let writer: DeclarationWriter
beforeEach(() => {
  place = createPlace()
  writer = createDeclarationWriter(place)
})
const x = () => place.script('python/x.py')
const text = (file: string) => readFileSync(place.path(file), 'utf8')
const done = async (planned: Promise<PlannedFile[]>) => {
  const files = await planned
  await writer.write(files)
  return files.map(({ file }) => file)
}
const failure = async (act: Promise<unknown>) => {
  const error = await act.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof GatewayError)) throw new Error(`No refusal, but ${error}`)
  return { type: error.type, message: error.message, paths: error.details.map(({ path }) => path) }
}
const hashed = `--hash=sha256:${'0'.repeat(64)}`

describe('a requirements.txt of its own', () => {
  const file = 'python/x_requirements.txt'
  const before = `# mine\r\n\r\nRequests >= 2 ; os_name == "posix"  # http\r\nnumpy==1.0 \\\r\n    ${hashed}\r\n\r\n-i https://pypi.org/simple\r\nlast`
  const change = async (act: () => Promise<PlannedFile[]>) => {
    place.put({ [file]: before })
    expect(await done(act())).toEqual([file])
    return text(file)
  }

  test.each<[string, string, string, (before: string) => string]>([
    ['a new package is its last line', 'flask', '>=3', (old) => `${old}\r\nflask>=3\r\n`],
    [
      'one that is there changes in its line, with marker and comment',
      'requests',
      '2.31.0',
      (old) => old.replace('Requests >= 2 ; os_name == "posix"', 'requests==2.31.0; os_name == "posix"'),
    ],
    [
      'hashes go with the version that they were of',
      'NumPy',
      '<2',
      (old) => old.replace(`numpy==1.0 \\\r\n    ${hashed}`, 'NumPy<2'),
    ],
    ['the same once more changes nothing', 'numpy', '==1.0', (old) => old],
    ['extras are part of the name', 'last[a,B]', '', (old) => old.replace('last', 'last[a,b]')],
  ])('%s', async (_, name, version, after) => {
    const written = await change(() => writer.add(x(), { name, version }))
    expect(written.trimEnd()).toBe(after(before).trimEnd())
    expect(shown(place.declarations.of(x()))?.problems).toEqual([])
  })

  test('one is taken away, with its hashes', async () => {
    expect(await change(() => writer.remove(x(), 'NUMPY'))).toBe(
      before.replace(`numpy==1.0 \\\r\n    ${hashed}\r\n`, ''),
    )
    expect(await failure(writer.remove(x(), 'flask'))).toMatchObject({ type: 'not_found' })
  })

  test('all at once: what is the same keeps its line, what is not named goes', async () => {
    place.put({ [file]: `${before}\r\ngit+https://x/y\r\n-r other.txt\r\n` })
    await done(
      writer.replace(x(), [
        { name: 'flask', version: '' },
        { name: 'numpy', version: '==1.0' },
      ]),
    )
    expect(text(file)).toBe(
      `# mine\r\n\r\nnumpy==1.0 \\\r\n    ${hashed}\r\n\r\n-i https://pypi.org/simple\r\nflask\r\n`,
    )
  })

  test('an address stays where no version is said, and goes where one is', async () => {
    place.values.deps_url_prefixes = ['https://x.example/']
    place.put({ [file]: 'a @ https://x.example/a.whl\n' })
    await done(writer.replace(x(), [{ name: 'a', version: '' }]))
    expect(text(file)).toBe('a @ https://x.example/a.whl\n')
    await done(writer.add(x(), { name: 'a', version: 'https://x.example/b.whl' }))
    expect(text(file)).toBe('a @ https://x.example/b.whl\n')
    await done(writer.add(x(), { name: 'a', version: '2' }))
    expect(text(file)).toBe('a==2\n')
  })

  test('a package on two lines changes in both, each with its marker', async () => {
    place.put({ [file]: 'a==1; os_name == "nt"\na==2; os_name != "nt"\n' })
    await done(writer.add(x(), { name: 'a', version: '3' }))
    expect(text(file)).toBe('a==3; os_name == "nt"\na==3; os_name != "nt"\n')
  })

  test('what an included file has is changed there', async () => {
    place.put({ [file]: '-r base.txt\n', 'python/base.txt': 'a\n' })
    expect(await failure(writer.add(x(), { name: 'a', version: '1' }))).toMatchObject({ type: 'conflict' })
    expect(await failure(writer.remove(x(), 'a'))).toMatchObject({ type: 'conflict' })
    expect(await done(writer.add(x(), { name: 'b', version: '' }))).toEqual([file])
    expect(text(file)).toBe('-r base.txt\nb\n')
  })

  test('a line that is refused does not stop the others from being put right', async () => {
    place.put({ [file]: 'git+https://x/y\na\n' })
    await done(writer.remove(x(), 'a'))
    expect(text(file)).toBe('git+https://x/y\n')
  })
})

describe('where nothing is declared yet', () => {
  test.each<['script' | 'folder' | 'global' | undefined, string, string]>([
    [undefined, 'python/g/h/x.py', 'python/g/h/x_requirements.txt'],
    ['script', 'python/x.py', 'python/x_requirements.txt'],
    ['folder', 'python/g/h/x.py', 'python/g/h/requirements.txt'],
    ['global', 'python/g/h/x.py', 'requirements.txt'],
  ])('scope %p of %s is written to %s', async (scope, script, file) => {
    expect(await done(writer.add(place.script(script), { name: 'a', version: '1.0' }, scope))).toEqual([file])
    expect(text(file)).toBe('a==1.0\n')
    expect(shown(place.declarations.of(place.script(script)))).toMatchObject({ file, requirements: ['a==1.0'] })
  })

  test('JavaScript gets a package.json', async () => {
    const script = place.script('js/g/h/x.js')
    expect(await done(writer.add(script, { name: '@a/b', version: '^1.0.0' }))).toEqual(['js/g/h/x_package.json'])
    expect(JSON.parse(text('js/g/h/x_package.json'))).toEqual({ dependencies: { '@a/b': '^1.0.0' } })
  })

  test('a package.json that says nothing of packages keeps what it says', async () => {
    place.put({ 'js/package.json': '{ "type": "module" }\n' })
    await done(writer.add(place.script('js/x.js'), { name: 'a', version: '' }, 'folder'))
    expect(JSON.parse(text('js/package.json'))).toEqual({ type: 'module', dependencies: { a: '*' } })
  })
})

describe('a set that others share', () => {
  test('is copied whole for the one script, with its lock, and stays as it was', async () => {
    const shared = `# ours\n-r more.txt\na==1 ${hashed}\n`
    place.put({
      'python/requirements.txt': shared,
      'python/more.txt': 'b; os_name == "nt"\n',
      'python/requirements.lock': 'LOCK',
    })
    expect(await done(writer.add(x(), { name: 'c', version: '' }))).toEqual([
      'python/x_requirements.txt',
      'python/x_requirements.lock',
    ])
    expect(text('python/x_requirements.txt')).toBe(
      `# Copied from python/requirements.txt, which other scripts share: a change there does not come here any more.\nb; os_name == "nt"\na==1 \\\n    ${hashed}\nc\n`,
    )
    expect([text('python/requirements.txt'), text('python/x_requirements.lock')]).toEqual([shared, 'LOCK'])
    expect(shown(place.declarations.of(x()))).toMatchObject({ scope: 'script', problems: [] })
  })

  test('is copied without what is taken away', async () => {
    place.put({ 'requirements.txt': 'a\nb\n' })
    await done(writer.remove(place.script('python/g/h/x.py'), 'a'))
    expect(text('python/g/h/x_requirements.txt').split('\n').slice(1)).toEqual(['b', ''])
  })

  test('is copied for a folder', async () => {
    place.put({ 'python/requirements.txt': 'a\n' })
    await done(writer.add(place.script('python/g/h/x.py'), { name: 'b', version: '' }, 'folder'))
    expect(text('python/g/h/requirements.txt').split('\n').slice(1)).toEqual(['a', 'b', ''])
  })

  test('is changed for all when that is asked', async () => {
    place.put({ 'python/requirements.txt': 'a\n' })
    expect(await done(writer.add(x(), { name: 'b', version: '' }, 'folder'))).toEqual(['python/requirements.txt'])
    expect(text('python/requirements.txt')).toBe('a\nb\n')
  })

  test('in JavaScript, with its overrides', async () => {
    place.put({ 'js/package.json': '{"name":"n","dependencies":{"b":"1"},"overrides":{"x":"2"},"scripts":{"a":"b"}}' })
    await done(writer.add(place.script('js/x.js'), { name: 'a', version: '3' }))
    expect(JSON.parse(text('js/x_package.json'))).toEqual({
      '//': expect.stringContaining('Copied from js/package.json'),
      dependencies: { a: '3', b: '1' },
      overrides: { x: '2' },
    })
  })

  test('with problems is not copied', async () => {
    place.put({ 'requirements.txt': 'a\n-e .\n' })
    expect(await failure(writer.add(x(), { name: 'b', version: '' }))).toMatchObject({
      type: 'conflict',
      paths: ['/line/2'],
    })
    expect(existsSync(place.path('python/x_requirements.txt'))).toBe(false)
  })

  test('that something nearer hides is not changed in its stead', async () => {
    place.put({ 'python/requirements.txt': 'a\n', 'python/x_requirements.txt': 'b\n' })
    for (const scope of ['folder', 'global'] as const)
      expect(await failure(writer.add(x(), { name: 'c', version: '' }, scope))).toMatchObject({ type: 'conflict' })
  })
})

test('a subfolder named like the script is its own', async () => {
  place.put({ 'python/x/requirements.txt': 'a\n', 'requirements.txt': 'b\n' })
  expect(await done(writer.add(x(), { name: 'c', version: '' }))).toEqual(['python/x/requirements.txt'])
})

test('a block in the script is changed there', async () => {
  const source = (list: string) => `#!/usr/bin/env python\n# /// script\n# dependencies = [${list}]\n# ///\nprint(1)\n`
  place.put({ 'python/x.py': source('"a", "b; os_name == \'nt\'"'), 'python/requirements.txt': 'z\n' })
  await done(writer.add(x(), { name: 'b', version: '2' }))
  expect(text('python/x.py')).toBe(source(`"a", 'b==2; os_name == "nt"'`))
  await done(writer.replace(x(), []))
  expect(text('python/x.py')).toBe(source(''))
})

test('the global sets', async () => {
  expect(
    await done(
      writer.addGlobal('python', [
        { name: 'a', version: '1.0.0' },
        { name: 'b', version: '>=2' },
      ]),
    ),
  ).toEqual(['requirements.txt'])
  expect(text('requirements.txt')).toBe('a==1.0.0\nb>=2\n')
  await done(writer.removeGlobal('python', 'A'))
  expect(text('requirements.txt')).toBe('b>=2\n')
  expect(await done(writer.addGlobal('js', [{ name: 'is-odd', version: '^3.0.1' }]))).toEqual(['package.json'])
  await done(writer.removeGlobal('js', 'is-odd'))
  expect(JSON.parse(text('package.json'))).toEqual({ dependencies: {} })
  expect(await failure(writer.removeGlobal('js', 'is-odd'))).toMatchObject({ type: 'not_found' })
})

describe('what is no package', () => {
  test.each([
    ['--index-url', '', '/name'],
    ['-r', '', '/name'],
    ['a;b', '', '/name'],
    ['../x', '', '/name'],
    ['/etc/passwd', '', '/name'],
    ['name\nother', '', '/name'],
    ['requ\u0435sts', '', '/name'],
    ['a b', '', '/name'],
    ['a==1', '', '/name'],
    ['a @ https://x/a.whl', '', '/name'],
    ['git+https://x/y', '', '/name'],
    ['', '', '/name'],
    ['a', 'latest', '/version'],
    ['a', '^1.0', '/version'],
    ['a', '>=1; os_name == "nt"', '/version'],
    ['a', '>=1 --pre', '/version'],
    ['a', '1\n--pre', '/version'],
    ['a', '@ file:///etc/passwd', '/version'],
    ['a', 'https://evil.example/a.whl', '/version'],
    ['a', '$(id)', '/version'],
  ])('Python: %p %p', async (name, version, path) => {
    expect(await failure(writer.add(x(), { name, version }))).toMatchObject({ type: 'validation', paths: [path] })
    expect(
      await failure(
        writer.replace(x(), [
          { name: 'ok', version: '' },
          { name, version },
        ]),
      ),
    ).toMatchObject({ paths: [`/1${path}`] })
    expect(existsSync(place.path('python/x_requirements.txt'))).toBe(false)
  })

  test.each([
    ['--registry', '', '/name'],
    ['a@1', '', '/name'],
    ['../x', '', '/name'],
    ['a\nb', '', '/name'],
    ['аxios', '', '/name'], // a Cyrillic first letter
    ['__proto__', '', '/name'],
    ['a', 'file:..', '/version'],
    ['a', 'x/y', '/version'],
    ['a', '--save', '/version'],
    ['a', '==1.0', '/version'],
  ])('JavaScript: %p %p', async (name, version, path) => {
    expect(await failure(writer.add(place.script('js/x.js'), { name, version }))).toMatchObject({
      type: 'validation',
      paths: [path],
    })
  })

  test('says what to do', async () => {
    const message = async (version: string) => (await failure(writer.add(x(), { name: 'a', version }))).message
    expect(await message('>=1; os_name == "nt"')).toContain('written into the file itself')
    expect(await message('latest')).toContain('Leave the version empty')
  })

  test('a name twice in a list', async () => {
    const twice = [
      { name: 'a', version: '' },
      { name: 'A', version: '1' },
    ]
    expect(await failure(writer.addGlobal('python', twice))).toMatchObject({ paths: ['/1/name'] })
  })
})

describe('nothing is written', () => {
  test('through a link that leads out', async () => {
    const outside = place.path('outside.txt')
    writeFileSync(outside, 'a\n')
    symlinkSync(outside, place.path('python/x_requirements.txt'))
    expect(await failure(writer.add(x(), { name: 'b', version: '' }))).toMatchObject({ type: 'forbidden' })
    expect(text('outside.txt')).toBe('a\n')
  })

  test('over what somebody else has written in between', async () => {
    place.put({ 'python/x_requirements.txt': 'a\n' })
    const files = await writer.add(x(), { name: 'b', version: '' })
    place.put({ 'python/x_requirements.txt': 'c\n' })
    expect(await failure(writer.write(files))).toMatchObject({ type: 'conflict' })
    expect(text('python/x_requirements.txt')).toBe('c\n')
  })

  test('over a package.json that is broken', async () => {
    place.put({ 'js/x_package.json': '{' })
    expect(await failure(writer.add(place.script('js/x.js'), { name: 'a', version: '' }))).toMatchObject({
      type: 'conflict',
    })
  })

  test('that is too large', async () => {
    place.put({ 'python/x_requirements.txt': `#${'x'.repeat(256 * 1024 - 2)}\n` })
    expect(await failure(writer.add(x(), { name: 'a', version: '' }))).toMatchObject({ type: 'too_large' })
  })
})
