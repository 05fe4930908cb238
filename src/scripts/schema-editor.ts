/** A script's schema, written by hand into its sidecar: in one step, in force at once, and given back to the script. */
import { readFile, unlink } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Clock } from '../clock.ts'
import { GatewayError, type Problem } from '../errors.ts'
import { parseArgsMap, sayProblems } from './args-map.ts'
import { type Entry, findEntry } from './catalog.ts'
import type { EditorDeps } from './editor.ts'
import { hashOf, refuseStale } from './etag.ts'
import type { ArgsMap } from './model.ts'
import { fileError, resolvePlace } from './place.ts'
import type { Expected } from './policy-editor.ts'
import type { Scanner } from './scanner.ts'
import { schemaView } from './schema-view.ts'
import { hashArgsMap, sidecarBytesMax, sidecarNames } from './sidecar.ts'
import { statOrNull } from './stamp.ts'
import { writeInPlace } from './write.ts'

export type SchemaContent = Awaited<ReturnType<typeof schemaView>> & {
  /** Name of the sidecar in force, or of the one that would be written. */
  file: string
  /** What it holds; empty where there is none. */
  text: string
  /** SHA-256 of the file, hexadecimal; null where there is none. */
  hash: string | null
}

export type SchemaEditor = ReturnType<typeof createSchemaEditor>

type Deps = Pick<EditorDeps, 'catalog' | 'store' | 'runtimes' | 'scriptsDir' | 'inTurn'> & {
  clock: Clock
  scanner: Pick<Scanner, 'scan' | 'chooseSchema'>
}

export function createSchemaEditor({ catalog, store, scanner, runtimes, scriptsDir, clock, inTurn }: Deps) {
  /** Throws `not_found`. */
  async function read(idOrSlug: string): Promise<SchemaContent> {
    const entry = findEntry(catalog, idOrSlug)
    const view = await schemaView(entry)
    const bytes = view.sidecar === null ? null : await readOrNull(join(entry.runnable.dir, view.sidecar))
    return {
      ...view,
      file: view.sidecar ?? sidecarNames(stemOf(entry))[0],
      text: bytes ? new TextDecoder().decode(bytes) : '',
      hash: bytes && hashOf(bytes),
    }
  }

  /**
   * Writes the sidecar, under the name that it has, and has it scanned. From then on it is one by hand: it stays in force whatever the script
   * says. Throws `validation` with JSON pointers into `value`, `conflict` when the file is not what was expected.
   */
  async function replace(idOrSlug: string, value: unknown, expected: Expected): Promise<SchemaContent> {
    const parsed = parseArgsMap(value)
    if (!parsed.ok) throw notValid(parsed.problems)
    const bytes = new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)
    if (bytes.byteLength > sidecarBytesMax)
      throw notValid([{ path: '', message: `has more than ${sidecarBytesMax} bytes as a file` }])
    return change(idOrSlug, expected, async (path, file) => {
      await writeInPlace(path, bytes, { isNew: false }).catch(rethrow(file))
      settledFor(idOrSlug)
    })
  }

  /** Who writes it by hand has seen what the script says: there is nothing left to choose. */
  function settledFor(idOrSlug: string) {
    const { id, ownParams } = findEntry(catalog, idOrSlug).row
    if (ownParams !== null)
      store.update(id, { ownRejectedHash: hashArgsMap(ownParams as ArgsMap), updatedAt: clock.now() })
  }

  /**
   * Back to the script's own answer. Where it gave one, the sidecar is that answer again, and follows the script; else it goes. No sidecar,
   * no change. Throws as `replace`.
   */
  async function remove(idOrSlug: string, expected: Expected): Promise<SchemaContent> {
    const { row } = findEntry(catalog, idOrSlug)
    return change(idOrSlug, expected, async (path, file) => {
      if (row.ownParams !== null) await scanner.chooseSchema(row.id, 'script').catch(rethrow(file))
      else await unlink(path).catch(unlessGone(file))
    })
  }

  async function change(idOrSlug: string, expected: Expected, act: (path: string, file: string) => Promise<void>) {
    await inTurn(async () => {
      const entry = findEntry(catalog, idOrSlug)
      if (!(await statOrNull(entry.runnable.file)))
        throw new GatewayError('conflict', `The file "${entry.row.filename}" of this script has vanished.`)
      const { file, hash } = await read(idOrSlug)
      refuseUnexpected(expected, hash)
      await act(await placeOf(entry, file), file)
    })
    await scanner.scan()
    catalog.refresh([findEntry(catalog, idOrSlug).row.id])
    return read(idOrSlug)
  }

  /** Throws `forbidden` for a link out of the scripts folder. */
  const placeOf = ({ row }: Entry, file: string) =>
    resolvePlace(join(scriptsDir, runtimes[row.runtime].folder), join(dirname(row.filename), file))

  return { read, replace, remove }
}

const stemOf = ({ row }: Entry) => basename(row.filename, extname(row.filename))

async function readOrNull(path: string): Promise<Uint8Array | null> {
  const stats = await statOrNull(path)
  if (!stats?.isFile() || stats.size > 2 * sidecarBytesMax) return null
  return readFile(path).catch((error) => {
    throw fileError(error, `"${basename(path)}"`)
  })
}

const notValid = (details: Problem[]) =>
  new GatewayError('validation', `Nothing was changed, because this is no valid ARGS_MAP: ${sayProblems(details)}.`, {
    details,
  })

function refuseUnexpected(expected: Expected, hash: string | null): void {
  if (expected === null) return
  if ('ifMatch' in expected) refuseStale(expected.ifMatch, hash)
  else if (hash !== null)
    throw new GatewayError('conflict', 'The script has a sidecar by now: read it, and send its ETag as If-Match.')
}

const rethrow = (file: string) => (error: unknown) => {
  throw fileError(error, `"${file}"`)
}

const unlessGone = (file: string) => (error: unknown) => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(error, `"${file}"`)
}
