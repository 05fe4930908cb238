/** Every query on the audit log. */
import type { Database } from 'bun:sqlite'
import { and, asc, count, desc, eq, gt, gte, lte, or, type SQL, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { genesis } from './chain.ts'
import { type AuditRow, audit } from './table.ts'

export interface AuditFilter {
  /** Milliseconds since 1970, both included. */
  from?: number
  to?: number
  /** A user's number, or part of the name of who did it, whatever its case. */
  user?: string
  /** `script.edit`, or `script` for all that begin so. */
  action?: string
  objectType?: string
  objectId?: string
  /** Words, each of them anywhere in an entry, whatever its case. */
  q?: string
}

/** What the next entry follows. */
export interface Head {
  id: number
  hash: string
}

/** The last entry that was removed for its age. */
export interface Anchor {
  removed_to: number
  hash: string
  /** When; ISO 8601, UTC. */
  at: string
}

const columns =
  'id, at, actor, actor_kind, user_id, token_id, address, action, object_type, object_id, object_name, status, before, after, previous_hash, hash'

export function createAuditStore(db: Db) {
  const client = db.$client
  const insert = client.query(`INSERT INTO audit (${columns}) VALUES (${columns.replace(/\w+/g, '?')})`)
  const { readHead, readAnchor } = chainQueries(client)
  // The last of the oldest ones, at most `limit`, each older than `before`: a clock that was set back holds the rest up.
  const oldest = client.query(
    'SELECT max(id) AS id, count(*) AS n FROM (SELECT id, at FROM audit ORDER BY id LIMIT ?1) WHERE at < ?2 ' +
      'AND id < coalesce((SELECT min(id) FROM (SELECT id, at FROM audit ORDER BY id LIMIT ?1) WHERE at >= ?2), 9e18)',
  )
  const hashOf = client.query('SELECT hash FROM audit WHERE id = ?')
  const setAnchor = client.query('INSERT OR REPLACE INTO audit_anchor (id, removed_to, hash, at) VALUES (1, ?, ?, ?)')
  const removeTo = client.query('DELETE FROM audit WHERE id <= ?')

  return {
    head: readHead,
    anchor: readAnchor,
    append(row: AuditRow) {
      insert.run(
        ...[row.id, row.at, row.actor, row.actorKind, row.userId, row.tokenId, row.address, row.action],
        ...[row.objectType, row.objectId, row.objectName, row.status, row.before, row.after],
        ...[row.previousHash, row.hash],
      )
    },
    /** Newest first. */
    page: (filter: AuditFilter, limit: number, offset: number): AuditRow[] =>
      db.select().from(audit).where(conditions(filter)).orderBy(desc(audit.id)).limit(limit).offset(offset).all(),
    count: (filter: AuditFilter): number =>
      db.select({ n: count() }).from(audit).where(conditions(filter)).get()?.n ?? 0,
    /** Oldest first, for whoever goes on from the last one that was read. */
    after: (filter: AuditFilter, id: number, limit: number): AuditRow[] =>
      db
        .select()
        .from(audit)
        .where(and(gt(audit.id, id), conditions(filter)))
        .orderBy(asc(audit.id))
        .limit(limit)
        .all(),
    /** At most `limit` from the beginning that are older than `beforeMs`, with the anchor, in one step; answers how many. */
    removeOldest: (beforeMs: number, limit: number, nowMs: number): number =>
      client
        .transaction(() => {
          const { id, n } = oldest.get(limit, beforeMs) as { id: number | null; n: number }
          if (id === null) return 0
          setAnchor.run(id, (hashOf.get(id) as { hash: string }).hash, nowMs)
          removeTo.run(id)
          return n
        })
        .immediate(),
  }
}

/** What can be asked on a connection that only reads, too. */
export function chainQueries(client: Database) {
  const last = client.query('SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1')
  const anchor = client.query('SELECT removed_to, hash, at FROM audit_anchor WHERE id = 1')
  const highest = client.query("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")
  const rows = client.query(`SELECT ${columns} FROM audit WHERE id > ? ORDER BY id LIMIT ?`)

  function readAnchor(): Anchor | null {
    const row = anchor.get() as { removed_to: number; hash: string; at: number } | null
    return row && { ...row, at: new Date(row.at).toISOString() }
  }

  function newest(): Head {
    const row = last.get() as Head | null
    if (row) return row
    const before = readAnchor()
    return before ? { id: before.removed_to, hash: before.hash } : { id: 0, hash: genesis }
  }

  /** The highest number that was ever given, also to an entry that is not there any more. */
  const highestId = () => (highest.get() as { seq: number } | null)?.seq ?? 0

  return {
    readAnchor,
    newest,
    highestId,
    /** Numbers are never given twice: entries that were cut off at the end leave a gap. */
    readHead: (): Head => {
      const { id, hash } = newest()
      return { id: Math.max(id, highestId()), hash }
    },
    rowsAfter: (id: number, limit: number): AuditRow[] => (rows.values(id, limit) as Cells[]).map(toRow),
  }
}

type Cells = [number, number, ...unknown[]]

const rowKeys = columns.split(', ').map((name) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()))

const toRow = (cells: Cells) =>
  Object.fromEntries(rowKeys.map((key, index) => [key, cells[index]])) as unknown as AuditRow

function conditions({ from, to, user, action, objectType, objectId, q }: AuditFilter): SQL | undefined {
  return and(
    from === undefined ? undefined : gte(audit.at, from),
    to === undefined ? undefined : lte(audit.at, to),
    user ? (/^\d{1,15}$/.test(user) ? eq(audit.userId, Number(user)) : containing(audit.actor, user)) : undefined,
    action ? or(eq(audit.action, action), matching(audit.action, `${escapeLike(action)}.%`)) : undefined,
    objectType ? eq(audit.objectType, objectType) : undefined,
    objectId ? eq(audit.objectId, objectId) : undefined,
    ...wordsOf(q).map((word) => or(...searched.map((column) => containing(column, word)))),
  )
}

/** No more than fit into the 200 characters that the API takes: SQLite's expressions have an end. */
const wordsOf = (q = '') => q.split(/\s+/).filter(Boolean).slice(0, 100)

const searched = [
  ...[audit.actor, audit.address, audit.action, audit.objectType, audit.objectId, audit.objectName],
  ...[audit.before, audit.after],
]

const matching = (column: (typeof searched)[number], pattern: string) => sql`${column} LIKE ${pattern} ESCAPE '\\'`

/** A pattern ends at its NUL, and "%" alone finds everything. */
const containing = (column: (typeof searched)[number], text: string) =>
  text.includes('\0') ? sql`0` : matching(column, `%${escapeLike(text)}%`)

const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&')
