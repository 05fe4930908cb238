/** Every schedule that one sees: as a list, or as a calendar. */
import { count } from '../public/js/format.js'
import type { AskedState } from '../src/schedules/model.ts'
import type { SchedulerStatus } from '../src/schedules/view-model.ts'
import { ActForm } from './actions.tsx'
import { attr, query } from './attr.ts'
import { Calendar, type CalendarProps } from './calendar.tsx'
import { PagerLink } from './executions.tsx'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
import { type ListedSchedule, SchedulesTable } from './schedule-row.tsx'
import { PauseAll, SchedulerNotes } from './schedule-status.tsx'
import { stateWords, Until } from './schedule-words.tsx'
import { NextTimes, type NextTimesProps } from './schedules-next.tsx'
import { missedTitle } from './schedules-tab.tsx'
import { markup, plural, say, t } from './texts.ts'
import { Done, type DoneProps } from './toast.tsx'
import { isAtLeast, type Viewed } from './viewer.ts'

export const shownStates = ['active', 'paused', 'broken', 'ended', 'missed'] as const satisfies AskedState[]

export interface SchedulesProps extends Viewed {
  status: SchedulerStatus
  filter: { q: string; state: AskedState | null }
  /** Of the page; null where the calendar is shown. */
  list: { schedules: ListedSchedule[]; total: number; page: number; pages: number; next: NextTimesProps } | null
  calendar: CalendarProps | null
  /** Whether whoever looks may run any script. */
  mayMark: boolean
  done: DoneProps | null
  now: number
}

export const SchedulesPage = (props: SchedulesProps) => {
  const { status, list, calendar, viewer, done, now } = props
  const isAdmin = isAtLeast(viewer, 'admin')
  return (
    <Page title={say('Schedules')} current="schedules" kind="schedules" now={now} viewer={viewer}>
      <div class="head">
        <h1>{t('Schedules')}</h1>
        <Counts status={status} now={now} />
        <div class="row push">
          {isAtLeast(viewer, 'editor') ? (
            <a class="button quiet" href="/schedules/import">
              <Icon name="upload" />
              {t('Import a crontab')}
            </a>
          ) : (
            ''
          )}
          {isAdmin && !status.is_paused ? <PauseAll status={status} /> : ''}
        </div>
      </div>
      <Done done={done} />
      <SchedulerNotes status={status} isAdmin={isAdmin} now={now} />
      <Missed {...props} />
      <Filters {...props} />
      {calendar === null ? '' : <Calendar {...calendar} />}
      {list === null ? '' : <List {...props} list={list} />}
    </Page>
  )
}

const Counts = ({ status, now }: { status: SchedulerStatus; now: number }) => (
  <p id="schedule-counts" data-live="schedules">
    {t('{n} active', { n: count(status.active) })}
    {status.broken > 0 ? t(', {n} broken', { n: count(status.broken) }) : ''}
    {status.next_at === null ? '' : markup(', next {time}', { time: <Until at={status.next_at} now={now} /> })}
  </p>
)

const Missed = ({ status, mayMark, filter }: SchedulesProps) =>
  status.missed === 0 ? (
    ''
  ) : (
    <Note kind="warn" icon="warn" id="missed" title={missedTitle(status.missed)}>
      <p>{t('The gateway was not there in time. The schedules with the mark below say which ones.')}</p>
      <div class="row">
        {filter.state === 'missed' ? (
          ''
        ) : (
          <a class="button small" href="/schedules?state=missed">
            {t('Show only these')}
          </a>
        )}
        {mayMark ? <ActForm action="/schedules/seen" icon="eye" word={say('Mark all as seen')} kind="plain" /> : ''}
      </div>
    </Note>
  )

const Filters = ({ filter: { q, state }, status, calendar }: SchedulesProps) => (
  <search>
    <form class="filters" aria-label={t('Filter schedules')} action="/schedules" data-autosubmit>
      <nav class="segments links" aria-label={t('View')}>
        <a href={`/schedules${query({ q, state })}`} aria-current={calendar === null ? 'page' : undefined}>
          {t('List')}
        </a>
        <a
          href={`/schedules${query({ view: 'calendar', q, state })}`}
          aria-current={calendar === null ? undefined : 'page'}
        >
          {t('Calendar')}
        </a>
      </nav>
      <div class="inlay">
        <Icon name="search" />
        <input
          type="search"
          name="q"
          value={attr(q)}
          aria-label={t('Search schedules')}
          placeholder={t('Search script, words or description')}
          autocomplete="off"
          data-search
        />
      </div>
      <fieldset class="chips" aria-label={t('State')}>
        {[null, ...shownStates].filter(isOffered(state, status)).map((one) => (
          <label class="chip filter">
            <input type="radio" name="state" value={one ?? ''} checked={one === state} />
            {t(one === null ? 'All' : stateWords[one])}
          </label>
        ))}
      </fieldset>
      {calendar === null ? '' : <CalendarHidden {...calendar} />}
      <noscript>
        <button type="submit">{t('Apply')}</button>
      </noscript>
    </form>
  </search>
)

/** What was missed is asked for while there is any. */
const isOffered = (state: AskedState | null, status: SchedulerStatus) => (one: AskedState | null) =>
  one !== 'missed' || state === 'missed' || status.missed > 0

const CalendarHidden = ({ month, timezone }: CalendarProps) => (
  <>
    <input type="hidden" name="view" value="calendar" />
    <input type="hidden" name="month" value={attr(month)} />
    <input type="hidden" name="timezone" value={attr(timezone)} />
  </>
)

const List = (props: SchedulesProps & { list: NonNullable<SchedulesProps['list']> }) => {
  const { list, filter, viewer, now } = props
  if (list.schedules.length === 0)
    return <Nothing isFiltered={filter.q !== '' || filter.state !== null} mayImport={isAtLeast(viewer, 'editor')} />
  return (
    <div class="split schedules-list">
      <div class="stack-2">
        <SchedulesTable schedules={list.schedules} back="all" now={now} />
        <Pager {...list} filter={filter} />
      </div>
      <NextTimes {...list.next} />
    </div>
  )
}

const Pager = ({
  page,
  pages,
  total,
  filter,
}: NonNullable<SchedulesProps['list']> & Pick<SchedulesProps, 'filter'>) => {
  if (pages < 2) return ''
  const at = (wanted: number) => `/schedules${query({ ...filter, page: wanted })}`
  return (
    <nav class="pager row" aria-label={t('Pages')}>
      <span>
        {t('Page {page} of {pages}', { page: count(page), pages: count(pages) })}
        {plural(total, ', 1 schedule', ', {n} schedules')}
      </span>
      <span class="push" />
      <PagerLink href={page === 1 ? null : at(page - 1)}>
        <Icon name="left" />
        {t('Before')}
      </PagerLink>
      <PagerLink href={page === pages ? null : at(page + 1)}>
        {t('After')}
        <Icon name="right" />
      </PagerLink>
    </nav>
  )
}

const Nothing = ({ isFiltered, mayImport }: { isFiltered: boolean; mayImport: boolean }) => (
  <div class="panel">
    <div class="empty">
      <Icon name={isFiltered ? 'search' : 'calendar'} />
      <h2>{t(isFiltered ? 'Nothing matches' : 'Nothing is scheduled yet')}</h2>
      <p>
        {isFiltered
          ? t('No schedule has all of that.')
          : t('A script gets its schedules on its own page: open one, and then its tab Schedules.')}
      </p>
      {isFiltered ? (
        ''
      ) : (
        <p>
          {markup('One says when in plain words, such as {first}, or as cron, such as {cron}.', {
            first: <code>every weekday at 9:30</code>,
            cron: <code>30 9 * * 1-5</code>,
          })}
        </p>
      )}
      <div class="row">
        <a class={isFiltered ? 'button' : 'button primary'} href={isFiltered ? '/schedules' : '/'}>
          {t(isFiltered ? 'Clear the filters' : 'See the scripts')}
        </a>
        {!isFiltered && mayImport ? (
          <a class="button" href="/schedules/import">
            <Icon name="upload" />
            {t('Import a crontab')}
          </a>
        ) : (
          ''
        )}
      </div>
    </div>
  </div>
)
