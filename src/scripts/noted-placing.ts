/** Files put in place on behalf of a request: the audit log is told which scripts there are by that, and what those were. */
import { note } from '../http/caller.ts'
import type { Catalog } from './catalog.ts'
import type { Placed } from './upload.ts'

export async function notedPlacing<T extends Pick<Placed, 'scripts' | 'files'>>(
  catalog: Pick<Catalog, 'list'>,
  request: Request,
  place: () => Promise<T>,
): Promise<T> {
  const known = () =>
    catalog
      .list()
      .map(({ row }) => ({ id: row.id, filename: row.filename, tags: row.tags, content_hash: row.contentHash }))
  const all = known()
  const placed = await place()
  const of = (scripts: ReturnType<typeof known>) => scripts.filter(({ id }) => placed.scripts.includes(id))
  note(request, { object: { type: 'files', name: placed.files.join(', ') }, before: of(all), after: of(known()) })
  return placed
}
