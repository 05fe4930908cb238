/** The policy file beside a script: noticed at once, never passed over, and nothing is asked for its sake. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createLab, js, type Lab, python } from './lab.ts'

let lab: Lab
beforeEach(async () => {
  lab = await createLab()
})
afterEach(() => lab.close())

const file = 'python/.x.policy.json'
const write = (policy: unknown, name = file) => lab.write(name, JSON.stringify(policy))
const x = () => lab.script('x.py')
const width = { width: { type: 'int' } }

describe('a policy file', () => {
  beforeEach(async () => {
    lab.write('python/x.py', python(width))
    await lab.scan()
  })

  test('that comes, changes and goes is noticed, and the script is not asked again', async () => {
    const before = x()
    expect(before).toMatchObject({ state: 'active', policy: {} })
    write({ permissions: { net: false } })
    expect(await lab.scan()).toEqual([])
    expect(x()).toMatchObject({ state: 'active', policy: { permissions: { net: false } }, params: width })
    expect(lab.catalog.find('x')?.runnable.policy).toEqual({ permissions: { net: false } })
    write({ permissions: { net: [443] } })
    expect(await lab.scan()).toEqual([])
    expect(x()?.policy).toEqual({ permissions: { net: [443] } })
    rmSync(lab.path(file))
    expect(await lab.scan()).toEqual([])
    expect(x()).toEqual({ ...before!, updated_at: x()!.updated_at })
  })

  test('written twice within one tick of the clock is read both times', async () => {
    for (const port of [80, 81, 82, 83, 84, 85, 86, 87, 88, 89]) {
      write({ permissions: { net: [port] } })
      await lab.scan()
      expect(x()?.policy).toEqual({ permissions: { net: [port] } })
    }
  })

  test('that stays the same is no change', async () => {
    write({ queue: { slots: 1 } })
    await lab.scan()
    lab.changes.length = 0
    await lab.scan()
    expect(lab.changes).toEqual([])
  })

  test('does not change the hash of the content', async () => {
    const hash = x()?.content_hash
    write({ limits: { timeout_min: 1 } })
    await lab.scan()
    expect(x()?.content_hash).toBe(hash!)
  })

  test('is kept over a restart', async () => {
    write({ queue: { slots: 1 } })
    await lab.scan()
    lab.restart()
    expect(lab.catalog.find('x')?.runnable.policy).toEqual({ queue: { slots: 1 } })
    expect(await lab.scan()).toEqual([])
    expect(lab.catalog.find('x')?.runnable.policy).toEqual({ queue: { slots: 1 } })
  })

  test.each<[string, () => void, string]>([
    [
      'not JSON',
      () => lab.write(file, '{"permissions": {'),
      'it is not JSON (line 1, column 18: the text ends too early)',
    ],
    ['empty', () => lab.write(file, ''), 'it is not JSON (line 1, column 1: the text ends too early)'],
    ['not UTF-8', () => lab.write(file, new Uint8Array([0x7b, 0xff, 0x7d])), 'it is not UTF-8 text'],
    ['nested without end', () => lab.write(file, '['.repeat(5000)), 'it is nested deeper than'],
    ['too large', () => lab.write(file, `{}${' '.repeat(64 * 1024)}`), 'it has more than 65536 bytes'],
    ['wrong in it', () => write({ permissions: { net: ['example.com'] } }), '"/permissions/net/0" must be a TCP port'],
    [
      'full of slips',
      () => write({ permisions: {}, limit: {} }),
      'did you mean "permissions"?; "/limit" is not known here; did you mean "limits"?',
    ],
    ['a folder', () => mkdirSync(lab.path(file)), 'it is not a regular file'],
    ['a device', () => symlinkSync('/dev/zero', lab.path(file)), 'it is not a regular file'],
    ['a link to nothing', () => symlinkSync('nowhere', lab.path(file)), 'ENOENT'],
  ])('that is %s stops its script, and mended it lets it go on without a question', async (_, spoil, reason) => {
    write({ queue: { slots: 3 } })
    await lab.scan()
    rmSync(lab.path(file))
    spoil()
    expect(await lab.scan()).toEqual([])
    expect(x()).toMatchObject({ state: 'error', error: expect.stringContaining(reason) })
    expect(x()?.error).toStartWith('Cannot read policy ".x.policy.json": ')
    // What still waits may run under the last one that was valid, never under none.
    expect(lab.catalog.find('x')?.runnable.policy).toEqual({ queue: { slots: 3 } })
    rmSync(lab.path(file), { recursive: true })
    write({ queue: { slots: 2 } })
    expect(await lab.scan()).toEqual([])
    expect(x()).toMatchObject({ state: 'active', error: null, params: width, policy: { queue: { slots: 2 } } })
  })

  test('a sidecar written by hand survives a policy that was broken for a while', async () => {
    lab.write('python/.x._map.json', JSON.stringify({ height: { type: 'int' } }))
    await lab.scan()
    lab.write(file, '{')
    await lab.scan()
    rmSync(lab.path(file))
    await lab.scan()
    expect(x()).toMatchObject({ state: 'active', params: { height: { type: 'int' } }, schema_source: 'sidecar' })
  })

  test('goes with its folder, and comes back with it', async () => {
    lab.write('python/My Tools/y.py', python(width))
    write({ queue: { slots: 4 } }, 'python/My Tools/.y.policy.json')
    await lab.scan()
    const { id } = lab.script('My Tools/y.py')!
    renameSync(lab.path('python/My Tools'), lab.path('python/my-tools'))
    await lab.scan()
    expect(lab.script('my-tools/y.py')).toMatchObject({ id, policy: { queue: { slots: 4 } } })
    renameSync(lab.path('python/my-tools'), lab.path('python/.away'))
    await lab.scan()
    expect(lab.script('my-tools/y.py')?.state).toBe('missing')
    renameSync(lab.path('python/.away'), lab.path('python/my-tools'))
    await lab.scan()
    expect(lab.script('my-tools/y.py')).toMatchObject({ state: 'active', policy: { queue: { slots: 4 } } })
  })
})

test('a new script with a wrong policy is not even started to be asked; mended, it is', async () => {
  lab.write('python/x.py', python(width))
  lab.write(file, '{"net": false}')
  expect(await lab.scan()).toEqual([])
  expect(x()).toMatchObject({ state: 'error', error: expect.stringContaining('"/net" is not known here') })
  write({ permissions: { net: false } })
  expect(await lab.scan()).toEqual(['python/x.py'])
  expect(x()).toMatchObject({ state: 'active', params: width })
})

test('a script that was asked in vain is asked again when its policy changes', async () => {
  lab.write(
    'python/x.py',
    'import sys\nif __name__ == "__main__":\n    sys.exit("no" if "--_sys_get_schema" in sys.argv else 0)\n',
  )
  expect(await lab.scan()).toEqual(['python/x.py'])
  expect(await lab.scan()).toEqual([])
  write({ permissions: { read: true } })
  expect(await lab.scan()).toEqual(['python/x.py'])
  expect(await lab.scan()).toEqual([])
})

test('a policy without the dot is not in force, and its author is told', async () => {
  lab.write('python/x.py', python(width))
  write({ permissions: { net: false } }, 'python/x.policy.json')
  await lab.scan()
  expect(x()).toMatchObject({ state: 'active', policy: {} })
  expect(x()?.warnings).toEqual([expect.stringContaining('"x.policy.json" is not read')])
  renameSync(lab.path('python/x.policy.json'), lab.path(file))
  await lab.scan()
  expect(x()).toMatchObject({ policy: { permissions: { net: false } }, warnings: [] })
})

test('a policy makes a module of a group a script, and is none itself', async () => {
  lab.write('js/tools/main.js', `import './part.js'\n${js({})}`)
  lab.write('js/tools/part.js', js({}))
  await lab.scan()
  expect(lab.filenames()).toEqual(['tools/main.js'])
  write({}, 'js/tools/.part.policy.json')
  await lab.scan()
  expect(lab.filenames()).toEqual(['tools/main.js', 'tools/part.js'])
})

test('half a file, caught while it is written, never sets a script free', async () => {
  lab.write('python/x.py', python(width))
  write({ permissions: { net: false, write: false } })
  await lab.scan()
  for (const length of [30, 12, 1, 0]) {
    truncateSync(lab.path(file), length)
    await lab.scan()
    expect(x()?.state).toBe('error')
  }
  writeFileSync(lab.path(file), '{}')
  await lab.scan()
  expect(x()).toMatchObject({ state: 'active', policy: {} })
})
