/** Files of runs that are not in the history any more, or whose row says that they are gone: what a kill left behind. */
import { rmdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeFolder } from '../files/temp.ts'
import type { Part, RetentionStore } from '../runs/retention-store.ts'
import type { Pace } from './pace.ts'

interface SweepDeps {
  store: RetentionStore
  /** Absolute. */
  dataDir: string
  isBusy(runId: number): boolean
}

interface Found {
  name: string
  part: Part
  id: number
}

/** Names that are looked up at once. */
const lookupMax = 200

/** Answers how many it removed. Only names that a run of this database had: the rest is somebody else's. */
export const createSweep = ({ store, dataDir, isBusy }: SweepDeps) =>
  async function sweep(pace: Pace): Promise<number> {
    const lastId = store.lastId()
    let count = 0

    async function removeOrphans(folder: string, parse: (name: string) => Found | null) {
      const found = (await namesIn(folder)).flatMap((name) => parse(name) ?? []).filter(({ id }) => id <= lastId)
      for (let from = 0; from < found.length; from += lookupMax) {
        const some = found.slice(from, from + lookupMax)
        const ids = [...new Set(some.map(({ id }) => id))]
        const owners = pace.piece(() => ({ log: store.owners('log', ids), output: store.owners('output', ids) }))
        // Meanwhile it may have come back: then it is there, or about to be.
        for (const { name, part, id } of some)
          if (!owners[part].has(id) && !isBusy(id) && !store.owners(part, [id]).has(id)) {
            await removeFolder(join(folder, name))
            count++
          }
        await pace.rest()
      }
    }

    const logsDir = join(dataDir, 'logs', 'script')
    for (const name of await namesIn(logsDir)) {
      await removeOrphans(join(logsDir, name), logName)
      if (Number(name) < Math.floor(lastId / 1000)) removeIfEmpty(join(logsDir, name))
    }
    const staticDir = join(dataDir, 'static')
    for (const slug of await namesIn(staticDir)) await removeOrphans(join(staticDir, slug, 'resources'), outputName)
    return count
  }

/** `17.log`, a part of it that a kill left, or `17.result.json`. */
function logName(name: string): Found | null {
  const id = Number(/^(\d+)\.(log(\.tail\.\d+)?|result\.json)$/.exec(name)?.[1] ?? Number.NaN)
  return Number.isNaN(id) ? null : { name, id, part: name.endsWith('.result.json') ? 'output' : 'log' }
}

/** As runs/plan.ts names the folder of a run. */
function outputName(name: string): Found | null {
  const id = Number(/^\d{8}T\d{9}Z-(\d+)$/.exec(name)?.[1] ?? Number.NaN)
  return Number.isNaN(id) ? null : { name, id, part: 'output' }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

/** In one step: between two, a run could make its log in there. */
function removeIfEmpty(folder: string) {
  try {
    rmdirSync(folder)
  } catch {
    // It is in use.
  }
}
