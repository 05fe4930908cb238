/**
 * Reads the browser's files while the program is built (imported `with { type: 'macro' }`), so that they are constants of
 * the binary and nothing is looked up on disk when it runs. All share one version: their addresses can be kept for ever.
 * Comments and long names stay here: nobody waits for them on a slow line.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { browser } from '../views/texts/zh/browser.ts'

const here = import.meta.dir

/** Every file by its address below /assets/VERSION/, as browsers get it. */
export function readAssets(): Record<string, string> {
  return Object.fromEntries(Object.entries(readSources()).map(([path, source]) => [path, shorten(path, source)]))
}

function readSources(): Record<string, string> {
  const assets: Record<string, string> = {
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

/** What js/main.js imports, and what that imports: a browser that learns it from the page waits for no file to name the next. */
export function readMainModules(): string[] {
  const sources = readSources()
  const found = new Set(['js/main.js'])
  for (const path of found) {
    const source = path.startsWith('js/') ? sources[path]! : '' // what packages bring is one file each
    for (const [, name] of source.matchAll(/^import [^']*'(\.[^']+)'/gm)) found.add(join(dirname(path), name!))
  }
  found.delete('js/main.js')
  return [...found]
}

/** Changes with the packages of the code editor, and with what is taken of them: see src/pages/editor-bundle.ts. */
export function readEditorVersion(): string {
  const packages = ['monaco-editor', '@astral-sh/ruff-wasm-web', 'bun-types', '@types/node']
  const versions = packages.map((name) => readOr(`../node_modules/${name}/package.json`, ''))
  const sources = readdirSync(join(here, 'editor')).map((name) => text(`editor/${name}`))
  sources.push(text('../src/pages/editor-bundle.ts'))
  return Bun.hash(JSON.stringify([...versions, ...sources]))
    .toString(36)
    .slice(0, 10)
}

function readOr(path: string, otherwise: string): string {
  try {
    return text(path)
  } catch {
    return otherwise
  }
}

/** Changes when any file changes. */
export function readAssetsVersion(): string {
  return Bun.hash(JSON.stringify(readSources())).toString(36).slice(0, 10)
}

const text = (path: string) => readFileSync(join(here, path), 'utf8')

/** One sheet: the @import lines of app.css replaced by what they name, each in its layer, in order. */
function bundleCss(): string {
  return text('css/app.css').replace(
    /@import url\("([^"]+)"\) layer\((\w+)\);/g,
    (_line, path: string, layer: string) => `@layer ${layer} {\n${text(`css/${path}`)}\n}`,
  )
}

/** What packages bring is short already. Each script stays a file of its own, and keeps the names that it exports. */
function shorten(path: string, source: string): string {
  if (path.endsWith('.css')) return shortenCss(source)
  return path.startsWith('js/') ? minifier.transformSync(source) : source
}

// The types know only the older `minifyWhitespace`.
const minifier = new Bun.Transpiler({
  loader: 'js',
  target: 'browser',
  minify: { whitespace: true, syntax: true, identifiers: true },
} as ConstructorParameters<typeof Bun.Transpiler>[0])

/** No comments, and space only where it means something. Bun's own way would rewrite light-dark() for browsers of old. */
const shortenCss = (css: string) =>
  css
    .replace(/("[^"]*"|'[^']*')|\/\*[\s\S]*?\*\/|\s*([{};,])\s*|(\s)\s*/g, (_all, text = '', mark = '', space = '') =>
      space ? ' ' : text + mark,
    )
    .replace(/([{};]) /g, '$1')
    .replace(/;}/g, '}')
    .replace(/([{;][\w-]+): /g, '$1:')
