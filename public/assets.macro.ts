/**
 * Reads the browser's files while the program is built (imported `with { type: 'macro' }`), so that they are constants of
 * the binary and nothing is looked up on disk when it runs. All share one version: their addresses can be kept for ever.
 * Comments and long names stay here: nobody waits for them on a slow line.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { browser } from '../views/texts/zh/browser.ts'

const here = import.meta.dir
const cache = '../node_modules/.cache/scriptgateway-assets'

type Files = Record<string, string>

/**
 * Every file by its address below /assets/VERSION/, as browsers get it. Putting the scripts together takes as long as the
 * rest of a start, so a checkout keeps what was made.
 */
export function readAssets(): Files {
  const name = `${readAssetsVersion()}.json`
  const known = readOr(`${cache}/${name}`, '')
  if (known) return JSON.parse(known)
  const assets = makeAssets(readSources())
  try {
    keep(name, JSON.stringify(assets))
  } catch {
    // It may not be ours to write to: then the next start makes them again.
  }
  return assets
}

function makeAssets(sources: Files): Files {
  const assets: Files = {}
  const scripts: Files = {}
  for (const [path, source] of Object.entries(sources))
    if (path.endsWith('.js')) scripts[path] = source
    else assets[path] = path.endsWith('.css') ? shortenCss(source) : source
  const input = Buffer.from(JSON.stringify(scripts))
  const command = [process.execPath, join(here, 'bundle.ts')]
  const { success, stdout, stderr } = Bun.spawnSync(command, { cwd: here, stdin: input })
  if (!success) throw new Error(`The scripts of the pages cannot be put together: ${stderr}`)
  return { ...assets, ...JSON.parse(stdout.toString()) }
}

/** In one step, as others may be looking. What was made of older sources goes, and what a process that was killed has left. */
function keep(name: string, content: string) {
  const place = join(here, cache)
  mkdirSync(place, { recursive: true })
  for (const old of readdirSync(place)) {
    const since = statSync(join(place, old), { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - since > 60_000) rmSync(join(place, old), { force: true })
  }
  const fresh = join(place, `${name}.${process.pid}`)
  writeFileSync(fresh, content)
  renameSync(fresh, join(place, name))
}

function readSources(): Files {
  const assets: Files = {
    'app.css': bundleCss(),
    'css/swagger.css': text('css/swagger.css'),
    'icons.svg': text('icons.svg'),
    'favicon.svg': text('favicon.svg'),
    'js/texts-zh.js': `export const zh = ${JSON.stringify(browser)}`,
    'vendor/htmx.js': text('../node_modules/htmx.org/dist/htmx.esm.min.js').replace(/\n\/\/# sourceMappingURL.*/, ''),
    'vendor/alpine.js': text('../node_modules/@alpinejs/csp/dist/module.esm.min.js'),
  }
  for (const folder of ['js', 'js/editor'])
    for (const name of readdirSync(join(here, folder)))
      if (name.endsWith('.js')) assets[`${folder}/${name}`] = text(`${folder}/${name}`)
  return assets
}

/** Changes with the packages of the code editor, and with what is taken of them: see src/pages/editor-bundle.ts. */
export function readEditorVersion(): string {
  const packages = ['monaco-editor', '@astral-sh/ruff-wasm-web', 'bun-types', '@types/node']
  const versions = packages.map((name) => readOr(`../node_modules/${name}/package.json`, ''))
  const sources = readdirSync(join(here, 'editor')).map((name) => text(`editor/${name}`))
  sources.push(text('../src/pages/editor-bundle.ts'))
  return hashOf([...versions, ...sources])
}

function readOr(path: string, otherwise: string): string {
  try {
    return text(path)
  } catch {
    return otherwise
  }
}

/** Changes when any file changes, or what is made of it. */
export function readAssetsVersion(): string {
  return hashOf([readSources(), text('assets.macro.ts'), text('bundle.ts'), Bun.version])
}

const hashOf = (parts: unknown[]) => Bun.hash(JSON.stringify(parts)).toString(36).slice(0, 10)

const text = (path: string) => readFileSync(join(here, path), 'utf8')

/** One sheet: the @import lines of app.css replaced by what they name, each in its layer, in order. */
function bundleCss(): string {
  return text('css/app.css').replace(
    /@import url\("([^"]+)"\) layer\((\w+)\);/g,
    (_line, path: string, layer: string) => `@layer ${layer} {\n${text(`css/${path}`)}\n}`,
  )
}

/** No comments, and space only where it means something. Bun's own way would rewrite light-dark() for browsers of old. */
const shortenCss = (css: string) =>
  css
    .replace(/("[^"]*"|'[^']*')|\/\*[\s\S]*?\*\/|\s*([{};,])\s*|(\s)\s*/g, (_all, text = '', mark = '', space = '') =>
      space ? ' ' : text + mark,
    )
    .replace(/([{};]) /g, '$1')
    .replace(/;}/g, '}')
    .replace(/([{;][\w-]+): /g, '$1:')
