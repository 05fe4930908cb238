import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { chooseSlug } from '../../src/scripts/slug.ts'
import { describeSource } from '../../src/scripts/source.ts'
import { checkParams } from '../../src/scripts/typebox.ts'
import { createLab, type Lab, python } from './lab.ts'

let lab: Lab
beforeEach(async () => {
  lab = await createLab()
  lab.write('python/a.py', python({ width: { type: 'int', required: true } }))
  await lab.scan()
})
afterEach(() => lab.close())

test('a script is found by its number or its slug', () => {
  const { catalog } = lab
  expect(catalog.find('1')?.row.filename).toBe('a.py')
  expect(catalog.find('a')).toBe(catalog.get(1)!)
  for (const no of ['2', '01', '1.0', '-1', '', 'A', 'constructor', '99999999999999999999'])
    expect(catalog.find(no)).toBeUndefined()
})

test('an entry holds what a run needs and never changes; an edit replaces it whole', async () => {
  const before = lab.catalog.get(1)!
  expect(before.runnable).toMatchObject({ id: 1, slug: 'a', file: lab.path('python/a.py'), dir: lab.path('python') })
  expect(checkParams(before.params, before.check(), {})).toEqual([{ path: '/width', message: 'is required' }])
  expect(before.check()).toBe(before.check())
  lab.write('python/a.py', python({ height: { type: 'int' } }))
  await lab.scan()
  expect(lab.catalog.get(1)).not.toBe(before)
  expect(lab.catalog.get(1)?.params[0]?.name).toBe('height')
  expect(before.params[0]?.name).toBe('width')
})

test('what its user said is kept by every scan', async () => {
  lab.store.update(1, { enabled: false, alias: 'My A', description: 'Mine', tags: ['x'] })
  lab.catalog.refresh([1])
  lab.write('python/a.py', python({}, 'Another text.'))
  await lab.scan()
  expect(lab.script('a.py')).toMatchObject({
    state: 'inactive',
    alias: 'My A',
    description: 'Mine',
    tags: ['x'],
    params: {},
  })
})

describe('slugs', () => {
  const rows: [filename: string, taken: string[], slug: string][] = [
    ['resize.py', [], 'resize'],
    ['Resize_Image v2.py', [], 'resize-image-v2'],
    ['tools/resize.py', ['resize'], 'tools-resize'],
    ['tools/resize.py', ['resize', 'tools-resize'], 'tools-resize-2'],
    ['resize.py', ['resize', 'resize-2'], 'resize-3'],
    ['123.py', [], 'script-123'],
    ['a.b.py', [], 'a-b'],
    ['图片.py', [], '图片'],
    ['---.py', ['script-1'], 'script-2'],
    ['batch.py', [], 'batch-2'],
    [`${'x'.repeat(200)}.py`, [], 'x'.repeat(60)],
  ]
  test.each(rows)('%s, %j taken: %s', (filename, taken, slug) => {
    expect(chooseSlug(filename, (name) => taken.includes(name))).toBe(slug)
  })
})

describe('descriptions', () => {
  const rows: [runtime: 'python' | 'js', source: string, description: string][] = [
    ['python', '"""Says hello."""\nimport sys', 'Says hello.'],
    ['python', '#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n\n"""\n  Two lines.\nMore.\n"""', 'Two lines.'],
    ['python', "r'''Raw.'''", 'Raw.'],
    ['python', "'Short.'\nx = 1", 'Short.'],
    ['python', 'import sys\n"""Not one."""', ''],
    ['js', '/**\n * Greets people.\n * @param x\n */\nexport default 1', 'Greets people.'],
    ['js', '#!/usr/bin/env bun\n// Greets.\n// More.\n', 'Greets.'],
    ['js', "'use strict'\n/* One. */", 'One.'],
    ['js', '// @ts-check\n// Real.\n', 'Real.'],
    ['js', 'export default 1 // no', ''],
    ['js', '/**\r\n * Windows.\r\n */', 'Windows.'],
  ]
  test.each(rows)('%s %j', (runtime, source, description) => {
    expect(describeSource(runtime, source)).toBe(description)
  })
})
