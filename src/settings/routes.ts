import { Elysia, t } from 'elysia'
import type { Receive } from '../files/receive.ts'
import { acts, forRole } from '../http/caller.ts'
import { notedSettings } from './noted.ts'
import { changeAnswers, listAnswer } from './schemas.ts'
import type { Settings } from './settings.ts'

const value = t.Union([t.String(), t.Number(), t.Boolean(), t.Array(t.Union([t.String(), t.Number()])), t.Null()])

export const settingsRoutes = ({ settings, receive }: { settings: Settings; receive: Receive }) => {
  const answer = () => {
    const items = settings.list()
    return { items, total: items.length, page: 1, page_size: items.length }
  }
  const change = ({ body, request }: { body: Record<string, unknown>; request: Request }) => {
    notedSettings(settings, request).update(body)
    return answer()
  }
  const options = {
    /** Within the limit of a body; the second one is for the document, and finds the body read. */
    parse: [({ request }: { request: Request }) => receive.json(request), 'json' as const],
    body: t.Record(t.String(), value, {
      description: 'Setting names and their new values; null goes back to the default',
    }),
    ...forRole('admin'),
    ...acts('settings.change'),
    detail: {
      summary: 'Change settings, all or none',
      description: 'An unknown or ill-typed setting is a 422 and changes nothing.',
      responses: changeAnswers,
    },
  }
  return new Elysia({ tags: ['Settings'] })
    .get('/api/settings', answer, {
      ...forRole('admin'),
      detail: { summary: 'Every setting with value, source and type', responses: listAnswer },
    })
    .put('/api/settings', change, options)
    .patch('/api/settings', change, options)
}
