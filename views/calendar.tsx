/** A month of what is due. On a phone it is a list of the days that have something. */
import { count } from '../public/js/format.js'
import { attr, query } from './attr.ts'
import { Icon } from './parts.tsx'
import { gap, listed, say, type Text, t } from './texts.ts'

export interface ShownEntry {
  scriptId: number
  scheduleId: number
  script: string
  /** The script has others on this day: they are told apart. */
  isOneOfSeveral: boolean
  words: string
  description: string
  /** On this day: `09:30`. */
  times: string[]
  count: number
  /** There are more than `count`. */
  isMore: boolean
}

export interface ShownDay {
  /** `2027-03-14` */
  date: string
  day: number
  /** `Sunday 14 March` */
  name: string
  isToday: boolean
  isPast: boolean
  isOtherMonth: boolean
  /** Times, of all entries. */
  total: number
  /** Others may be due that there was no room for. */
  isCut: boolean
  /** There are, or may be, more than `total`. */
  isMore: boolean
  /** Entries that the month does not show. */
  hidden: number
  /** The first ones; of the chosen day all. */
  entries: ShownEntry[]
}

export interface CalendarProps {
  /** `March 2027` */
  title: string
  month: string
  /** null: that is over. */
  before: string | null
  after: string
  timezone: string
  zoneError: string | null
  zones: string[]
  /** Why nothing can be shown. */
  problem: string | null
  /** Of so many schedules that are due first, because there are more than fit; null: all of them. */
  cut: number | null
  /** Whole weeks, Monday first. */
  days: ShownDay[]
  /** The day that is shown with all that it has. */
  chosen: ShownDay | null
  /** Whether somebody chose it; where nobody has, it is today, and a phone has no room for it. */
  isChosen: boolean
  filter: { q: string; state: string }
}

export const Calendar = (props: CalendarProps) => {
  const { title, timezone, days, chosen, problem } = props
  return (
    <div class="split side">
      <section class="panel" aria-labelledby="h-month">
        <header class="month-head">
          <h2 id="h-month" safe>
            {title}
          </h2>
          <MonthLinks {...props} />
          <span class="push" />
          <Zone {...props} />
        </header>
        <table class="month">
          <caption class="sr">
            {t('What is due in {month}, on the clock of {timezone}', { month: title, timezone })}
          </caption>
          <thead>
            <tr>
              {weekdays.map((name) => (
                <th>{t(name)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeksOf(days).map((week) => (
              <tr>
                {week.map((day) => (
                  <Day {...props} day={day} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {problem !== null ? (
          <p class="body muted">
            <span safe>{problem}</span> {t('Search for some of them above.')}
          </p>
        ) : days.every(({ entries }) => entries.length === 0) ? (
          <p class="body muted">{t('Nothing is due in these weeks.')}</p>
        ) : props.cut !== null ? (
          <p class="body muted">
            {t('There is room for the {n} schedules that are due first.', { n: count(props.cut) })}
            {gap()}
            {t('Search for some of them above.')}
          </p>
        ) : (
          ''
        )}
      </section>
      {chosen === null ? '' : <DayPanel {...props} day={chosen} />}
    </div>
  )
}

const MonthLinks = (props: CalendarProps) => {
  const { before, after } = props
  return (
    <span class="row">
      {before === null ? (
        <span class="button quiet only small" aria-disabled="true">
          <Icon name="left" />
        </span>
      ) : (
        <a class="button quiet only small" href={at(props, { month: before })} aria-label={t('The month before')}>
          <Icon name="left" />
        </a>
      )}
      <a class="button quiet only small" href={at(props, { month: after })} aria-label={t('The month after')}>
        <Icon name="right" />
      </a>
      {before === null ? (
        ''
      ) : (
        <a class="button quiet small" href={at(props, { month: '' })}>
          {t('This month')}
        </a>
      )}
    </span>
  )
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] satisfies Text[]

const weeksOf = (days: ShownDay[]) =>
  Array.from({ length: Math.ceil(days.length / 7) }, (_, week) => days.slice(7 * week, 7 * week + 7))

const at = ({ month, timezone, filter }: CalendarProps, change: { month?: string; day?: string }) =>
  `/schedules${query({ view: 'calendar', ...filter, timezone, month, ...change })}`

const Zone = ({ month, timezone, zones, zoneError, filter }: CalendarProps) => (
  <form class="row" action="/schedules" aria-label={t('Time zone')}>
    <input type="hidden" name="view" value="calendar" />
    <input type="hidden" name="month" value={attr(month)} />
    {filter.q === '' ? '' : <input type="hidden" name="q" value={attr(filter.q)} />}
    {filter.state === '' ? '' : <input type="hidden" name="state" value={attr(filter.state)} />}
    <input
      class="zone"
      name="timezone"
      list="zones"
      value={attr(timezone)}
      aria-label={t('Time zone')}
      aria-invalid={zoneError === null ? undefined : 'true'}
      aria-describedby={zoneError === null ? undefined : 'zone-error'}
      autocomplete="off"
      spellcheck="false"
    />
    <datalist id="zones">
      {zones.map((name) => (
        <option value={attr(name)} />
      ))}
    </datalist>
    <button class="small" type="submit">
      {t('Show')}
    </button>
    {zoneError === null ? (
      ''
    ) : (
      <p class="error" id="zone-error">
        <Icon name="warn" />
        <span safe>{zoneError}</span>
      </p>
    )}
  </form>
)

/** Of a day in the month. */
export const entriesShown = 3

const Day = ({ day, ...props }: CalendarProps & { day: ShownDay }) => {
  const isChosen = props.chosen?.date === day.date
  const { total, hidden } = day
  const classes = [...[day.isOtherMonth && 'other', day.isPast && 'past', total === 0 && 'none'], isChosen && 'chosen']
  return (
    <td class={classes.filter(Boolean).join(' ')} aria-current={day.isToday ? 'date' : undefined}>
      {total === 0 ? (
        <span class="date">
          <span class="number">{day.day}</span>
        </span>
      ) : (
        <a class="date" href={`${at(props, { day: day.date })}#day`} aria-current={isChosen ? 'true' : undefined}>
          <span class="day-name" safe>
            {day.name}
          </span>
          <span class="number not-phone" aria-hidden="true">
            {day.day}
          </span>
          {day.isMore ? (
            <span class="count">
              <span aria-hidden="true" safe>{`${count(total)}+`}</span>
              <span class="sr">{t('at least {n} times', { n: count(total) })}</span>
            </span>
          ) : (
            <span class="count">
              {count(total) as 'safe'} <span class="sr">{t(total === 1 ? 'time' : 'times')}</span>
            </span>
          )}
        </a>
      )}
      {day.entries.slice(0, entriesShown).map((entry) => (
        <Entry entry={entry} />
      ))}
      {hidden > 0 ? (
        <a class="entry muted" href={`${at(props, { day: day.date })}#day`}>
          {t('{n} more', { n: `${count(hidden)}${day.isCut ? '+' : ''}` })}
        </a>
      ) : (
        ''
      )}
    </td>
  )
}

const Entry = ({ entry }: { entry: ShownEntry }) => (
  <a
    class="entry"
    href={`/scripts/${entry.scriptId}/schedules/${entry.scheduleId}`}
    title={attr([entry.script, entry.words, entry.description].filter((text) => text !== '').join(': '))}
  >
    <span class="num" safe>
      {entry.count > 1 ? `${countOf(entry)}×` : (entry.times[0] ?? '')}
    </span>
    <span class="cut" safe>
      {entry.isOneOfSeveral ? `${entry.script}: ${entry.description || entry.words}` : entry.script}
    </span>
  </a>
)

const DayPanel = ({ day, isChosen }: CalendarProps & { day: ShownDay }) => (
  <section class={isChosen ? 'panel' : 'panel not-phone'} id="day" aria-labelledby="h-day">
    <header>
      <h2 id="h-day" safe>
        {day.name}
      </h2>
      {day.isToday ? <span class="chip">{t('Today')}</span> : ''}
    </header>
    {day.entries.length === 0 ? (
      <p class="body muted">{t('Nothing is due.')}</p>
    ) : (
      <ul class="day-entries">
        {day.entries.map((entry) => (
          <li>
            <a href={`/scripts/${entry.scriptId}/schedules/${entry.scheduleId}`} safe>
              {entry.script}
            </a>
            <span class="muted" safe>
              {[entry.words, entry.description].filter((text) => text !== '').join(' · ')}
            </span>
            <small safe>{timesOf(entry)}</small>
          </li>
        ))}
        <Unlisted {...day} />
      </ul>
    )}
  </section>
)

/** What the list of a day has no room for. */
const Unlisted = ({ hidden, entries, isCut }: ShownDay) => {
  const rest = hidden === 0 ? 0 : hidden + entriesShown - entries.length
  return rest > 0 ? <li class="muted">{t('{n} more', { n: `${count(rest)}${isCut ? '+' : ''}` })}</li> : ''
}

const countOf = ({ count: known, isMore }: ShownEntry) => `${count(known)}${isMore ? '+' : ''}`

function timesOf({ times: shown, count: known, isMore }: ShownEntry): string {
  const rest = known - shown.length
  const words = listed(shown)
  if (rest <= 0 && !isMore) return words
  const values = { times: words, n: count(rest) }
  return isMore ? say('{times} and more than {n} more', values) : say('{times} and {n} more', values)
}
