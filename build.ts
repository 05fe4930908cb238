/**
 * Makes the single executable: `npm run build [FILE]`, by default dist/scriptgateway. Pages, assets and migrations are
 * inside; it needs neither node_modules nor Bun, and runs JavaScript scripts with itself. For tests there is `--quick`: the
 * editor is compressed as in a checkout, which is half of the work.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readEditorVersion } from './public/assets.macro.ts'
import { editorFiles, encodings, makeEditorFiles } from './src/pages/editor-bundle.ts'

const [outfile, isQuick] = [resolve(process.argv[2] ?? 'dist/scriptgateway'), process.argv.includes('--quick')]
mkdirSync(dirname(outfile), { recursive: true })

const editor = await makeEditorFiles(readEditorVersion(), isQuick ? 'checkout' : 'build')
const editorNames = editorFiles.flatMap((name) => Object.values(encodings).map((ending) => name + ending))

/** What src/pages/editor-embedded.ts is in the executable: the files are in it as they are, and are read when they are asked for. */
const embedEditor = `${editorNames
  .map((name, n) => `import f${n} from ${JSON.stringify(join(editor, name))} with { type: 'file' }`)
  .join('\n')}
export const embedded = { ${editorNames.map((name, n) => `${JSON.stringify(name)}: f${n}`).join(', ')} }`

const { success, logs } = await Bun.build({
  entrypoints: ['src/main.ts'],
  target: 'bun',
  minify: true,
  bytecode: true,
  format: 'esm',
  plugins: [
    {
      name: 'made',
      setup({ onLoad, onResolve }) {
        onLoad({ filter: /src\/pages\/editor-embedded\.ts$/ }, () => ({ contents: embedEditor, loader: 'ts' }))
        // Browsers alone ask for it, and for them it is made by public/assets.macro.ts.
        onResolve({ filter: /\/texts-zh\.js$/ }, ({ path }) => ({ path, namespace: 'browser' }))
        onLoad({ filter: /.*/, namespace: 'browser' }, () => ({ contents: 'export const zh = {}', loader: 'js' }))
      },
    },
  ],
  compile: {
    outfile,
    // Else a bunfig.toml or .env in the current folder would act before us.
    autoloadBunfig: false,
    autoloadDotenv: false,
  },
})
for (const entry of logs) console.error(entry.message)
if (!success) process.exit(1)
console.log(`${outfile}: ${(statSync(outfile).size / 1e6).toFixed(0)} MB`)
