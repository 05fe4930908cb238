import { closeSync, openSync, readSync } from 'node:fs'
import type { Runtime } from './model.ts'

const entryPoint = /^if\s*\(?\s*(__name__\s*==\s*(['"])__main__\2|(['"])__main__\3\s*==\s*__name__)\s*\)?\s*:/m

/** What `resolvePython` found: the real interpreter, absolute, or why there is none. */
export type PythonInterpreter = { path: string } | { problem: string }

/** A machine without Python still runs JavaScript: its Python scripts are listed with the reason. */
export function createPython(interpreter: PythonInterpreter): Runtime {
  const path = 'path' in interpreter ? interpreter.path : 'python3'
  return {
    name: 'python',
    label: 'Python',
    folder: 'python',
    extensions: ['.py'],
    entryPointProblem(source) {
      if ('problem' in interpreter) return interpreter.problem
      return entryPoint.test(source) ? null : 'It has no entry point: add an `if __name__ == "__main__":` block.'
    },
    // -u: a line is on its way when it is printed. utf8: whatever the host's locale.
    command: (file, args) => [path, '-u', '-X', 'utf8', file, ...args],
    // argparse takes "--name -5" for two options, but understands "--name=-5".
    argument: (flag, value) => (value.startsWith('-') ? [`${flag}=${value}`] : [flag, value]),
    env: {},
  }
}

/**
 * The interpreter behind `name` (on PATH, or a path), found once at start. A version manager's shell wrapper, which
 * would cost 100 ms with every run, is asked for the program it stands for; a program is taken as it is, since a
 * virtual environment's link must not be followed.
 */
export async function resolvePython(name: string): Promise<PythonInterpreter> {
  const problem = `Python cannot be run as "${name}": install Python 3, or set PYTHON to its path, and start again.`
  const path = name.includes('/') ? name : Bun.which(name)
  if (!path) return { problem }
  try {
    if (!isShellScript(path)) return { path }
    const child = Bun.spawn([path, '-c', 'import sys; print(sys.executable)'], { stdout: 'pipe', stderr: 'ignore' })
    const executable = (await new Response(child.stdout).text()).trim()
    return (await child.exited) === 0 && executable ? { path: executable } : { problem }
  } catch {
    return { problem } // not a file, not executable, not ours to read: for the user it is one thing
  }
}

function isShellScript(path: string): boolean {
  const fd = openSync(path, 'r')
  try {
    const start = Buffer.alloc(2)
    readSync(fd, start, 0, 2, 0)
    return start.toString('latin1') === '#!'
  } finally {
    closeSync(fd)
  }
}
