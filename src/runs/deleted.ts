/**
 * Runs that somebody deletes, and those that were deleted a moment ago: these lie in a folder below the data folder with all that
 * belonged to them, for a slip can be undone. The name of what is kept says how far it is: `7.going` is being deleted, `7` is gone,
 * `7.back` comes back. So a start after a crash can carry out what was begun. Retention removes its many without this.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { createBin } from '../bin.ts'
import type { Clock } from '../clock.ts'
import type { Db } from '../db/open.ts'
import { GatewayError, messageOf } from '../errors.ts'
import { removeFolder } from '../files/temp.ts'
import type { Log } from '../log.ts'
import { createDeletedRunRows, type SavedRun } from './deleted-rows.ts'
import { logFiles, namesIn, removeLogs } from './forget.ts'
import { isFinished } from './model.ts'
import { folderName } from './plan.ts'
import type { RunStore } from './store.ts'
import type { RunRow } from './table.ts'

interface DeletedRunsDeps {
  db: Pick<Db, '$client'>
  store: Pick<RunStore, 'get' | 'slugOf' | 'removeAttempt'>
  logPath(id: number): string
  resultPath(id: number): string
  /** Absolute, the data folder. */
  dataDir: string
  /** Whether the disk can do without what is deleted. */
  hasRoom(): boolean
  clock: Pick<Clock, 'now'>
  log: Log
}

type Placed = Pick<RunRow, 'id' | 'scriptId' | 'queuedAt'>

const rowName = 'run.json'
/** Many acts on as many as one act takes, by everybody together. */
const offeredMax = 10_000
const ownName = /^(\d+)(\.going|\.back)?$/

export function createDeletedRuns(deps: DeletedRunsDeps) {
  const { store, logPath, resultPath, dataDir, hasRoom, clock, log } = deps
  const rows = createDeletedRunRows(deps.db)
  const dir = join(dataDir, 'deleted', 'runs')
  const offered = createBin<{ scriptId: number; by: string }>(clock, offeredMax)
  /** Being deleted, or brought back, just now. */
  const busy = new Map<number, Promise<unknown>>()
  const placeOf = (id: number, end = '') => join(dir, `${id}${end}`)

  function outputDir(row: Placed): string | null {
    const slug = store.slugOf(row.scriptId)
    return slug === undefined ? null : join(dataDir, 'static', slug, 'resources', folderName(row))
  }

  /** What there is of a run, and where in a folder of its own it is kept. */
  async function pairsOf(row: Placed, place: string): Promise<[at: string, kept: string][]> {
    const log = logPath(row.id)
    const keptLogs = await logFiles([join(place, basename(log))])
    const logs = new Set([...(await logFiles([log])), ...keptLogs].map((path) => basename(path)))
    const output = outputDir(row)
    return [
      ...[...logs].map((name): [string, string] => [join(dirname(log), name), join(place, name)]),
      [resultPath(row.id), join(place, basename(resultPath(row.id)))],
      ...(output === null ? [] : [[output, join(place, 'output')] as [string, string]]),
    ]
  }

  const move = async (pairs: [from: string, to: string][]) => {
    for (const [from, to] of pairs) {
      await mkdir(dirname(to), { recursive: true })
      await rename(from, to).catch(unlessMissing)
    }
  }
  const putFilesBack = async (row: Placed, place: string) =>
    move((await pairsOf(row, place)).map(([at, kept]) => [kept, at]))

  /** What cannot be kept is deleted all the same: that is what was asked for. */
  async function keep(row: RunRow): Promise<boolean> {
    const place = placeOf(row.id, '.going')
    try {
      await mkdir(dir, { recursive: true, mode: 0o700 })
      await mkdir(place)
      await writeFile(join(place, rowName), rows.save(row.id), { mode: 0o600 })
      await move(await pairsOf(row, place))
      return true
    } catch (error) {
      log.warn({ run: row.id, error: messageOf(error) }, 'a run is deleted and cannot be brought back')
      await removeFolder(place).catch(() => {})
      return false
    }
  }

  /** The row goes last, so that what a crash left behind is found again. */
  async function removeAll(row: RunRow): Promise<void> {
    await removeLogs([logPath(row.id)])
    await rm(resultPath(row.id), { force: true })
    const output = outputDir(row)
    if (output !== null) await removeFolder(output)
    store.removeAttempt(row)
  }

  /** It is not deleted after all: what was put away is there again, by the next start where that fails now. */
  async function giveUp(row: RunRow): Promise<void> {
    const place = placeOf(row.id, '.going')
    try {
      await putFilesBack(row, place)
      await removeFolder(place)
    } catch (error) {
      log.error({ run: row.id, error: messageOf(error) }, 'the files of a run that is not deleted are not back yet')
      await rename(place, placeOf(row.id, '.back')).catch(() => {})
    }
  }

  async function alone<T>(id: number, act: () => Promise<T>): Promise<T> {
    const done = act()
    busy.set(id, done)
    try {
      return await done
    } finally {
      busy.delete(id)
    }
  }

  const read = async (place: string): Promise<SavedRun> => rows.parse(await readFile(join(place, rowName), 'utf8'))

  /** The script of a run that this one deleted a moment ago and can have back; null: there is none, or no more. */
  function deletedBy(id: number, by: string): number | null {
    const found = busy.has(id) ? null : offered.get(id)
    return found?.by === by ? found.scriptId : null
  }

  return {
    /**
     * Removes every trace of a run but what is counted of it. `by`: who alone may have it back for a while, null for nobody.
     * Answers whether it can be. Throws `not_found`, and `conflict` for one that is not over.
     */
    async remove(id: number, by: string | null = null): Promise<boolean> {
      const row = store.get(id)
      if (!row || busy.has(id)) throw new GatewayError('not_found', `There is no run ${id}.`)
      if (!isFinished(row.status)) throw new GatewayError('conflict', `Run ${id} has not ended: cancel it first.`)
      if (row.retryAt !== null)
        throw new GatewayError('conflict', `Run ${id} is about to be tried again: delete it when that has ended.`)
      return alone(id, async () => {
        const isKept = by !== null && hasRoom() && (await keep(row))
        try {
          await removeAll(row)
        } catch (error) {
          if (isKept) await giveUp(row)
          throw error
        }
        for (const end of ['', '.back']) await removeFolder(placeOf(id, end))
        if (!isKept) return false
        await rename(placeOf(id, '.going'), placeOf(id))
        offered.put(id, { scriptId: row.scriptId, by })
        return true
      })
    },

    deletedBy,

    /** Whether it is being deleted, or brought back, just now: its files are on their way. */
    isBusy: (id: number): boolean => busy.has(id),

    /** Resolves when it is neither being deleted nor brought back. */
    settled: async (id: number): Promise<void> => void (await busy.get(id)?.catch(() => {})),

    /** It comes back as it was, with its number. Rejects with `conflict`. */
    async bringBack(id: number, by: string): Promise<void> {
      if (deletedBy(id, by) === null)
        throw new GatewayError('conflict', `Run ${id} cannot be brought back: it was deleted too long ago.`)
      await alone(id, async () => {
        const saved = await read(placeOf(id))
        if (outputDir(saved) === null)
          throw new GatewayError('conflict', `Run ${id} cannot be brought back: its script is gone.`)
        const back = placeOf(id, '.back')
        await rename(placeOf(id), back)
        try {
          await putFilesBack(saved, back)
          rows.putBack(saved)
        } catch (error) {
          await move(await pairsOf(saved, back))
          await rename(back, placeOf(id))
          throw error
        }
        offered.drop(id)
        await removeFolder(back)
      })
    },

    /** Before a script's runs are forgotten: none of them comes back from now on. Resolves when none is about to. */
    async forgetScript(scriptId: number): Promise<void> {
      const ofScript = (offer: { scriptId: number }) => offer.scriptId === scriptId
      offered.dropAll(ofScript)
      await Promise.allSettled(busy.values())
      offered.dropAll(ofScript)
    },

    /** At start, before anything is served: what a crash left half done is carried out. Nothing of before can be brought back. */
    async takeUp(): Promise<void> {
      for (const name of await namesIn(dir)) {
        const [, number, end] = ownName.exec(name) ?? []
        if (number === undefined || end === undefined) continue // what nobody is offered goes with `tidy`
        const [id, place] = [Number(number), join(dir, name)]
        try {
          const row = store.get(id)
          if (end === '.going' && row) await removeAll(row)
          if (end === '.back') {
            const saved = await read(place).catch(unlessMissing) // it goes when all of it is back
            if (saved) await putFilesBack(saved, place)
            if (saved && !row && outputDir(saved) !== null) rows.putBack(saved)
          }
          await removeFolder(place)
        } catch (error) {
          log.error({ run: id, error: messageOf(error) }, 'a deleted run is left as it is: the next start tries again')
        }
      }
    },

    /** To be called about once a minute, and where the disk is full: what cannot be brought back any more goes from the disk. */
    async tidy(): Promise<void> {
      for (const name of await namesIn(dir)) {
        const [, number, end] = ownName.exec(name) ?? []
        const id = Number(number)
        if (number === undefined || end === '.back' || busy.has(id)) continue
        if (end === undefined && offered.get(id) && hasRoom()) continue
        offered.drop(id)
        await removeFolder(join(dir, name))
      }
    },
  }
}

function unlessMissing(error: NodeJS.ErrnoException) {
  if (error.code !== 'ENOENT') throw error
}
