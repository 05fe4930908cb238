/** Which declaration is in force: the most specific one whole, found again at once, and never an old one. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createDeclarations } from '../../../src/dependencies/declared/find.ts'
import { eventually, tempFolder } from '../../harness/folder.ts'
import { createPlace, shown } from './place.ts'

let place: ReturnType<typeof createPlace>
beforeEach(() => {
  place = createPlace()
})
const of = (file: string) => shown(place.declarations.of(place.script(file)))
const package_ = (name: string) => JSON.stringify({ dependencies: { [name]: '1' } })
const inline = (name: string) => `# /// script\n# dependencies = ["${name}"]\n# ///\n`

describe('the most specific wins whole', () => {
  test('for a Python script in a group', () => {
    const files: [file: string, scope: string, lock: string][] = [
      ['python/g/h/x.py', 'inline', 'python/g/h/x_requirements.lock'],
      ['python/g/h/x_requirements.txt', 'script', 'python/g/h/x_requirements.lock'],
      ['python/g/h/requirements.txt', 'folder', 'python/g/h/requirements.lock'],
      ['python/g/h/x/requirements.txt', 'named', 'python/g/h/x/requirements.lock'],
      ['python/g/requirements.txt', 'group', 'python/g/requirements.lock'],
      ['python/requirements.txt', 'group', 'python/requirements.lock'],
      ['requirements.txt', 'global', 'requirements.lock'],
    ]
    const seen: unknown[] = []
    for (const [index, [file]] of [...files.entries()].reverse()) {
      place.put({ [file]: file.endsWith('.py') ? inline('p0') : `p${index}\n` })
      seen.unshift(of('python/g/h/x.py'))
    }
    expect(seen).toEqual(
      files.map(([file, scope, lockFile], index) => ({
        ...{ scope, file, lockFile, problems: [], requirements: [`p${index}`] },
        shadowed: files.slice(index + 1).map(([other, otherScope]) => `${otherScope} ${other}`),
      })),
    )
  })

  test('for a JavaScript script in a group', () => {
    const files: [file: string, scope: string, lock: string][] = [
      ['js/g/h/x_package.json', 'script', 'js/g/h/x_bun.lock'],
      ['js/g/h/package.json', 'folder', 'js/g/h/bun.lock'],
      ['js/g/h/x/package.json', 'named', 'js/g/h/x/bun.lock'],
      ['js/g/package.json', 'group', 'js/g/bun.lock'],
      ['js/package.json', 'group', 'js/bun.lock'],
      ['package.json', 'global', 'bun.lock'],
    ]
    const seen: unknown[] = []
    for (const [index, [file]] of [...files.entries()].reverse()) {
      place.put({ [file]: package_(`p${index}`) })
      seen.unshift(of('js/g/h/x.js'))
    }
    expect(seen).toMatchObject(
      files.map(([file, scope, lockFile], index) => ({ scope, file, lockFile, requirements: [`p${index}1`] })),
    )
  })

  test('for a script at the top, whose folder is the runtime’s', () => {
    place.put({ 'python/requirements.txt': 'a', 'requirements.txt': 'b' })
    expect(of('python/x.py')).toMatchObject({ scope: 'folder', file: 'python/requirements.txt', requirements: ['a'] })
    expect(shown(place.declarations.global('python'))).toMatchObject({ scope: 'global', requirements: ['b'] })
    expect(place.declarations.global('js').declaration).toBeNull()
  })

  test('a file that says nothing of packages is passed over, one that is empty is not', () => {
    place.put({ 'js/g/h/package.json': '{"type":"module"}', 'js/package.json': package_('a') })
    expect(of('js/g/h/x.js')).toMatchObject({ file: 'js/package.json', shadowed: [] })
    place.put({ 'python/g/h/requirements.txt': '# nothing\n', 'python/requirements.txt': 'a' })
    expect(of('python/g/h/x.py')).toMatchObject({ file: 'python/g/h/requirements.txt', requirements: [] })
  })

  test('nothing anywhere', () => {
    expect(place.declarations.of(place.script('python/x.py'))).toMatchObject({ declaration: null, shadowed: [] })
  })
})

describe('a change counts at once', () => {
  const both = () =>
    [
      place.declarations.of(place.script('python/g/h/x.py')),
      place.declarations.of(place.script('python/x.py')),
    ] as const

  test('of any file that counts, also one that was not there', () => {
    const steps: [change: () => void, requirements: string[] | undefined][] = [
      [() => {}, undefined],
      [() => place.put({ 'requirements.txt': 'a' }), ['a']],
      [() => place.put({ 'requirements.txt': 'b' }), ['b']], // the same size, within one tick of the clock
      [() => place.put({ 'python/requirements.txt': '-r more/base.txt' }), []],
      [() => place.put({ 'python/more/base.txt': 'c' }), ['c']],
      [() => place.put({ 'python/more/base.txt': 'd' }), ['d']],
      [() => renameSync(place.path('python/requirements.txt'), place.path('python/away.txt')), ['b']],
      [() => place.put({ 'python/g/h/x.py': inline('e') }), ['e']],
      [() => rmSync(place.path('python/g'), { recursive: true }), ['b']],
    ]
    const seen = steps.map(([change]) => {
      change()
      return of('python/g/h/x.py')?.requirements
    })
    expect(seen).toEqual(steps.map(([, requirements]) => requirements))
  })

  test('written twice within one tick of the clock', () => {
    for (const name of 'abcdefghij') {
      place.put({ 'python/requirements.txt': name })
      expect(of('python/x.py')?.requirements).toEqual([name])
    }
  })

  /** Until its stamp can be relied on: from then on it is not read again unless something changes. */
  const settled = (file: string) =>
    eventually('the file is no longer fresh', () => Date.now() - statSync(place.path(file)).ctimeMs > 20)

  test('of a setting', async () => {
    place.put({ 'python/requirements.txt': 'a @ https://x.example/a.whl' })
    await settled('python/requirements.txt')
    expect(of('python/x.py')?.problems).toMatchObject([{ path: '/line/1' }])
    place.values.deps_url_prefixes = ['https://x.example/']
    expect(of('python/x.py')?.problems).toEqual([])
  })

  test('of a file that is included, when nothing else is new', async () => {
    place.put({ 'python/requirements.txt': '-r base.txt', 'python/base.txt': 'a' })
    await settled('python/base.txt')
    expect(of('python/x.py')?.requirements).toEqual(['a'])
    place.put({ 'python/base.txt': 'bc' })
    expect(of('python/x.py')?.requirements).toEqual(['bc'])
  })

  test('and what stays the same is the same object', () => {
    place.put({ 'python/requirements.txt': 'a' })
    const [before, top] = both()
    expect(both()).toEqual([before, top])
    expect(both()[0]).toBe(before)
    place.put({ 'python/g/h/x.py': 'print(2)\n', 'python/requirements.txt': 'a' }) // the script is another one, its packages are not
    expect(both()[0]).toBe(before)
    place.put({ 'python/requirements.txt': 'a  # a comment' })
    expect(both()[0]).toBe(before)
    place.put({ 'python/requirements.txt': 'b' })
    expect(both()[0].stamp).not.toBe(before.stamp)
  })
})

test('what is the same however it is written has the same normal form', () => {
  place.put({
    'python/g/requirements.txt': '# one\nRequests >= 2.0 , <3\nqrcode[b,A]; os_name=="nt"\n',
    'python/requirements.txt': '-r sub.txt\nrequests<3,>=2.0',
    'python/sub.txt': "QRCode[a, b] ; 'nt' == os_name",
    'js/g/package.json': '{"dependencies":{"b":"1.x","a":"^1.2.0"},"overrides":{"x":"*"}}',
    'js/package.json': '{"overrides":{"x":""},"dependencies":{"a":">=1.2.0 <2.0.0-0","b":"1"}}',
  })
  for (const [one, other] of [
    ['python/g/h/x.py', 'python/x.py'],
    ['js/g/h/x.js', 'js/x.js'],
  ] as const) {
    const [a, b] = [one, other].map((file) => place.declarations.of(place.script(file)).declaration)
    expect(a?.problems).toEqual([])
    expect(a?.normal).toBe(b?.normal ?? '')
    expect(a?.file).not.toBe(b?.file)
  }
})

test.each([
  ['a version', 'a>=1', 'a>=2'],
  ['an extra', 'a', 'a[b]'],
  ['a marker', 'a', 'a; os_name == "nt"'],
  ['a hash', 'a==1', `a==1 --hash=sha256:${'0'.repeat(64)}`],
  ['a package', 'a', 'a\nb'],
])('%s makes another normal form', (_, one, other) => {
  const normal = (text: string) => {
    place.put({ 'python/requirements.txt': text })
    return place.declarations.of(place.script('python/x.py')).declaration?.normal
  }
  expect(normal(one)).not.toBe(normal(other))
})

describe('is a problem, and shows nothing of what is there', () => {
  const problemOf = (file = 'python/x.py') =>
    of(file)
      ?.problems.map(({ message }) => message)
      .join() ?? 'none'

  test('a link out of the scripts folder', () => {
    const outside = tempFolder()
    writeFileSync(`${outside}/secret.txt`, 'SECRET==1')
    symlinkSync(`${outside}/secret.txt`, place.path('python/requirements.txt'))
    expect(problemOf()).toContain('link that leads out of the scripts folder')
    expect(problemOf()).not.toContain('SECRET')
    mkdirSync(`${outside}/x`)
    writeFileSync(`${outside}/x/requirements.txt`, 'SECRET==1')
    rmSync(place.path('python/requirements.txt'))
    symlinkSync(`${outside}/x`, place.path('python/x'))
    expect(problemOf()).toContain('link that leads out of the scripts folder')
  })

  test('but not a folder that is linked there as a whole, nor a link inside', () => {
    const outside = tempFolder()
    mkdirSync(`${outside}/sub/x`, { recursive: true })
    writeFileSync(`${outside}/requirements.txt`, 'a')
    writeFileSync(`${outside}/sub/x.py`, '')
    symlinkSync(outside, place.path('python/linked'))
    expect(of('python/linked/sub/x.py')).toMatchObject({ file: 'python/linked/requirements.txt', problems: [] })
    writeFileSync(`${outside}/sub/x/requirements.txt`, 'b')
    expect(of('python/linked/sub/x.py')).toMatchObject({ scope: 'named', requirements: ['b'], problems: [] })
    place.put({ 'python/shared.txt': 'a' })
    symlinkSync('shared.txt', place.path('python/requirements.txt'))
    expect(of('python/x.py')).toMatchObject({ requirements: ['a'], problems: [] })
  })

  test.each([
    ['an absolute path', '-r /etc/passwd', 'relative to this file'],
    ['a way up and out', '-r ../../../../../../etc/passwd.txt', 'outside of the scripts folder'],
    ['a way into the other runtime', '-r ../js/x.txt', 'outside of the scripts folder'],
    ['a way up to the global set', '-r ../requirements.txt', 'outside of the scripts folder'],
    ['a home folder', '-r ~/x.txt', 'relative to this file'],
    ['an address', '-r https://evil.example/x.txt', 'not an address'],
    ['a file address', '-r file:///etc/x.txt', 'not an address'],
    ['a file of Windows', '-r C:\\x.txt', 'not an address'],
    ['another kind of file', '-r x.py', 'end with .txt'],
    ['nothing', '-r', 'no name of a file'],
    ['a link out', '-r out.txt', 'link that leads out'],
    ['a file that is not there', '-r gone.txt', 'is not there'],
  ])('%s that is included', (_, line, words) => {
    symlinkSync('/etc/hostname', place.path('python/out.txt'))
    place.put({ 'requirements.txt': 'global', 'js/x.txt': 'a', 'python/requirements.txt': line })
    expect(problemOf()).toContain(words)
    expect(of('python/x.py')?.requirements).toEqual([])
  })

  test('what is too large', () => {
    place.put({ 'python/requirements.txt': '#'.repeat(256 * 1024 + 1) })
    expect(problemOf()).toContain('larger than 256 KiB')
    place.put({ 'python/requirements.txt': '#'.repeat(256 * 1024) })
    expect(problemOf()).toBe('')
  })

  test('what is no text', () => {
    writeFileSync(place.path('python/requirements.txt'), new Uint8Array([0x61, 0xff, 0x0a]))
    expect(problemOf()).toContain('not UTF-8')
    writeFileSync(place.path('js/package.json'), '{"a":"\0"}')
    expect(problemOf('js/x.js')).toContain('not UTF-8')
  })

  test('a folder of that name', () => {
    mkdirSync(place.path('python/requirements.txt'))
    expect(problemOf()).toContain('not a regular file')
    expect(Bun.spawnSync(['mkfifo', place.path('js/package.json')]).exitCode).toBe(0)
    expect(problemOf('js/x.js')).toContain('not a regular file') // and nobody waits for what a pipe will say
  })

  test('links in a circle', () => {
    symlinkSync('requirements.txt', place.path('python/requirements.txt'))
    expect(problemOf()).toContain('cannot be read')
  })
})

test('a script that cannot be read declares nothing itself', () => {
  place.put({ 'python/requirements.txt': 'a' })
  writeFileSync(place.path('python/x.py'), new Uint8Array([0xff]))
  expect(of('python/x.py')?.requirements).toEqual(['a'])
  rmSync(place.path('python/x.py'))
  expect(of('python/x.py')?.requirements).toEqual(['a'])
})

test('a file is read once for all scripts that share it', async () => {
  place.put({ 'python/requirements.txt': 'a', 'python/y.py': '' })
  // What has only just been written is read again each time: its stamp may be that of another text.
  const shared = await eventually('a file that has settled', () => {
    const declarations = createDeclarations(place)
    const [one, ...others] = ['python/x.py', 'python/y.py', 'python/g/h/x.py'].map(
      (script) => declarations.of(place.script(script)).declaration?.requirements,
    )
    return others.every((other) => other === one) ? one : null
  })
  expect(shared).toMatchObject([{ name: 'a' }])
})
