import { beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { normaliseName } from '../../../src/dependencies/declared/pep508.ts'
import { hintsOf, type Known } from '../../../src/dependencies/hints/hints.ts'
import { createImportsOf } from '../../../src/dependencies/hints/imports.ts'
import { missingModuleOf } from '../../../src/dependencies/hints/missing.ts'
import { javascriptPackageOf, pythonPackagesOf } from '../../../src/dependencies/hints/packages.ts'
import { pythonPackages } from '../../../src/dependencies/hints/python-packages.ts'
import { createRuntimes } from '../../../src/runtimes/runtimes.ts'
import { tempFolder } from '../../harness/folder.ts'

const runtimes = createRuntimes({ python: { path: '/usr/bin/python3' }, bun: process.execPath })
const scriptsDir = join(tempFolder(), 'scripts')
/** Long after the files of the tests are written: their stamps can be relied on. */
const clock = { now: () => Date.now() + 60_000 }

const write = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(scriptsDir, name)), { recursive: true })
    writeFileSync(join(scriptsDir, name), text)
  }
}
beforeEach(() => rmSync(scriptsDir, { recursive: true, force: true }))

const scriptAt = (path: string) => {
  const runtime = path.startsWith('js/') ? runtimes.js : runtimes.python
  return { file: join(scriptsDir, path), runtime, root: join(scriptsDir, runtime.folder) }
}

const bare: Known = { builtins: new Set(['json', 'os', 'sys', 'pip', 'setuptools']), declared: [], environment: null }
const declaring = (...keys: string[]): Known => ({ ...bare, declared: keys.map((key) => ({ key })) })
const withEnvironment = (modules: Record<string, string[]>, packages: string[] = []): Known => ({
  ...bare,
  environment: { runtime: 'python', modules, packages: packages.map((name) => ({ name, version: '1' })) },
})

/** `module → package, file:line`, with `found` and `optional`. */
async function hintsAt(path: string, known: Known): Promise<string[]> {
  const script = scriptAt(path)
  return hintsOf(await createImportsOf({ clock })(script), script.runtime.name, known).map(
    ({ module, package: name, file, line, is_found, is_optional }) =>
      `${module} → ${name}, ${file}:${line}${is_found ? ' found' : ''}${is_optional ? ' optional' : ''}`,
  )
}

const python: [what: string, text: string, known: Known, hints: string[]][] = [
  ['one that has the name of its package', 'import requests', bare, ['requests → requests, python/s.py:1']],
  ['one that has another', 'import os\nfrom PIL import Image', bare, ['PIL → pillow, python/s.py:2']],
  ['only once, where it comes first', 'import a.b\nimport a.c', bare, ['a → a, python/s.py:1']],
  ['of the language itself', 'import json, os.path, tkinter, winreg, _thread, __future__', bare, []],
  ['declared', 'import requests, yaml', declaring('requests', 'pyyaml'), []],
  ['declared in a way that is as good', 'import cv2', declaring('opencv-python-headless'), []],
  ['declared with a dash', 'import foo_bar', declaring('foo-bar'), []],
  ['in the environment', 'import numpy, foo', withEnvironment({ numpy: ['numpy'] }), ['foo → foo, python/s.py:1']],
  ["found in the interpreter's own installation", 'import pip', bare, ['pip → pip, python/s.py:1 found']],
  ['which an environment hides', 'import pip', withEnvironment({}), ['pip → pip, python/s.py:1']],
  ['gone from the language', 'import distutils', bare, ['distutils → setuptools, python/s.py:1']],
  [
    'of many packages, told by what is taken',
    'from google.cloud import storage',
    bare,
    ['google.cloud.storage → google-cloud-storage, python/s.py:1'],
  ],
  [
    'of many packages, one of which is declared',
    'from google.cloud import storage, bigquery',
    declaring('google-cloud-storage'),
    ['google.cloud.bigquery → google-cloud-bigquery, python/s.py:1'],
  ],
  [
    'of many packages, where others are installed',
    'import google.cloud.storage',
    withEnvironment({ google: ['protobuf'] }, ['protobuf']),
    ['google.cloud.storage → google-cloud-storage, python/s.py:1'],
  ],
  [
    'of many packages, installed',
    'import azure.storage.blob',
    withEnvironment({ azure: ['azure-core'] }, ['azure-core', 'azure_storage_blob']),
    [],
  ],
  ['of many packages, with nothing that says which', 'import google', bare, []],
  [
    'optional',
    'try:\n  import ujson\nexcept ImportError:\n  ujson = None',
    bare,
    ['ujson → ujson, python/s.py:2 optional'],
  ],
  [
    'optional, with another that is there',
    'try:\n  import ujson as json\nexcept ImportError:\n  import json',
    bare,
    [],
  ],
  [
    'optional, with another that is not',
    'try:\n  import a\nexcept ImportError:\n  import b',
    bare,
    ['a → a, python/s.py:2 optional', 'b → b, python/s.py:4 optional'],
  ],
  [
    'optional first, needed later',
    'try:\n  import a\nexcept ImportError: pass\nimport a',
    bare,
    ['a → a, python/s.py:4'],
  ],
  [
    'a name that all objects have',
    'import constructor',
    withEnvironment({}),
    ['constructor → constructor, python/s.py:1'],
  ],
]

describe('Python', () => {
  test.each(python)('%s', async (_, text, known, hints) => {
    write({ 'python/s.py': text })
    expect(await hintsAt('python/s.py', known)).toEqual(hints)
  })

  test('its own modules need no package, and what they import does', async () => {
    write({
      'python/g/a.py': 'import helper, pack.part, top\nfrom . import more\nfrom space import inner',
      'python/g/helper.py': '\nimport requests',
      'python/g/pack/__init__.py': '',
      'python/g/pack/part.py': 'import yaml\nimport helper',
      'python/g/space/inner.py': '',
      'python/g/more.py': 'import rich',
      'python/top.py': 'import flask',
    })
    expect((await hintsAt('python/g/a.py', bare)).sort()).toEqual([
      'flask → flask, python/top.py:1',
      'requests → requests, python/g/helper.py:2',
      'rich → rich, python/g/more.py:1',
      'yaml → pyyaml, python/g/pack/part.py:1',
    ])
  })

  test('modules that import each other end, after 40 of them', async () => {
    write({ 'python/a.py': 'import m0\nimport a' })
    for (let i = 0; i < 60; i++) write({ [`python/m${i}.py`]: `import m${i + 1}, a, x${i}` })
    expect(await hintsAt('python/a.py', bare)).toHaveLength(39)
  })
})

const javascript: [what: string, files: Record<string, string>, known: Known, hints: string[]][] = [
  ['a package', { 'a.js': 'import x from "lodash/fp"\nx()' }, bare, ['lodash/fp → lodash, js/a.js:1']],
  ['with a scope', { 'a.js': 'import "@scope/x/sub"' }, bare, ['@scope/x/sub → @scope/x, js/a.js:1']],
  ['of Bun itself', { 'a.js': 'import "node:fs"; import "fs/promises"; import "bun:sqlite"; import "ws"' }, bare, []],
  ['declared', { 'a.js': 'import "lodash/fp"' }, declaring('lodash'), []],
  ['installed by another', { 'a.js': 'import "dep"' }, withEnvironment({}, ['dep']), []],
  ['through its own files', { 'a.js': 'import "./b"', 'b.ts': '\nimport "c"' }, bare, ['c → c, js/b.ts:2']],
  [
    'in a node_modules folder of its own',
    { 'a.js': 'import "c"', 'node_modules/c/package.json': '{}' },
    bare,
    ['c → c, js/a.js:1 found'],
  ],
]

describe('JavaScript', () => {
  test.each(javascript)('%s', async (_, files, known, hints) => {
    write(Object.fromEntries(Object.entries(files).map(([name, text]) => [`js/${name}`, text])))
    expect(await hintsAt('js/a.js', known)).toEqual(hints)
  })
})

describe('what is remembered', () => {
  const steps: [what: string, files: Record<string, string>, hints: number][] = [
    ['the script itself', { 'python/a.py': 'import helper, y, z' }, 3],
    ['a module that it imports', { 'python/helper.py': 'import v, w' }, 3],
    ['a module that was not there', { 'python/x.py': '' }, 1],
  ]
  test.each(steps)('is read again when it changes: %s', async (_, files, hints) => {
    write({ 'python/a.py': 'import helper, x', 'python/helper.py': 'import w' })
    const importsOf = createImportsOf({ clock })
    const script = scriptAt('python/a.py')
    const first = await importsOf(script)
    expect(await importsOf(script)).toBe(first)
    expect(hintsOf(first, 'python', bare)).toHaveLength(2)
    write(files)
    expect(hintsOf(await importsOf(script), 'python', bare)).toHaveLength(hints)
  })

  test('is not what was written just now: it may change once more within the same tick', async () => {
    write({ 'python/a.py': 'import x' })
    const importsOf = createImportsOf({ clock: { now: () => 0 } })
    expect(await importsOf(scriptAt('python/a.py'))).not.toBe(await importsOf(scriptAt('python/a.py')))
  })

  test('a script that is gone imports nothing', async () => {
    expect(await createImportsOf({ clock })(scriptAt('python/gone.py'))).toEqual([])
  })
})

describe('packages of modules', () => {
  const rows: [module: string, members: string[], packages: string[]][] = [
    ['cv2', [], ['opencv-python', 'opencv-python-headless', 'opencv-contrib-python', 'opencv-contrib-python-headless']],
    ['google.cloud.pubsub_v1', [], ['google-cloud-pubsub']],
    ['google.cloud.secretmanager', [], ['google-cloud-secret-manager']],
    ['google.protobuf.message', [], ['protobuf']],
    ['azure.identity', ['DefaultAzureCredential'], ['azure-identity']],
    ['ruamel', ['yaml'], ['ruamel.yaml']],
    ['mysql.connector', [], ['mysql-connector-python']],
    ['os.path', [], []],
    ['_private', [], []],
  ]
  test.each(rows)('%s', (module, members, packages) => expect(pythonPackagesOf(module, members)).toEqual(packages))

  test('the table says only what the name does not', () => {
    const redundant = Object.entries(pythonPackages).filter(
      ([module, packages]) => !module.includes('.') && packages === normaliseName(module),
    )
    expect(redundant).toEqual([])
    expect(Object.values(pythonPackages).join(' ')).toMatch(/^[a-z0-9.-]+( [a-z0-9.-]+)*$/)
  })

  test.each(['./a', '/a', '../a', 'node:fs', 'https://x/y', 'data:x', 'file:///x', '#own', '@/x', '~/x', 'a?b', ''])(
    '%s is none of npm',
    (specifier) => expect(javascriptPackageOf(specifier)).toBeNull(),
  )
})

describe('what a failed run missed', () => {
  const rows: [runtime: 'python' | 'js', stderr: string, module: string | null, name: string | null][] = [
    ['python', "Traceback …\nModuleNotFoundError: No module named 'yaml'\n", 'yaml', 'pyyaml'],
    ['python', "ModuleNotFoundError: No module named 'google.cloud'", 'google.cloud', null],
    ['python', 'ImportError: No module named requests', 'requests', 'requests'],
    [
      'python',
      "ModuleNotFoundError: No module named 'a'\n\nDuring …\nModuleNotFoundError: No module named 'b.c'",
      'b.c',
      'b',
    ],
    ['python', "ImportError: Missing optional dependency 'openpyxl'.  Use pip or conda", 'openpyxl', 'openpyxl'],
    ['python', "ModuleNotFoundError: No module named 'os.bar'; 'os' is not a package", 'os.bar', null],
    ['python', "ImportError: cannot import name 'x' from 'y'", null, null],
    ['python', "He said: No module named 'x'", null, null],
    ['js', "error: Cannot find package 'nope-x' from '/s/b.cjs'\n\nBun v1.4.5", 'nope-x', 'nope-x'],
    ['js', "error: Cannot find module 'left-pad/sub' from '/s/a.js'", 'left-pad/sub', 'left-pad'],
    ['js', 'Cannot find module "@a/b"', '@a/b', '@a/b'],
    ['js', "error: Cannot find module './gone.js' from '/s/d.js'", null, null],
    ['js', '', null, null],
  ]
  test.each(rows)('%s: %s', (runtime, stderr, module, name) => {
    expect(missingModuleOf(stderr, runtime)).toEqual(module === null ? null : { module, package: name })
  })

  test('as this Bun really says it', () => {
    write({ 'js/a.js': 'import "nope-x/sub"' })
    const { stderr } = Bun.spawnSync([process.execPath, 'run', '--no-install', join(scriptsDir, 'js/a.js')])
    expect(missingModuleOf(stderr.toString(), 'js')).toEqual({ module: 'nope-x/sub', package: 'nope-x' })
  })
})
