/** Schedules in a table, of one script or of many. Fragment: #schedule-ID. */
import type { Schedule } from '../src/schedules/view-model.ts'
import { ActForm } from './actions.tsx'
import { Arrivals } from './arrivals.tsx'
import { attr } from './attr.ts'
import { Ago, Icon, Partial, Status } from './parts.tsx'
import { type Back, DeleteAct, PauseAct, RunAct, undoDelete } from './schedule-acts.tsx'
import { MissedBadge, problemText, ScheduleStateOf, Until } from './schedule-words.tsx'
import { listed, say, t } from './texts.ts'
import { type DoneProps, Toast } from './toast.tsx'

export interface ListedSchedule {
  schedule: Schedule
  /** Its next times on the clock of its zone, as many as the schedule has. */
  next: string[]
  /** Whether whoever looks may change and run it. */
  mayRun: boolean
  /** What its script is called; left out where that is the page. */
  script?: string
}

interface TableProps {
  schedules: ListedSchedule[]
  back: Back
  now: number
}

export const SchedulesTable = ({ schedules, back, now }: TableProps) => (
  <div class="table-wrap">
    <Arrivals id="schedules-arrived" />
    <table class="stack schedules">
      <caption class="sr">{t('Schedules')}</caption>
      <thead>
        <tr>
          <th>{t('When')}</th>
          <th class={back === 'all' ? undefined : 'p3'}>{t(back === 'all' ? 'Script' : 'Values')}</th>
          <th>{t('State')}</th>
          <th>{t('Next|time')}</th>
          <th class="p2">{t('Last run')}</th>
          <th>
            <span class="sr">{t('Actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody
        id="schedule-rows"
        data-live-ids={back === 'all' ? '' : undefined}
        data-of={back === 'all' ? undefined : attr(schedules[0]?.schedule.script_id)}
      >
        {schedules.map((listed) => (
          <Row {...listed} back={back} now={now} />
        ))}
      </tbody>
    </table>
  </div>
)

/** What takes the place of its row after an act, and what is said of it. */
export const RowFragments = ({
  row,
  done,
}: {
  row: ListedSchedule & Omit<TableProps, 'schedules'>
  done: DoneProps
}) => (
  <>
    <Partial id={`schedule-${row.schedule.id}`}>
      <Row {...row} />
    </Partial>
    {'<template hx type="partial" hx-target="#toasts" hx-swap="beforeend">' as 'safe'}
    <Toast {...done} />
    {'</template>' as 'safe'}
  </>
)

/** The row of one that has just been deleted stays where it is, with the way back. */
export const GoneRow = ({ schedule, back }: { schedule: Schedule; back: Back }) => (
  <Partial id={`schedule-${schedule.id}`}>
    <tr id={`schedule-${schedule.id}`} class="gone">
      <td colspan={6}>
        <div class="row">
          <span class="any-wrap">{t('“{words}” was deleted.', { words: schedule.words })}</span>
          <ActForm
            {...undoDelete(schedule, back)}
            data={{ 'data-in-place': '' }}
            kind="plain"
            word={say('Undo')}
            label={say('Undo: delete {words}', { words: schedule.words })}
            id={`delete-${schedule.id}`}
          />
        </div>
      </td>
    </tr>
  </Partial>
)

const Row = (props: ListedSchedule & Omit<TableProps, 'schedules'>) => {
  const { schedule, back, now } = props
  const page = `/scripts/${schedule.script_id}/schedules/${schedule.id}`
  return (
    <tr id={`schedule-${schedule.id}`} data-live="schedules" data-of={String(schedule.script_id)}>
      <td class="c-name">
        <a href={page} data-open-row safe>
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
      <ScriptOrValues {...props} />
      <td class="line c-state">
        <ScheduleStateOf schedule={schedule} />
        <MissedBadge missed={schedule.missed} href={`${page}#occurrences`} />
      </td>
      <td class="line c-next">
        <NextTimes {...props} now={now} />
      </td>
      <td class="line c-last p2">{schedule.last_run ? <LastRun last={schedule.last_run} now={now} /> : ''}</td>
      <td class="acts">{props.mayRun ? <RowActions schedule={schedule} back={back} /> : ''}</td>
    </tr>
  )
}

const ScriptOrValues = ({ schedule, script, back }: ListedSchedule & { back: Back }) =>
  back === 'all' ? (
    <td class="line c-script">
      <a class="plain-link any-wrap" href={`/scripts/${schedule.script_id}/schedules`} safe>
        {script ?? ''}
      </a>
    </td>
  ) : (
    <td class="line c-values p3">
      <small class="two-lines any-wrap" safe>
        {valuesText(schedule.params)}
      </small>
    </td>
  )

const valueCharsMax = 40

/** width 1600, format webp */
const valuesText = (params: Schedule['params']) =>
  listed(
    Object.entries(params).map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return `${name} ${text.length > valueCharsMax ? `${text.slice(0, valueCharsMax)}…` : text}`
    }),
  )

const NextTimes = ({ schedule, next, now }: ListedSchedule & { now: number }) => {
  const [first] = schedule.next_runs
  if (first === undefined) return <span class="muted">–</span>
  return (
    <>
      <Until at={first} now={now} title={next.join('\n')} />
      <small safe>{next[0] ?? ''}</small>
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

/** Plain forms; each says what it is of, for whoever hears the page. */
const RowActions = ({ schedule, back }: { schedule: Schedule; back: Back }) => (
  <>
    <RunAct schedule={schedule} back={back} />
    <PauseAct schedule={schedule} back={back} />
    <a
      class="button quiet only small"
      href={`/scripts/${schedule.script_id}/schedules/${schedule.id}#schedule-form`}
      aria-label={t('Edit: {words}', { words: schedule.words })}
      title={t('Edit')}
    >
      <Icon name="pencil" />
    </a>
    <a
      class="button quiet only small p3"
      href={`/scripts/${schedule.script_id}/schedules?copy=${schedule.id}#schedule-form`}
      aria-label={t('Duplicate: {words}', { words: schedule.words })}
      title={t('Duplicate')}
    >
      <Icon name="copy" />
    </a>
    <DeleteAct schedule={schedule} back={back} />
  </>
)
