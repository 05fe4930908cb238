import type { Runtime } from './model.ts'

const entryPoint = /^if\s*\(?\s*(__name__\s*==\s*(['"])__main__\2|(['"])__main__\3\s*==\s*__name__)\s*\)?\s*:/m

/** `interpreter`: the real one, absolute; a name on PATH may be a version manager's slow shell wrapper. */
export const createPython = ({ interpreter }: { interpreter: string }): Runtime => ({
  name: 'python',
  label: 'Python',
  folder: 'python',
  extensions: ['.py'],
  entryPointProblem: (source) =>
    entryPoint.test(source) ? null : 'It has no entry point: add an `if __name__ == "__main__":` block.',
  // -u: a line is on its way when it is printed. utf8: whatever the host's locale.
  command: (file, args) => [interpreter, '-u', '-X', 'utf8', file, ...args],
  // argparse takes "--name -5" for two options, but understands "--name=-5".
  argument: (flag, value) => (value.startsWith('-') ? [`${flag}=${value}`] : [flag, value]),
  env: {},
})

/**
 * The absolute path of the interpreter behind `name`, asked once at start. Throws an Error that says what to install
 * or set when there is none.
 */
export function resolvePython(name: string): string {
  const path = name.includes('/') ? name : Bun.which(name)
  const answer = path ? Bun.spawnSync([path, '-c', 'import sys; print(sys.executable)']) : null
  const executable = answer?.success ? answer.stdout.toString().trim() : ''
  if (!executable) throw new Error(`Cannot run Python as "${name}": install Python 3, or set PYTHON to its path.`)
  return executable
}
