/** A script with everything that belongs to it, or its whole group, as one file. */
import { mkdtemp, realpath } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { safeFilename } from '../files/names.ts'
import { removeFolder } from '../files/temp.ts'
import type { Caller } from '../http/caller.ts'
import type { SchedulesService } from '../schedules/schedules.ts'
import { type Catalog, type Entry, findEntry } from '../scripts/catalog.ts'
import { isPolicyName, isSidecarName, pathProblem } from '../scripts/filename.ts'
import { ownPackagesNames } from '../scripts/packages-files.ts'
import { policyName } from '../scripts/policy-file.ts'
import { groupOf } from '../scripts/script.ts'
import { sidecarNames } from '../scripts/sidecar.ts'
import { isLitter } from '../scripts/upload-plan.ts'
import type { Variables } from '../variables/variables.ts'
import { version } from '../version.ts'
import { packStream } from './pack.ts'
import { filesFolder, type PackedScript, type ScriptManifest, scriptFormat } from './script-model.ts'
import { packSchedules } from './script-schedules.ts'
import { type Staging, stageOne, stageTree } from './stage.ts'

export interface ExportDeps {
  catalog: Catalog
  variables: Variables
  schedules: Pick<SchedulesService, 'list'>
  clock: Pick<Clock, 'now'>
  /** Absolute. */
  scriptsDir: string
  tmpDir: string
}

interface ExportWishes {
  /** Number or slug. */
  script: string
  /** All of the folder that it is in. */
  withGroup: boolean
  caller: Caller
}

/** Throws `not_found`, `forbidden` for a group with a script that the caller may not edit, `conflict` where there is no file. */
export async function exportScript(deps: ExportDeps, { script, withGroup, caller }: ExportWishes) {
  const { catalog, clock, scriptsDir, tmpDir } = deps
  const entry = findEntry(catalog, script)
  const entries = withGroup ? groupEntries(catalog, entry, caller) : [entry]
  const root = await realpath(join(scriptsDir, entry.runtime.folder))
  const dir = await mkdtemp(join(tmpDir, 'export-'))
  const remove = () => removeFolder(dir)
  try {
    const staging: Staging = { dir, files: [], leftOut: [] }
    if (withGroup) await stageGroup(staging, root, entry)
    else for (const name of filesOf(entry)) await stageOne(staging, root, name, `${filesFolder}/${name}`)
    const isThere = ({ row }: Entry) => staging.files.some(({ path }) => path === `${filesFolder}/${row.filename}`)
    if (!isThere(entry))
      throw new GatewayError(
        'conflict',
        `The file "${entry.row.filename}" of this script has vanished, or is no plain file.`,
      )
    const manifest: ScriptManifest = {
      ...{ kind: 'scriptgateway script', format: scriptFormat, gateway_version: version },
      ...{ created_at: new Date(clock.now()).toISOString(), runtime: entry.row.runtime },
      scripts: entries.filter(isThere).map((one) => packedScript(one, deps)),
      ...{ files: staging.files, left_out: staging.leftOut },
    }
    const name = withGroup ? groupOf(entry.row.filename).replaceAll('/', '-') : entry.slug
    return {
      filename: `${safeFilename(name, 'script')}.scriptgateway.tar.gz`,
      manifest,
      stream: packStream({ dir, manifest, files: staging.files, modifiedAt: new Date(clock.now()) }, remove),
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Of the folder and the folders in it. */
function groupEntries(catalog: Catalog, { row }: Entry, caller: Caller): Entry[] {
  const group = groupOf(row.filename)
  if (group === '') throw new GatewayError('conflict', 'The script is in no group: export it for itself.')
  const entries = catalog
    .list()
    .filter((one) => one.row.runtime === row.runtime && one.row.filename.startsWith(`${group}/`))
  if (!entries.every((one) => caller.may('edit', one.row)))
    throw new GatewayError(
      'forbidden',
      `There is a script in "${group}" that you may not edit: export this one for itself.`,
    )
  return entries
}

/** Paths inside the runtime's folder; not all of them are there. */
function filesOf({ row }: Entry): string[] {
  const stem = basename(row.filename, extname(row.filename))
  const beside = [...sidecarNames(stem), policyName(stem), ...ownPackagesNames(row.runtime, stem)]
  return [row.filename, ...beside.map((name) => join(dirname(row.filename), name))]
}

/** What an upload would take; the rest is left out and named. */
async function stageGroup(staging: Staging, root: string, { row, runtime }: Entry): Promise<void> {
  const group = groupOf(row.filename)
  const isSkipped = (name: string) =>
    isLitter(name) || isLitter(`${name}/x`) || (name.startsWith('.') && !isSidecarName(name) && !isPolicyName(name))
  await stageTree(staging, { root: join(root, group), as: `${filesFolder}/${group}`, isWrittenOnce: false, isSkipped })
  const problemOf = (path: string) => pathProblem(path.slice(filesFolder.length + 1), runtime)
  for (const { path } of staging.files) {
    const why = problemOf(path)
    if (why) staging.leftOut.push({ path, why })
  }
  staging.files = staging.files.filter(({ path }) => problemOf(path) === null)
}

function packedScript({ row }: Entry, { variables, schedules }: ExportDeps): PackedScript {
  const own = variables.list(row.id)
  const due = packSchedules(schedules, row.id)
  return {
    ...{ filename: row.filename, alias: row.alias, tags: row.tags, enabled: row.enabled },
    description: row.description === row.fileDescription ? '' : row.description, // what the file says goes with the file
    variables: own.flatMap(({ name, secret, value }) => (secret || value === null ? [] : [{ name, value }])),
    secrets: own.filter(({ secret }) => secret).map(({ name }) => name),
    ...(due.length > 0 && { schedules: due }),
  }
}
