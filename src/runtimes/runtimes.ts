import { createJavascript } from './javascript.ts'
import type { Runtimes } from './model.ts'
import { createPython, type PythonInterpreter } from './python.ts'

/** Every runtime there is. `bun`: absolute path of this very program. */
export const createRuntimes = ({ python, bun }: { python: PythonInterpreter; bun: string }): Runtimes => ({
  python: createPython(python),
  js: createJavascript({ bun }),
})
