/** Notifications on behalf of a request: what is done is told to the audit log, and receivers are known to administrators alone. */
import { callerOf } from '../http/caller.ts'
import type { Delivery } from './model.ts'
import { notedNotifications } from './noted.ts'
import type { Notifications } from './view-model.ts'

/** The rights over the script that an address names are the guard's to ask. */
export function notificationsFor(notifications: Notifications, request: Request): Notifications {
  const noted = notedNotifications(notifications, request)
  if (callerOf(request).is('admin')) return noted
  return {
    ...noted,
    deliveries(filter, page) {
      const { items, total } = noted.deliveries(filter, page)
      return { items: items.map(withoutReceiver), total }
    },
    delivery: (id) => withoutReceiver(noted.delivery(id)),
    redeliver: (id) => withoutReceiver(noted.redeliver(id)),
  }
}

/**
 * Whether it arrived, and not what was said there: who may run a script has heartbeats go to any address, who edits it has
 * channels tell of it, and what the gateway reaches is neither theirs to read nor to look through for open ports.
 */
const withoutReceiver = (delivery: Delivery): Delivery => ({
  ...delivery,
  ...{ status: null, answer: null, duration_ms: null },
  problem: delivery.problem === null ? null : 'It did not arrive: administrators see why.',
})
