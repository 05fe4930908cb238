/** What retention asks of the runs: each question is a walk along an index, at most `count` rows long. */
import type { Db } from '../db/open.ts'

/** A finished run, as far as retention is concerned. `bytes` are those of its log and its files. */
export interface KeptRun {
  id: number
  slug: string
  queuedAt: number
  finishedAt: number
  bytes: number
}

/** What is on disk of a run, in bytes. */
export interface Measured {
  id: number
  logBytes: number
  outputBytes: number
}

/** A place in the order of ends. */
export interface Place {
  finishedAt: number
  id: number
}

export type Part = 'log' | 'output'

/** Whose: one script's, or everybody's. */
export type Scope = number | 'all'

export type RetentionStore = ReturnType<typeof createRetentionStore>

export function createRetentionStore({ db: { $client: client } }: { db: Db }) {
  const all = <Row>(text: string, values: Record<string, number | string>) =>
    client.query(text).all(values as never) as Row[]
  const one = <Row>(text: string, values: Record<string, number | string> = {}) =>
    client.query(text).get(values as never) as Row | null
  const write = (text: string, values: Record<string, number | string>) =>
    client.query(text).run(values as never).changes

  const transaction = <T>(act: () => T): T => client.transaction(act)()

  return {
    /** Every script's id. */
    scriptIds: () => all<{ id: number }>('SELECT id FROM scripts ORDER BY id', {}).map(({ id }) => id),

    /** Finished ones whose files nobody has looked at yet, oldest first. */
    unmeasured: (count: number) =>
      all<KeptRun>(`${kept} WHERE r.finished_at IS NOT NULL AND r.log_kept_bytes IS NULL ORDER BY r.id LIMIT $count`, {
        count,
      }),

    setMeasured: (measured: Measured[]) =>
      transaction(() => {
        for (const { id, logBytes, outputBytes } of measured)
          write('UPDATE runs SET log_kept_bytes = $logBytes, output_kept_bytes = $outputBytes WHERE id = $id', {
            ...{ id, logBytes, outputBytes },
          })
      }),

    /** The end of a script's newest finished run but `skipped`. */
    placeOf: (scriptId: number, skipped: number) =>
      one<Place>(
        `SELECT finished_at AS finishedAt, id FROM runs WHERE script_id = $scriptId AND finished_at IS NOT NULL
        ORDER BY finished_at DESC, id DESC LIMIT 1 OFFSET $skipped`,
        { scriptId, skipped },
      ),

    /** A script's finished runs up to `last`, oldest first, without its newest. */
    upTo: (scriptId: number, last: Place, newestId: number, count: number) =>
      all<KeptRun>(`${kept} WHERE ${isUpTo} ORDER BY r.finished_at, r.id LIMIT $count`, {
        ...{ scriptId, at: last.finishedAt, lastId: last.id, newestId, count },
      }),

    countUpTo: (scriptId: number, last: Place, newestId: number) =>
      one<{ n: number }>(`SELECT count(*) AS n FROM runs r WHERE ${isUpTo}`, {
        ...{ scriptId, at: last.finishedAt, lastId: last.id, newestId },
      })!.n,

    remove: (ids: number[]) => write(`DELETE FROM runs WHERE ${isAmong}`, { ids: JSON.stringify(ids) }),

    /** A script's finished runs that have their log, or their files, and ended before `before`; oldest first. */
    withPart: (part: Part, scriptId: number, before: number, count: number) =>
      all<KeptRun>(`${kept} WHERE ${has[part]} ORDER BY r.finished_at LIMIT $count`, { scriptId, before, count }),

    countWithPart: (part: Part, scriptId: number, { after, before }: { after: number; before: number }) =>
      one<{ n: number }>(`SELECT count(*) AS n FROM runs r WHERE ${has[part]} AND r.finished_at > $after`, {
        ...{ scriptId, after, before },
      })!.n,

    /** Runs that have anything on disk and ended before `before`, oldest first. */
    withFiles: (scope: Scope, before: number, count: number) =>
      scope === 'all'
        ? all<KeptRun>(
            `${kept} WHERE (r.log_kept_bytes > 0 OR r.output_kept_bytes > 0) AND r.finished_at < $before
            ORDER BY r.finished_at LIMIT $count`,
            { before, count },
          )
        : all<KeptRun>(`SELECT * FROM (${oldest('log')} UNION ${oldest('output')}) ORDER BY finishedAt LIMIT $count`, {
            scriptId: scope,
            before,
            count,
          }),

    /** From here on the runs say that the parts are gone. Answers how many had them. */
    expire: (parts: Part[], ids: number[], now: number): Record<Part, number> =>
      transaction(() => {
        const count = { log: 0, output: 0 }
        for (const part of parts)
          count[part] = write(
            `UPDATE runs SET ${part}_kept_bytes = 0, ${part}_expired_at = $now WHERE ${isAmong} AND ${part}_kept_bytes > 0`,
            { ids: JSON.stringify(ids), now },
          )
        return count
      }),

    bytes: (scope: Scope) =>
      one<{ logBytes: number; outputBytes: number }>(
        `SELECT ifnull(sum(log_bytes), 0) AS logBytes, ifnull(sum(output_bytes), 0) AS outputBytes FROM kept_bytes
        ${scope === 'all' ? '' : 'WHERE script_id = $scope'}`,
        scope === 'all' ? {} : { scope },
      )!,

    counts: () =>
      one<{ runs: number; oldestAt: number | null; unmeasured: number }>(
        `SELECT (SELECT count(*) FROM runs) AS runs, (SELECT min(queued_at) FROM runs) AS oldestAt,
        (SELECT count(*) FROM runs WHERE finished_at IS NOT NULL AND log_kept_bytes IS NULL) AS unmeasured`,
      )!,

    /** Which of the numbers belong to runs that have the part, or may have it: the files of all others are nobody's. */
    owners: (part: Part, ids: number[]): Set<number> =>
      new Set(
        all<{ id: number }>(`SELECT id FROM runs WHERE ${isAmong} AND ${part}_expired_at IS NULL`, {
          ids: JSON.stringify(ids),
        }).map(({ id }) => id),
      ),

    /** The highest number that a run of this database ever had. */
    lastId: () => one<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'runs'")?.seq ?? 0,

    /** Of the database's file. */
    fileBytes: () =>
      one<{ n: number }>('SELECT page_count * page_size AS n FROM pragma_page_count(), pragma_page_size()')!.n,

    /** Brings what was written into the database's file, and the write-ahead log back to nothing. */
    checkpoint: () => void client.run('PRAGMA wal_checkpoint(TRUNCATE)'),
  }
}

const kept = `SELECT r.id, s.slug, r.queued_at AS queuedAt, r.finished_at AS finishedAt,
  ifnull(r.log_kept_bytes, 0) + ifnull(r.output_kept_bytes, 0) AS bytes
  FROM runs r JOIN scripts s ON s.id = r.script_id`

const isUpTo = `r.script_id = $scriptId AND r.finished_at IS NOT NULL AND r.finished_at <= $at
  AND (r.finished_at < $at OR r.id <= $lastId) AND r.id <> $newestId`

const has: Record<Part, string> = {
  log: 'r.script_id = $scriptId AND r.log_kept_bytes > 0 AND r.finished_at < $before',
  output: 'r.script_id = $scriptId AND r.output_kept_bytes > 0 AND r.finished_at < $before',
}

/** The oldest of both together are among the oldest of each. */
const oldest = (part: Part) => `SELECT * FROM (${kept} WHERE ${has[part]} ORDER BY r.finished_at LIMIT $count)`

const isAmong = 'id IN (SELECT value FROM json_each($ids))'
