import { beforeEach, describe, expect, onTestFinished, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createViews, type View, type Views } from '../../../src/dependencies/javascript/views.ts'
import { eventually, tempFolder } from '../../harness/folder.ts'
import { bun } from './jobs.ts'

const folder = tempFolder()
let count = 0
let root: string
let dir: string
let views: Views

beforeEach(() => {
  root = join(folder, `${++count}`, 'js')
  dir = join(folder, `${count}`, 'views')
  mkdirSync(root, { recursive: true })
  views = createViews({ dir, filesMax: 200 })
})

function write(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

/** Until its times can be relied on: a view of something younger is made anew each time. */
async function settle() {
  const writtenAt = Math.max(...[root, ...entriesOf(root)].map((path) => lstatSync(path).ctimeMs))
  await eventually('the files are old enough', () => Date.now() - writtenAt > 50)
}

const entriesOf = (folder: string) =>
  (readdirSync(folder, { recursive: true }) as string[]).map((path) => join(folder, path))

/** `packages`: name → what it exports. With an `exports` map, which NODE_PATH would not read. */
function environment(packages: Record<string, string>): string {
  const place = join(folder, `environment-${crypto.randomUUID()}`)
  for (const [name, value] of Object.entries(packages)) {
    const own = join(place, 'node_modules', name)
    mkdirSync(join(own, 'lib'), { recursive: true })
    writeFileSync(
      join(own, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', exports: { '.': './lib/main.js' } }),
    )
    writeFileSync(join(own, 'lib/main.js'), `module.exports = ${JSON.stringify(value)}`)
  }
  return place
}

const viewOf = (file: string, from: string) => views.viewOf({ root, file: join(root, file), environment: from })

async function run({ file }: View, ...args: string[]): Promise<string> {
  const child = Bun.spawn([bun, 'run', '--no-install', file, ...args], { stdout: 'pipe', stderr: 'pipe', cwd: folder })
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.exited])
  return (out + err).trim()
}

const textOf = (stream: ReadableStream) => new Response(stream).text()

const say = 'console.log(left); export default 1'

describe('a script finds its packages', () => {
  const print = (what: string) => `console.log(${what});\nmodule.exports = 1\n`
  test.each<[string, string, Record<string, string>, string]>([
    ['as an ES module', 'a.mjs', { 'a.mjs': `import left from 'left'\n${say}` }, 'L'],
    ['in CommonJS', 'a.cjs', { 'a.cjs': print('require("left")') }, 'L'],
    ['in TypeScript', 'g/a.ts', { 'g/a.ts': `import left from 'left'\nconst x: string = left\n${say}` }, 'L'],
    ['in a group', 'g/h/a.js', { 'g/h/a.js': print('require("left")') }, 'L'],
    ['when it asks for one at run time', 'a.mjs', { 'a.mjs': `console.log((await import('le' + 'ft')).default)` }, 'L'],
    [
      'through a module beside it',
      'g/a.mjs',
      { 'g/a.mjs': `import left from './lib/b.mjs'\n${say}`, 'g/lib/b.mjs': `export { default } from 'left'` },
      'L',
    ],
    [
      'through a module of another group, and one of a third',
      'g/a.mjs',
      {
        'g/a.mjs': `import left from '../shared/db.js'\n${say}`,
        'shared/db.js': `export { default } from '../third'`,
        'third/index.ts': `export { default } from 'left'`,
      },
      'L',
    ],
    [
      'through a module at the top',
      'g/a.mjs',
      { 'g/a.mjs': `import left from '../top.mjs'\n${say}`, 'top.mjs': `export { default } from 'left'` },
      'L',
    ],
    [
      'through a module that is a link to another one',
      'g/a.mjs',
      { 'g/a.mjs': `import left from './link.mjs'\n${say}`, 'g/real.mjs': `export { default } from 'left'` },
      'L',
    ],
    [
      'through a folder that is a link to one of another group',
      'g/a.mjs',
      { 'g/a.mjs': `import left from './far/b.mjs'\n${say}`, 'other/lib/b.mjs': `export { default } from 'left'` },
      'L',
    ],
    [
      'declared, and not those of the folder of all scripts',
      'g/a.mjs',
      { 'g/a.mjs': `import left from 'left'\n${say}`, 'node_modules/left/index.js': 'export default "stray"' },
      'L',
    ],
    [
      'in a worker',
      'a.mjs',
      {
        'a.mjs': `const worker = new Worker(new URL('./w.mjs', import.meta.url))
worker.onmessage = ({ data }) => { console.log(data); process.exit() }`,
        'w.mjs': `import left from 'left'\npostMessage(left)`,
      },
      'L',
    ],
    [
      'in a child process',
      'a.mjs',
      {
        'a.mjs': `const { stdout } = Bun.spawnSync([process.execPath, new URL('./c.mjs', import.meta.url).pathname])
process.stdout.write(stdout)`,
        'c.mjs': `import left from 'left'\n${say}`,
      },
      'L',
    ],
    ['and knows that it is the main module', 'a.mjs', { 'a.mjs': 'console.log(import.meta.main)' }, 'true'],
    ['also in CommonJS', 'a.cjs', { 'a.cjs': print('require.main === module') }, 'true'],
    [
      'and what is declared in package.json and tsconfig.json',
      'a.js',
      {
        'a.js': `import left from '#own'\nimport two from 'own/two'\nconsole.log(left, two)`,
        'package.json': '{"type":"module","imports":{"#own":"./own.js"}}',
        'own.js': `export { default } from 'left'`,
        'lib/two.ts': 'export default 2',
        'tsconfig.json': '{"compilerOptions":{"paths":{"own/*":["./lib/*"]}}}',
      },
      'L 2',
    ],
    [
      'and reads the data that is beside it, and in other folders',
      'a.mjs',
      {
        'a.mjs': `import { readFileSync } from 'node:fs'
const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8')
console.log(read('./data.txt') + read('./sql/q.sql') + read('./.hidden'))`,
        ...{ 'data.txt': 'D', 'sql/q.sql': 'Q', '.hidden': 'H' },
      },
      'DQH',
    ],
    [
      'and those that are installed beside it',
      'g/a.mjs',
      { 'g/a.mjs': `import own from 'own'\nconsole.log(own)`, 'g/node_modules/own/index.js': 'export default "own"' },
      'own',
    ],
  ])('%s', async (_, file, files, said) => {
    write(files)
    if (files['g/real.mjs']) symlinkSync('real.mjs', join(root, 'g/link.mjs'))
    if (files['other/lib/b.mjs']) symlinkSync('../other/lib', join(root, 'g/far'))
    expect(await run(viewOf(file, environment({ left: 'L' })))).toBe(said)
  })

  test('of the environment that it has, also where another one has others over the same files', async () => {
    write({ 'g/a.mjs': `import left from 'left'\n${say}`, 'g/b.mjs': `import left from 'left'\n${say}` })
    const [one, two] = [environment({ left: '1' }), environment({ left: '2' })]
    expect(await run(viewOf('g/a.mjs', one))).toBe('1')
    expect(await run(viewOf('g/b.mjs', two))).toBe('2')
    expect(await run(viewOf('g/a.mjs', two))).toBe('2')
  })

  test('and no others', async () => {
    write({ 'a.mjs': `import left from 'left'\n${say}` })
    expect(await run(viewOf('a.mjs', environment({ right: 'R' })))).toContain("Cannot find package 'left'")
  })
})

describe('a run sees the code as it is', () => {
  const code = (word: string) => `console.log('${word}')`
  test.each<[string, () => void, string]>([
    ['written in place', () => write({ 'g/a.mjs': code('new') }), 'new'],
    [
      'replaced',
      () => {
        write({ 'g/.a.tmp': code('new') })
        renameSync(join(root, 'g/.a.tmp'), join(root, 'g/a.mjs'))
      },
      'new',
    ],
    [
      'removed and written again',
      () => {
        rmSync(join(root, 'g/a.mjs'))
        write({ 'g/a.mjs': code('new') })
      },
      'new',
    ],
    [
      'in a module that is new',
      () => {
        write({ 'g/lib/new.mjs': code('new'), 'g/a.mjs': `import './lib/new.mjs'` })
      },
      'new',
    ],
    [
      'in a folder that it did not reach before',
      () => {
        write({ 'other/db.mjs': `import left from 'left'\n${say}`, 'g/a.mjs': `import '../other/db.mjs'` })
      },
      'L',
    ],
  ])('%s', async (_, change, said) => {
    const from = environment({ left: 'L' })
    write({ 'g/a.mjs': code('old'), 'other/x.mjs': '' })
    await settle()
    expect(await run(viewOf('g/a.mjs', from))).toBe('old')
    change()
    expect(await run(viewOf('g/a.mjs', from))).toBe(said)
  })

  test('where a link leads to another folder', async () => {
    const from = environment({ left: 'L' })
    write({
      'g/a.mjs': `import './link.mjs'`,
      'one/x.mjs': code('one'),
      'two/x.mjs': `import left from 'left'\n${say}`,
    })
    symlinkSync('../one/x.mjs', join(root, 'g/link.mjs'))
    await settle()
    expect(await run(viewOf('g/a.mjs', from))).toBe('one')
    symlinkSync('../two/x.mjs', join(root, 'g/.tmp'))
    renameSync(join(root, 'g/.tmp'), join(root, 'g/link.mjs'))
    expect(await run(viewOf('g/a.mjs', from))).toBe('L')
  })

  test('however fast it changes', async () => {
    const from = environment({})
    for (let version = 0; version < 50; version++) {
      write({ 'g/.tmp': `${version}` })
      renameSync(join(root, 'g/.tmp'), join(root, 'g/a.mjs'))
      expect(readFileSync(viewOf('g/a.mjs', from).file, 'utf8')).toBe(`${version}`)
    }
  })

  test('however fast it comes to import from other folders', () => {
    const from = environment({})
    for (let version = 0; version < 30; version++) write({ [`f${version}/x.mjs`]: '' })
    for (let version = 0; version < 30; version++) {
      write({ 'g/a.mjs': `import '../f${version}/x.mjs'` })
      const { dir: own } = viewOf('g/a.mjs', from)
      expect(lstatSync(join(own, 'src', `f${version}`)).isDirectory()).toBe(true)
    }
  })

  test('when what it imports comes later', async () => {
    const from = environment({ left: 'L' })
    write({
      'g/a.mjs': `import '../shared/db.mjs'`,
      'shared/x.mjs': '',
      'third/x.mjs': `import left from 'left'\n${say}`,
    })
    await settle()
    expect(await run(viewOf('g/a.mjs', from))).toContain('Cannot find module')
    write({ 'shared/db.mjs': `import '../third/x.mjs'` })
    expect(await run(viewOf('g/a.mjs', from))).toBe('L')
  })

  test('where the folder cannot be linked to, and is copied', async () => {
    const elsewhere = mkdtempSync('/dev/shm/views-')
    onTestFinished(() => rmSync(elsewhere, { recursive: true }))
    const copies = createViews({ dir: join(elsewhere, 'views'), filesMax: 200 })
    const from = environment({})
    write({ 'g/a.mjs': code('old'), 'g/data.json': '{}' })
    chmodSync(join(root, 'g/a.mjs'), 0o640)
    await settle()
    const view = () => copies.viewOf({ root, file: join(root, 'g/a.mjs'), environment: from })
    const { file } = view()
    expect(statSync(file).dev).not.toBe(statSync(join(root, 'g/a.mjs')).dev)
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(view().file).toBe(file)
    write({ 'g/a.mjs': code('new') })
    expect(readFileSync(view().file, 'utf8')).toBe(code('new'))
  })
})

describe('a view', () => {
  const from = environment({})

  test('is one for all scripts of a folder, as long as nothing changes', async () => {
    write({ 'g/a.mjs': '', 'g/b.mjs': '', 'other/c.mjs': '' })
    await settle()
    const first = viewOf('g/a.mjs', from)
    expect(viewOf('g/a.mjs', from).dir).toBe(first.dir)
    expect(viewOf('g/b.mjs', from).dir).toBe(first.dir)
    expect(viewOf('other/c.mjs', from).dir).not.toBe(first.dir)
    expect(first.srcDir).toBe(join(first.dir, 'src/g'))
    expect(first.file).toBe(join(first.dir, 'src/g/a.mjs'))
  })

  test('stays while a run has it, and goes when the last one gives it back', async () => {
    write({ 'g/a.mjs': 'old' })
    await settle()
    const old = viewOf('g/a.mjs', from)
    const [one, two] = [old.lease(), old.lease()]
    rmSync(join(root, 'g/a.mjs'))
    write({ 'g/a.mjs': 'new' })
    const next = viewOf('g/a.mjs', from)
    expect(next.dir).not.toBe(old.dir)
    one()
    one() // twice is once
    await new Promise((resolve) => setImmediate(resolve))
    expect(readFileSync(old.file, 'utf8')).toBe('old')
    two()
    await eventually('the old view is gone', () => !existsSync(old.dir))
    expect(existsSync(next.dir)).toBe(true)
  })

  test('that nobody has goes when there is a new one', async () => {
    write({ 'g/a.mjs': '' })
    await settle()
    const old = viewOf('g/a.mjs', from)
    write({ 'g/b.mjs': '' })
    viewOf('g/a.mjs', from)
    await eventually('the old view is gone', () => !existsSync(old.dir))
  })

  test('that is leased after it was awaited, when another one has taken its place in the same turn, stays', async () => {
    write({ 'g/a.mjs': '' })
    await settle()
    const old = viewOf('g/a.mjs', from)
    write({ 'g/b.mjs': '' })
    viewOf('g/a.mjs', from)
    await null
    const give = old.lease()
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    expect(existsSync(old.file)).toBe(true)
    give()
    await eventually('the old view is gone', () => !existsSync(old.dir))
  })

  test('that somebody removed is made again', async () => {
    write({ 'g/a.mjs': 'x' })
    await settle()
    viewOf('g/a.mjs', from)
    rmSync(dir, { recursive: true })
    expect(readFileSync(viewOf('g/a.mjs', from).file, 'utf8')).toBe('x')
  })

  test('of an earlier gateway is gone', () => {
    write({ 'g/a.mjs': '' })
    viewOf('g/a.mjs', from)
    createViews({ dir, filesMax: 10 })
    expect(existsSync(dir)).toBe(false)
  })

  test('can be read by the user of a script, and written by the gateway alone', () => {
    write({ 'g/a.mjs': '' })
    const { dir: own, srcDir } = viewOf('g/a.mjs', from)
    for (const path of [own, join(own, 'src'), srcDir]) expect(statSync(path).mode & 0o777).toBe(0o755)
    expect(statSync(dir).mode & 0o777).toBe(0o711)
  })

  test('has links for what is not reached, and nothing of hidden folders and of what the gateway alone reads', () => {
    write({ 'g/a.mjs': '', 'g/.git/config': '', 'other/x.mjs': '', 'g/deep/deeper/y.mjs': '', 'top.mjs': '' })
    write({ 'g/.a._map.json': '{}', 'g/.a.policy.json': '{}' })
    const view = viewOf('g/a.mjs', from)
    const entries = readdirSync(join(view.dir, 'src'), { recursive: true, withFileTypes: true })
    const own = entries.filter(({ parentPath }) => basename(parentPath) !== 'other')
    const kinds = own.map((one) => `${one.name} ${one.isSymbolicLink() ? 'link' : one.isFile() ? 'file' : 'folder'}`)
    expect(kinds.sort()).toEqual([
      'a.mjs file',
      'deep folder',
      'deeper folder',
      'g folder',
      ...Array(4).fill('node_modules link'), // here, and in each folder
      'other link',
      'top.mjs file',
      'y.mjs file',
    ])
  })

  test('never shows through a link what only the gateway may read', () => {
    const secret = join(folder, 'secret.js')
    writeFileSync(secret, 'secret', { mode: 0o600 })
    write({ 'g/a.mjs': '' })
    symlinkSync(secret, join(root, 'g/s.js'))
    symlinkSync('/nowhere', join(root, 'g/broken.js'))
    const view = viewOf('g/a.mjs', from)
    const kind = (name: string) => readdirSync(view.srcDir, { withFileTypes: true }).find((one) => one.name === name)
    expect(kind('s.js')?.isSymbolicLink()).toBe(true)
    expect(kind('broken.js')?.isSymbolicLink()).toBe(true)
  })

  test('has no file where there is a link to it', () => {
    write({ 'g/a.mjs': '', 'other/x.mjs': '', 'top.mjs': '' })
    for (const name of ['other/x.mjs', 'top.mjs', 'g/a.mjs'])
      symlinkSync(join(root, name), join(root, 'g', `to-${basename(name)}`))
    const view = viewOf('g/a.mjs', from)
    const leadsTo = (name: string) => readlinkSync(join(view.srcDir, name))
    expect(leadsTo('to-x.mjs')).toBe(join(root, 'other/x.mjs'))
    expect(leadsTo('to-top.mjs')).toBe(join(view.dir, 'src/top.mjs'))
    expect(leadsTo('to-a.mjs')).toBe(join(view.dir, 'src/g/a.mjs'))
  })

  test.each<[string, () => void, string]>([
    [
      'too many files',
      () => write(Object.fromEntries(Array.from({ length: 210 }, (_, at) => [`g/${at}.txt`, '']))),
      'has more than 200 files',
    ],
    ['too many folders in each other', () => write({ [`g/${'d/'.repeat(40)}x.mjs`]: '' }), 'folders deep'],
  ])('of %s is refused, and nothing is left of it', (_, make, words) => {
    write({ 'g/a.mjs': '' })
    make()
    expect(() => viewOf('g/a.mjs', from)).toThrow(words)
    expect(readdirSync(dir)).toEqual([])
  })

  test('of a file elsewhere is refused', () => {
    expect(() => views.viewOf({ root, file: join(folder, basename(root), '../a.js'), environment: from })).toThrow(
      'is not in',
    )
  })
})
