/**
 * Makes the single executable: `npm run build [FILE]`, by default dist/scriptgateway. Pages, assets and migrations are
 * inside; it needs neither node_modules nor Bun, and runs JavaScript scripts with itself.
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const outfile = resolve(process.argv[2] ?? 'dist/scriptgateway')
mkdirSync(dirname(outfile), { recursive: true })

const { success, logs } = await Bun.build({
  entrypoints: ['src/main.ts'],
  target: 'bun',
  minify: true,
  bytecode: true,
  format: 'esm',
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
