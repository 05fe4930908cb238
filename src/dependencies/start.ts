/** With its packages a script is started by another interpreter, or from another place; nothing in it changes. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RunnableScript } from '../scripts/catalog.ts'
import type { Environment, Environments } from './environments.ts'
import type { GivenPackages } from './for-runs.ts'
import { InstallError } from './model.ts'

/** Where a JavaScript finds its packages: `javascript/views.ts`. */
export interface View {
  /** Absolute: the script in the view. */
  file: string
  /** Absolute: the view. */
  dir: string
  /** Keeps it, until what it answers is called. */
  lease(): () => void
}

export type ViewOf = (wanted: { root: string; file: string; environment: string }) => View | Promise<View>

type StartedScript = Pick<RunnableScript, 'file' | 'runtime'>

interface StartDeps {
  environments: Environments
  viewOf: ViewOf
  /** Absolute. */
  scriptsDir: string
}

/** Rejects with an InstallError when the environment is not there any more, or its view cannot be made. */
export const createStarts =
  ({ environments, viewOf, scriptsDir }: StartDeps) =>
  async (script: StartedScript, name: string): Promise<GivenPackages> => {
    const environment = environments.get(name)
    if (!environment) throw new InstallError(`Its environment ${name} was removed.`)
    const release = environments.lease(name) // in the same turn as it was found
    if (script.runtime.name === 'python') return pythonStart(script, environment, release)
    try {
      const root = join(scriptsDir, script.runtime.folder)
      const view = await viewOf({ root, file: script.file, environment: environment.dir })
      return javascriptStart(script, environment, view, release)
    } catch (error) {
      release()
      throw error
    }
  }

function pythonStart({ file, runtime }: StartedScript, { name, dir }: Environment, release: () => void): GivenPackages {
  const binDir = join(dir, 'bin')
  return {
    environment: name,
    release,
    start(args) {
      const [, ...rest] = runtime.command(file, args)
      return { argv: [join(binDir, 'python'), ...rest], env: { VIRTUAL_ENV: dir }, binDir, readable: [dir] }
    },
  }
}

function javascriptStart(
  { runtime }: StartedScript,
  { name, dir }: Environment,
  view: View,
  release: () => void,
): GivenPackages {
  const releaseView = view.lease()
  return {
    environment: name,
    release() {
      releaseView()
      release()
    },
    start: (args) => ({
      argv: runtime.command(view.file, args),
      env: {},
      binDir: join(dir, 'node_modules', '.bin'),
      readable: [dir, view.dir],
    }),
  }
}

/** Whether it is still where it was found: somebody may have emptied the cache by hand. About 3 µs. */
export const isThere = ({ dir }: Environment) => existsSync(join(dir, 'environment.json'))
