/** Strong entity tags of scripts: the SHA-256 of the content, as the catalog has it. */
import { createHash } from 'node:crypto'
import { GatewayError } from '../errors.ts'

export const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

export const etagOf = (hash: string) => `"${hash}"`

/** Whether a list of tags (If-Match, If-None-Match) names this content. What a proxy made weak is the same content here. */
export const namesHash = (tags: string, hash: string) =>
  tags.split(',').some((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', '') === hash)

/**
 * Throws `conflict` unless the client says that it read what is there, or `*`: whatever is there. `hash`: null when the
 * file is gone.
 */
export function refuseStale(ifMatch: string | null, hash: string | null): void {
  if (!ifMatch?.trim())
    throw new GatewayError(
      'conflict',
      'Send If-Match with the ETag that GET of this address answered, so that nobody else\'s change is lost; "If-Match: *" writes whatever is there.',
      hash === null ? {} : { headers: { etag: etagOf(hash) } },
    )
  if (ifMatch.trim() === '*') return
  if (hash === null)
    throw new GatewayError('conflict', 'The file has vanished since it was read: "If-Match: *" writes it anew.')
  if (!namesHash(ifMatch, hash))
    throw new GatewayError(
      'conflict',
      'The content changed since it was read: read it again, or force your own with "If-Match: *".',
      { headers: { etag: etagOf(hash) } },
    )
}
