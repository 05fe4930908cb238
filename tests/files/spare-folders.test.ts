import { describe, expect, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createSpareFolders } from '../../src/files/spare-folders.ts'
import { disposableFolder, subfolder } from './harness.ts'

const root = disposableFolder('spare')

function setUp() {
  const home = subfolder(root)
  let now = 0
  const clock = { now: () => now, sleep: async () => {} }
  const dir = join(home, 'spare')
  return { home, dir, folders: createSpareFolders({ dir, clock }), pass: (ms: number) => (now += ms) }
}

const inode = (path: string) => lstatSync(path).ino

describe('spare folders', () => {
  test('an empty folder that was taken back becomes a later one, after a rest', () => {
    const { home, folders, pass } = setUp()
    folders.make(join(home, 'a'))
    const first = inode(join(home, 'a'))
    expect(folders.takeBack(join(home, 'a'))).toBe(true)
    expect(existsSync(join(home, 'a'))).toBe(false)
    folders.make(join(home, 'b'))
    expect(inode(join(home, 'b'))).not.toBe(first)
    pass(1000)
    folders.make(join(home, 'c'))
    expect(inode(join(home, 'c'))).toBe(first)
    expect(readdirSync(join(home, 'c'))).toEqual([])
  })

  const unfit: [string, (path: string) => void][] = [
    ['holds a file', (path) => writeFileSync(join(path, 'x'), '')],
    ['has other rights', (path) => chmodSync(path, 0o755)],
    ['is gone', (path) => rmdirSync(path)],
    [
      'is a link now',
      (path) => {
        rmdirSync(path)
        symlinkSync('/', path)
      },
    ],
  ]
  test.each(unfit)('one that %s is left to the caller', (_, spoil) => {
    const { home, folders } = setUp()
    folders.make(join(home, 'a'))
    spoil(join(home, 'a'))
    expect(folders.takeBack(join(home, 'a'))).toBe(false)
  })

  test.each([
    ['written into', (spare: string) => writeFileSync(join(spare, 'x'), '')],
    ['removed', (spare: string) => rmSync(spare, { recursive: true })],
  ])('a spare that was %s while it waited is not given out', (_, spoil) => {
    const { home, dir, folders, pass } = setUp()
    folders.make(join(home, 'a'))
    folders.takeBack(join(home, 'a'))
    spoil(join(dir, readdirSync(dir)[0]!))
    pass(1000)
    folders.make(join(home, 'b'))
    expect(readdirSync(join(home, 'b'))).toEqual([])
  })

  test('a folder whose parent is missing is made with it', () => {
    const { home, folders, pass } = setUp()
    folders.make(join(home, 'a'))
    folders.takeBack(join(home, 'a'))
    pass(1000)
    folders.make(join(home, 'deep/er/b'))
    expect(readdirSync(join(home, 'deep/er/b'))).toEqual([])
  })

  test('a folder is taken back also when the place for spares was cleaned away', () => {
    const { home, dir, folders } = setUp()
    mkdirSync(dir)
    rmSync(dir, { recursive: true })
    folders.make(join(home, 'a'))
    expect(folders.takeBack(join(home, 'a'))).toBe(true)
  })
})
