/**
 * How entries hang together. The hash of an entry is SHA-256, in hexadecimal, over the hash of the one before it followed
 * by the entry as canonical JSON: exactly what the API and the export give, but for `hash` itself. The first one follows
 * 64 zeros. Numbers have no gaps.
 */
import { canonicalJson } from './canonical.ts'
import type { AuditEntry, AuditEvent } from './model.ts'
import type { AuditRow } from './table.ts'

/** What comes before the first entry. */
export const genesis = '0'.repeat(64)

/** A row that has no place in the chain yet. */
export type Draft = Omit<AuditRow, 'id' | 'previousHash' | 'hash'>

const valueBytesMax = 16 * 1024
const nameLengthMax = 1024

/** `atMs`: since 1970, UTC. Never throws. */
export function draftOf({ action, caller, object, status, before, after }: AuditEvent, atMs: number): Draft {
  return {
    at: atMs,
    actor: plainName(caller?.name ?? 'gateway'),
    actorKind: caller?.kind ?? 'gateway',
    userId: caller?.userId ?? null,
    tokenId: caller?.tokenId ?? null,
    address: caller?.address ? plainName(caller.address) : null,
    action: plainName(action),
    objectType: object ? plainName(object.type) : null,
    objectId: object?.id === undefined || object.id === null ? null : plainName(String(object.id)),
    objectName: object?.name === undefined ? null : plainName(object.name),
    status: status ?? null,
    before: valueText(before),
    after: valueText(after),
  }
}

export const hashAfter = (previousHash: string, draft: Draft, id: number): string =>
  new Bun.CryptoHasher('sha256').update(previousHash + canonicalText(draft, id)).digest('hex')

/** As the API gives it. */
export const toEntry = (row: AuditRow): AuditEntry => ({
  id: row.id,
  at: new Date(row.at).toISOString(),
  actor: row.actor,
  actor_kind: row.actorKind,
  user_id: row.userId,
  token_id: row.tokenId,
  address: row.address,
  action: row.action,
  object_type: row.objectType,
  object_id: row.objectId,
  object_name: row.objectName,
  status: row.status,
  before: row.before === null ? null : JSON.parse(row.before),
  after: row.after === null ? null : JSON.parse(row.after),
  hash: row.hash,
})

/** Written out, because it is on the way of every request that changes something: the members in their order. */
function canonicalText(row: Draft, id: number): string {
  const { before, after, userId, tokenId, status } = row
  const [at, actor, kind] = [new Date(row.at).toISOString(), quoted(row.actor), quoted(row.actorKind)]
  return (
    `{"action":${quoted(row.action)},"actor":${actor},"actor_kind":${kind},"address":${quoted(row.address)},` +
    `"after":${after ?? 'null'},"at":"${at}","before":${before ?? 'null'},"id":${id},` +
    `"object_id":${quoted(row.objectId)},"object_name":${quoted(row.objectName)},"object_type":${quoted(row.objectType)},` +
    `"status":${status ?? 'null'},"token_id":${tokenId ?? 'null'},"user_id":${userId ?? 'null'}}`
  )
}

const quoted = (text: string | null) => JSON.stringify(text)

/** Control characters, and those that turn text around: nobody writes a line of somebody else's log. */
const active = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

const plainName = (name: string) =>
  cutName(name.toWellFormed()).replace(active, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)

const cutName = (name: string) =>
  name.length <= nameLengthMax
    ? name
    : `${name.slice(0, nameLengthMax).toWellFormed()}… (cut, ${name.length} characters)`

/** null for nothing at all. */
function valueText(value: unknown): string | null {
  if (value === undefined || value === null) return null
  const text = canonicalJson(value)
  const bytes = Buffer.from(text)
  if (bytes.length <= valueBytesMax) return text
  const beginning = bytes.subarray(0, valueBytesMax).toString('utf8')
  return canonicalJson({ cut: `${bytes.length} bytes of JSON; at most ${valueBytesMax} are kept`, beginning })
}
