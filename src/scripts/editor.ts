/** Changes of scripts that come over HTTP: their files, and what is said about them. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { GatewayError, invalid } from '../errors.ts'
import { decodeUtf8 } from '../results/json.ts'
import type { Runtimes } from '../runtimes/model.ts'
import type { Setting } from '../settings/settings.ts'
import { type About, aboutChanges } from './about.ts'
import { type Catalog, findEntry } from './catalog.ts'
import { hashOf, refuseStale } from './etag.ts'
import { scriptNameProblem } from './filename.ts'
import type { RuntimeName } from './model.ts'
import { fileError, resolvePlace } from './place.ts'
import type { Scanner } from './scanner.ts'
import { sourceBytesMax } from './source.ts'
import { statOrNull } from './stamp.ts'
import type { ScriptStore } from './store.ts'
import type { Origin, Versions } from './versions.ts'
import { writeInPlace } from './write.ts'

export interface EditorDeps {
  catalog: Catalog
  store: ScriptStore
  scanner: Pick<Scanner, 'scan'>
  runtimes: Runtimes
  /** Absolute. */
  scriptsDir: string
  setting: Setting
  clock: Clock
  /** One change of files at a time. */
  inTurn: <T>(act: () => Promise<T>) => Promise<T>
  versions: Pick<Versions, 'keepBefore' | 'save' | 'bytes'>
}

export interface NewScript extends Omit<About, 'state'> {
  runtime: RuntimeName
  filename: string
  content: string
}

export interface Content {
  bytes: Uint8Array<ArrayBuffer>
  /** SHA-256, hexadecimal. */
  hash: string
}

export function createEditor(deps: EditorDeps) {
  const { catalog, store, scanner, runtimes, scriptsDir, setting, clock, inTurn, versions } = deps
  const rootOf = (name: RuntimeName) => join(scriptsDir, runtimes[name].folder)

  /** The file as it is on the disk, byte for byte. Throws `not_found`, `forbidden` for a link out of the folder. */
  async function read(idOrSlug: string): Promise<Content> {
    const { row } = findEntry(catalog, idOrSlug)
    const bytes = await readOrNull(await resolvePlace(rootOf(row.runtime), row.filename), row.filename)
    if (!bytes) throw new GatewayError('not_found', `The file "${row.filename}" of this script has vanished.`)
    return { bytes, hash: hashOf(bytes) }
  }

  /**
   * Writes the file anew and has it scanned; answers the hash of what was written. `ifMatch`: the header. `origin`: who it is,
   * for the history of versions. Throws `conflict` when the file is another one by now, `validation` (400) for what is not UTF-8.
   */
  async function replace(idOrSlug: string, bytes: Uint8Array, ifMatch: string | null, origin: Origin): Promise<string> {
    refuseNoText(bytes)
    await inTurn(async () => {
      const { id, filename, runtime } = findEntry(catalog, idOrSlug).row
      const path = await resolvePlace(rootOf(runtime), filename)
      const before = await readOrNull(path, filename)
      refuseStale(ifMatch, before && hashOf(before))
      if (before) versions.keepBefore(id, before)
      const sinceMs = performance.now()
      await writeInPlace(path, bytes, { isNew: false }).catch(rethrow(filename))
      versions.save(id, bytes, origin, sinceMs)
    })
    await scanner.scan()
    return hashOf(bytes)
  }

  /** Its file becomes what it was at a version. Throws as `replace` does, and `not_found` for a version that is not kept. */
  function restore(idOrSlug: string, version: number, { ifMatch, by }: { ifMatch: string | null; by: string }) {
    const bytes = versions.bytes(findEntry(catalog, idOrSlug).row.id, version)
    return replace(idOrSlug, bytes, ifMatch, { how: 'restored', by, from: version })
  }

  const pathRefused = (runtime: RuntimeName, filename: string) =>
    scriptNameProblem(filename, { runtime: runtimes[runtime], ignorePatterns: setting('scan_ignore_patterns') })

  /** Why no script can be made there, in words that follow its name; null when one can. */
  async function nameProblem(runtime: RuntimeName, name: string): Promise<string | null> {
    const filename = name.normalize('NFC')
    const problem = pathRefused(runtime, filename)
    if (problem) return problem
    try {
      return (await statOrNull(await resolvePlace(rootOf(runtime), filename))) ? 'exists already' : null
    } catch (error) {
      if (error instanceof GatewayError) return 'cannot be there'
      throw error
    }
  }

  /** A new file becomes a script, whatever its state; answers its id. `by`: who makes it. Throws `conflict` when there is such a file. */
  async function create({ runtime, filename: name, content, ...about }: NewScript, by: string): Promise<number> {
    const filename = name.normalize('NFC')
    const problem = pathRefused(runtime, filename)
    if (problem) throw invalid('/filename', `${JSON.stringify(filename.slice(0, 200))} ${problem}`)
    const bytes = toBytes(content, '/content')
    refuseNoText(bytes)
    const changes = aboutChanges(about)
    const sinceMs = performance.now()
    const path = await inTurn(() => writeNew(runtime, filename, bytes))
    await scanner.scan()
    const entry = catalog.list().find(({ row }) => row.runtime === runtime && row.filename === filename)
    if (!entry) {
      await rm(path, { force: true })
      throw invalid('/content', `"${filename}" would be a helper module of its group: give it an entry point.`)
    }
    versions.save(entry.row.id, bytes, { how: 'created', by }, sinceMs)
    if (Object.keys(changes).length > 0) update(entry.row.id, changes)
    return entry.row.id
  }

  async function writeNew(runtime: RuntimeName, filename: string, bytes: Uint8Array): Promise<string> {
    const path = await resolvePlace(rootOf(runtime), filename)
    const taken = `"${filename}" exists already: choose another name, or change it with PUT /api/scripts/{id}/content.`
    if (await statOrNull(path)) throw new GatewayError('conflict', taken)
    await writeInPlace(path, bytes, { isNew: true }).catch(rethrow(filename))
    return path
  }

  function update(id: number, changes: ReturnType<typeof aboutChanges>) {
    store.update(id, { ...changes, updatedAt: clock.now() })
    catalog.refresh([id])
  }

  /** Throws `not_found`, `validation`. */
  function describe(idOrSlug: string, about: About): void {
    const { row } = findEntry(catalog, idOrSlug)
    update(row.id, aboutChanges(about))
  }

  return { read, replace, restore, create, nameProblem, describe }
}

/** Text that was sent as JSON, as the bytes of a file. */
export function toBytes(text: string, path: string): Uint8Array {
  if (!text.isWellFormed())
    throw invalid(path, 'The content has half of a surrogate pair in it, which no file can hold.')
  return new TextEncoder().encode(text)
}

function refuseNoText(bytes: Uint8Array) {
  if (bytes.byteLength > sourceBytesMax)
    throw new GatewayError('too_large', `A script may have at most ${sourceBytesMax / 1024 / 1024} MiB.`)
  if (decodeUtf8(bytes) === null)
    throw new GatewayError('validation', 'The content is not UTF-8 text: save it with that encoding.', { status: 400 })
}

async function readOrNull(path: string, filename: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const found = await statOrNull(path)
  if (found && !found.isFile()) throw new GatewayError('conflict', `"${filename}" is not a regular file.`)
  if (found && found.size > sourceBytesMax)
    throw new GatewayError('conflict', `"${filename}" is larger than a script may be: edit it on the disk.`)
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw fileError(error, `"${filename}"`)
  }
}

const rethrow = (filename: string) => (error: unknown) => {
  throw fileError(error, `"${filename}"`)
}
