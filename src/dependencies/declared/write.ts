/** Packages written back to where they are declared: planned first, so that nothing is written when something is wrong. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError, messageOf } from '../../errors.ts'
import type { RuntimeName } from '../../scripts/model.ts'
import { fileError, resolvePlace } from '../../scripts/place.ts'
import { writeInPlace } from '../../scripts/write.ts'
import type { Setting } from '../../settings/settings.ts'
import { refuseOther } from '../locks.ts'
import type { Declaration, Requirement } from '../model.ts'
import type { Dependency, WriteOptions } from '../view-model.ts'
import { type Change, changeSet, editInline, editPackageJson, editRequirements, requirementLines } from './edit.ts'
import type { Declarations, Found } from './find.ts'
import { setMember } from './json-edit.ts'
import { globalPlace, type Place, placesOf, type ScriptPlace } from './places.ts'
import { type Policy, policyOf } from './policy.ts'
import { declarationBytesMax } from './read.ts'
import { parseRequirements, type RequirementsText } from './requirements-file.ts'
import { keyOf, toRequirement, toRequirements } from './wanted.ts'

/** A file that is to be written. */
export interface PlannedFile {
  /** Absolute, real. */
  path: string
  /** Below SCRIPTS_DIR, with `/`. */
  file: string
  text: string
  /** What is there now; null for nothing. */
  before: string | null
}

type WriteScope = NonNullable<WriteOptions['scope']>

/**
 * Each answers the files that `write` puts in place. They throw `validation` with path `/name` or `/version` (`/0/name` in lists),
 * `not_found` for what is not declared, `conflict` where it cannot be written there, `forbidden` for links out of the folder.
 */
export interface DeclarationWriter {
  add(script: ScriptPlace, wanted: Dependency, scope?: WriteScope): Promise<PlannedFile[]>
  /** All of them: what is not in the list goes. */
  replace(script: ScriptPlace, wanted: readonly Dependency[], scope?: WriteScope): Promise<PlannedFile[]>
  remove(script: ScriptPlace, name: string, scope?: WriteScope): Promise<PlannedFile[]>
  addGlobal(runtime: RuntimeName, wanted: readonly Dependency[]): Promise<PlannedFile[]>
  removeGlobal(runtime: RuntimeName, name: string): Promise<PlannedFile[]>
  /** Throws `conflict` when a file is another one by now. One after the other: what was written before an error stays. */
  write(files: readonly PlannedFile[]): Promise<void>
}

interface Options {
  /** Absolute. */
  scriptsDir: string
  setting: Setting
  declarations: Declarations
}

export function createDeclarationWriter({ scriptsDir, setting, declarations }: Options): DeclarationWriter {
  /** Beside the script, in its folder, or for all: where a change of this scope is written. */
  async function plan(script: ScriptPlace, scope: WriteScope, change: Change): Promise<PlannedFile[]> {
    const found = declarations.of(script)
    const places = placesOf(script, scriptsDir)
    const inForce = places.find((place) => isOf(found, place))
    refuseMissing(found, change)
    const target = targetOf(places, inForce, scope)
    if (inForce && inForce !== target) return copy(script.runtime, { from: inForce, to: target, found, change })
    return [await edit(script.runtime, target, found, change)]
  }

  async function planGlobal(runtime: RuntimeName, change: Change): Promise<PlannedFile[]> {
    const found = declarations.global(runtime)
    refuseMissing(found, change)
    return [await edit({ name: runtime, folder: '' }, globalPlace(runtime, scriptsDir), found, change)]
  }

  /** The file of the place after the change, made where there is none. */
  async function edit(
    runtime: ScriptPlace['runtime'],
    place: Place,
    found: Found,
    change: Change,
  ): Promise<PlannedFile> {
    const { path, before } = await open(runtime, place.file)
    const text = before ?? ''
    if (place.scope === 'inline')
      return planned({ path, before }, place.file, editInline(text, found.declaration?.requirements ?? [], change))
    if (runtime.name === 'js') return planned({ path, before }, place.file, editPackageJson(text || '{}\n', change))
    const policy = policyOf(setting)
    if (found.declaration) refuseIncluded({ file: place.file, text }, found.declaration, change, policy)
    return planned({ path, before }, place.file, editRequirements(text, change, policy))
  }

  /** The whole set with the change, for one script or folder alone; and its lock, so that the versions stay as they are. */
  async function copy(
    runtime: ScriptPlace['runtime'],
    { from, to, found, change }: { from: Place; to: Place; found: Found; change: Change },
  ): Promise<PlannedFile[]> {
    const declaration = found.declaration as Declaration
    if (declaration.problems.length > 0)
      throw new GatewayError(
        'conflict',
        `What ${from.file} declares is refused, and cannot be copied to ${to.file}: put it right first. ${declaration.problems[0]?.message}`,
        { details: declaration.problems },
      )
    const { path, before } = await open(runtime, to.file)
    const requirements = changeSet(declaration.requirements, change)
    const note = `Copied from ${from.file}, which other scripts share: a change there does not come here any more.`
    const text =
      runtime.name === 'js'
        ? copiedPackageJson(before, note, requirements, declaration.overrides)
        : `${[`# ${note}`, ...requirements.flatMap(requirementLines)].join('\n')}\n`
    return [planned({ path, before }, to.file, text), ...(await copiedLock(runtime, from, to))]
  }

  async function copiedLock(runtime: ScriptPlace['runtime'], from: Place, to: Place): Promise<PlannedFile[]> {
    const [source, target] = [await open(runtime, from.lockFile), await open(runtime, to.lockFile)]
    if (source.before === null || target.before !== null) return []
    return [{ path: target.path, file: to.lockFile, text: source.before, before: null }]
  }

  /** Where the file really is, and what is in it. Throws `forbidden` for a link out of the scripts folder. */
  async function open(runtime: ScriptPlace['runtime'], file: string): Promise<{ path: string; before: string | null }> {
    const isBelow = runtime.folder !== '' && file.startsWith(`${runtime.folder}/`)
    const path = isBelow
      ? await resolvePlace(join(scriptsDir, runtime.folder), file.slice(runtime.folder.length + 1))
      : await resolvePlace(scriptsDir, file)
    return { path, before: await textOf(path, file) }
  }

  function planned(opened: { path: string; before: string | null }, file: string, text: string): PlannedFile {
    const isScript = /\.py$/.test(file)
    if (!isScript && Buffer.byteLength(text) > declarationBytesMax)
      throw new GatewayError('too_large', `${file} would have more than ${declarationBytesMax / 1024} KiB.`)
    return { ...opened, file, text }
  }

  async function write(files: readonly PlannedFile[]): Promise<void> {
    for (const { path, file, text, before } of files) {
      if ((await textOf(path, file)) !== before)
        throw new GatewayError('conflict', `${file} has been changed in the meantime: look at it and try again.`)
      await writeInPlace(path, new TextEncoder().encode(text), { isNew: before === null }).catch((error) => {
        throw fileError(error, `"${file}"`)
      })
    }
  }

  const one = (runtime: RuntimeName, wanted: Dependency): Change => ({
    kind: 'add',
    requirements: [toRequirement(runtime, wanted, policyOf(setting))],
  })
  const many = (kind: 'add' | 'exactly', runtime: RuntimeName, wanted: readonly Dependency[]): Change => ({
    kind,
    requirements: toRequirements(runtime, wanted, policyOf(setting)),
  })
  const without = (runtime: RuntimeName, name: string): Change => ({ kind: 'remove', key: keyOf(runtime, name) })

  return {
    add: async (script, wanted, scope = 'script') => plan(script, scope, one(script.runtime.name, wanted)),
    replace: async (script, wanted, scope = 'script') =>
      plan(script, scope, many('exactly', script.runtime.name, wanted)),
    remove: async (script, name, scope = 'script') => plan(script, scope, without(script.runtime.name, name)),
    addGlobal: async (runtime, wanted) => planGlobal(runtime, many('add', runtime, wanted)),
    removeGlobal: async (runtime, name) => planGlobal(runtime, without(runtime, name)),
    write,
  }
}

const isOf = ({ declaration }: Found, place: Place) =>
  declaration?.scope === place.scope && declaration.file === place.file

/** Throws `conflict` where something more specific is in force: the change would not reach the script. */
function targetOf(places: Place[], inForce: Place | undefined, scope: WriteScope): Place {
  const target = places.find((place) => place.scope === scope) as Place
  if (!inForce || inForce === target) return target
  const isOwn = ['inline', 'script', 'named'].includes(inForce.scope)
  if (scope === 'script') return isOwn ? inForce : target
  if (isOwn || places.indexOf(inForce) < places.indexOf(target))
    throw new GatewayError(
      'conflict',
      `A package in ${target.file} would not reach this script: ${inForce.file} is nearer, and in force. Change that one, or take it away first.`,
    )
  return target
}

function refuseMissing({ declaration }: Found, change: Change): void {
  if (change.kind !== 'remove' || declaration?.requirements.some(({ key }) => key === change.key)) return
  throw new GatewayError(
    'not_found',
    declaration
      ? `${JSON.stringify(change.key.slice(0, 100))} is not declared in ${declaration.file}.`
      : 'No packages are declared here.',
  )
}

/** What stands in a file that is included must be changed there: here it would be asked for twice. */
function refuseIncluded(own: RequirementsText, { requirements }: Declaration, change: Change, policy: Policy): void {
  if (change.kind === 'exactly') return // the lines that include go
  const alone = parseRequirements(own, { policy, include: () => ({ problem: '' }) })
  const here = new Set(alone.requirements.map(({ key }) => key))
  const keys = change.kind === 'remove' ? [change.key] : change.requirements.map(({ key }) => key)
  const key = keys.find((one) => requirements.some((requirement) => requirement.key === one) && !here.has(one))
  if (key !== undefined)
    throw new GatewayError('conflict', `${key} is declared in a file that ${own.file} includes: change it there.`)
}

function copiedPackageJson(
  before: string | null,
  note: string,
  requirements: readonly Requirement[],
  overrides: Declaration['overrides'],
): string {
  const text = editPackageJson(before ?? `${JSON.stringify({ '//': note }, null, 2)}\n`, {
    kind: 'exactly',
    requirements,
  })
  return overrides ? setMember(text, 'overrides', overrides) : text
}

async function textOf(path: string, file: string): Promise<string | null> {
  let bytes: Buffer
  await refuseOther(path, file)
  try {
    bytes = await readFile(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw fileError(error, `"${file}"`)
  }
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw new GatewayError('conflict', `${file} is not UTF-8 text and cannot be changed here: ${messageOf(error)}`)
  }
}

/** A byte order mark stays. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
