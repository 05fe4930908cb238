import type { Fields } from './fields.ts'

interface HashedFile {
  field: string
  filename: string
  sha256: string
}

/** SHA-256 (hexadecimal) of what a request asks for: the order of members and of files of different fields is no matter. */
export function hashOf(fields: Fields, files: HashedFile[]): string {
  const parts = files.map(({ field, filename, sha256 }) => [field, filename, sha256])
  parts.sort((a, b) => compare(a[0]!, b[0]!))
  return new Bun.CryptoHasher('sha256').update(JSON.stringify([canonical(fields), parts])).digest('hex')
}

/** The value with the members of every object sorted by name; its depth was limited when it was read. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([a], [b]) => compare(a, b))
  // Wrapped, so that an object is never equal to a list of pairs.
  return { members: members.map(([name, member]) => [name, canonical(member)]) }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
