/**
 * Makes the files of the code editor from its packages: Monaco with its workers, Ruff, and the typings that JavaScript is
 * completed by. The build does it for the executable, a checkout when somebody first opens the editor.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { Glob } from 'bun'

/** How the files are kept: by the encodings that browsers ask for. Plain HTTP to another machine gets no brotli from them. */
export const encodings = { br: '.br', gzip: '.gz' } as const

export const editorFiles = [
  ...['monaco.js', 'monaco.css', 'codicon.ttf', 'editor.worker.js', 'ts.worker.js', 'monaco-zh.js'],
  ...['ruff.worker.js', 'ruff_wasm_bg.wasm', 'python-names.txt', 'types.json', 'licences.txt'],
] as const
export type EditorFile = (typeof editorFiles)[number]

const root = resolve(import.meta.dir, '../..')
const quality = { build: 9, checkout: 5 }

/** The folder with every file in every encoding; made once for each `version`. */
export async function makeEditorFiles(version: string, purpose: keyof typeof quality): Promise<string> {
  const folder = join(root, 'node_modules/.cache/scriptgateway-editor', `${version}-${purpose}`)
  if (await Bun.file(join(folder, 'done')).exists()) return folder
  const fresh = `${folder}.${process.pid}`
  try {
    const contents = await bundleEditor()
    await mkdir(fresh, { recursive: true })
    await Promise.all([...contents].map(([name, bytes]) => compress(join(fresh, name), bytes, quality[purpose])))
    await writeFile(join(fresh, 'done'), '')
    // Another process may have been quicker, and its files are the same.
    await rename(fresh, folder).catch(() => {})
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return folder
}

async function compress(path: string, bytes: Uint8Array, brotliQuality: number) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  await writeFile(path + encodings.br, await promisify(brotliCompress)(bytes, { params }))
  await writeFile(path + encodings.gzip, await promisify(gzip)(bytes))
}

/** Throws an Error when a package is not installed. */
async function bundleEditor(): Promise<Map<EditorFile, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const name of ['monaco', 'editor.worker', 'ts.worker', 'ruff.worker']) {
    const { outputs } = await Bun.build({
      entrypoints: [join(root, 'public/editor', `${name}.js`)],
      minify: true,
      target: 'browser',
      loader: { '.ttf': 'file' },
      naming: { entry: `${name}.[ext]`, asset: '[name].[ext]' },
    })
    for (const output of outputs) files.set(basename(output.path), new Uint8Array(await output.arrayBuffer()))
  }
  files.set('ruff_wasm_bg.wasm', await readFile(join(packageFolder('@astral-sh/ruff-wasm-web'), 'ruff_wasm_bg.wasm')))
  files.set('monaco-zh.js', await readFile(join(packageFolder('monaco-editor'), 'esm/vs/nls/lang/zh-cn.js')))
  files.set('python-names.txt', await readFile(join(root, 'public/editor/python-names.txt')))
  files.set('licences.txt', Buffer.from(await readLicences()))
  files.set('types.json', Buffer.from(JSON.stringify(await readTypings())))
  return new Map(editorFiles.map((name) => [name, files.get(name) ?? missing(name)]))
}

const missing = (name: string): never => {
  throw new Error(`The packages of the editor made no ${name}: "npm install" puts them right.`)
}

const packageFolder = (name: string) => join(root, 'node_modules', name)

/** What the packages ask to be handed on with them. */
async function readLicences(): Promise<string> {
  const paths = ['monaco-editor/LICENSE', 'monaco-editor/ThirdPartyNotices.txt', '@astral-sh/ruff-wasm-web/LICENSE']
  const texts = paths.map(async (path) => `${path}\n\n${await Bun.file(packageFolder(path)).text()}`)
  return (await Promise.all(texts)).join('\n\n')
}

/** For older compilers, or for what scripts do not do: a quarter of it all, which a browser would read for nothing. */
const notOfScripts = /^(ts\d|docs|node_modules|vendor|test|inspector|quic|trace_events|sea\.)/

/** Of Bun and Node.js, by their paths; empty where they are not installed, as only the build needs them. */
async function readTypings(): Promise<Record<string, string>> {
  const typings: Record<string, string> = {}
  for (const name of ['@types/node', 'bun-types', '@types/bun', 'undici-types']) {
    const folder = packageFolder(name)
    const found = [...new Glob('**/{*.d.ts,package.json}').scanSync({ cwd: folder, onlyFiles: true })].sort()
    for (const path of found.filter((one) => !notOfScripts.test(one)))
      typings[`node_modules/${name}/${path}`] = await Bun.file(join(folder, path)).text()
  }
  return typings
}
