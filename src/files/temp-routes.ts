/** /api/temp-files: how much there is, and removing what nobody needs. */
import { Elysia, type TSchema, t } from 'elysia'
import { type Clock, isoTime } from '../clock.ts'
import { acts, forRole, note } from '../http/caller.ts'
import { cleanTemp, kinds, listTemp, type TempItem } from './temp-report.ts'

interface TempRoutesDeps {
  /** Absolute. */
  tmpDir: string
  clock: Clock
  isLive(runId: number): boolean
  filesInUse(): string[]
}

/** An upload that is under way changes its folder all the time; what lay still for so long is nobody's. */
export const ageMinMs = 60 * 60_000

const counts = { items: t.Integer(), files: t.Integer(), bytes: t.Integer() }
const amount = t.Object(counts, { title: 'TempFilesAmount' })
const status = t.Object(
  {
    total: amount,
    in_use: amount,
    removable: t.Object(counts, { description: 'Of no live run, and unchanged for an hour' }),
    kinds: t.Object(Object.fromEntries(kinds.map((kind) => [kind, amount]))),
    oldest_at: t.Union([t.String({ format: 'date-time' }), t.Null()]),
  },
  { title: 'TempFilesStatus' },
)

export function tempRoutes({ clock, ...options }: TempRoutesDeps) {
  const removableBefore = () => clock.now() - ageMinMs
  return new Elysia({ tags: ['System'] })
    .get('/api/temp-files/status', async () => toStatus(await listTemp(options), removableBefore()), {
      ...forRole('admin'),
      detail: {
        summary: 'Temporary files: uploads, folders of runs, leftovers',
        responses: json('How much there is', status),
      },
    })
    .post(
      '/api/temp-files/cleanup',
      async ({ request }) => {
        const removed = sum(await cleanTemp(options, removableBefore()))
        note(request, { object: { type: 'storage', name: 'temporary files' }, after: removed })
        return { removed }
      },
      {
        parse: 'none',
        ...forRole('admin'),
        ...acts('storage.cleanup'),
        detail: {
          summary: 'Remove temporary files that belong to no live run and are older than an hour',
          responses: json('What was removed', t.Object({ removed: amount })),
        },
      },
    )
}

function toStatus(items: TempItem[], before: number) {
  const oldest = items.reduce<number | null>((at, item) => Math.min(at ?? item.changedAt, item.changedAt), null)
  return {
    total: sum(items),
    in_use: sum(items.filter(({ isInUse }) => isInUse)),
    removable: sum(items.filter(({ isInUse, changedAt }) => !isInUse && changedAt < before)),
    kinds: Object.fromEntries(kinds.map((kind) => [kind, sum(items.filter((item) => item.kind === kind))])),
    oldest_at: isoTime(oldest),
  }
}

const sum = (items: TempItem[]) => ({
  items: items.length,
  files: items.reduce((total, { files }) => total + files, 0),
  bytes: items.reduce((total, { bytes }) => total + bytes, 0),
})

const json = (description: string, schema: TSchema) => ({
  200: { description, content: { 'application/json': { schema } } },
})
