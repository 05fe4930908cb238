/** Marks in the log of what has ended, made when somebody first looks at more than its end: then any line of it is near. */
import { statSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { kindOfRecord } from './log-format.ts'
import { type Mark, markEveryBytes, readBytes, type Segment } from './log-store.ts'

/** A finished log is one file: what was left out of it is one record in it. */
export interface ClosedLog extends Segment {
  /** The last line before it, and the line that stands for it; null where nothing was left out. */
  gap: { after: number; seq: number } | null
}

export type LogIndexes = ReturnType<typeof createLogIndexes>

/** Of a log of 100 MB they are some 100 KB. */
const keptMax = 16

/** Keeps the ones that were asked for last. */
export function createLogIndexes() {
  const kept = new Map<string, { stamp: string; making: Promise<ClosedLog>; made: ClosedLog | null }>()

  /** Made by now, of the file as it is now; undefined otherwise. */
  function known(path: string): ClosedLog | undefined {
    const one = kept.get(path)
    return one?.made && one.stamp === stampOf(path) ? one.made : undefined
  }

  /** Of a file that is not there: that it has no line. */
  async function of(path: string): Promise<ClosedLog> {
    const stamp = stampOf(path)
    if (stamp === null) return empty(path)
    let one = kept.get(path)
    if (one?.stamp !== stamp) one = { stamp, making: readAll(path), made: null }
    kept.delete(path)
    kept.set(path, one)
    if (kept.size > keptMax) kept.delete(kept.keys().next().value!)
    try {
      one.made = await one.making
    } catch (error) {
      kept.delete(path)
      throw error
    }
    return one.made
  }

  return { known, of }
}

/** null: there is no such file. */
function stampOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? `${found.size} ${found.mtimeMs}` : null
}

const empty = (path: string): ClosedLog => ({
  ...{ path, marks: [{ seq: 0, offset: 0, errors: 0 }], bytes: 0, lastSeq: 0, errors: 0, gap: null },
})

const chunkBytes = 1024 * 1024

/** Only counts records: a million of them in a fifth of a second, and whoever else wants something is let in between. */
async function readAll(path: string): Promise<ClosedLog> {
  const log = empty(path)
  const marks: Mark[] = log.marks
  for (;;) {
    const data = readBytes(path, log.bytes, chunkBytes)
    let start = 0
    for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10, start)) {
      const offset = log.bytes + start
      if (offset - marks.at(-1)!.offset >= markEveryBytes) marks.push({ seq: log.lastSeq, offset, errors: log.errors })
      const kind = kindOfRecord(data, start, end)
      if (kind === 'gap') {
        const lines = Number(data.toString('latin1', start + 27, data.indexOf(32, start + 27)))
        log.gap = { after: log.lastSeq, seq: log.lastSeq + lines }
        log.lastSeq += lines
      } else if (kind !== null) {
        log.lastSeq += 1
        if (kind === 'stderr') log.errors += 1
      }
      start = end + 1
    }
    if (start === 0) return log
    log.bytes += start
    await nextTurn()
  }
}
