/**
 * Scripts that were deleted a moment ago, in a folder below the data folder: a slip can be undone. Their runs are not there.
 * The name of what is kept says how far it is: `7.tmp` is being put together, `7.going` is all of script 7, which is being deleted,
 * `7` is that of one that is gone, `7.back` comes back. So a start after a crash can carry out what was begun.
 */
import { copyFile, mkdir, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createBin } from '../bin.ts'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { rowsFromText, rowsToText } from '../db/rows.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { createDeletedRows, type SavedRows } from './deleted-rows.ts'
import { lstatOrNull, stampOf } from './stamp.ts'
import type { ScriptRow } from './table.ts'

/** Who may do what with a script, and which tokens are for it. */
export interface ScriptRights {
  of(id: number): unknown
  giveBack(id: number, rights: unknown): void
  forget(id: number): void
}

/** A file beside others of the script; the script's own is the first. */
export interface KeptFile {
  name: string
  mode: number
  /** Of the file that it was copied from. */
  stamp: string
  /** What it leads to, of a link. */
  link?: string
}

export interface KeptScript {
  row: Pick<ScriptRow, 'id' | 'runtime' | 'filename' | 'slug' | 'alias' | 'tags'>
  rows: SavedRows
  rights: unknown
  /** Where they were, absolute and without links. */
  folder: string
  files: KeptFile[]
}

interface DeletedDeps {
  db: Pick<Db, '$client'>
  /** Absolute, the data folder. */
  dataDir: string
  clock: Pick<Clock, 'now'>
  log: Log
  rights: ScriptRights
}

export type Deleted = ReturnType<typeof createDeleted>

const listName = 'script.json'
/** Nothing else in there is ours. */
const ownName = /^(\d+)(?:\.(?:tmp|going|back))?$/
const notKept = 'a script is deleted and cannot be brought back'

export function createDeleted({ db, dataDir, clock, log, rights }: DeletedDeps) {
  const dir = join(dataDir, 'deleted')
  const rows = createDeletedRows(db)
  const offered = createBin<{ row: KeptScript['row']; by: string }>(clock)
  /** Being deleted just now. */
  const going = new Set<number>()
  const placeOf = (id: number, end = '') => join(dir, `${id}${end}`)
  const clear = (path: string) => rm(path, { recursive: true, force: true })

  /** `files`: its own first. What cannot be kept is deleted all the same: that is what was asked for. */
  async function keep(row: ScriptRow, files: string[]): Promise<void> {
    const { id, runtime, filename, slug, alias, tags } = row
    const saved = rows.read(id)
    // Somebody else deletes it, or has done so, and has kept it; unless it was put there again meanwhile.
    if (!saved || (going.has(id) && !(await lstatOrNull(files[0]!)))) return
    going.add(id)
    const staging = placeOf(id, '.tmp')
    try {
      await clear(staging)
      await mkdir(dir, { recursive: true, mode: 0o700 })
      await mkdir(staging)
      const kept: KeptScript = {
        row: { id, runtime, filename, slug, alias, tags },
        ...{ rows: saved, rights: rights.of(id) },
        ...{ folder: dirname(files[0]!), files: await copyAll(files, staging) },
      }
      await writeFile(join(staging, listName), rowsToText(kept), { mode: 0o600 })
      for (const end of ['.going', '.back']) await clear(placeOf(id, end))
      await rename(staging, placeOf(id, '.going'))
    } catch (error) {
      log.warn({ script: id, error: messageOf(error) }, notKept)
      await clear(staging).catch(() => {})
    }
  }

  async function drop(id: number): Promise<void> {
    offered.drop(id)
    for (const end of ['', '.going']) await clear(placeOf(id, end))
  }

  const read = async (place: string) => rowsFromText<KeptScript>(await readFile(join(place, listName), 'utf8'))

  return {
    keep,

    /** It is not deleted after all: what is gone of it already is put back, by the next start where that fails now. */
    async giveUp(id: number, { put }: Pick<Restoring, 'put'>): Promise<void> {
      going.delete(id)
      const place = placeOf(id, '.going')
      if (!(await lstatOrNull(place))) return
      try {
        await put(await read(place), place, { isRepeated: true })
        await clear(place)
      } catch (error) {
        log.error({ script: id, error: messageOf(error) }, 'the files of a script that is not deleted are not back yet')
        await rename(place, placeOf(id, '.back')).catch(() => {})
      }
    },

    /** It is deleted. `by`: who alone may have it back, null for nobody. Answers whether it can be. */
    async offer(row: ScriptRow, by: string | null): Promise<boolean> {
      const { id } = row
      try {
        const names = by === null ? [] : await namesIn(dir)
        if (by === null || !(names.includes(`${id}.going`) || names.includes(`${id}`))) {
          await drop(id)
          return false
        }
        if (names.includes(`${id}.going`)) {
          await clear(placeOf(id))
          await rename(placeOf(id, '.going'), placeOf(id))
        }
      } catch (error) {
        log.warn({ script: id, error: messageOf(error) }, notKept)
        return false
      } finally {
        going.delete(id)
      }
      offered.put(id, { row, by })
      return true
    },

    /** null: there is none for this one, or no more. */
    find(id: number, by: string): KeptScript['row'] | null {
      const found = offered.get(id)
      return found?.by === by ? found.row : null
    },

    /**
     * `check` throws what is in its way; `refuse` throws where the rights that it has again are not enough for who asks; `put` puts
     * its files where they were, all or none. Throws what they throw.
     */
    async restore(id: number, { check, refuse, put }: Restoring): Promise<void> {
      const kept = await read(placeOf(id))
      await check(kept)
      const back = placeOf(id, '.back')
      await rename(placeOf(id), back)
      try {
        rights.giveBack(id, kept.rights)
        refuse(kept)
        rows.putBack(kept.rows, clock.now())
        await put(kept, back, { isRepeated: false })
      } catch (error) {
        rows.remove(id)
        rights.forget(id)
        await rename(back, placeOf(id))
        throw error
      }
      offered.drop(id)
      await clear(back)
    },

    /**
     * What a crash left half done: answers which scripts are back, and which are still to be deleted. `isToGo`: whether what lies
     * in the place of its file is what was to be deleted.
     */
    async takeUp(isThere: (id: number) => boolean, { put, isToGo }: Pick<Restoring, 'put'> & { isToGo: IsToGo }) {
      const [back, going]: [number[], number[]] = [[], []]
      for (const name of await namesIn(dir)) {
        if (!ownName.test(name)) continue
        const id = Number.parseInt(name, 10)
        try {
          if (name === `${id}.going` && isThere(id)) {
            const place = placeOf(id, '.going')
            if (await isToGo(await read(place))) going.push(id)
          }
          if (name === `${id}.back`) {
            const kept = await read(placeOf(id, '.back'))
            if (!isThere(id)) {
              rights.giveBack(id, kept.rights)
              rows.putBack(kept.rows, clock.now())
            }
            await put(kept, placeOf(id, '.back'), { isRepeated: true })
            back.push(id)
          }
        } catch (error) {
          log.error(
            { script: id, error: messageOf(error) },
            'a deleted script is left as it is: the next start tries again',
          )
          continue
        }
        await clear(join(dir, name))
      }
      return { back, going }
    },

    /** To be called about once a minute: what cannot be brought back any more goes from the disk. */
    async tidy(): Promise<void> {
      for (const name of await namesIn(dir))
        if (/^\d+$/.test(name) && !going.has(Number(name)) && !offered.get(Number(name))) await clear(join(dir, name))
    },
  }
}

export interface Restoring {
  check(kept: KeptScript): Promise<void>
  refuse(kept: KeptScript): void
  /** `from`: the folder with copies of them, by number. `isRepeated`: some may be there already. */
  put(kept: KeptScript, from: string, options: { isRepeated: boolean }): Promise<void>
}

type IsToGo = (kept: KeptScript) => Promise<boolean>

async function copyAll(files: string[], folder: string): Promise<KeptFile[]> {
  const kept: KeptFile[] = []
  for (const path of files) {
    const stats = await lstatOrNull(path)
    if (!stats) continue
    const file = { name: basename(path), mode: stats.mode & 0o7777, stamp: stampOf(stats) }
    if (stats.isSymbolicLink()) kept.push({ ...file, link: await readlink(path) })
    else if (stats.isFile()) {
      await copyFile(path, join(folder, String(kept.length)))
      kept.push(file)
    }
  }
  return kept
}

const namesIn = (dir: string): Promise<string[]> =>
  readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
