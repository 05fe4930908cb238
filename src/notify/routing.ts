/** What the routes of notifications share. */
import type { Receive } from '../files/receive.ts'
import { forRole, forScript } from '../http/caller.ts'
import type { Setting } from '../settings/settings.ts'
import type { DeliveryFilter, Notifications } from './view-model.ts'

export interface NotifyRoutesDeps {
  notifications: Notifications
  receive: Receive
  setting: Setting
  /** Throws `not_found`. */
  scriptId(idOrSlug: string): number
  tagsOf(scriptId: number): readonly string[]
}

export interface Answering {
  request: Request
  set: { status?: number | string; headers: Record<string, string | number> }
}

export const list = <T>(items: T[]) => ({ items, total: items.length, page: 1, page_size: items.length })
export const gone = () => new Response(null, { status: 204 })
export const admin = forRole('admin')
export const editor = forScript('edit')
export const empty = { parse: 'none' as const }

/** Within the limit of a body; the second one is for the document, and finds the body read. */
export const bodyOf = ({ receive }: NotifyRoutesDeps) => [
  ({ request }: { request: Request }) => receive.json(request),
  'json' as const,
]

export function made<T extends { id: number }>({ set }: Answering, path: string, thing: T): T {
  set.status = 201
  set.headers.location = `${path}/${thing.id}`
  return thing
}

export function deliveryPage(
  notifications: Notifications,
  filter: DeliveryFilter,
  { page, page_size }: { page: number; page_size: number },
) {
  return { ...notifications.deliveries(filter, { limit: page_size, offset: (page - 1) * page_size }), page, page_size }
}

export const aboutTests = 'One try, past quiet hours and limits; the answer says what came of it.'
