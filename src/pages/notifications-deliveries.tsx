/** Deliveries on the pages of notifications, of channels and of scripts: which are listed, one of them, and sending again. */
import type { DeliveriesProps, NamedDelivery } from '../../views/deliveries.tsx'
import { DeliveryPage } from '../../views/delivery.tsx'
import { notificationsPath } from '../../views/notifications.tsx'
import { scriptNotificationsPath } from '../../views/notifications-script.tsx'
import { scriptName } from '../../views/parts.tsx'
import { say } from '../../views/texts.ts'
import { isAtLeast } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import { type Delivery, deliveryStates } from '../notify/model.ts'
import type { DeliveryFilter } from '../notify/view-model.ts'
import type { Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { oneOf } from './form.ts'
import { html, seeOther } from './html.tsx'

const pageSize = 25

interface Wanted {
  filter: DeliveryFilter
  /** Below which one delivery is. */
  path: string
  /** Of the page that lists them, where that is another. */
  listPath?: string
  search: URLSearchParams
  without?: DeliveriesProps['without']
  now: number
}

export function deliveriesProps(
  deps: PageDeps,
  { filter, path, listPath = path, search, without, now }: Wanted,
): DeliveriesProps {
  const state = oneOf(deliveryStates, search.get('state'))
  const asked = search.get('page') ?? ''
  const page = /^[1-9]\d{0,6}$/.test(asked) ? Number(asked) : 1
  const { items, total } = deps.notifications.deliveries(
    { ...filter, state: state ?? undefined },
    { limit: pageSize, offset: (page - 1) * pageSize },
  )
  return { deliveries: named(deps, items), ...{ total, state, path, listPath, page, pageSize, without, now } }
}

function named(deps: PageDeps, items: Delivery[]): NamedDelivery[] {
  const nameOf = namesOf(deps)
  const channels = new Map(deps.notifications.channels().map(({ id, name }) => [id, name]))
  return items.map((delivery) => ({
    delivery,
    script: nameOf(delivery.script_id),
    channel: delivery.channel_id === null ? withoutChannel(delivery) : (channels.get(delivery.channel_id) ?? null),
  }))
}

/** Of a script by its number; null where there is none, or none that one sees. A page looks at few of many. */
export function namesOf({ scripts }: Pick<PageDeps, 'scripts'>) {
  const known = new Map<number, string | null>()
  return (id: number | null): string | null => {
    if (id === null) return null
    if (!known.has(id)) {
      const found = scripts.find(String(id))
      known.set(id, found ? scriptName(found.script) : null)
    }
    return known.get(id) ?? null
  }
}

const withoutChannel = ({ kind }: Delivery) => (kind === 'heartbeat' ? say('Heartbeat') : 'NOTIFY_URL')

/** The one that the address names under `name`; null where there is none, or no more. */
export function freshIn({ notifications }: PageDeps, search: URLSearchParams, name: string): Delivery | null {
  const text = search.get(name) ?? ''
  if (!/^[1-9]\d{0,14}$/.test(text)) return null
  try {
    return notifications.delivery(Number(text))
  } catch (error) {
    if (error instanceof GatewayError && error.type === 'not_found') return null
    throw error
  }
}

/** `script`: on the pages of this one, of which it has to be. Throws `not_found`. */
export function showDelivery(
  deps: PageDeps,
  id: number,
  { script = null, search, now }: { script?: Script | null; search: URLSearchParams; now: number },
): Response {
  const delivery = findDelivery(deps, id, script)
  const [row] = named(deps, [delivery])
  const isAdmin = isAtLeast(deps.viewer, 'admin')
  const { channel_id } = delivery
  const href = isAdmin && channel_id !== null ? `${notificationsPath}/channels/${channel_id}` : null
  return html(
    <DeliveryPage
      {...{ delivery, now, viewer: deps.viewer }}
      script={row!.script}
      channel={row!.channel === null ? null : { name: row!.channel, href }}
      list={{
        href: pathFor(script),
        word: script === null ? say('Notifications') : say('Notifications of {script}', { script: scriptName(script) }),
      }}
      isFresh={search.has('again')}
    />,
  )
}

/** 303 to the new one. Throws `not_found`. */
export function postRedeliver(deps: PageDeps, id: number, script: Script | null = null): Response {
  findDelivery(deps, id, script)
  const again = deps.notifications.redeliver(id)
  return seeOther(`${pathFor(script)}/deliveries/${again.id}?again=1`)
}

const pathFor = (script: Script | null) => (script === null ? notificationsPath : scriptNotificationsPath(script.id))

/** One of another script is not there for whoever may edit this one. */
function findDelivery({ notifications }: PageDeps, id: number, script: Script | null): Delivery {
  const delivery = notifications.delivery(id)
  if (script !== null && delivery.script_id !== script.id)
    throw new GatewayError('not_found', say('There is no such delivery.'))
  return delivery
}
