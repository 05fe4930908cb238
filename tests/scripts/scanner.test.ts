import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { failureOf } from '../harness/failure.ts'
import { createLab, js, type Lab, python } from './lab.ts'

const width = { width: { flag: '--width', type: 'int', required: true } }
const height = { height: { type: 'int' } }

let lab: Lab
beforeEach(async () => {
  lab = await createLab({ schema_timeout_sec: 5 })
})
afterEach(() => lab.close())

const readJson = (name: string) => JSON.parse(readFileSync(lab.path(name), 'utf8')) as unknown

describe('a file that is dropped', () => {
  test('in Python is a script with its own schema, description and sidecar', async () => {
    lab.write('python/resize.py', python(width, 'Makes pictures smaller.'))
    expect(await lab.scan()).toEqual(['python/resize.py'])
    expect(lab.script('resize.py')).toMatchObject({
      id: 1,
      slug: 'resize',
      runtime: 'python',
      state: 'active',
      error: null,
      warnings: [],
      params: width,
      schema_source: 'script',
      schema_differs: false,
      description: 'Makes pictures smaller.',
    })
    expect(readJson('python/.resize._map.json')).toEqual(width)
    expect(lab.catalog.find('resize')).toBe(lab.catalog.find('1')!)
    expect(lab.changes).toEqual([[1]])
  })

  test('in each kind of JavaScript runs on this Bun', async () => {
    lab.write('js/a.js', js(width))
    lab.write('js/b.mjs', js(width))
    lab.write('js/c.cjs', js(width).replace('export default', 'module.exports ='))
    lab.write('js/d.ts', js(width).replace("'hello' }", "'hello' as string }"))
    await lab.scan()
    expect(lab.catalog.list().map(({ row }) => [row.filename, row.error])).toEqual(
      expect.arrayContaining(['a.js', 'b.mjs', 'c.cjs', 'd.ts'].map((name) => [name, null])),
    )
    expect(lab.script('a.js')).toMatchObject({ state: 'active', params: width, description: 'Greets.' })
  })

  test('log lines before the answer do not matter', async () => {
    const noisy = python(width).replace('        print(', '        print("loading [models]...")\n        print(')
    lab.write('python/noisy.py', noisy)
    await lab.scan()
    expect(lab.script('noisy.py')).toMatchObject({ state: 'active', params: width })
  })

  test('with names that are skipped is no script', async () => {
    for (const name of [
      '_helper.py',
      '.hidden.py',
      'test_x.py',
      'a.txt',
      'node_modules/x.py',
      '_lib/x.py',
      '.git/x.py',
    ])
      lab.write(`python/${name}`, python(width))
    lab.write('js/x.test.js', js(width))
    lab.write('js/types.d.ts', js(width))
    expect(await lab.scan()).toEqual([])
    expect(lab.filenames()).toEqual([])
  })

  test('is skipped by patterns as they are now', async () => {
    lab.write('python/draft_a.py', python(width))
    lab.settings.update({ scan_ignore_patterns: ['draft_*'] })
    await lab.scan()
    expect(lab.filenames()).toEqual([])
    lab.settings.update({ scan_ignore_patterns: [] })
    await lab.scan()
    expect(lab.filenames()).toEqual(['draft_a.py'])
  })

  test('makes the two folders when they are not there', async () => {
    await lab.scan()
    expect([existsSync(lab.path('python')), existsSync(lab.path('js'))]).toEqual([true, true])
  })
})

describe('groups', () => {
  test('their files with an entry point are scripts, helpers beside them are not', async () => {
    lab.write('python/reports/month.py', `from common import answer\n${python(width)}`)
    lab.write('python/reports/common.py', 'def answer(): return 42\n')
    lab.write('python/reports/deep/er/x.py', python(height))
    await lab.scan()
    expect(lab.filenames()).toEqual(['reports/deep/er/x.py', 'reports/month.py'])
    expect(lab.script('reports/month.py')).toMatchObject({ group: 'reports', state: 'active' })
  })

  test('a JavaScript module that another one imports is a helper', async () => {
    lab.write('js/tools/lib.js', 'module.exports = { add: (a, b) => a + b }\n')
    lab.write(
      'js/tools/sum.js',
      `const { add } = require('./lib')\n${js(width).replace('export default', 'module.exports =')}`,
    )
    expect(await lab.scan()).toEqual(['js/tools/sum.js'])
    expect(lab.filenames()).toEqual(['tools/sum.js'])
  })

  test('a script may answer with the help of a local module', async () => {
    const helper = `import sys, json\ndef main(args_map):\n    if "--_sys_get_schema" in sys.argv:\n        print(json.dumps(args_map))\n`
    lab.write('python/kit/common.py', helper)
    lab.write(
      'python/kit/a.py',
      `from common import main\nif __name__ == "__main__":\n    main(${JSON.stringify(height)})\n`,
    )
    await lab.scan()
    expect(lab.script('kit/a.py')).toMatchObject({ state: 'active', params: height })
  })

  test('links in a circle end', async () => {
    lab.write('python/loop/x.py', python(width))
    symlinkSync('..', lab.path('python/loop/back'))
    await lab.scan()
    expect(lab.filenames()).toEqual(['loop/x.py'])
  })
})

describe('ids and slugs are for life', () => {
  test('over an edit, vanishing, a restart and coming back', async () => {
    lab.write('python/a.py', python(width))
    await lab.scan()
    lab.write('python/a.py', python(height))
    await lab.scan()
    expect(lab.script('a.py')).toMatchObject({ id: 1, params: height })
    renameSync(lab.path('python/a.py'), lab.path('away'))
    await lab.scan()
    expect(lab.script('a.py')).toMatchObject({ id: 1, state: 'missing', params: height })
    lab.restart()
    await lab.scan()
    renameSync(lab.path('away'), lab.path('python/a.py'))
    expect(await lab.scan()).toEqual([])
    expect(lab.script('a.py')).toMatchObject({ id: 1, slug: 'a', state: 'active', params: height })
  })

  const respellings = [
    ['Reports', 'reports'],
    ['my-tools', 'my_tools'],
    ['my tools', 'my-tools'],
    ['Ａｂｃ', 'abc'],
  ] as const
  test.each(respellings)('when the folder %s is now spelled %s, which asks nobody', async (before, after) => {
    lab.write(`python/${before}/Sub Group/a.py`, python(width))
    await lab.scan()
    renameSync(lab.path(`python/${before}`), lab.path(`python/${after}`))
    expect(await lab.scan()).toEqual([])
    expect(lab.filenames()).toEqual([`${after}/Sub Group/a.py`])
    expect(lab.script(`${after}/Sub Group/a.py`)).toMatchObject({ id: 1, state: 'active', params: width })
  })

  test('another folder, or another name of the file, is another script', async () => {
    lab.write('python/one/a.py', python(width))
    await lab.scan()
    renameSync(lab.path('python/one'), lab.path('python/two'))
    await lab.scan()
    renameSync(lab.path('python/two/a.py'), lab.path('python/two/b.py'))
    await lab.scan()
    expect(['one/a.py', 'two/a.py', 'two/b.py'].map((name) => [lab.script(name)?.id, lab.script(name)?.state])).toEqual(
      [
        [1, 'missing'],
        [2, 'missing'],
        [3, 'active'],
      ],
    )
  })

  test('both spellings at once are two scripts', async () => {
    for (const name of ['Tools/a.py', 'tools/a.py']) lab.write(`python/${name}`, python(width))
    await lab.scan()
    expect(lab.filenames()).toEqual(['Tools/a.py', 'tools/a.py'])
    expect(new Set(lab.catalog.list().map(({ slug }) => slug)).size).toBe(2)
  })

  test('slugs are unique, never digits alone, and keep other scripts', async () => {
    for (const name of ['2024.py', '图片 缩放.py', '🎉.py', 'upload.py', 'Über Größe.py'])
      lab.write(`python/${name}`, python({}))
    await lab.scan()
    lab.write('python/group/图片 缩放.py', python({}))
    await lab.scan()
    lab.write('js/2024.js', js({}))
    await lab.scan()
    const slugs = lab.catalog.list().map(({ row, slug }) => `${row.filename} ${slug}`)
    expect(slugs.sort()).toEqual(
      [
        '2024.js script-2024-2',
        '2024.py script-2024',
        'group/图片 缩放.py group-图片-缩放',
        'upload.py upload-2',
        'Über Größe.py über-größe',
        '图片 缩放.py 图片-缩放',
        '🎉.py script-1',
      ].sort(),
    )
  })
})

describe('only changed content is asked', () => {
  test('not at a second scan, not after a restart, not when only the times changed', async () => {
    lab.write('python/a.py', python(width))
    lab.write('js/b.js', js(width))
    expect((await lab.scan()).sort()).toEqual(['js/b.js', 'python/a.py'])
    expect(await lab.scan()).toEqual([])
    lab.restart()
    expect(await lab.scan()).toEqual([])
    lab.write('python/a.py', python(width))
    expect(await lab.scan()).toEqual([])
    lab.write('python/a.py', python(height))
    expect(await lab.scan()).toEqual(['python/a.py'])
  })

  test('and a failure is not asked again, but when a module beside it has changed', async () => {
    lab.write('python/g/a.py', `import missing_helper\n${python(width)}`)
    await lab.scan()
    expect(lab.script('g/a.py')).toMatchObject({
      state: 'error',
      error: expect.stringContaining("No module named 'missing_helper'"),
    })
    lab.restart()
    expect(await lab.scan()).toEqual([])
    lab.write('python/g/missing_helper.py', '')
    expect(await lab.scan()).toEqual(['python/g/a.py'])
    expect(lab.script('g/a.py')).toMatchObject({ id: 1, state: 'active', error: null })
  })

  test('and when it is wanted', async () => {
    lab.write('python/a.py', python(width))
    await lab.scan()
    lab.asked.length = 0
    await lab.scanner.rescan(1)
    expect(lab.asked).toEqual(['python/a.py'])
    expect(await failureOf(lab.scanner.rescan(99))).toContain('no script with the id 99')
  })

  test('a thousand unchanged scripts start nothing and write nothing', async () => {
    for (let i = 0; i < 1000; i++) {
      lab.write(`python/g${i % 10}/s${i}.py`, 'if __name__ == "__main__":\n    print(1)\n')
      lab.write(`python/g${i % 10}/.s${i}._map.json`, JSON.stringify(width))
    }
    await lab.scan()
    await lab.scan() // files written a moment before the first one are read once more
    expect(lab.catalog.list().filter(({ state }) => state === 'active')).toHaveLength(1000)
    lab.restart()
    lab.changes.length = 0
    const report = await lab.scanner.scan()
    expect(report).toMatchObject({ asked: 0, changed: [], files: 1000 })
    expect(report.durationMs).toBeLessThan(1000)
    expect(lab.changes).toEqual([])
  })

  test('requests during a scan share one more', async () => {
    lab.write('python/a.py', python(width))
    const reports = await Promise.all([1, 2, 3, 4].map(() => lab.scanner.scan()))
    expect(new Set(reports).size).toBe(2)
    expect(lab.asked).toEqual(['python/a.py'])
  })

  test('a slow script keeps nobody else waiting', async () => {
    lab.write('python/slow.py', `import time\ntime.sleep(1)\n${python(width)}`)
    const slow = lab.scanner.scan()
    while (lab.asked.length === 0) await Bun.sleep(5)
    lab.write('js/quick.js', js(width))
    const done = Promise.race([slow.then(() => 'slow'), lab.scanner.scan().then(() => 'scan')])
    while (!lab.script('quick.js')) await Bun.sleep(5)
    expect(lab.script('slow.py')).toBeUndefined()
    await done
    expect(lab.script('slow.py')).toMatchObject({ state: 'active' })
  })
})
