/** What a script declares, and where: looked up at every run, read again only when a file of it has changed. */
import { createHash } from 'node:crypto'
import { isAbsolute, join, posix } from 'node:path'
import type { RuntimeName } from '../../scripts/model.ts'
import { sourceBytesMax } from '../../scripts/source.ts'
import type { Setting } from '../../settings/settings.ts'
import type { Declaration, Requirement } from '../model.ts'
import type { Source } from '../view-model.ts'
import { parseInline } from './inline.ts'
import { normalOf } from './normal.ts'
import { parsePackageJson } from './package-json.ts'
import { globalPlace, type Place, placesOf, type ScriptPlace } from './places.ts'
import { type Policy, policyOf } from './policy.ts'
import { lookAt, missing, readDeclared, realFolder } from './read.ts'
import { type Include, parseRequirements } from './requirements-file.ts'

/** More scripts than a gateway has; those that are gone must not be remembered for ever. */
const rememberedMax = 50_000

export interface Found {
  /** null: nothing is declared. */
  declaration: Declaration | null
  /** Also there, and not in force. */
  shadowed: Source[]
  /** Equal as long as `declaration` and `shadowed` are; of what the files say, not of when they were written. */
  stamp: string
}

export interface Declarations {
  /**
   * What is in force for the script now. The same object is answered as long as no file that counts has changed. Throws nothing:
   * what cannot be read is among the problems.
   */
  of(script: ScriptPlace): Found
  /** What scripts get that declare nothing nearer. */
  global(runtime: RuntimeName): Found
}

/** What one file declares. */
type Content = Pick<Declaration, 'requirements' | 'overrides' | 'requiresPython' | 'problems'>

/** A file as it was read. */
interface Reading {
  looks: Look[]
  /** null: it declares nothing. */
  content: Content | null
  isFresh: boolean
}

/** A path and what was seen there. */
interface Look {
  path: string
  stamp: string
}

interface Remembered {
  found: Found
  looks: Look[]
  settings: string
  isFresh: boolean
}

interface Options {
  /** Absolute. */
  scriptsDir: string
  setting: Setting
}

export function createDeclarations({ scriptsDir, setting }: Options): Declarations {
  const remembered = new Map<string, Remembered>()
  /** By path: scripts that share a file share what was read of it. */
  const readings = new Map<string, Reading & { settings: string }>()

  const of = (script: ScriptPlace) => lookUp(script.file, script.runtime, () => placesOf(script, scriptsDir))

  const global = (runtime: RuntimeName) =>
    lookUp(`global ${runtime}`, { name: runtime, folder: '' }, () => [globalPlace(runtime, scriptsDir)])

  function lookUp(key: string, runtime: ScriptPlace['runtime'], places: () => Place[]): Found {
    const policy = policyOf(setting)
    const settings = settingsStamp(policy)
    const known = remembered.get(key)
    if (known && !known.isFresh && known.settings === settings && known.looks.every(isAsBefore)) return known.found
    if (remembered.size > rememberedMax) remembered.clear()
    if (readings.size > rememberedMax) readings.clear()
    const fresh = find(places(), runtime, policy, settings)
    // What reads the same is the same: whoever compares sees that nothing has changed.
    if (known && known.found.stamp === fresh.found.stamp) fresh.found = known.found
    remembered.set(key, fresh)
    return fresh.found
  }

  function find(places: Place[], runtime: ScriptPlace['runtime'], policy: Policy, settings: string): Remembered {
    const all = places.map((place) => ({ place, reading: readingOf(place, runtime, policy, settings) }))
    const [inForce, ...others] = all.filter(({ reading }) => reading.content !== null)
    const declaration = inForce?.reading.content
      ? declarationOf(inForce.place, runtime.name, inForce.reading.content)
      : null
    const shadowed = others.map(({ place: { scope, file } }) => ({ scope, file }))
    return {
      found: { declaration, shadowed, stamp: hashOf(JSON.stringify([declaration, shadowed])) },
      looks: all.flatMap(({ reading }) => reading.looks),
      settings,
      isFresh: all.some(({ reading }) => reading.isFresh),
    }
  }

  function readingOf(place: Place, runtime: ScriptPlace['runtime'], policy: Policy, settings: string): Reading {
    // A script holds its own block alone; where it is only one, what was read is remembered with it.
    const known = readings.get(place.path)
    if (known && !known.isFresh && known.settings === settings && known.looks.every(isAsBefore)) return known
    const reading = { ...read(place, runtime, policy), settings }
    if (reading.looks[0]?.stamp === missing) readings.delete(place.path)
    else readings.set(place.path, reading)
    return reading
  }

  function read(place: Place, runtime: ScriptPlace['runtime'], policy: Policy): Reading {
    const inside = allowedFolders(place, runtime)
    const isInline = place.scope === 'inline'
    const file = readDeclared(place.path, { inside, ...(isInline && { bytesMax: sourceBytesMax }) })
    if (!file) return { looks: [{ path: place.path, stamp: missing }], content: null, isFresh: false }
    const looks = [{ path: place.path, stamp: file.stamp }]
    // What is wrong with the script itself, the scan says.
    if ('problem' in file)
      return { looks, content: isInline ? null : contentOf({ problem: file.problem }), isFresh: file.isFresh }
    if (isInline) return { looks, content: inlineContent(file.text, policy), isFresh: file.isFresh }
    if (runtime.name === 'js') return { looks, content: jsContent(file.text, policy), isFresh: file.isFresh }
    const reading: Reading = { looks, content: null, isFresh: file.isFresh }
    const include = including(place, runtime, inside, reading)
    const { requirements, problems } = parseRequirements({ file: place.file, text: file.text }, { policy, include })
    return { ...reading, content: contentOf({ requirements, problems }) }
  }

  /** Follows `-r`, and notes in `reading` what was looked at. */
  function including(place: Place, runtime: ScriptPlace['runtime'], inside: string[], reading: Reading): Include {
    const root = place.scope === 'global' ? '' : runtime.folder
    return (from, path) => {
      const shown = JSON.stringify(path.slice(0, 100))
      const problem = includePathProblem(path)
      if (problem) return { problem: `${shown} is not read: ${problem}.` }
      const file = posix.join(posix.dirname(from), path)
      if (file.startsWith('../') || (root !== '' && !file.startsWith(`${root}/`)))
        return { problem: `${shown} is not read: it is outside of the scripts folder. Put the file there.` }
      const target = join(scriptsDir, file)
      const read = readDeclared(target, { inside })
      reading.looks.push({ path: target, stamp: read?.stamp ?? missing })
      if (read?.isFresh) reading.isFresh = true
      if (!read) return { problem: `${shown} is not there: put it beside, or leave the line out.` }
      if ('problem' in read) return { problem: `${shown} is not read. ${read.problem}` }
      return { file, text: read.text }
    }
  }

  /** Real paths: of the runtime's folder, and of the topmost folder on the way, which may be linked there as a whole. */
  function allowedFolders({ scope, file }: Place, { folder }: ScriptPlace['runtime']): string[] {
    const root = realFolder(join(scriptsDir, scope === 'global' ? '' : folder))
    const [topmost, ...rest] = file.slice(folder.length + 1).split('/')
    const isOwnFolder = scope === 'named' && rest.length === 1 // a script's own: nobody has put scripts there
    if (scope === 'global' || !topmost || rest.length === 0 || isOwnFolder) return [root]
    return [root, realFolder(join(scriptsDir, folder, topmost))]
  }

  return { of, global }
}

const isAsBefore = ({ path, stamp }: Look) => lookAt(path) === stamp

const settingsStamp = ({ urlPrefixes, indexes, buildsAllowed }: Policy) =>
  `${urlPrefixes.join()} ${indexes.join()} ${buildsAllowed.join()}`

function includePathProblem(path: string): string | null {
  if (path === '' || /[\u0000-\u001f\u007f"'<>|*?]/.test(path)) return 'it is no name of a file'
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(path)) return 'it must be a file in the scripts folder, not an address'
  if (isAbsolute(path) || /^[~\\]/.test(path))
    return 'it must be a path relative to this file, inside the scripts folder'
  if (path.includes('\\')) return 'write "/" between folders'
  return path.endsWith('.txt') ? null : 'only files whose names end with .txt are included'
}

const contentOf = ({
  problem,
  ...rest
}: {
  problem?: string
  requirements?: Requirement[]
  problems?: Content['problems']
}): Content => ({
  ...{ requirements: [], overrides: null, requiresPython: null },
  problems: problem === undefined ? [] : [{ path: '', message: problem }],
  ...rest,
})

function inlineContent(text: string, policy: Policy): Content | null {
  const found = parseInline(text, policy)
  if (!found) return null
  const { requirements, requiresPython, problems } = found
  return { requirements, overrides: null, requiresPython, problems }
}

function jsContent(text: string, policy: Policy): Content | null {
  const found = parsePackageJson(text, policy)
  return found && { ...found, requiresPython: null }
}

function declarationOf({ scope, file, lockFile }: Place, runtime: RuntimeName, content: Content): Declaration {
  return { runtime, scope, file, ...content, normal: normalOf({ runtime, ...content }), lockFile }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32)
