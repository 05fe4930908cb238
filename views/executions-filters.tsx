/** What the list of all runs is filtered and sorted by: every combination has an address. */
import type { RunStatus, Trigger } from '../src/runs/model.ts'
import type { RunOrder } from '../src/runs/search.ts'
import { attr, query } from './attr.ts'
import { Icon, runStatusNames, statusWord, triggerOf } from './parts.tsx'
import { say, type Text, t } from './texts.ts'

/** As the address has it; a place is where a page goes on. */
export interface RunsAsked {
  scriptId: number | null
  statuses: RunStatus[]
  trigger: Trigger | null
  user: string
  range: RangeName
  /** In UTC, as `datetime-local` writes it; of the range `between`. */
  from: string
  to: string
  q: string
  sort: RunOrder
  before: string
  after: string
}

export const rangeNames = ['', '1h', '24h', '7d', '30d', 'between'] as const
export type RangeName = (typeof rangeNames)[number]

const rangeWords = {
  '': 'Any time',
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  between: 'Between…',
} satisfies Record<RangeName, Text>

const triggers: Trigger[] = ['form', 'api', 'schedule', 'webhook', 'retry']

export const orders = ['newest', 'oldest', 'longest'] as const
const orderWords = { newest: 'Newest first', oldest: 'Oldest first', longest: 'Longest first' } satisfies Record<
  RunOrder,
  Text
>

/** The address of a list; `other`: what of it is another. */
export const runsHref = (asked: RunsAsked, other: Partial<RunsAsked> = {}, path = '/executions'): string => {
  const all = { ...asked, ...other }
  const { scriptId, statuses, trigger, user, range, from, to, q, sort, before, after } = all
  return `${path}${query({
    ...{ q, script_id: scriptId, status: statuses, trigger, user, range },
    ...(range === 'between' && { from, to }),
    ...{ sort: sort === 'newest' ? null : sort, before, after },
  })}`
}

/** From the beginning of the list. */
export const firstPage: Pick<RunsAsked, 'before' | 'after'> = { before: '', after: '' }

export const noFilters: Omit<RunsAsked, 'sort'> = {
  ...{ scriptId: null, statuses: [], trigger: null, user: '', range: '', from: '', to: '', q: '' },
  ...firstPage,
}

export const isFiltered = ({ scriptId, statuses, trigger, user, range, q }: RunsAsked): boolean =>
  scriptId !== null || statuses.length > 0 || trigger !== null || user !== '' || range !== '' || q !== ''

interface FiltersProps {
  asked: RunsAsked
  scripts: { id: number; name: string }[]
  /** Who has asked for runs, as far as the visitor may know. */
  users: string[]
}

/** Plain fields: without JavaScript a button sends them. */
export const Filters = ({ asked, scripts, users }: FiltersProps) => (
  <search>
    <form
      class="filters"
      id="filters"
      aria-label={t('Filter runs')}
      action="/executions"
      hx-get="/executions"
      hx-target="#results"
      hx-select="#results"
      hx-swap="outerMorph"
      hx-trigger="input delay:200ms, submit"
      hx-sync="this:replace"
      data-run-filters
    >
      <div class="inlay">
        <Icon name="search" />
        <input
          type="search"
          name="q"
          id="filter-q"
          value={attr(asked.q)}
          maxlength="200"
          aria-label={t('Search runs')}
          placeholder={t('Run number, script, parameter or error')}
          data-search
          autocomplete="off"
        />
        <kbd>/</kbd>
      </div>
      <select name="script_id" aria-label={t('Script')}>
        <option value="">{t('All scripts')}</option>
        {scriptOptions(scripts, asked.scriptId) as 'safe'}
      </select>
      <select name="trigger" aria-label={t('Trigger')}>
        <option value="">{t('All triggers')}</option>
        {triggers.map((trigger) => (
          <option value={trigger} selected={trigger === asked.trigger}>
            {triggerOf(trigger).word as 'safe'}
          </option>
        ))}
      </select>
      <select name="user" aria-label={t('User')}>
        <option value="">{t('Everyone')}</option>
        {users.map((user) => (
          <option value={attr(user)} selected={user === asked.user} safe>
            {user}
          </option>
        ))}
      </select>
      <select name="range" aria-label={t('Time range')} data-range>
        {rangeNames.map((range) => (
          <option value={range} selected={range === asked.range}>
            {t(rangeWords[range])}
          </option>
        ))}
      </select>
      <select name="sort" aria-label={t('Order')}>
        {orders.map((order) => (
          <option value={order} selected={order === asked.sort}>
            {t(orderWords[order])}
          </option>
        ))}
      </select>
      <fieldset class="between" id="between" data-between={asked.range === 'between' ? 'open' : undefined}>
        <legend class="sr">{t('Between these times (UTC)')}</legend>
        <Moment name="from" word={say('From')} value={asked.from} />
        <Moment name="to" word={say('To')} value={asked.to} />
        <span class="muted">UTC</span>
      </fieldset>
      <fieldset class="chips" aria-label={t('Status')}>
        {runStatusNames.map((one) => (
          <label class="chip filter" data-status={one}>
            <input type="checkbox" name="status" value={one} checked={asked.statuses.includes(one)} />
            <Icon name={one} />
            {statusWord(one) as 'safe'}
          </label>
        ))}
      </fieldset>
      <noscript>
        <button type="submit">{t('Apply')}</button>
      </noscript>
    </form>
  </search>
)

/** A thousand of them: as text, for elements would take longer than the rest of the page. */
const scriptOptions = (scripts: FiltersProps['scripts'], chosen: number | null): string =>
  scripts
    .map(({ id, name }) => `<option value="${id}"${id === chosen ? ' selected' : ''}>${Bun.escapeHTML(name)}</option>`)
    .join('')

const Moment = ({ name, word, value }: { name: string; word: string; value: string }) => (
  <label class="row">
    <span safe>{word}</span>
    <input type="datetime-local" name={attr(name)} value={attr(value)} />
  </label>
)

/** What the charts and the list are of, in words. */
export const rangeWord = (range: RangeName) => t(rangeWords[range])
