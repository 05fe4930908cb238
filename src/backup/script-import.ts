/** An archive that `script-export.ts` made becomes scripts again: all of it, or nothing. */
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { GatewayError, invalid } from '../errors.ts'
import { removeFolder } from '../files/temp.ts'
import { unpack } from '../files/unpack.ts'
import type { Caller } from '../http/caller.ts'
import { parseJson } from '../results/json.ts'
import type { Runtimes } from '../runtimes/model.ts'
import type { SchedulesService } from '../schedules/schedules.ts'
import { aboutChanges } from '../scripts/about.ts'
import { sayProblems } from '../scripts/args-map.ts'
import type { Catalog, Entry } from '../scripts/catalog.ts'
import type { Editing } from '../scripts/editing.ts'
import { isPolicyName } from '../scripts/filename.ts'
import { parsePolicyBytes } from '../scripts/policy-file.ts'
import { refusedPaths } from '../scripts/policy-warnings.ts'
import { refuseAccessTags, refuseStrangers } from '../scripts/trust.ts'
import type { Setting } from '../settings/settings.ts'
import { checkName, checkValue } from '../variables/rules.ts'
import type { Variables } from '../variables/variables.ts'
import { manifestName } from './model.ts'
import { proveFiles } from './prove.ts'
import { filesFolder, type PackedScript, type ScriptManifest, scriptManifestSchema } from './script-model.ts'
import { type ImportedSchedule, unpackSchedules } from './script-schedules.ts'

export interface ImportDeps {
  catalog: Catalog
  editing: Pick<Editing, 'upload' | 'describe'>
  variables: Variables
  schedules: Pick<SchedulesService, 'list' | 'bring'>
  runtimes: Runtimes
  setting: Setting
  /** Absolute. */
  dataDir: string
  scriptsDir: string
  tmpDir: string
  /** Whether a tag says who may what. */
  isAccessTag(tag: string): boolean
}

export interface ImportWishes {
  /** Absolute, of the archive. */
  file: string
  overwrite: boolean
  caller: Caller
}

export interface Imported {
  /** Ids. */
  scripts: number[]
  /** Paths below the scripts folder. */
  files: string[]
  /** What has to be set before the scripts have all that they had. */
  secrets: { script_id: number; names: string[] }[]
  /** Those that came along. */
  schedules: ImportedSchedule[]
}

const filesMax = 500
const ratioMax = 200

/** Throws as an upload does, `validation` for what is no such archive, `forbidden` for what the caller could not do by hand. */
export async function importScript(deps: ImportDeps, { file, overwrite, caller }: ImportWishes): Promise<Imported> {
  const { catalog, editing, setting, tmpDir } = deps
  const dir = await mkdtemp(join(tmpDir, 'import-'))
  try {
    const limits = { entriesMax: 2 * filesMax, bytesMax: setting('upload_bytes_max'), ratioMax }
    const unpacked = await unpack(createReadStream(file), dir, limits)
    const manifest = await readManifest(dir)
    proveFiles(manifest, unpacked)
    const paths = manifest.files.map(({ path }) => insideOf(path))
    for (const script of manifest.scripts) checkScript(deps, script, manifest, paths, caller)
    for (const path of paths) if (isPolicyName(path)) await checkPolicy(deps, dir, manifest, path)
    const placed = await editing.upload({
      files: paths.map((path) => ({ path: join(dir, filesFolder, path), sentName: path })),
      ...{ runtime: manifest.runtime, overwrite, origin: { how: 'imported', by: caller.name } },
      mayPlace: (places) => refuseStrangers(catalog, caller, places),
    })
    const secrets = manifest.scripts.flatMap((script) => describe(deps, script, manifest))
    const schedules = manifest.scripts.flatMap((script) => scheduled(deps, script, manifest, caller))
    return { scripts: placed.scripts, files: placed.files, secrets, schedules }
  } finally {
    await removeFolder(dir)
  }
}

async function readManifest(dir: string): Promise<ScriptManifest> {
  const bytes = await readFile(join(dir, manifestName)).catch(() => null)
  if (!bytes) throw notOurs(`it has no ${manifestName}`)
  let manifest: unknown
  try {
    manifest = parseJson(bytes)
  } catch {
    throw notOurs(`its ${manifestName} is no JSON`)
  }
  if (Value.Check(scriptManifestSchema, manifest)) return manifest
  const first = Value.Errors(scriptManifestSchema, manifest).First()
  throw notOurs(`in its ${manifestName}, ${first?.path || 'it'} is not as expected`)
}

const notOurs = (why: string) =>
  new GatewayError('validation', `This is no archive of a script that a ScriptGateway exported: ${why}.`)

function insideOf(path: string): string {
  if (!path.startsWith(`${filesFolder}/`)) throw notOurs(`"${path}" is not in "${filesFolder}"`)
  return path.slice(filesFolder.length + 1)
}

/** Everything that could fail once the files are in place. */
function checkScript(
  deps: ImportDeps,
  script: PackedScript,
  manifest: ScriptManifest,
  paths: string[],
  caller: Caller,
) {
  const { filename, tags, variables } = script
  if (!paths.includes(filename)) throw notOurs(`the file "${filename}" of a script is missing`)
  const { tags: newTags } = aboutChanges(aboutOf(script))
  const before = entryOf(deps, manifest, filename)
  if (before && !caller.may('edit', before.row))
    throw new GatewayError('forbidden', `You may not edit "${filename}", which is there already.`)
  refuseAccessTags(caller, before?.row.tags ?? [], newTags ?? tags, deps.isAccessTag)
  for (const { name, value } of variables) {
    checkName(name)
    checkValue(value, false)
  }
  const names = new Set([...variables.map(({ name }) => name), ...(before ? namesAt(deps, before) : [])])
  if (names.size > deps.variables.countMax)
    throw invalid('/variables', `must have at most ${deps.variables.countMax} names, with those that are there`)
}

/** As PUT of a policy has it. */
async function checkPolicy(deps: ImportDeps, dir: string, { runtime }: ScriptManifest, path: string): Promise<void> {
  const parsed = parsePolicyBytes(await readFile(join(dir, filesFolder, path)))
  const folder = join(deps.scriptsDir, deps.runtimes[runtime].folder, dirname(path))
  const problems = parsed.ok ? refusedPaths(parsed.policy, { dir: folder, hidden: [deps.dataDir] }) : parsed.problems
  if (problems.length > 0)
    throw new GatewayError('validation', `"${basename(path)}" is no valid policy: ${sayProblems(problems)}.`, {
      details: problems,
    })
}

/** What was said about it, and its variables; answers the secrets that are still to be set. */
function describe(deps: ImportDeps, script: PackedScript, manifest: ScriptManifest): Imported['secrets'] {
  const entry = entryOf(deps, manifest, script.filename)
  if (!entry) return [] // a helper by now: it has no entry point that this gateway knows
  const { id } = entry.row
  deps.editing.describe(String(id), aboutOf(script))
  const secretsThere = new Set(deps.variables.list(id).flatMap(({ name, secret }) => (secret ? [name] : [])))
  for (const { name, value } of script.variables)
    if (!secretsThere.has(name)) deps.variables.set(id, name, { value, secret: false })
  const names = script.secrets.filter((name) => !secretsThere.has(name))
  return names.length > 0 ? [{ script_id: id, names }] : []
}

/** Of one who may not run it, none: by hand they could make none. */
function scheduled(deps: ImportDeps, script: PackedScript, manifest: ScriptManifest, caller: Caller) {
  const entry = entryOf(deps, manifest, script.filename)
  if (!entry || !caller.may('run', entry.row)) return []
  return unpackSchedules(deps.schedules, { scriptId: entry.row.id, caller }, script.schedules)
}

const aboutOf = ({ alias, description, tags, enabled }: PackedScript) => ({
  ...{ alias, description, tags },
  state: enabled ? ('active' as const) : ('inactive' as const),
})

const entryOf = ({ catalog }: ImportDeps, { runtime }: ScriptManifest, filename: string): Entry | undefined =>
  catalog.list().find(({ row }) => row.runtime === runtime && row.filename === filename.normalize('NFC'))

const namesAt = ({ variables }: ImportDeps, { row }: Entry) => variables.list(row.id).map(({ name }) => name)
