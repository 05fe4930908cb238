/**
 * Makes the single executable: `npm run build [FILE]`, by default dist/scriptgateway. Pages, assets and migrations are
 * inside; it needs neither node_modules nor Bun, and runs JavaScript scripts with itself. For tests there is `--quick`: the
 * editor is compressed as in a checkout, which is half of the work.
 * `build.ts --bundle FOLDER` makes what `npm start` runs: one module beside its packages, with which a start takes two thirds
 * of the time that it takes from the sources, and three quarters of the memory.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readEditorVersion } from './public/assets.macro.ts'
import { editorFiles, encodings, makeEditorFiles } from './src/pages/editor-bundle.ts'

async function makeExecutable(outfile: string) {
  mkdirSync(dirname(outfile), { recursive: true })
  const editor = await makeEditorFiles(readEditorVersion(), process.argv.includes('--quick') ? 'checkout' : 'build')
  await build({
    plugins: [forBrowsers, embedded(editor)],
    bytecode: true,
    compile: {
      outfile,
      // Else a bunfig.toml or .env in the current folder would act before us.
      autoloadBunfig: false,
      autoloadDotenv: false,
    },
  })
  console.log(`${outfile}: ${(statSync(outfile).size / 1e6).toFixed(0)} MB`)
}

async function makeBundle(outdir: string) {
  await build({ plugins: [forBrowsers, leftInPlace], outdir })
}

async function build(options: Pick<Bun.BuildConfig, 'plugins' | 'bytecode' | 'compile' | 'outdir'>) {
  const { success, logs } = await Bun.build({
    ...{ entrypoints: ['src/main.ts'], target: 'bun', format: 'esm', minify: true },
    ...options,
  } as Bun.BuildConfig)
  for (const entry of logs) console.error(entry.message)
  if (!success) process.exit(1)
}

/** Browsers alone ask for it, and for them it is made by public/assets.macro.ts. */
const forBrowsers: Bun.BunPlugin = {
  name: 'for browsers',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\/texts-zh\.js$/ }, ({ path }) => ({ path, namespace: 'browser' }))
    onLoad({ filter: /.*/, namespace: 'browser' }, () => ({ contents: 'export const zh = {}', loader: 'js' }))
  },
}

/**
 * A bundle is one file, which is read at the start: the next one takes it away from under a gateway that runs. What is made from
 * the checkout is looked for where that is, not beside the bundle: `node_modules` may be a link to elsewhere.
 */
const leftInPlace: Bun.BunPlugin = {
  name: 'left in place',
  setup({ onLoad }) {
    onLoad({ filter: /\/swagger-ui-dist\// }, ({ path }) => ({
      contents: `export default ${JSON.stringify(path)}`,
      loader: 'js',
    }))
    onLoad({ filter: /src\/pages\/editor-bundle\.ts$/ }, async ({ path }) => ({
      contents: (await Bun.file(path).text()).replace('import.meta.dir', JSON.stringify(dirname(path))),
      loader: 'ts',
    }))
  },
}

/** What src/pages/editor-embedded.ts is in the executable: the files are in it as they are, and are read when they are asked for. */
function embedded(editor: string): Bun.BunPlugin {
  const names = editorFiles.flatMap((name) => Object.values(encodings).map((ending) => name + ending))
  const imports = names.map(
    (name, n) => `import f${n} from ${JSON.stringify(join(editor, name))} with { type: 'file' }`,
  )
  const rows = names.map((name, n) => `${JSON.stringify(name)}: f${n}`)
  const contents = `${imports.join('\n')}\nexport const embedded = { ${rows.join(', ')} }`
  return {
    name: 'embedded',
    setup: ({ onLoad }) =>
      void onLoad({ filter: /src\/pages\/editor-embedded\.ts$/ }, () => ({ contents, loader: 'ts' })),
  }
}

const [first, second] = process.argv.slice(2)
if (first === '--bundle') await makeBundle(resolve(second!))
else await makeExecutable(resolve(first ?? 'dist/scriptgateway'))
