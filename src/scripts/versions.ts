/** Every content that the file of a script has had: kept at each save, and whenever a scan finds another one on the disk. */
import { readFile, stat } from 'node:fs/promises'
import type { Clock } from '../clock.ts'
import { GatewayError, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { decodeUtf8 } from '../results/json.ts'
import type { Setting } from '../settings/settings.ts'
import type { Catalog } from './catalog.ts'
import { hashOf } from './etag.ts'
import { sourceBytesMax } from './source.ts'
import { countLines } from './versions-diff.ts'
import type { VersionStore } from './versions-store.ts'
import type { VersionHow, VersionRow } from './versions-table.ts'

/** Who saved, and how. */
export interface Origin {
  how: Exclude<VersionHow, 'disk'>
  /** As in the audit log. */
  by: string
  /** The version whose content it is. */
  from?: number
}

/** A version as the API gives it. */
export interface Version {
  version: number
  script_id: number
  content_hash: string
  bytes: number
  how: VersionHow
  by: string | null
  restored_from: number | null
  lines_added: number | null
  lines_removed: number | null
  created_at: string
  /** What the file has now. */
  is_current: boolean
}

/** What a scan read. */
export interface SeenContent {
  id: number
  bytes: Uint8Array
  /** By performance.now(), before it was read. */
  sinceMs: number
}

export type Versions = ReturnType<typeof createVersions>

interface VersionsDeps {
  store: VersionStore
  catalog: Pick<Catalog, 'get'>
  setting: Setting
  clock: Clock
  log: Log
}

/** Read and stored together, with a breath for others in between. */
const batch = 25

export function createVersions({ store, catalog, setting, clock, log }: VersionsDeps) {
  /** Script → when its newest version was stored here: a scan that began to read before that has old news. */
  const keptMs = new Map<number, number>()
  let filling: Promise<void> | null = null
  let isClosed = false

  /** Answers the number of the version that has this content now; null when it is none: too long, or no text. */
  function keep(id: number, bytes: Uint8Array, origin: Origin | null, sinceMs?: number): number | null {
    if (bytes.byteLength > sourceBytesMax) return null
    const text = decodeUtf8(bytes)
    return text === null ? null : store.transaction(() => add(id, { bytes, text }, origin, sinceMs))
  }

  function add(
    id: number,
    { bytes, text }: { bytes: Uint8Array; text: string },
    origin: Origin | null,
    sinceMs = Number.POSITIVE_INFINITY,
  ): number {
    const hash = hashOf(bytes)
    const newest = store.newest(id)
    if (newest?.hash === hash) {
      // A scan was quicker than whoever wrote the file.
      if (origin && newest.how === 'disk' && isNewer(id, sinceMs)) store.update(id, newest.number, sayOrigin(origin))
      return newest.number
    }
    if (newest && isNewer(id, sinceMs)) return newest.number
    const number = (newest?.number ?? 0) + 1
    const lines = countLines(newest ? textOf(newest) : '', text)
    if (!store.hasContent(hash)) store.keepContent(hash, Bun.zstdCompressSync(bytes))
    store.insert({
      ...{ scriptId: id, number, hash, bytes: bytes.byteLength, how: 'disk', author: null, restoredFrom: null },
      ...{ linesAdded: lines?.added ?? null, linesRemoved: lines?.removed ?? null, createdAt: clock.now() },
      ...(origin && sayOrigin(origin)),
    })
    keptMs.set(id, performance.now())
    store.removeUpTo(id, number - setting('versions_max'))
    return number
  }

  const isNewer = (id: number, sinceMs: number) => (keptMs.get(id) ?? Number.NEGATIVE_INFINITY) >= sinceMs

  const textOf = ({ hash }: VersionRow): string => new TextDecoder().decode(bytesOf(hash))

  function bytesOf(hash: string): Uint8Array<ArrayBuffer> {
    const packed = store.packed(hash)
    if (!packed) throw new Error(`the content ${hash} of a version is not there`)
    return new Uint8Array(Bun.zstdDecompressSync(new Uint8Array(packed)))
  }

  /** A file that is written all the same must not look as if it was not: what fails here is told to the log. */
  function told<T>(id: number, act: () => T): T | null {
    try {
      return act()
    } catch (error) {
      log.error({ script: id, error: messageOf(error) }, 'A version of a script could not be kept')
      return null
    }
  }

  /** Of scripts that have none yet, in the background: a start with a thousand of them is not kept waiting. */
  async function fill(): Promise<void> {
    const ids = store.scriptsWithout()
    for (let from = 0; from < ids.length && !isClosed; from += batch) {
      const sinceMs = performance.now()
      const read = await Promise.all(ids.slice(from, from + batch).map(readCurrent))
      if (isClosed) return
      store.transaction(() => {
        for (const { id, bytes } of read) {
          const text = bytes && bytes.byteLength <= sourceBytesMax ? decodeUtf8(bytes) : null
          if (bytes && text !== null && !store.newest(id) && catalog.get(id)) add(id, { bytes, text }, null, sinceMs)
        }
      })
      await Bun.sleep(1)
    }
  }

  async function readCurrent(id: number) {
    const file = catalog.get(id)?.runnable.file
    return { id, bytes: file ? await readIfShort(file).catch(() => null) : null }
  }

  function fillSoon() {
    filling ??= Bun.sleep(fillAfterMs)
      .then(() => (isClosed ? undefined : fill()))
      .catch((error) => log.error({ error: messageOf(error) }, 'First versions of scripts could not be kept'))
      .finally(() => {
        filling = null
      })
  }

  function find(id: number, number: number): VersionRow {
    const row = store.get(id, number)
    if (row) return row
    throw new GatewayError('not_found', `This script has no version ${number}, or it is not kept any more.`)
  }

  const show = (row: VersionRow, current = currentOf(row.scriptId)): Version => ({
    version: row.number,
    script_id: row.scriptId,
    content_hash: row.hash,
    bytes: row.bytes,
    how: row.how,
    by: row.author,
    restored_from: row.restoredFrom,
    lines_added: row.linesAdded,
    lines_removed: row.linesRemoved,
    created_at: new Date(row.createdAt).toISOString(),
    is_current: row.number === current,
  })

  /** The newest, while the file is there and has its content. */
  function currentOf(id: number): number | null {
    const [script, newest] = [catalog.get(id)?.row, store.newest(id)]
    return newest && script?.contentHash === newest.hash && script.missingSince === null ? newest.number : null
  }

  fillSoon()
  return {
    /** A scan read this file anew. */
    seen({ id, bytes, sinceMs }: SeenContent): void {
      if (store.newest(id)) told(id, () => keep(id, bytes, null, sinceMs))
      else fillSoon()
    },
    /** Just before its file is written: what somebody changed on the disk meanwhile is a version, too. */
    keepBefore: (id: number, bytes: Uint8Array): void => void told(id, () => keep(id, bytes, null)),
    /** Its file was written. `sinceMs`: by performance.now(), before that; where others may have come between. */
    save: (id: number, bytes: Uint8Array, origin: Origin, sinceMs?: number): void =>
      void told(id, () => keep(id, bytes, origin, sinceMs)),
    /** The newest first. */
    list(id: number, page: { limit: number; offset: number }) {
      const current = currentOf(id)
      return { items: store.list(id, page).map((row) => show(row, current)), total: store.count(id) }
    },
    /** Throws `not_found`. */
    get: (id: number, number: number): Version => show(find(id, number)),
    /** The one before it that is kept. */
    before(id: number, number: number): Version | null {
      const row = store.before(id, number)
      return row ? show(row) : null
    },
    /** The newest of the script that has this content. */
    withHash(id: number, hash: string): Version | null {
      const row = store.withHash(id, hash)
      return row ? show(row) : null
    },
    /** Throws `not_found`. */
    bytes: (id: number, number: number): Uint8Array<ArrayBuffer> => bytesOf(find(id, number).hash),
    /** Throws `not_found`. */
    text: (id: number, number: number): string => textOf(find(id, number)),
    /** Resolves when nothing is under way any more; nothing is written from then on. */
    async close(): Promise<void> {
      isClosed = true
      await filling
    },
  }
}

/** What is too long to be a script, or no file, is not read at each start. */
async function readIfShort(file: string): Promise<Uint8Array | null> {
  const stats = await stat(file)
  return stats.isFile() && stats.size <= sourceBytesMax ? readFile(file) : null
}

const fillAfterMs = 50

const sayOrigin = ({ how, by, from }: Origin) => ({ how, author: by, restoredFrom: from ?? null })
