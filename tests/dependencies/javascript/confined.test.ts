/** What a confined script reads of the view that it runs from, at each level that works here. */
import { describe, expect, test } from 'bun:test'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createViews } from '../../../src/dependencies/javascript/views.ts'
import { levels, places, run, script } from '../../isolation/harness.ts'
import { bun } from './jobs.ts'

const root = join(places.scripts, 'confined/js')
const cacheDir = join(places.data, '.deps_cache-confined')
const environment = join(cacheDir, 'nodejs/one')
const views = createViews({ dir: join(cacheDir, 'views'), filesMax: 200 })

function put(path: string, text: string) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: 0o644 })
}
put(join(environment, 'node_modules/left/package.json'), '{"name":"left","exports":{".":"./lib/main.js"}}')
put(join(environment, 'node_modules/left/lib/main.js'), 'module.exports = "L"')

const others = ['../h/secret.mjs', '../shared/db.mjs', '../top.mjs', '../../../x', './link.mjs', './deep/up/secret.mjs']
/** What it can read of others, and list, from where it is and where it was written. */
const look = `
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
const here = import.meta.dirname
const files = ${JSON.stringify(others)}.flatMap((path) => [resolve(here, path), resolve(process.cwd(), path)])
const folders = [here, process.cwd()].flatMap((one) => [dirname(one), resolve(one, '../h'), resolve(one, '../shared'), dirname(dirname(one))])
const can = (act) => (path) => { try { return act(path).includes('secret') || act(path).includes('h') } catch { return false } }
const found = [...files.filter(can((path) => readFileSync(path, 'utf8'))), ...folders.filter(can((path) => readdirSync(path)))]
`
const mine = `import left from 'left'
import inner from './deep/inner.mjs'
${look}
console.log(JSON.stringify({ left, inner, found: found.map((path) => path.replace(/.*views/, '')) }))
export default 1
`
script('confined/js/g/mine.mjs', mine)
script('confined/js/g/both.mjs', `${mine}if (!process.pid) import('../h/secret.mjs')\n`)
script(
  'confined/js/g/mine.cjs',
  `console.log(JSON.stringify(require('left') + require('./deep/inner.cjs')))\nmodule.exports = 1`,
)
script(
  'confined/js/g/mine.ts',
  `import left from 'left'\nconst x: string = left\nconsole.log(JSON.stringify(x))\nexport default 1`,
)
script('confined/js/g/deep/inner.mjs', `import left from 'left'\nexport default left`)
script('confined/js/g/deep/inner.cjs', `module.exports = require('left')`)
script('confined/js/g/deep/own.mjs', `import left from 'left'\nconsole.log(JSON.stringify(left))\nexport default 1`)
script(
  'confined/js/g/reaching.mjs',
  `import shared from '../shared/db.mjs'\nimport top from '../top.mjs'\nconsole.log(JSON.stringify(shared + top))\nexport default 1`,
)
script('confined/js/g/other.mjs', `import '../shared/db.mjs'\nimport '../h/secret.mjs'\nexport default 1`)
script(
  'confined/js/g/near.mjs',
  `import shared from '../shared/db.mjs'\nconsole.log(JSON.stringify(shared))\nexport default 1`,
)
script('confined/js/h/secret.mjs', `import left from 'left'\nexport default 'secret' + left`)
script('confined/js/shared/db.mjs', `import left from 'left'\nexport default 'secret' + left`)
script('confined/js/top.mjs', `import left from 'left'\nexport default 'secret' + left`)
symlinkSync('../h/secret.mjs', join(root, 'g/link.mjs'))
symlinkSync('../../h', join(root, 'g/deep/up'))

for (const [name, isolation] of levels)
  describe(name, () => {
    const start = async (file: string, read: true | string[]) => {
      const path = join(root, file)
      const view = views.viewOf({ root, file: path, environment })
      const give = view.lease()
      const argv = [bun, 'run', '--no-install', '--no-env-file', view.file]
      const { stdout, stderr } = await run(isolation, argv, {
        ...{ read, cwd: dirname(path), env: { SCRIPT_PATH: path } },
        confinement: { readable: [dirname(path), environment, ...view.readable(read)] },
      })
      give()
      return stdout.trim() === '' ? stderr : JSON.parse(stdout)
    }

    test('a script that reads its own folder alone has its packages, and nothing of others', async () => {
      views.viewOf({ root, file: join(root, 'g/other.mjs'), environment }) // a view that has them all
      expect(await start('g/mine.mjs', [])).toEqual({ left: 'L', inner: 'L', found: [] })
    })

    test('so has one that shares its view with one that reaches others', async () => {
      expect(await start('g/both.mjs', [])).toEqual({ left: 'L', inner: 'L', found: [] })
      expect((await start('g/both.mjs', true)).found.length).toBeGreaterThan(8)
    })

    test.each([
      ['CommonJS', 'g/mine.cjs', 'LL'],
      ['TypeScript', 'g/mine.ts', 'L'],
      ['a script in a subfolder', 'g/deep/own.mjs', 'L'],
    ])('so has %s', async (_, file, said) => {
      expect(await start(file, [])).toBe(said)
    })

    test('what it may read of others, it reads with their packages', async () => {
      expect(await start('g/near.mjs', [join(root, 'shared')])).toBe('secretL')
      expect(await start('g/reaching.mjs', [join(root, 'shared')])).toContain("Cannot find module '../top.mjs'")
      expect(await start('g/reaching.mjs', [root])).toBe('secretLsecretL')
      expect(await start('g/reaching.mjs', true)).toBe('secretLsecretL')
    })
  })
