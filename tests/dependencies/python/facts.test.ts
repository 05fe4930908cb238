/** The interpreter is asked once, and again when it has changed. */
import { describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPythonFacts } from '../../../src/dependencies/python/facts.ts'
import { tempFolder } from '../../harness/folder.ts'
import { createTool, python } from './place.ts'

const root = tempFolder()
const { runTool, commands } = createTool(root)
const factsFile = join(root, 'facts.json')

test('what is found is of this interpreter, and a second start spawns nothing', async () => {
  const first = createPythonFacts({ python, uv: null, factsFile, runProbe: runTool })
  expect(first.known()).toBeNull()
  const [facts, same] = await Promise.all([first.facts(), first.facts()])
  expect(same).toBe(facts)
  expect(first.known()).toBe(facts)
  expect(commands.length).toBe(1)
  expect(facts.label).toMatch(/^Python 3\.\d+\.\d+/)
  expect(facts.id).toMatch(/^cpython-3\.\d+\.\d+\w*-\w+-linux-\w+$/)
  expect(facts.installer).toMatch(/^pip \d+\./)
  expect(['json', 'sys', 'pip'].filter((name) => !facts.builtins.has(name))).toEqual([])
  expect(['json', 'sys', 'pip'].filter((name) => facts.language.has(name))).toEqual(['json', 'sys'])

  const never = () => Promise.reject(new Error('it was asked again'))
  const again = await createPythonFacts({ python, uv: null, factsFile, runProbe: never }).facts()
  expect(again).toEqual(facts)
})

/** A stand-in that answers as the probe does, with changes, from a file named python in its own folder. */
function standIn(name: string, changes: Record<string, unknown>): string {
  const { probed } = JSON.parse(readFileSync(factsFile, 'utf8')) as { probed: Record<string, unknown> }
  const folder = join(root, name)
  const site = join(folder, 'site-packages')
  mkdirSync(site, { recursive: true })
  const path = join(folder, 'python')
  const answer = JSON.stringify({ ...probed, folders: [site], ...changes })
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${answer}\nEND\n`)
  chmodSync(path, 0o755)
  return path
}

describe('what an interpreter lacks is told with what to install', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['no venv', { hasVenv: false }, /apt install python3-venv/],
    ['no pip', { pip: null }, /apt install python3-pip.*or install uv/],
    ['a pip that is too old', { pip: { version: '22.0.2', folder: '/nowhere' } }, /^pip 22\.0\.2 .* is too old: 22\.3/],
  ])('%s', async (name, changes, words) => {
    const deps = { python: standIn(name, changes), uv: null, factsFile: join(root, `${name}.json`), runProbe: runTool }
    expect(
      await createPythonFacts(deps)
        .facts()
        .catch((error: Error) => error.message),
    ).toMatch(words)
  })

  test('with uv no pip is needed', async () => {
    const uv = join(root, 'uv')
    writeFileSync(uv, '#!/bin/sh\necho "uv 0.5.1 (f399a5271 2024-11-08)"\n')
    chmodSync(uv, 0o755)
    const deps = { python: standIn('uv-only', { pip: null }), uv, factsFile: join(root, 'uv.json'), runProbe: runTool }
    expect((await createPythonFacts(deps).facts()).installer).toBe('uv 0.5.1')
  })

  test('what is no Python is told as such', async () => {
    const deps = { python: '/bin/echo', uv: null, factsFile: join(root, 'no.json'), runProbe: runTool }
    expect(
      await createPythonFacts(deps)
        .facts()
        .catch((error: Error) => error.message),
    ).toMatch(/set PYTHON to the path/)
  })
})

describe('it is asked again', () => {
  const timesAsked = async (path: string, file: string) => {
    const before = commands.length
    await createPythonFacts({ python: path, uv: null, factsFile: file, runProbe: runTool }).facts()
    return commands.length - before
  }

  test('when packages were installed beside it, when it is another program, and when it is another path', async () => {
    const path = standIn('changing', {})
    const file = join(root, 'changing.json')
    expect(await timesAsked(path, file)).toBe(1)
    expect(await timesAsked(path, file)).toBe(0)
    writeFileSync(join(root, 'changing/site-packages/new.py'), '')
    utimesSync(join(root, 'changing/site-packages'), 1, 1)
    expect(await timesAsked(path, file)).toBe(1)
    utimesSync(path, 1, 1)
    expect(await timesAsked(path, file)).toBe(1)
    const link = join(root, 'link')
    symlinkSync(path, link)
    expect(await timesAsked(link, file)).toBe(1)
    expect(await timesAsked(link, file)).toBe(0)
  })

  test('when what was kept is half a file', async () => {
    const path = standIn('half', {})
    const file = join(root, 'half.json')
    expect(await timesAsked(path, file)).toBe(1)
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 50))
    expect(await timesAsked(path, file)).toBe(1)
    expect(await timesAsked(path, file)).toBe(0)
  })
})
