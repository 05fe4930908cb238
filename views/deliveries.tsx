/** What became of notifications: newest first, with filters and pages. Fragment: #deliveries. */
import { count } from '../public/js/format.js'
import type { Delivery, DeliveryState } from '../src/notify/model.ts'
import { ActForm } from './actions.tsx'
import { Arrivals } from './arrivals.tsx'
import { attr, query } from './attr.ts'
import { PagerLink } from './executions.tsx'
import { eventWord, whatWords } from './notification-words.ts'
import { Ago, Icon } from './parts.tsx'
import { say, type Text, t } from './texts.ts'

export interface NamedDelivery {
  delivery: Delivery
  /** Null where its script is gone, or where it is of none. */
  script: string | null
  /** NOTIFY_URL, Heartbeat, or the name of its channel; null where that is gone. */
  channel: string | null
}

export interface DeliveriesProps {
  deliveries: NamedDelivery[]
  total: number
  state: DeliveryState | null
  /** Below it is `/deliveries/ID`. */
  path: string
  /** Where the filters and pages are. */
  listPath: string
  /** From 1. */
  page: number
  pageSize: number
  /** Columns that say the same in every row. */
  without?: 'channel' | 'script'
  now: number
}

const states: Record<DeliveryState, { word: Text; icon: string; status: string }> = {
  pending: { word: 'Waits', icon: 'queued', status: 'queued' },
  held: { word: 'Held back', icon: 'pause', status: 'queued' },
  sent: { word: 'Sent', icon: 'success', status: 'success' },
  failed: { word: 'Given up', icon: 'failed', status: 'failed' },
  joined: { word: 'Told with others', icon: 'link', status: 'cancelled' },
}

/** A heartbeat has no text. */
export const titleOf = ({ title, kind, event }: Delivery) =>
  title || (kind === 'heartbeat' ? say('Heartbeat') : eventWord(event))

const stateNames = Object.keys(states) as DeliveryState[]

/** Always icon and word; the colours are those of runs. */
export const DeliveryStateOf = ({ state, pill = false }: { state: DeliveryState; pill?: boolean }) => (
  <span class={pill ? 'status pill' : 'status'} data-status={states[state].status}>
    <Icon name={states[state].icon} />
    {t(states[state].word)}
  </span>
)

export const DeliveriesPanel = (props: DeliveriesProps) => (
  <section class="stack-2" id="deliveries" aria-labelledby="h-deliveries">
    <div class="row">
      <h2 id="h-deliveries">{t('Deliveries')}</h2>
      <span class="count" id="delivery-count" data-live="deliveries">
        {count(props.total) as 'safe'}
      </span>
    </div>
    <Filters {...props} />
    <div id="delivery-list" data-live={props.deliveries.length === 0 ? 'deliveries' : undefined}>
      {props.deliveries.length === 0 ? <None {...props} /> : <Table {...props} />}
    </div>
  </section>
)

const Filters = ({ listPath, state, total }: DeliveriesProps) =>
  total === 0 && state === null ? (
    ''
  ) : (
    <search>
      <form class="filters" aria-label={t('Filter deliveries')} action={attr(`${listPath}#deliveries`)} data-autosubmit>
        <fieldset class="chips" aria-label={t('Status')}>
          {[null, ...stateNames].map((one) => (
            <label class="chip filter" data-status={one === null ? undefined : states[one].status}>
              <input type="radio" name="state" value={one ?? ''} checked={one === state} />
              {one === null ? '' : <Icon name={states[one].icon} />}
              {t(one === null ? 'All' : states[one].word)}
            </label>
          ))}
        </fieldset>
        <noscript>
          <button type="submit">{t('Apply')}</button>
        </noscript>
      </form>
    </search>
  )

const None = ({ state }: DeliveriesProps) => (
  <div class="panel">
    <p class="body muted">
      {t(state === null ? 'Nothing has been sent yet.' : 'Nothing matches: no delivery is in this state.')}
    </p>
  </div>
)

const Table = (props: DeliveriesProps) => (
  <div class="table-wrap">
    <Arrivals id="deliveries-arrived" />
    <table class="stack deliveries">
      <caption class="sr">{t('Deliveries')}</caption>
      <thead>
        <tr>
          <th>{t('Status')}</th>
          <th>{t('What')}</th>
          {props.without === 'script' ? '' : <th class="p1">{t('Script')}</th>}
          {props.without === 'channel' ? '' : <th class="p1">{t('To|receiver')}</th>}
          <th class="p1 p2">{t('Run')}</th>
          <th class="p1 n">{t('Tries')}</th>
          <th class="p1 p2 n">{t('Answer')}</th>
          <th>{t('When')}</th>
          <th>
            <span class="sr">{t('Actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody id="delivery-rows" data-live-list={props.page === 1 ? 'deliveries-arrived' : undefined}>
        {props.deliveries.map((row) => (
          <Row {...props} {...row} />
        ))}
      </tbody>
    </table>
    <Pager {...props} />
  </div>
)

const Row = ({ delivery, script, channel, path, without, now }: DeliveriesProps & NamedDelivery) => (
  <tr id={`delivery-${delivery.id}`} data-live="deliveries">
    <td class="line">
      <DeliveryStateOf state={delivery.state} />
      {delivery.problem ? (
        <small class="two-lines reason" title={attr(delivery.problem)} safe>
          {delivery.problem}
        </small>
      ) : (
        ''
      )}
    </td>
    <td class="c-name any-wrap">
      <a href={attr(`${path}/deliveries/${delivery.id}`)} data-open-row safe>
        {titleOf(delivery)}
      </a>
      <small safe>{whatWords(delivery)}</small>
    </td>
    {without === 'script' ? (
      ''
    ) : (
      <td class="p1 any-wrap">
        {delivery.script_id === null ? '–' : <ScriptLink id={delivery.script_id} name={script} />}
      </td>
    )}
    {without === 'channel' ? (
      ''
    ) : (
      <td class="p1 any-wrap" safe>
        {channel ?? say('A channel that is gone')}
      </td>
    )}
    <td class="p1 p2">{delivery.run_id === null ? '–' : <RunLink id={delivery.run_id} />}</td>
    <td class="p1 n">{count(delivery.attempts) as 'safe'}</td>
    <td class="p1 p2 n">{(delivery.status ?? '–') as 'safe'}</td>
    <td class="c-when muted">
      <Ago at={delivery.created_at} now={now} />
    </td>
    <td class="acts">{delivery.state === 'failed' ? <SendAgain delivery={delivery} path={path} isSmall /> : ''}</td>
  </tr>
)

/** `path`: below it is `/deliveries/ID`. What waits goes out by itself, and an old heartbeat would not be true any more. */
export const SendAgain = ({
  delivery,
  path,
  isSmall = false,
}: {
  delivery: Delivery
  path: string
  isSmall?: boolean
}) =>
  isOver(delivery) && delivery.kind !== 'heartbeat' ? (
    <ActForm
      action={`${path}/deliveries/${delivery.id}/redeliver`}
      {...{ icon: 'refresh', word: say('Send again'), kind: 'plain', isSmall }}
      label={isSmall ? say('Send again: {title}', { title: titleOf(delivery) }) : say('Send again')}
      title={say('Send again')}
      confirm={{
        question: say('Send it again?'),
        text: say('The same text goes out once more, as a new delivery.'),
        yes: say('Send it again'),
        no: say('Leave it'),
      }}
    />
  ) : (
    ''
  )

const isOver = ({ state }: Delivery) => state !== 'pending' && state !== 'held'

export const ScriptLink = ({ id, name }: { id: number; name: string | null }) => (
  <a href={`/scripts/${id}`} safe>
    {name ?? say('Script {id}', { id })}
  </a>
)

export const RunLink = ({ id }: { id: number }) => (
  <a class="mono" href={`/executions/${id}`}>
    {`#${count(id)}` as 'safe'}
  </a>
)

const Pager = ({ page, pageSize, total, listPath, state }: DeliveriesProps) => {
  const pages = Math.max(1, Math.ceil(total / pageSize))
  const to = (one: number) => `${attr(listPath)}${query({ state, page: one })}#deliveries`
  return pages < 2 ? (
    ''
  ) : (
    <nav class="pager" aria-label={t('Pages')}>
      <span>{t('Page {page} of {pages}', { page: count(page), pages: count(pages) })}</span>
      <span class="push" />
      <PagerLink href={page > 1 ? to(page - 1) : null}>
        <Icon name="left" />
        {t('Newer')}
      </PagerLink>
      <PagerLink href={page < pages ? to(page + 1) : null}>
        {t('Older')}
        <Icon name="right" />
      </PagerLink>
    </nav>
  )
}
