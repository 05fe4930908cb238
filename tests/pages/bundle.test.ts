/** The browser's scripts, put together: no module is there twice, whoever imports it, and each finds the others. */
import { expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundleScripts } from '../../public/bundle.ts'
import { failureOf } from '../harness/failure.ts'
import { tempFolder } from '../harness/folder.ts'

/** What the page of these sources does. */
interface Bundled {
  first: number
  kit: { uses: number }
  go(): Promise<{ go(): number[] }>
  start(): Promise<{ start(isOne: boolean): Promise<unknown[]> }>
}

const sources = {
  'vendor/kit.js': 'export default { uses: 0 }\nexport const named = "kit"',
  'js/state.js': 'let n = 0\nexport const next = () => ++n',
  'js/main.js': `import kit from '../vendor/kit.js'
    import { next } from './state.js'
    globalThis.bundled = { first: next(), kit, go: () => import('./go.js'), start: () => import('./deep/start.js') }`,
  'js/go.js': `import { next } from './state.js'
    import { count } from './counter.js'
    export const go = () => [next(), count()]`,
  'js/deep/start.js': `import kit, { named } from '../../vendor/kit.js'
    import { count } from '../counter.js'
    import { near } from './near.js'
    export const start = async (which) =>
      [++kit.uses, named, count(), near(), (await import(which ? './one.js' : './two.js')).default]`,
  'js/deep/near.js': `import { next } from '../state.js'\nexport const near = () => next()`,
  'js/deep/one.js': 'export default 1',
  'js/deep/two.js': 'export default 2',
  'js/counter.js': 'let counted = 100\nexport const count = () => ++counted',
  'js/alone.js': '// A comment\ndocument.title = "alone"',
}

test('each page has one file, others come when they are asked for, and state is in one place', async () => {
  const files = await bundleScripts(sources)
  expect(Object.keys(files).sort()).toEqual(
    ['alone', 'counter', 'deep/one', 'deep/start', 'deep/two', 'go', 'main'].map((name) => `js/${name}.js`),
  )
  expect(files['js/alone.js']).toBe('document.title="alone";')
  expect(files['js/main.js']).not.toMatch(/\bfrom ?"/)

  const folder = tempFolder()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  await import(join(folder, 'js/main.js'))
  const { bundled } = globalThis as never as { bundled: Bundled }
  expect(bundled.first).toBe(1)
  expect((await bundled.go()).go()).toEqual([2, 101])
  expect(await (await bundled.start()).start(true)).toEqual([1, 'kit', 102, 3, 1])
  expect(await (await bundled.start()).start(false)).toEqual([2, 'kit', 103, 4, 2])
  expect(bundled.kit.uses).toBe(2)
})

test('the same sources make the same files', async () => {
  expect(await bundleScripts(sources)).toEqual(await bundleScripts({ ...sources }))
})

test.each<[string, Record<string, string>, string]>([
  [
    'two modules of main.js that others import, with one name',
    { 'js/state.js': 'export const next = 1, named = 2' },
    'js/state.js and vendor/kit.js both export named',
  ],
  [
    'a module that is not there',
    { 'js/go.js': "import { x } from './gone.js'\nexport const go = x" },
    'js/go.js imports js/gone.js',
  ],
])('%s: it says so', async (_, changes, words) => {
  expect(await failureOf(bundleScripts({ ...sources, ...changes }))).toContain(words)
})
