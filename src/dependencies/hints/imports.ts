/** What a script and its local modules import; read again when one of the files has changed. */
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Clock } from '../../clock.ts'
import type { RunnableScript } from '../../scripts/catalog.ts'
import { pythonPlaces, type ScriptText, withLocalModules } from '../../scripts/modules.ts'
import { isFresh, stampOf, statOrNull } from '../../scripts/stamp.ts'
import { javascriptImports } from './javascript-imports.ts'
import { javascriptPackageOf, pythonPackagesOf } from './packages.ts'
import { type Import, pythonImports } from './python-imports.ts'
import { pythonLibrary } from './python-library.ts'

/** Of one of the files. */
export interface ScriptImport extends Import {
  /** Below SCRIPTS_DIR, with `/`. */
  file: string
  /** Python: of the language itself, or a file in the script's folder or one above. */
  isOwn: boolean
  /** JavaScript: a node_modules folder in or above its own has it, though no environment does. */
  isBeside: boolean
}

export type ImportsOf = (script: HintedScript) => Promise<ScriptImport[]>

export type HintedScript = Pick<RunnableScript, 'file' | 'runtime'> & {
  /** The runtime's folder, absolute. */
  root: string
}

/** Paths that are looked at for one script. */
const looksMax = 3000
/** Scripts that are remembered. */
const scriptsMax = 2000

interface Remembered {
  imports: ScriptImport[]
  /** Path, of what is there and of what is not → stamp, as it was. */
  stamps: Map<string, string>
}

/** What it answers is remembered for as long as no file has changed that it depends on. Throws nothing: what cannot be read imports nothing. */
export function createImportsOf({ clock }: { clock: Pick<Clock, 'now'> }): ImportsOf {
  const remembered = new Map<string, Remembered>()

  return async function importsOf(script) {
    const known = remembered.get(script.file)
    if (known && (await isUnchanged(known))) return known.imports
    const found = await collect(script, clock.now())
    remembered.delete(script.file)
    if (found.stamps) remembered.set(script.file, { imports: found.imports, stamps: found.stamps })
    if (remembered.size > scriptsMax) remembered.delete(remembered.keys().next().value!)
    return found.imports
  }
}

async function isUnchanged({ stamps }: Remembered): Promise<boolean> {
  const now = await Promise.all([...stamps].map(async ([path, stamp]) => stamp === (await stampAt(path))))
  return now.every(Boolean)
}

const stampAt = async (path: string) => {
  const stats = await statOrNull(path)
  return stats ? stampOf(stats) : ''
}

/** `stamps` null: a file was changed just now, and its stamp cannot be relied on. */
async function collect({ file, root, runtime }: HintedScript, nowMs: number) {
  const stamps = new Map<string, string>()
  let isAnyFresh = false
  /** Looked at once each; whether it is a file. */
  const look = async (path: string) => {
    const known = stamps.get(path)
    if (known !== undefined) return known !== ''
    if (stamps.size >= looksMax) return true // nobody means that many: the rest counts as there
    const stats = await statOrNull(path)
    if (stats && isFresh(stats, nowMs)) isAnyFresh = true
    stamps.set(path, stats ? stampOf(stats) : '')
    return stats !== null
  }

  const imports: ScriptImport[] = []
  await look(file) // before it is read
  const text = await readFile(file, 'utf8').catch(() => '') // gone since: then it imports nothing
  for await (const module of withLocalModules({ runtime: runtime.name, file, text, root })) {
    await look(module.file)
    const shown = `${runtime.folder}/${relative(root, module.file)}`
    for (const one of await readers[runtime.name](module, look)) imports.push({ ...one, file: shown })
  }
  return { imports, stamps: isAnyFresh ? null : stamps }
}

type Look = (path: string) => Promise<boolean>
type Found = Omit<ScriptImport, 'file'>

const readers: Record<ScriptText['runtime'], (module: ScriptText, look: Look) => Promise<Found[]>> = {
  async python(module, look) {
    const found: Found[] = []
    for (const one of pythonImports(module.text))
      found.push({ ...one, isOwn: isOfLibrary(one.module) || (await isLocal(one, module, look)), isBeside: false })
    return found
  },
  async js(module, look) {
    const found: Found[] = []
    for (const one of javascriptImports(module.text, module.file)) {
      const name = javascriptPackageOf(one.module)
      if (name !== null) found.push({ ...one, isOwn: false, isBeside: await isBeside(name, module, look) })
    }
    return found
  },
}

/** Those that other versions have in packages (distutils) are asked for as packages, should the interpreter not have them. */
const isOfLibrary = (module: string) =>
  pythonPackagesOf(module).length === 0 && pythonLibrary.has(module.split('.')[0]!)

/** Every part of the path counts: a folder of modules needs no __init__.py. */
async function isLocal({ module, members }: Import, script: ScriptText, look: Look): Promise<boolean> {
  const parts = module.split('.').slice(0, partsMax)
  const names = parts.map((_, index) => parts.slice(0, index + 1).join('.'))
  names.push(...members.slice(0, membersMax).map((member) => `${module}.${member}`))
  for (const name of names) for (const path of pythonPlaces(name, script)) if (await look(path)) return true
  return false
}

const partsMax = 8
const membersMax = 20

async function isBeside(name: string, { file, root }: ScriptText, look: Look): Promise<boolean> {
  for (let dir = dirname(file), left = 12; left > 0; dir = dirname(dir), left--) {
    if (await look(join(dir, 'node_modules', name, 'package.json'))) return true
    if (dir === dirname(root) || dir === dirname(dir)) return false
  }
  return false
}
