/** A month of what is due. On a phone it is a list of the days that have something. */
import { count } from '../public/js/format.js'
import { attr, query } from './attr.ts'
import { Icon } from './parts.tsx'

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
  /** Whole weeks, Monday first. */
  days: ShownDay[]
  /** The day that is shown with all that it has. */
  chosen: ShownDay | null
  filter: { q: string; state: string }
}

export const Calendar = (props: CalendarProps) => {
  const { title, before, after, timezone, days, chosen, problem } = props
  return (
    <div class="stack-4">
      <section class="panel" aria-labelledby="h-month">
        <header>
          {before === null ? (
            ''
          ) : (
            <a class="button quiet only small" href={at(props, { month: before })} aria-label="The month before">
              <Icon name="left" />
            </a>
          )}
          <h2 id="h-month" safe>
            {title}
          </h2>
          <a class="button quiet only small" href={at(props, { month: after })} aria-label="The month after">
            <Icon name="right" />
          </a>
          <span class="push" />
          <Zone {...props} />
        </header>
        <table class="month">
          <caption class="sr" safe>{`What is due in ${title}, on the clock of ${timezone}`}</caption>
          <thead>
            <tr>
              {weekdays.map((name) => (
                <th>{name as 'safe'}</th>
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
          <p class="body muted" safe>
            {`${problem} Search for some of them above.`}
          </p>
        ) : days.every(({ entries }) => entries.length === 0) ? (
          <p class="body muted">Nothing is due in these weeks.</p>
        ) : (
          ''
        )}
      </section>
      {chosen === null ? '' : <DayPanel day={chosen} />}
    </div>
  )
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const weeksOf = (days: ShownDay[]) =>
  Array.from({ length: Math.ceil(days.length / 7) }, (_, week) => days.slice(7 * week, 7 * week + 7))

const at = ({ month, timezone, filter }: CalendarProps, change: { month?: string; day?: string }) =>
  `/schedules${query({ view: 'calendar', ...filter, timezone, month, ...change })}`

const Zone = ({ month, timezone, zones, zoneError, filter }: CalendarProps) => (
  <form class="row" action="/schedules" aria-label="Time zone">
    <input type="hidden" name="view" value="calendar" />
    <input type="hidden" name="month" value={attr(month)} />
    {filter.q === '' ? '' : <input type="hidden" name="q" value={attr(filter.q)} />}
    {filter.state === '' ? '' : <input type="hidden" name="state" value={attr(filter.state)} />}
    <input
      class="zone"
      name="timezone"
      list="zones"
      value={attr(timezone)}
      aria-label="Time zone"
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
      Show
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

const entriesShown = 3

const Day = ({ day, ...props }: CalendarProps & { day: ShownDay }) => {
  const total = day.entries.reduce((sum, entry) => sum + entry.count, 0)
  const hidden = day.entries.length - entriesShown
  const classes = [day.isOtherMonth && 'other', day.isPast && 'past', total === 0 && 'none'].filter(Boolean).join(' ')
  return (
    <td class={classes} aria-current={day.isToday ? 'date' : undefined}>
      {total === 0 ? (
        <span class="date">{day.day}</span>
      ) : (
        <a class="date" href={`${at(props, { day: day.date })}#day`}>
          <span class="day-name" safe>
            {day.name}
          </span>
          <span class="not-phone" aria-hidden="true">
            {day.day}
          </span>
          <span class="count">
            {count(total) as 'safe'} <span class="sr">{total === 1 ? 'time' : 'times'}</span>
          </span>
        </a>
      )}
      {day.entries.slice(0, entriesShown).map((entry) => (
        <Entry entry={entry} />
      ))}
      {hidden > 0 ? (
        <a class="entry muted" href={`${at(props, { day: day.date })}#day`}>
          {`${hidden} more` as 'safe'}
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

const DayPanel = ({ day }: { day: ShownDay }) => (
  <section class="panel" id="day" aria-labelledby="h-day">
    <header>
      <h2 id="h-day" safe>
        {day.name}
      </h2>
    </header>
    {day.entries.length === 0 ? (
      <p class="body muted">Nothing is due.</p>
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
      </ul>
    )}
  </section>
)

const countOf = ({ count: known, isMore }: ShownEntry) => `${count(known)}${isMore ? '+' : ''}`

function timesOf({ times: shown, count: known, isMore }: ShownEntry): string {
  const rest = known - shown.length
  const words = shown.join(', ')
  return rest > 0 || isMore ? `${words} and ${isMore ? 'more than ' : ''}${count(rest)} more` : words
}
