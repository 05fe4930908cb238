/** Every schedule that one sees: as a list, or as a calendar. */
import { count } from '../public/js/format.js'
import type { ScheduleState } from '../src/schedules/model.ts'
import type { SchedulerStatus } from '../src/schedules/view-model.ts'
import { attr, query } from './attr.ts'
import { Calendar, type CalendarProps } from './calendar.tsx'
import { PagerLink } from './executions.tsx'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
import { type ListedSchedule, SchedulesTable } from './schedule-row.tsx'
import { PauseAll, SchedulerNotes } from './schedule-status.tsx'
import { stateWords, Until } from './schedule-words.tsx'
import { Done } from './schedules-tab.tsx'
import { isAtLeast, type Viewed } from './viewer.ts'

export const shownStates = ['active', 'paused', 'broken', 'ended'] as const satisfies ScheduleState[]

export interface SchedulesProps extends Viewed {
  status: SchedulerStatus
  filter: { q: string; state: ScheduleState | null }
  /** Of the page; null where the calendar is shown. */
  list: { schedules: ListedSchedule[]; total: number; page: number; pages: number } | null
  calendar: CalendarProps | null
  /** Whether whoever looks may run any script. */
  mayMark: boolean
  done: string | null
  now: number
}

export const SchedulesPage = (props: SchedulesProps) => {
  const { status, list, calendar, viewer, done, now } = props
  const isAdmin = isAtLeast(viewer, 'admin')
  return (
    <Page title="Schedules" current="schedules" kind="schedules" now={now} viewer={viewer}>
      <div class="head">
        <h1>Schedules</h1>
        <Counts status={status} now={now} />
        <div class="row push">
          {isAtLeast(viewer, 'editor') ? (
            <a class="button quiet" href="/schedules/import">
              <Icon name="upload" />
              Import a crontab
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
  <p>
    {`${count(status.active)} active${status.broken > 0 ? `, ${count(status.broken)} broken` : ''}` as 'safe'}
    {status.next_at === null ? (
      ''
    ) : (
      <>
        {', next '}
        <Until at={status.next_at} now={now} />
      </>
    )}
  </p>
)

const Missed = ({ status, mayMark }: SchedulesProps) =>
  status.missed === 0 ? (
    ''
  ) : (
    <Note
      kind="warn"
      icon="warn"
      id="missed"
      title={status.missed === 1 ? 'One time was missed' : `${count(status.missed)} times were missed`}
    >
      <p>The gateway was not there in time. The schedules with the mark below say which ones.</p>
      {mayMark ? (
        <form class="row" method="post" action="/schedules/seen">
          <button class="small" type="submit">
            <Icon name="eye" />
            Mark all as seen
          </button>
        </form>
      ) : (
        ''
      )}
    </Note>
  )

const Filters = ({ filter: { q, state }, calendar }: SchedulesProps) => (
  <search>
    <form class="filters" aria-label="Filter schedules" action="/schedules" data-autosubmit>
      <nav class="segments links" aria-label="View">
        <a href={`/schedules${query({ q, state })}`} aria-current={calendar === null ? 'page' : undefined}>
          List
        </a>
        <a
          href={`/schedules${query({ view: 'calendar', q, state })}`}
          aria-current={calendar === null ? undefined : 'page'}
        >
          Calendar
        </a>
      </nav>
      <div class="inlay">
        <Icon name="search" />
        <input
          type="search"
          name="q"
          value={attr(q)}
          aria-label="Search schedules"
          placeholder="Search script, words or description"
          autocomplete="off"
          data-search
        />
      </div>
      <fieldset class="chips" aria-label="State">
        {[null, ...shownStates].map((one) => (
          <label class="chip filter">
            <input type="radio" name="state" value={one ?? ''} checked={one === state} />
            {(one === null ? 'All' : stateWords[one]) as 'safe'}
          </label>
        ))}
      </fieldset>
      {calendar === null ? '' : <CalendarHidden {...calendar} />}
      <noscript>
        <button type="submit">Apply</button>
      </noscript>
    </form>
  </search>
)

const CalendarHidden = ({ month, timezone }: CalendarProps) => (
  <>
    <input type="hidden" name="view" value="calendar" />
    <input type="hidden" name="month" value={attr(month)} />
    <input type="hidden" name="timezone" value={attr(timezone)} />
  </>
)

const List = (props: SchedulesProps & { list: NonNullable<SchedulesProps['list']> }) => {
  const { list, filter, now } = props
  if (list.schedules.length === 0) return <Nothing isFiltered={filter.q !== '' || filter.state !== null} />
  return (
    <div class="stack-2">
      <SchedulesTable schedules={list.schedules} back="all" now={now} />
      <Pager {...list} filter={filter} />
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
    <nav class="pager row" aria-label="Pages">
      <span>{`Page ${count(page)} of ${count(pages)}, ${count(total)} schedules` as 'safe'}</span>
      <span class="push" />
      <PagerLink href={page === 1 ? null : at(page - 1)}>
        <Icon name="left" />
        Before
      </PagerLink>
      <PagerLink href={page === pages ? null : at(page + 1)}>
        After
        <Icon name="right" />
      </PagerLink>
    </nav>
  )
}

const Nothing = ({ isFiltered }: { isFiltered: boolean }) => (
  <div class="panel">
    <div class="empty">
      <Icon name={isFiltered ? 'search' : 'calendar'} />
      <h2>{isFiltered ? 'Nothing matches' : 'Nothing is scheduled yet'}</h2>
      <p>
        {isFiltered
          ? 'No schedule has all of that.'
          : 'A script gets its schedules on its own page: open one, and then its tab Schedules.'}
      </p>
      <div class="row">
        <a class="button" href={isFiltered ? '/schedules' : '/'}>
          {isFiltered ? 'Clear the filters' : 'See the scripts'}
        </a>
      </div>
    </div>
  </div>
)
