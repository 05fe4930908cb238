import { createJavascript } from './javascript.ts'
import type { Runtimes } from './model.ts'
import { createPython } from './python.ts'

/** Every runtime there is. `python` and `bun`: absolute paths of the interpreters. */
export const createRuntimes = ({ python, bun }: { python: string; bun: string }): Runtimes => ({
  python: createPython({ interpreter: python }),
  js: createJavascript({ bun }),
})
