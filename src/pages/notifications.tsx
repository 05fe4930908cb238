/** Notifications for administrators: what the pages show, and what becomes of their forms. */
import { ChannelPage } from '../../views/channel.tsx'
import type { RefusedChannel } from '../../views/channel-inputs.tsx'
import type { NotifyUrlView } from '../../views/channels.tsx'
import { NotificationsPage, type NotificationsProps, notificationsPath } from '../../views/notifications.tsx'
import { say, type Text } from '../../views/texts.ts'
import type { ChannelKind } from '../channels/model.ts'
import { GatewayError } from '../errors.ts'
import type { KindView } from '../notify/view-model.ts'
import type { PageDeps } from './deps.ts'
import { sentence, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'
import { deliveriesProps, freshIn, namesOf } from './notifications-deliveries.tsx'
import { configIn, refusedChannel } from './notifications-form.ts'
import { doneIn, type RefusedRule, ruleFormProps } from './notifications-rules.ts'

export interface Shown {
  search: URLSearchParams
  now: number
}

interface Refusals {
  status?: number
  adding?: NotificationsProps['adding']
  rule?: RefusedRule | null
  refused?: string | null
}

export function showNotifications(deps: PageDeps, { search, now }: Shown, refusals: Refusals = {}): Response {
  const { notifications, viewer } = deps
  const channels = notifications.channels()
  const { rule = null, refused = null, status = 200 } = refusals
  const props: NotificationsProps = {
    ...{ viewer, now, channels, refused },
    kinds: kindsOf(deps),
    notifyUrl: notifyUrlOf(deps),
    rules: notifications.rules(null),
    adding: refusals.adding ?? addingIn(deps, search),
    ruleForm: ruleFormProps(deps, { scriptId: null, path: notificationsPath, channels, search, refused: rule }),
    deliveries: deliveriesProps(deps, { filter: {}, path: notificationsPath, search, now }),
    tested: freshIn(deps, search, 'tested'),
    done: status === 200 ? doneIn(search, notificationsPath) : null,
  }
  return html(<NotificationsPage {...props} />, { status })
}

/** Those that can be made: NOTIFY_URL is a setting, and heartbeats belong to schedules. */
const kindsOf = ({ notifications }: PageDeps): KindView[] =>
  notifications.kinds().filter(({ kind }) => kind !== 'heartbeat')

export const kindOf = ({ notifications }: PageDeps, kind: string): KindView =>
  notifications.kinds().find((one) => one.kind === kind) ?? { kind: kind as ChannelKind, label: kind, fields: [] }

function addingIn(deps: PageDeps, search: URLSearchParams): NotificationsProps['adding'] {
  const wanted = search.get('add')
  return wanted === null ? null : { kind: kindsOf(deps).find(({ kind }) => kind === wanted) ?? null, refused: null }
}

/** Its path is a secret as often as not: only its host is told. */
export function notifyUrlOf({ settings, notifications }: PageDeps): NotifyUrlView | null {
  const setting = (name: string) => settings.list().find((one) => one.name === name)?.value
  const url = setting('notify_url')
  if (typeof url !== 'string' || url === '') return null
  const events = [setting('notify_on') ?? []].flat().map(String)
  return { host: URL.parse(url)?.host ?? '', events, ...notifications.ofNotifyUrl() }
}

const noSuch = {
  channel: 'There is no such channel.',
  rule: 'There is no such rule.',
  delivery: 'There is no such delivery.',
} satisfies Record<string, Text>

/** Throws `not_found` for what is no number of one. */
export function numberOf(text: string | undefined, what: keyof typeof noSuch): number {
  if (!/^[1-9]\d{0,14}$/.test(text ?? '')) throw new GatewayError('not_found', say(noSuch[what]))
  return Number(text)
}

/** 303 to the channel; what is refused comes back as it was typed, secrets aside. */
export function postNewChannel(deps: PageDeps, form: URLSearchParams, now: number): Response {
  const kind = kindsOf(deps).find((one) => one.kind === form.get('kind'))
  if (!kind) throw new GatewayError('validation', '"kind" must be one of those that the page offers.')
  const typed = { name: textIn(form, 'name'), kind: kind.kind, config: withoutEmpty(configIn(form, kind)) }
  const outcome = refusable(form, kind, () => deps.notifications.createChannel(typed).id)
  if (typeof outcome === 'number') return seeOther(`${notificationsPath}/channels/${outcome}?done=added`)
  const adding = { kind, refused: outcome }
  return showNotifications(deps, { search: new URLSearchParams(), now }, { adding, status: outcome.status })
}

/** Of a new one nothing has to go. */
const withoutEmpty = (config: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))

type Refused = RefusedChannel & { status: number }

/** What a form was refused for is data; anything else is thrown on. */
function refusable(form: URLSearchParams, kind: KindView, act: () => number): number | Refused {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { ...refusedChannel(form, kind, error), status: error.status }
  }
}

/** Throws `not_found`. */
export function showChannel(
  deps: PageDeps,
  id: number,
  { search, now, refused = null }: Shown & { refused?: Refused | null },
): Response {
  const { notifications, viewer } = deps
  const channel = notifications.channel(id)
  const nameOf = namesOf(deps)
  const page = (
    <ChannelPage
      {...{ channel, refused, viewer, now }}
      kind={kindOf(deps, channel.kind)}
      tested={freshIn(deps, search, 'tested')}
      done={refused ? null : doneIn(search, notificationsPath)}
      rules={notifications
        .rules()
        .filter((rule) => rule.channel_id === id)
        .map((rule) => ({ rule, script: nameOf(rule.script_id) }))}
      deliveries={deliveriesProps(deps, {
        ...{ filter: { channelId: id }, path: notificationsPath, search, now },
        ...{ listPath: `${notificationsPath}/channels/${id}`, without: 'channel' },
      })}
    />
  )
  return html(page, { status: refused?.status ?? 200 })
}

/** 303 to the channel; what is refused comes back as it was typed, secrets aside. */
export function postChannel(deps: PageDeps, id: number, form: URLSearchParams, now: number): Response {
  const kind = kindOf(deps, deps.notifications.channel(id).kind)
  const change = { name: textIn(form, 'name'), config: configIn(form, kind) }
  const outcome = refusable(form, kind, () => deps.notifications.updateChannel(id, change).id)
  return typeof outcome === 'number'
    ? seeOther(`${notificationsPath}/channels/${id}?done=saved`)
    : showChannel(deps, id, { search: new URLSearchParams(), now, refused: outcome })
}

/** 303 to where it was pressed. */
export function postEnabled({ notifications }: PageDeps, id: number, form: URLSearchParams): Response {
  const enabled = form.get('enabled') === 'yes'
  notifications.updateChannel(id, { enabled })
  const done = enabled ? 'enabled' : 'disabled'
  return seeOther(
    form.get('from') === 'list'
      ? `${notificationsPath}?done=${done}&of=${id}&from=list#channels`
      : `${notificationsPath}/channels/${id}?done=${done}&of=${id}`,
  )
}

/** 303 to the channel, which says what came of it. */
export async function postTest({ notifications }: PageDeps, id: number): Promise<Response> {
  const { id: delivery } = await notifications.testChannel(id)
  return seeOther(`${notificationsPath}/channels/${id}?tested=${delivery}`)
}

/** The same of NOTIFY_URL; without one the page says so. */
export async function postNotifyUrlTest(deps: PageDeps, now: number): Promise<Response> {
  return refusedOnPage(deps, now, async () => {
    const { id } = await deps.notifications.testNotifyUrl()
    return `${notificationsPath}?tested=${id}`
  })
}

export const postDeleteChannel = (deps: PageDeps, id: number, now: number) =>
  refusedOnPage(deps, now, () => {
    deps.notifications.removeChannel(id)
    return `${notificationsPath}?done=channel-deleted&of=${id}#channels`
  })

/** 303 to the channel that is back; why it cannot be is told on the page. */
export const postRestoreChannel = (deps: PageDeps, id: number, now: number) =>
  refusedOnPage(deps, now, () => {
    deps.notifications.restoreChannel(id)
    return `${notificationsPath}/channels/${id}?done=channel-restored`
  })

/** The same of a rule for all scripts. */
export const postRestoreRule = (deps: PageDeps, id: number, now: number) =>
  refusedOnPage(deps, now, () => {
    deps.notifications.restoreRule(null, id)
    return `${notificationsPath}?done=rule-restored#rules`
  })

/** 303 to where it says; what is refused is told on the page, above everything. */
export async function refusedOnPage(
  deps: PageDeps,
  now: number,
  act: () => string | Promise<string>,
): Promise<Response> {
  try {
    return seeOther(await act())
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const refused = sentence(error.message)
    return showNotifications(deps, { search: new URLSearchParams(), now }, { refused, status: error.status })
  }
}
