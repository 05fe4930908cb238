import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { describeJsonError } from '../../src/scripts/json-position.ts'
import type { ArgsMap } from '../../src/scripts/model.ts'
import { hashArgsMap, writeSidecar } from '../../src/scripts/sidecar.ts'
import { failureOf } from '../harness/failure.ts'
import { createLab, type Lab, python } from './lab.ts'

const width = { width: { flag: '--width', type: 'int' } }
const height = { height: { flag: '--height', type: 'int' } }
const plainScript = 'import sys\nif __name__ == "__main__":\n    print(sys.argv)\n'

let lab: Lab
beforeEach(async () => {
  lab = await createLab({ schema_timeout_sec: 5 })
})
afterEach(() => lab.close())

const readText = (name: string) => readFileSync(lab.path(name), 'utf8')
const readJson = (name: string) => JSON.parse(readText(name)) as unknown
const x = () => lab.script('x.py')

describe('who owns a sidecar', () => {
  test('the scanner: written at first sight, kept up to date', async () => {
    lab.write('python/x.py', python(width))
    await lab.scan()
    lab.write('python/x.py', python(height))
    await lab.scan()
    expect(readJson('python/.x._map.json')).toEqual(height)
    expect(x()).toMatchObject({ params: height, schema_source: 'script', schema_differs: false })
    expect(readdirSync(lab.path('python')).sort()).toEqual(['.x._map.json', 'x.py'])
  })

  test('the scanner: one that equals the answer when first seen, under its own name', async () => {
    lab.write('python/x._map.json', JSON.stringify(width))
    lab.write('python/x.py', python(width))
    await lab.scan()
    lab.write('python/x.py', python(height))
    await lab.scan()
    expect(readJson('python/x._map.json')).toEqual(height)
    expect(existsSync(lab.path('python/.x._map.json'))).toBe(false)
  })

  test('its author: a script that cannot be asked is registered from it, and not started', async () => {
    lab.write('python/x._map.json', JSON.stringify(width))
    lab.write('python/x.py', plainScript)
    expect(await lab.scan()).toEqual([])
    expect(x()).toMatchObject({ state: 'active', params: width, schema_source: 'sidecar', warnings: [] })
    lab.write('python/x._map.json', JSON.stringify(height))
    expect(await lab.scan()).toEqual([])
    expect(x()).toMatchObject({ state: 'active', params: height })
    rmSync(lab.path('python/x._map.json'))
    await lab.scan()
    expect(x()).toMatchObject({ state: 'error', error: expect.stringContaining('It has no schema') })
  })

  test('its author: written by hand, another answer does not overwrite it', async () => {
    const byHand = JSON.stringify(height)
    lab.write('python/.x._map.json', byHand)
    lab.write('python/x.py', python(width))
    await lab.scan()
    expect(x()).toMatchObject({ params: height, schema_source: 'sidecar', schema_differs: true })
    lab.write('python/x.py', python({ ...width, more: { type: 'str' } }))
    await lab.scan()
    expect(readText('python/.x._map.json')).toBe(byHand)
  })

  test('its author: also when the answer came to equal it later', async () => {
    lab.write('python/.x._map.json', JSON.stringify(height))
    lab.write('python/x.py', python(width))
    await lab.scan()
    lab.write('python/x.py', python(height))
    await lab.scan()
    lab.write('python/x.py', python(width))
    await lab.scan()
    expect(readJson('python/.x._map.json')).toEqual(height)
    expect(x()).toMatchObject({ schema_differs: true })
  })

  test('its author: one of ours that was edited by hand', async () => {
    lab.write('python/x.py', python(width))
    await lab.scan()
    lab.write('python/.x._map.json', JSON.stringify(height))
    expect(await lab.scan()).toEqual([])
    expect(x()).toMatchObject({ params: height, schema_differs: true })
    lab.write('python/x.py', python({ depth: { type: 'int' } }))
    await lab.scan()
    expect(readJson('python/.x._map.json')).toEqual(height)
  })

  test('the scanner still: one of ours that was only formatted anew', async () => {
    lab.write('python/x.py', python(width))
    await lab.scan()
    lab.write('python/.x._map.json', '{"width":{"type":"int","flag":"--width"}}')
    await lab.scan()
    lab.write('python/x.py', python(height))
    await lab.scan()
    expect(readJson('python/.x._map.json')).toEqual(height)
  })

  test('nobody: one that was deleted is written again', async () => {
    lab.write('python/x.py', python(width))
    await lab.scan()
    rmSync(lab.path('python/.x._map.json'))
    expect(await lab.scan()).toEqual([])
    expect(readJson('python/.x._map.json')).toEqual(width)
  })
})

describe('when script and sidecar do not go together', () => {
  test('no answer, but a valid sidecar: active with a warning', async () => {
    lab.write('python/x._map.json', JSON.stringify(width))
    lab.write('python/x.py', `import PIL_not_there\n${python(height)}`)
    await lab.scan()
    expect(x()).toMatchObject({ state: 'active', params: width, schema_source: 'sidecar' })
    expect(x()?.warnings).toEqual([expect.stringContaining("No module named 'PIL_not_there'")])
  })

  test('one of ours stands in while the script cannot answer, and follows it again afterwards', async () => {
    lab.write('python/x.py', python(width))
    await lab.scan()
    lab.write('python/x.py', `import PIL_not_there\n${python(height)}`)
    await lab.scan()
    expect(x()).toMatchObject({ state: 'active', params: width, warnings: [expect.stringContaining('asked in vain')] })
    lab.write('python/x.py', python(height))
    await lab.scan()
    expect(x()).toMatchObject({ state: 'active', params: height, warnings: [], schema_differs: false })
    expect(readJson('python/.x._map.json')).toEqual(height)
  })

  const invalid: [text: string, error: RegExp][] = [
    ['{"width": {"type": 5}}', /Cannot read sidecar "\.x\._map\.json": "\/width\/type" must be one of str, int/],
    ['{"width": {"type": "int", "min": "a"}}', /"\/width\/min" must be a number; got "a"/],
    ['[]', /must be a JSON object .*; got a list/],
    ["{\n  'width': 1}", /is not JSON \(line 2, column 3: unexpected "'"\)/],
    ['', /is not JSON \(line 1, column 1: the text ends too early\)/],
  ]
  test.each(invalid)('an invalid sidecar is an error, and stays as it is: %j', async (text, error) => {
    lab.write('python/.x._map.json', text)
    lab.write('python/x.py', python(width))
    await lab.scan()
    expect(x()).toMatchObject({ state: 'error', error: expect.stringMatching(error) })
    expect(readText('python/.x._map.json')).toBe(text)
    rmSync(lab.path('python/.x._map.json'))
    expect(await lab.scan()).toEqual([])
    expect(x()).toMatchObject({ state: 'active', params: width })
  })

  test('both spellings: the one with the dot, and a warning', async () => {
    lab.write('python/.x._map.json', JSON.stringify(width))
    lab.write('python/x._map.json', JSON.stringify(height))
    lab.write('python/x.py', plainScript)
    await lab.scan()
    expect(x()).toMatchObject({ params: width, warnings: [expect.stringContaining('two sidecars')] })
  })

  test('a sidecar that cannot be written is a warning', async () => {
    const stem = 'x'.repeat(250) // the sidecar's name would be too long; permissions do not stop root
    lab.write(`python/${stem}.py`, python(width))
    await lab.scan()
    expect(lab.script(`${stem}.py`)).toMatchObject({ state: 'active', params: width })
    expect(lab.script(`${stem}.py`)?.warnings).toEqual([expect.stringContaining('could not be written')])
    expect(readdirSync(lab.path('python'))).toEqual([`${stem}.py`])
  })

  test('a folder in the place of a sidecar is an error', async () => {
    lab.write('python/.x._map.json/keep', '')
    lab.write('python/x.py', python(width))
    await lab.scan()
    expect(x()).toMatchObject({ state: 'error', error: expect.stringContaining('Cannot read sidecar') })
  })

  test('an unknown type is a warning', async () => {
    lab.write('python/x.py', python({ tint: { type: 'colour' } }))
    await lab.scan()
    expect(x()).toMatchObject({ state: 'active', warnings: [expect.stringContaining('"colour"')] })
  })
})

describe('a difference is settled by its user', () => {
  beforeEach(async () => {
    lab.write('python/x._map.json', JSON.stringify(height))
    lab.write('python/x.py', python(width))
    await lab.scan()
  })

  test("for the script's answer: the sidecar is rewritten and follows from then on", async () => {
    await lab.scanner.chooseSchema(1, 'script')
    expect(readJson('python/x._map.json')).toEqual(width)
    expect(x()).toMatchObject({ params: width, schema_source: 'script', schema_differs: false })
    const longer = { ...width, ...height }
    lab.write('python/x.py', python(longer))
    await lab.scan()
    expect(readJson('python/x._map.json')).toEqual(longer)
  })

  test('for the sidecar: nothing is said until the script answers something else', async () => {
    await lab.scanner.chooseSchema(1, 'sidecar')
    lab.restart()
    await lab.scan()
    expect(x()).toMatchObject({ params: height, schema_source: 'sidecar', schema_differs: false })
    lab.write('python/x.py', python({ depth: { type: 'int' } }))
    await lab.scan()
    expect(x()).toMatchObject({ params: height, schema_differs: true })
  })

  test('there has to be something to choose', async () => {
    lab.write('python/y._map.json', '{}')
    lab.write('python/y.py', plainScript)
    await lab.scan()
    expect(await failureOf(lab.scanner.chooseSchema(2, 'script'))).toContain('"y" gave no schema to choose')
    expect(await failureOf(lab.scanner.chooseSchema(99, 'script'))).toContain('no script with the id 99')
  })
})

test('a new sidecar never replaces one that has just arrived', async () => {
  lab.write('python/.x._map.json', '{"mine": 1}')
  const writing = writeSidecar(lab.path('python'), '.x._map.json', width, { isNew: true })
  expect(await failureOf(writing)).toContain('EEXIST')
  await writing.catch(() => {})
  expect(readdirSync(lab.path('python'))).toEqual(['.x._map.json'])
  expect(readText('python/.x._map.json')).toBe('{"mine": 1}')
})

test('the order of parameters counts for the hash, the order inside one does not', () => {
  const hash = (text: string) => hashArgsMap(JSON.parse(text) as ArgsMap)
  expect(hash('{"a":{"type":"str","flag":"-a"}}')).toBe(hash('{ "a": {"flag":"-a", "type":"str"} }'))
  expect(hash('{"a":{"type":"str"},"b":{"type":"str"}}')).not.toBe(hash('{"b":{"type":"str"},"a":{"type":"str"}}'))
})

describe('where a text stops being JSON', () => {
  const rows: [text: string, where: string][] = [
    ['', 'line 1, column 1: the text ends too early'],
    ['{', 'line 1, column 2: the text ends too early'],
    ['{"a": 1,}', 'line 1, column 9: unexpected "}"'],
    ['{"a": 1\n "b": 2}', 'line 2, column 2: unexpected "\\""'],
    ['{a: 1}', 'line 1, column 2: unexpected "a"'],
    ['{"a" 1}', 'line 1, column 6: unexpected "1"'],
    ['[1, 2', 'line 1, column 6: the text ends too early'],
    ['[1, 02]', 'line 1, column 5: unexpected "0"'],
    ['[1]]', 'line 1, column 4: unexpected "]"'],
    ['{"a": True}', 'line 1, column 7: unexpected "T"'],
    ['{"a": "x\n"}', 'line 1, column 7: unexpected "\\""'],
    ['{"a": 1} // note', 'line 1, column 10: unexpected "/"'],
    ['{"a": }', 'line 1, column 7: unexpected "}"'],
    ['{"a": 🎉}', 'line 1, column 7: unexpected "🎉"'],
  ]
  test.each(rows)('%j', (text, where) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(describeJsonError(text)).toBe(where)
  })
})
