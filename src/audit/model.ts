/** What was done by whom, as it is recorded and shown. */
import type { Caller } from '../http/caller.ts'

/** What the gateway's parts hand in. Never throws, never waits: see audit.ts. */
export interface AuditEvent {
  /** `script.edit`, `run.start`, `user.create`, `session.refuse` …: a noun and a verb. */
  action: string
  /** Who; `null`: the gateway itself. */
  caller: Pick<Caller, 'kind' | 'name' | 'userId' | 'tokenId' | 'address'> | null
  /** What it was done to: `script` 7 "billing/report.py". */
  object?: { type: string; id?: string | number | null; name?: string }
  /** HTTP status of the answer: a refusal is recorded too. */
  status?: number
  /** Small JSON, secrets masked by whoever hands it in; what did not change is left out. */
  before?: unknown
  after?: unknown
}

export type RecordAudit = (event: AuditEvent) => void

/** As the API gives it. */
export interface AuditEntry {
  id: number
  /** ISO 8601, UTC. */
  at: string
  actor: string
  actor_kind: string
  user_id: number | null
  token_id: number | null
  address: string | null
  action: string
  object_type: string | null
  object_id: string | null
  object_name: string | null
  status: number | null
  before: unknown
  after: unknown
  /** SHA-256, hexadecimal, over the entry and the hash of the one before it. */
  hash: string
}
