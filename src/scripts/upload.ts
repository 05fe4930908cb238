/** Many files at once: all of them are put in place, or none. */
import { createReadStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError } from '../errors.ts'
import type { Runtimes } from '../runtimes/model.ts'
import type { Setting } from '../settings/settings.ts'
import type { Catalog } from './catalog.ts'
import { isPolicyName } from './filename.ts'
import { fileError, resolvePlace } from './place.ts'
import type { Scanner } from './scanner.ts'
import { sourceBytesMax } from './source.ts'
import { statOrNull } from './stamp.ts'
import type { Place } from './trust.ts'
import { isLitter, type PlannedFile, planUpload, type UploadedFile, type UploadWishes } from './upload-plan.ts'
import type { Origin, Versions } from './versions.ts'
import { type Staged, stageFile } from './write.ts'

interface UploadDeps {
  catalog: Catalog
  scanner: Pick<Scanner, 'scan'>
  runtimes: Runtimes
  /** Absolute. */
  scriptsDir: string
  setting: Setting
  inTurn: <T>(act: () => Promise<T>) => Promise<T>
  versions: Pick<Versions, 'keepBefore' | 'save'>
}

export interface Upload extends UploadWishes {
  files: UploadedFile[]
  /** Replace files that are there already. */
  overwrite: boolean
  /** For the history of versions. */
  origin: Origin
  /** Throws when the caller may not put files there. */
  mayPlace?(places: Place[]): void
}

export interface Placed {
  /** Ids of the scripts among them. */
  scripts: number[]
  /** Paths below the scripts folder of everything that was placed. */
  files: string[]
  /** Names, as they were sent, of what systems leave in folders. */
  skipped: string[]
}

/** Throws `validation` with one detail for each file that has no place, `conflict` for files that are there already. */
export function createUploads({ catalog, scanner, runtimes, scriptsDir, setting, inTurn, versions }: UploadDeps) {
  return async function place({ files: sent, runtime, group, overwrite, origin, mayPlace }: Upload): Promise<Placed> {
    const files = sent.filter(({ sentName }) => !isLitter(sentName))
    if (files.length === 0) throw new GatewayError('validation', 'The form has no file in it.')
    const ignorePatterns = setting('scan_ignore_patterns')
    const { plan, problems } = planUpload({ files, runtime, group, runtimes, ignorePatterns })
    if (problems.length > 0)
      throw new GatewayError('validation', `Nothing was stored: ${sentenceOf(problems)}.`, { details: problems })
    mayPlace?.(plan.map(({ runtime, filename, path }) => ({ runtime: runtime.name, filename, stored: path })))
    const byPath = new Map(plan.map((file) => [pathOf(file), file]))
    const scriptsAmong = () =>
      catalog.list().flatMap(({ row, runnable }) => {
        const file = byPath.get(`${runtimes[row.runtime].folder}/${row.filename}`)
        return file ? [{ id: row.id, path: runnable.file, file }] : []
      })
    let sinceMs = 0
    await inTurn(async () => {
      for (const { id, path } of scriptsAmong()) await readScript(path, (bytes) => versions.keepBefore(id, bytes))
      sinceMs = performance.now()
      await placeAll(plan, { scriptsDir, overwrite })
    })
    await scanner.scan()
    const scripts = scriptsAmong()
    for (const { id, file } of scripts)
      await readScript(file.path, (bytes) => versions.save(id, bytes, origin, sinceMs))
    return {
      scripts: scripts.map(({ id }) => id),
      files: [...byPath.keys()],
      skipped: sent.map(({ sentName }) => sentName).filter(isLitter),
    }
  }
}

/** A script's bytes, where it is there and no longer than one may be. */
async function readScript(path: string, use: (bytes: Uint8Array) => void): Promise<void> {
  const stats = await statOrNull(path)
  if (stats?.isFile() && stats.size <= sourceBytesMax) use(await readFile(path))
}

const pathOf = ({ runtime, filename }: PlannedFile) => `${runtime.folder}/${filename}`

const sentenceOf = (problems: { path: string; message: string }[]) =>
  problems
    .slice(0, 5)
    .map(({ path, message }) => `"${path.slice(1)}" ${message}`)
    .join('; ')

interface PlaceOptions {
  scriptsDir: string
  overwrite: boolean
}

interface Target {
  file: PlannedFile
  /** Absolute. */
  path: string
  isThere: boolean
}

/** How the refusal ends: for callers of the API, pages have a button. */
export const orOverwrite = ': rename, or send overwrite=1.'

async function placeAll(plan: PlannedFile[], { scriptsDir, overwrite }: PlaceOptions): Promise<void> {
  const targets: Target[] = []
  // A policy before its script, which a scan in between would take for one that has none.
  const ordered = plan.toSorted((a, b) => Number(isPolicyName(b.filename)) - Number(isPolicyName(a.filename)))
  for (const file of ordered) targets.push(await targetOf(file, scriptsDir))
  const there = targets.filter(({ isThere }) => isThere).map(({ file }) => file)
  const taken = there.map((file) => `"${pathOf(file)}"`)
  if (taken.length > 0 && !overwrite)
    throw new GatewayError(
      'conflict',
      `Nothing was stored, because there is already ${taken.slice(0, 5).join(', ')}${orOverwrite}`,
      { details: there.map(({ filename }) => ({ path: `/${filename}`, message: 'is there already' })) },
    )
  const staged: Staged[] = []
  try {
    for (const { file, path } of targets) staged.push(await stageCopy(file, file.path, path))
    await commitAll(targets, staged)
  } finally {
    await discardAll(staged)
  }
}

async function targetOf(file: PlannedFile, scriptsDir: string): Promise<Target> {
  const path = await resolvePlace(join(scriptsDir, file.runtime.folder), file.filename)
  const stats = await statOrNull(path)
  if (stats && !stats.isFile()) throw new GatewayError('conflict', `"${pathOf(file)}" is a folder, not a file.`)
  return { file, path, isThere: stats !== null }
}

/** When one cannot be put in place, those before it are taken back. */
async function commitAll(targets: Target[], staged: Staged[]): Promise<void> {
  const undo: (() => Promise<void>)[] = []
  const backups: Staged[] = []
  try {
    for (const [index, { file, path, isThere }] of targets.entries()) {
      const backup = isThere ? await stageCopy(file, path, path) : null
      if (backup) backups.push(backup)
      await staged[index]!.commit({ isNew: !isThere }).catch(rethrow(file))
      undo.push(() => (backup ? backup.commit({ isNew: false }) : rm(path, { force: true })))
    }
  } catch (error) {
    for (const act of undo.reverse()) await act()
    throw error
  } finally {
    await discardAll(backups)
  }
}

const stageCopy = (file: PlannedFile, from: string, to: string) =>
  stageFile(to, createReadStream(from)).catch(rethrow(file))

const discardAll = (staged: Staged[]) => Promise.all(staged.map((one) => one.discard()))

const rethrow = (file: PlannedFile) => (error: unknown) => {
  throw fileError(error, `"${pathOf(file)}"`)
}
