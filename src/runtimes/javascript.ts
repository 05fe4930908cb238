import { messageOf } from '../errors.ts'
import type { Runtime } from './model.ts'

const extensions = ['.js', '.mjs', '.cjs', '.ts'] as const

/** JavaScript and TypeScript on the Bun inside this very binary: no Node.js is needed. */
export const createJavascript = ({ bun }: { bun: string }): Runtime => ({
  name: 'js',
  label: 'JavaScript',
  folder: 'js',
  extensions,
  entryPointProblem,
  // --no-install: else Bun fetches missing packages from the network while it runs. --no-env-file: no .env slips in.
  command: (file, args) => [bun, 'run', '--no-install', '--no-env-file', file, ...args],
  argument: (flag, value) => [flag, value],
  // The compiled binary is Bun only when told so; Bun itself ignores the variable.
  env: { BUN_BE_BUN: '1' },
})

function entryPointProblem(source: string, filename: string): string | null {
  const transpiler = new Bun.Transpiler({ loader: filename.endsWith('.ts') ? 'ts' : 'js' })
  try {
    if (transpiler.scan(source).exports.includes('default')) return null
    if (/\bmodule\.exports\b/.test(transpiler.transformSync(source))) return null // comments are gone by now
  } catch (error) {
    return `It cannot be parsed: ${messageOf(error)}.`
  }
  return 'It has no entry point: add `export default` or `module.exports`.'
}
