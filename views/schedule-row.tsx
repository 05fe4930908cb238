/** Schedules in a table, of one script or of many. Fragment: #schedule-ID. */
import type { Schedule } from '../src/schedules/view-model.ts'
import { attr } from './attr.ts'
import { Ago, Icon, Status } from './parts.tsx'
import { MissedBadge, problemText, ScheduleStateOf, Until } from './schedule-words.tsx'

export interface ListedSchedule {
  schedule: Schedule
  /** Its next times on the clock of its zone, as many as the schedule has. */
  next: string[]
  /** Whether whoever looks may change and run it. */
  mayRun: boolean
  /** What its script is called; left out where that is the page. */
  script?: string
}

/** Where its forms lead back to. */
export type Back = 'script' | 'all' | 'one'

interface TableProps {
  schedules: ListedSchedule[]
  back: Back
  now: number
}

export const SchedulesTable = ({ schedules, back, now }: TableProps) => (
  <div class="table-wrap">
    <table class="stack schedules">
      <caption class="sr">Schedules</caption>
      <thead>
        <tr>
          <th>When</th>
          {back === 'all' ? <th>Script</th> : ''}
          <th>State</th>
          <th>Next</th>
          <th class="p2">Last run</th>
          <th>
            <span class="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {schedules.map((listed) => (
          <Row {...listed} back={back} now={now} />
        ))}
      </tbody>
    </table>
  </div>
)

const Row = (props: ListedSchedule & Omit<TableProps, 'schedules'>) => {
  const { schedule, script, back, now } = props
  const page = `/scripts/${schedule.script_id}`
  return (
    <tr id={`schedule-${schedule.id}`}>
      <td class="c-name">
        <a href={`${page}/schedules/${schedule.id}`} data-open-row safe>
          {schedule.words}
        </a>
        <small class="any-wrap" safe>
          {schedule.cron_expression === schedule.words ? '' : `${schedule.cron_expression} · `}
          {schedule.timezone}
        </small>
        {schedule.description === '' ? (
          ''
        ) : (
          <small class="two-lines" title={attr(schedule.description)} safe>
            {schedule.description}
          </small>
        )}
        {schedule.problems.map((problem) => (
          <small class="bad any-wrap" safe>
            {problemText(problem)}
          </small>
        ))}
      </td>
      {back === 'all' ? (
        <td class="line c-script">
          <a class="plain-link any-wrap" href={`${page}/schedules`} safe>
            {script ?? ''}
          </a>
        </td>
      ) : (
        ''
      )}
      <td class="line c-state">
        <ScheduleStateOf schedule={schedule} />
        <MissedBadge missed={schedule.missed} href={`${page}/schedules/${schedule.id}#occurrences`} />
      </td>
      <td class="line c-next">
        <NextTimes {...props} now={now} />
      </td>
      <td class="line c-last p2">{schedule.last_run ? <LastRun last={schedule.last_run} now={now} /> : ''}</td>
      <td class="acts">{props.mayRun ? <RowActions schedule={schedule} back={back} /> : ''}</td>
    </tr>
  )
}

const NextTimes = ({ schedule, next, now }: ListedSchedule & { now: number }) => {
  const [first] = schedule.next_runs
  if (first === undefined) return <span class="muted">–</span>
  return (
    <>
      <Until at={first} now={now} />
      {next.map((local) => (
        <small safe>{local}</small>
      ))}
    </>
  )
}

const LastRun = ({ last, now }: { last: NonNullable<Schedule['last_run']>; now: number }) => (
  <>
    <a class="plain-link" href={`/executions/${last.id}`}>
      <Status status={last.status} />
    </a>
    <small>
      <Ago at={last.finished_at ?? last.queued_at} now={now} />
    </small>
  </>
)

/** A paused one may be run; one whose values do not fit may not, whatever its state. */
export const whyNotNow = ({ problems }: Schedule): string | null =>
  problems.length > 0 ? 'It cannot be run: its values do not fit the script' : null

/** Plain forms; each says what it is of, for whoever hears the page. */
const RowActions = ({ schedule, back }: { schedule: Schedule; back: Back }) => (
  <>
    <ActForm schedule={schedule} back={back}>
      <button
        {...{ class: 'quiet only small', type: 'submit', name: ':act', value: 'run' }}
        title={whyNotNow(schedule) ?? 'Run now'}
        aria-label={attr(`Run now: ${schedule.words}`)}
        disabled={whyNotNow(schedule) !== null}
      >
        <Icon name="play" />
      </button>
    </ActForm>
    <ActForm schedule={schedule} back={back}>
      <PauseButton schedule={schedule} only />
    </ActForm>
    <a
      class="button quiet only small"
      href={`/scripts/${schedule.script_id}/schedules/${schedule.id}#schedule-form`}
      aria-label={attr(`Edit: ${schedule.words}`)}
      title="Edit"
    >
      <Icon name="pencil" />
    </a>
    <DeleteForm schedule={schedule} back={back} only />
  </>
)

export const PauseButton = ({ schedule, only = false }: { schedule: Schedule; only?: boolean }) => {
  const word = schedule.enabled ? 'Pause' : 'Resume'
  return (
    <button
      {...{ class: only ? 'quiet only small' : '', type: 'submit', name: ':act', title: word }}
      value={schedule.enabled ? 'pause' : 'resume'}
      aria-label={only ? attr(`${word}: ${schedule.words}`) : undefined}
    >
      <Icon name={schedule.enabled ? 'pause' : 'resume'} />
      {(only ? '' : word) as 'safe'}
    </button>
  )
}

export const ActForm = ({ schedule, back, children }: { schedule: Schedule; back: Back; children: JSX.Element }) => (
  <form class="inline" method="post" action={`/scripts/${schedule.script_id}/schedules/${schedule.id}`}>
    <input type="hidden" name=":back" value={back} />
    {children as 'safe'}
  </form>
)

/** Asks first where there is JavaScript. */
export const DeleteForm = ({ schedule, back, only = false }: { schedule: Schedule; back: Back; only?: boolean }) => (
  <form
    class="inline"
    method="post"
    action={`/scripts/${schedule.script_id}/schedules/${schedule.id}`}
    data-confirm="Delete this schedule?"
    data-confirm-text={attr(
      `“${schedule.words}” is not due any more, and what became of its times is forgotten. Its runs stay.`,
    )}
    data-confirm-yes="Delete schedule"
    data-confirm-no="Keep it"
  >
    <input type="hidden" name=":back" value={back === 'one' ? 'script' : back} />
    <button
      {...{ class: only ? 'quiet only small' : 'quiet danger', type: 'submit', name: ':act', value: 'delete' }}
      aria-label={only ? attr(`Delete: ${schedule.words}`) : undefined}
      title="Delete"
    >
      <Icon name="trash" />
      {only ? '' : 'Delete'}
    </button>
  </form>
)
