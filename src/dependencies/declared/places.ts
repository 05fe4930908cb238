/** Where the packages of a script may be declared, most specific first (contract, section 3). */
import { basename, extname, join, relative, sep } from 'node:path'
import type { Runtime } from '../../runtimes/model.ts'
import type { RuntimeName } from '../../scripts/model.ts'
import type { Scope } from '../model.ts'

/** One place, whether anything is there or not. */
export interface Place {
  scope: Scope
  /** Below SCRIPTS_DIR, with `/`. */
  file: string
  /** Absolute. */
  path: string
  /** Below SCRIPTS_DIR, of the lock that belongs to it. */
  lockFile: string
}

interface Names {
  declaration: string
  lock: string
}

const names: Record<RuntimeName, Names> = {
  python: { declaration: 'requirements.txt', lock: 'requirements.lock' },
  js: { declaration: 'package.json', lock: 'bun.lock' },
}

/** What a script is known by here. */
export interface ScriptPlace {
  /** Absolute. */
  file: string
  dir: string
  runtime: Pick<Runtime, 'name' | 'folder'>
}

export function placesOf({ file, dir, runtime }: ScriptPlace, scriptsDir: string): Place[] {
  const { declaration, lock } = names[runtime.name]
  const stem = basename(file, extname(file))
  const place = (scope: Scope, folder: string, name: string, lockName: string, lockFolder = folder): Place => {
    const path = join(folder, name)
    return { scope, path, file: below(scriptsDir, path), lockFile: below(scriptsDir, join(lockFolder, lockName)) }
  }
  const own = (scope: Scope, name: string) => place(scope, dir, name, `${stem}_${lock}`)
  return [
    ...(runtime.name === 'python' ? [own('inline', basename(file))] : []),
    own('script', `${stem}_${declaration}`),
    place('folder', dir, declaration, lock),
    place('named', join(dir, stem), declaration, lock),
    ...foldersAbove(dir, join(scriptsDir, runtime.folder)).map((folder) => place('group', folder, declaration, lock)),
    globalPlace(runtime.name, scriptsDir),
  ]
}

export function globalPlace(runtime: RuntimeName, scriptsDir: string): Place {
  const { declaration, lock } = names[runtime]
  return { scope: 'global', path: join(scriptsDir, declaration), file: declaration, lockFile: lock }
}

/** Nearest first, up to `root` (absolute, as `dir`); none for the root itself. */
function foldersAbove(dir: string, root: string): string[] {
  const steps = below(root, dir).split('/').filter(Boolean)
  return steps.map((_, index) => join(root, ...steps.slice(0, steps.length - 1 - index)))
}

const below = (root: string, path: string) => relative(root, path).split(sep).join('/')
