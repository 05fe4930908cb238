/** What ARCHITECTURE.md promises of the tree: imports go one way, only main.ts acts on import, one reader of the environment. */
import { expect, test } from 'bun:test'
import { dirname, join, relative, resolve } from 'node:path'
import { Glob } from 'bun'

const root = resolve(import.meta.dir, '..')
const files = [...new Glob('{src,views}/**/*.{ts,tsx}').scanSync(root)].filter((file) => !file.endsWith('.d.ts')).sort()

/** From the top. A file may import from its own layer's folder and from any layer below. */
const layers = [
  ['main'],
  ['serving'],
  ['app', 'app-config'],
  ['host', 'server'],
  ['entrance'],
  ['pages', 'gateway', 'system', 'retention', 'backup'],
  ['schedules'],
  ['notify'],
  ['runs'],
  ['dependencies'],
  ['logs'],
  ['files', 'scripts', 'variables', 'channels'],
  ['results', 'settings', 'isolation', 'access', 'audit'],
  ['db', 'process', 'runtimes', 'http'],
  ['config', 'log', 'clock', 'bin', 'nearest', 'version'],
  ['options'],
  ['errors'],
]

const source = (file: string) => Bun.file(join(root, file)).text()
const feature = (file: string) => file.replace(/^src\//, '').replace(/(\/.*|\.tsx?)$/, '')
const rank = (name: string) => layers.findIndex((layer) => layer.includes(name))

/** Value imports of our own files; types may come from anywhere. */
async function importsOf(file: string): Promise<string[]> {
  const text = await source(file)
  const statements = text.matchAll(/^import\s+(?!type\b)([^'"]*?)from\s+'(\.[^']+)'/gm)
  return [...statements]
    .filter(([, names]) => !/^\{(\s*type \w+( as \w+)?,?)+\s*\}\s*$/.test(names ?? ''))
    .map(([, , path]) => relative(root, resolve(root, dirname(file), path ?? '')))
}

test('every folder of src has its layer', () => {
  const unknown = files.filter((file) => file.startsWith('src/') && rank(feature(file)) === -1)
  expect(unknown).toEqual([])
})

test('imports go one way', async () => {
  const wrong: string[] = []
  for (const file of files.filter((one) => one.startsWith('src/')))
    for (const target of await importsOf(file)) {
      if (!target.startsWith('src/')) continue
      const [from, to] = [feature(file), feature(target)]
      if (from !== to && rank(to) <= rank(from)) wrong.push(`${file} → ${target}`)
    }
  expect(wrong).toEqual([])
})

test('views import only types from src', async () => {
  const wrong: string[] = []
  for (const file of files.filter((one) => one.startsWith('views/')))
    for (const target of await importsOf(file)) if (target.startsWith('src/')) wrong.push(`${file} → ${target}`)
  expect(wrong).toEqual([])
})

test.each<[string, RegExp, string[]]>([
  ['the environment is read in one file', /\bprocess\.env\b/, ['src/config.ts']],
  [
    'processes are started in one folder, and once at start to find Python',
    /\bBun\.spawn|node:child_process/,
    ['src/process/process.ts', 'src/runtimes/python.ts'],
  ],
])('%s', async (_, pattern, allowed) => {
  const found: string[] = []
  for (const file of files)
    if (pattern.test((await source(file)).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))) found.push(file)
  expect(found).toEqual(allowed)
})

test('no file is longer than 300 lines', async () => {
  const long: string[] = []
  for (const file of files) if ((await source(file)).split('\n').length > 300) long.push(file)
  expect(long).toEqual([])
})

test('no test waits inside of a matcher, where no limit of time would end it', async () => {
  const waiting: string[] = []
  for (const file of new Glob('tests/**/*.ts').scanSync(root))
    if (/\)\s*\.(rejects|resolves)\s*\./.test(await source(file))) waiting.push(file)
  expect(waiting).toEqual([])
})
