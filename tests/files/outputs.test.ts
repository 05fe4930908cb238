import { describe, expect, test } from 'bun:test'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ListOptions, listOutputs } from '../../src/files/outputs.ts'
import { resolveInside } from '../../src/files/static.ts'
import { disposableFolder, subfolder } from './harness.ts'

const root = disposableFolder('outputs')

const list = (dir: string, more: Partial<ListOptions> = {}) =>
  listOutputs(dir, { urlPrefix: '/static/s/resources/1', filesMax: 100, bytesMax: 1000, ...more })

function folderWith(files: Record<string, string>): string {
  const folder = subfolder(root)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

test('files are listed with those of subfolders, sorted, with addresses that lead back to them', async () => {
  const folder = folderWith({
    'z.txt': '12',
    'a b/Été 100%?#.png': '3',
    'a b/c/d.json': '{}',
    '.hidden': 'x',
    'B.csv': '',
  })
  const { files, bytes, problem } = await list(folder)
  expect(files.map(({ filename, size, content_type }) => [filename, size, content_type])).toEqual([
    ['.hidden', 1, 'application/octet-stream'],
    ['B.csv', 0, 'text/csv'],
    ['a b/c/d.json', 2, 'application/json'],
    ['a b/Été 100%?#.png', 1, 'image/png'],
    ['z.txt', 2, 'text/plain'],
  ])
  expect([bytes, problem]).toEqual([6, null])
  expect(files[3]!.url).toBe('/static/s/resources/1/a%20b/%C3%89t%C3%A9%20100%25%3F%23.png')
  for (const { url, filename } of files)
    expect(resolveInside(folder, url.slice('/static/s/resources/1/'.length))).toEndWith(filename)
})

describe('an empty list is what is found in', () => {
  test('a folder that is empty', async () =>
    expect(await list(subfolder(root))).toEqual({ files: [], bytes: 0, problem: null }))
  test('a folder that does not exist', async () => expect((await list(join(root, 'no'))).files).toEqual([]))
})

test('links that leave the folder, links to folders and special files are left out', async () => {
  const elsewhere = folderWith({ 'secret.txt': 'secret' })
  const folder = folderWith({ 'real.txt': '123', 'sub/x.txt': '4' })
  symlinkSync(join(elsewhere, 'secret.txt'), join(folder, 'out.txt'))
  symlinkSync('/etc/hostname', join(folder, 'etc.txt'))
  symlinkSync(elsewhere, join(folder, 'outdir'))
  symlinkSync('.', join(folder, 'itself'))
  symlinkSync('nothing', join(folder, 'dangling'))
  symlinkSync('real.txt', join(folder, 'again.txt'))
  expect(Bun.spawnSync(['mkfifo', join(folder, 'pipe')]).success).toBe(true)
  const { files, bytes } = await list(folder)
  expect(files.map(({ filename, size }) => [filename, size])).toEqual([
    ['again.txt', 3],
    ['real.txt', 3],
    ['sub/x.txt', 1],
  ])
  expect(bytes).toBe(4)
})

test('names that no address can carry are left out', async () => {
  const folder = folderWith({ 'a\\b.txt': 'x', 'ok.txt': 'y' })
  Bun.spawnSync([
    'python3',
    '-c',
    'import sys, os; open(os.fsencode(sys.argv[1]) + b"/\\xff.txt", "w").close()',
    folder,
  ])
  expect((await list(folder)).files.map(({ filename }) => filename)).toEqual(['ok.txt'])
})

describe('a folder that is over its limit is a problem, in words:', () => {
  const folder = folderWith({ a: 'x'.repeat(400), b: 'x'.repeat(400), c: 'x'.repeat(400) })
  test.each<[string, Partial<ListOptions>, string | null]>([
    ['files', { filesMax: 2, bytesMax: 9999 }, 'more than 2 files in OUTPUT_DIR'],
    ['bytes', { bytesMax: 1000 }, 'more than 1000 bytes in OUTPUT_DIR'],
    ['neither', { filesMax: 3, bytesMax: 1200 }, null],
  ])('%s', async (_name, limits, expected) => {
    const { problem, files } = await list(folder, limits)
    expect(problem).toBe(expected)
    expect(files.length).toBe(expected === null ? 3 : 0)
  })

  test.each<[string, string]>([
    ['folders', 'for i in a b c d; do mkdir $i; done'],
    ['folders in folders', 'mkdir -p a/b/c/d'],
    ['links', 'for i in a b c d; do ln -s /etc $i; done'],
    ['pipes', 'mkfifo a b c d'],
    ['names that no address can carry', 'touch "a\\\\a" "b\\\\b" "$(printf "\\377")" "$(printf "\\376")"'],
  ])('it is by %s, too', async (_name, script) => {
    const folder = subfolder(root)
    expect(Bun.spawnSync(['sh', '-c', script], { cwd: folder }).success).toBe(true)
    expect((await list(folder, { filesMax: 4 })).problem).toBeNull()
    expect((await list(folder, { filesMax: 3 })).problem).toBe('more than 3 files in OUTPUT_DIR')
  })

  test('bytes under names that no address can carry count, and a folder that a link leads to does not', async () => {
    const folder = subfolder(root)
    const script =
      'd=$(printf "\\377"); mkdir "$d"; head -c 600 /dev/zero > "$d/x"; head -c 500 /dev/zero > "a\\\\b"; ln -s /usr u'
    expect(Bun.spawnSync(['sh', '-c', script], { cwd: folder }).success).toBe(true)
    expect(await list(folder, { bytesMax: 1100 })).toEqual({ files: [], bytes: 1100, problem: null })
    expect((await list(folder, { bytesMax: 1000 })).problem).toBe('more than 1000 bytes in OUTPUT_DIR')
  })
})
