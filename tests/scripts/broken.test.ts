import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createLab, js, type Lab, python } from './lab.ts'

const width = { width: { type: 'int' } }

let lab: Lab
beforeEach(async () => {
  lab = await createLab({ schema_timeout_sec: 0.7 })
})
afterEach(() => lab.close())

const main = 'import sys\nif __name__ == "__main__":\n    _sys_get_schema = 1\n'

const rows: [sentence: string, filename: string, content: string | Uint8Array | (() => void), error: RegExp][] = [
  ['no entry point (Python)', 'python/x.py', 'print(1)\n', /no entry point: add an `if __name__/],
  ['no entry point (JavaScript)', 'js/x.js', 'console.log(1)\n', /no entry point: add `export default`/],
  ['not parseable', 'js/x.js', 'export default ((\n', /cannot be parsed/],
  ['an empty file', 'python/x.py', '', /no entry point/],
  [
    'no schema and no sidecar: never started',
    'python/x.py',
    'import os\nif __name__ == "__main__":\n    os.remove("/")\n',
    /no schema: let it print its ARGS_MAP .*sidecar "\.x\._map\.json"/,
  ],
  [
    'a package that is not installed',
    'python/x.py',
    `import PIL_not_there\n${python(width)}`,
    /exit code 1.*No module named 'PIL_not_there'/s,
  ],
  ['a syntax error', 'python/x.py', `${main}    def\n`, /SyntaxError/],
  ['it crashes', 'js/x.js', "export default 1 // _sys_get_schema\nthrow new Error('boom')\n", /boom/],
  ['it ends with an error code', 'python/x.py', `${main}    sys.exit(7)\n`, /exit code 7/],
  ['it ends by a signal', 'python/x.py', `${main}    import os\n    os.kill(os.getpid(), 9)\n`, /ended by SIGKILL/],
  ['it takes too long', 'python/x.py', `${main}    import time\n    time.sleep(60)\n`, /still running after 0.7 s/],
  ['it prints nothing', 'python/x.py', `${main}    pass\n`, /printed nothing/],
  ['it prints no JSON', 'python/x.py', `${main}    print("usage: x")\n`, /not a JSON object; it begins with: usage: x/],
  ['it prints half of it', 'python/x.py', `${main}    print('{"a": ')\n`, /not a JSON object/],
  ['it prints a list', 'python/x.py', `${main}    print("[1, 2]")\n`, /must be a JSON object .*; got a list/],
  [
    'its schema is wrong',
    'python/x.py',
    `${main}    print('{"width": {"type": 5}}')\n`,
    /"\/width\/type" must be one of str, int/,
  ],
  [
    'it prints without end',
    'js/x.js',
    "export default 1 // _sys_get_schema\nfor (;;) console.log('y'.repeat(9999))\n",
    /printed more than 1048576 bytes/,
  ],
  ['not UTF-8', 'python/x.py', new Uint8Array([0x23, 0xff, 0xfe]), /not UTF-8/],
  ['larger than 5 MiB', 'python/x.py', `#${'x'.repeat(5 * 1024 * 1024)}`, /larger than 5 MiB/],
  [
    'a folder with the name of a script',
    'python/x.py',
    () => mkdirSync(lab.path('python/x.py'), { recursive: true }),
    /is a folder: rename it/,
  ],
  [
    'a link to nothing',
    'python/x.py',
    () => symlinkSync('/nowhere', lab.path('python/x.py')),
    /link to a file that is not there/,
  ],
]

describe('a broken script is listed with its reason and hurts no other', () => {
  test.each(rows)('%s', async (_, path, content, error) => {
    lab.write('python/good.py', python(width))
    lab.write('js/good.js', js(width))
    if (typeof content === 'function') content()
    else lab.write(path, content)
    await lab.scan()
    const filename = path.split('/').at(-1)!
    expect(lab.script(filename)).toMatchObject({ state: 'error', error: expect.stringMatching(error), params: {} })
    expect([lab.script('good.py')?.state, lab.script('good.js')?.state]).toEqual(['active', 'active'])
    await lab.scan()
    expect(lab.script(filename)?.error).toMatch(error)
  })

  test('and is well as soon as it is repaired', async () => {
    for (const [, path, content] of rows.filter((row) => typeof row[2] !== 'function')) {
      lab.write(path, content as string)
      await lab.scan()
      const [runtime, filename] = path.split('/') as [string, string]
      lab.write(path, runtime === 'js' ? js(width) : python(width))
      await lab.scan()
      expect(lab.script(filename)).toMatchObject({ state: 'active', error: null, params: width })
      for (const name of [path, `${runtime}/.x._map.json`]) rmSync(lab.path(name))
    }
  }, 30_000)
})

test('two files with one name would share a sidecar: the later one has to be renamed', async () => {
  lab.write('js/a.ts', js(width))
  await lab.scan()
  lab.write('js/a.js', js(width))
  for (let i = 0; i < 2; i++) {
    await lab.scan()
    expect(lab.script('a.ts')).toMatchObject({ state: 'active' })
    expect(lab.script('a.js')).toMatchObject({
      state: 'error',
      error: expect.stringContaining('same name as "a.ts"'),
    })
  }
  rmSync(lab.path('js/a.ts'))
  await lab.scan()
  expect(lab.script('a.js')).toMatchObject({ state: 'active', error: null })
})

test('two of them at once: always the same one is refused', async () => {
  lab.write('js/a.ts', js(width))
  lab.write('js/a.js', js(width))
  for (let i = 0; i < 3; i++) {
    await lab.scan()
    expect([lab.script('a.js')?.state, lab.script('a.ts')?.state]).toEqual(['active', 'error'])
  }
})

test('a script that is deleted while it is asked, and one that deletes itself', async () => {
  lab.write('python/x.py', `import os\nos.remove(__file__)\n${python(width)}`)
  lab.write('python/good.py', python(width))
  await lab.scan()
  await lab.scan()
  expect(lab.script('good.py')?.state).toBe('active')
  expect(['missing', undefined]).toContain(lab.script('x.py')?.state)
})

test('stopping the scanner ends what it started, and stores no half answer', async () => {
  lab.write('python/x.py', `${main}    import time\n    time.sleep(60)\n`)
  const scan = lab.scanner.scan()
  while (lab.asked.length === 0) await Bun.sleep(5)
  await lab.scanner.close()
  await scan
  expect(lab.script('x.py')).toBeUndefined()
})

test('a folder that cannot be listed breaks its scripts with the reason, until it can', async () => {
  lab.write('python/good.py', python(width))
  lab.write('js/good.js', js(width))
  await lab.scan()
  renameSync(lab.path('python'), lab.path('away'))
  writeFileSync(lab.path('python'), 'no folder') // permissions do not stop root
  for (let i = 0; i < 2; i++) {
    await lab.scan()
    expect(lab.script('good.py')).toMatchObject({
      state: 'error',
      error: expect.stringContaining('Its folder cannot be read'),
    })
    expect(lab.script('good.js')?.state).toBe('active')
  }
  rmSync(lab.path('python'))
  renameSync(lab.path('away'), lab.path('python'))
  expect(await lab.scan()).toEqual([])
  expect(lab.script('good.py')).toMatchObject({ state: 'active', error: null })
})
