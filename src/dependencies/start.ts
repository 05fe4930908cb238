/** With its packages a script is started by another interpreter, or from another place; nothing in it changes. */
import { join } from 'node:path'
import type { AskedScript } from '../scripts/question-start.ts'
import type { Environment, Environments } from './environments.ts'
import type { GivenPackages } from './for-runs.ts'
import type { View, Views } from './javascript/views.ts'
import { InstallError } from './model.ts'

interface StartDeps {
  environments: Environments
  views: Pick<Views, 'viewOf'>
  /** Absolute. */
  scriptsDir: string
}

/** Throws an InstallError when the environment is not there any more, or its view cannot be made. */
export const createStarts =
  ({ environments, views, scriptsDir }: StartDeps) =>
  (script: AskedScript, name: string): GivenPackages => {
    const environment = environments.get(name)
    if (!environment) throw new InstallError(`Its environment ${name} was removed.`)
    if (script.runtime.name === 'python') return pythonStart(script, environment, environments.lease(name))
    const root = join(scriptsDir, script.runtime.folder)
    const view = views.viewOf({ root, file: script.file, environment: environment.dir })
    return javascriptStart(script, environment, view, environments.lease(name))
  }

/** Absolute: where the programs of its packages are. */
export const binDirOf = ({ runtime, dir }: Pick<Environment, 'runtime' | 'dir'>): string =>
  join(dir, ...(runtime === 'python' ? ['bin'] : ['node_modules', '.bin']))

function pythonStart({ file, runtime }: AskedScript, { name, dir }: Environment, release: () => void): GivenPackages {
  const binDir = binDirOf({ runtime: 'python', dir })
  return {
    ...{ environment: name, binDir, release, env: { VIRTUAL_ENV: dir }, readable: () => [dir] },
    argv(args) {
      const [, ...rest] = runtime.command(file, args)
      return [join(binDir, 'python'), ...rest]
    },
  }
}

function javascriptStart(
  { runtime }: AskedScript,
  { name, dir }: Environment,
  view: View,
  release: () => void,
): GivenPackages {
  const releaseView = view.lease()
  return {
    ...{ environment: name, binDir: binDirOf({ runtime: 'js', dir }), env: {} },
    readable: ({ read }) => [dir, ...view.readable(read)],
    argv: (args) => runtime.command(view.file, args),
    release() {
      releaseView()
      release()
    },
  }
}
