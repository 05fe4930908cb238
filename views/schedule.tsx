/** One schedule: how it stands, when it is due next, what became of its times, and its form. */
import type { Schedule, SchedulerStatus } from '../src/schedules/view-model.ts'
import { Icon, Note } from './parts.tsx'
import { DeleteAct, PauseAct, RunAct } from './schedule-acts.tsx'
import { ScheduleForm, type ScheduleFormProps } from './schedule-form.tsx'
import { Occurrences, type OccurrencesProps } from './schedule-occurrences.tsx'
import { PreviewPanel, type PreviewProps } from './schedule-preview.tsx'
import { SchedulerNotes } from './schedule-status.tsx'
import { MissedBadge, problemText, ScheduleStateOf } from './schedule-words.tsx'
import { say, t } from './texts.ts'
import { Done, type DoneProps } from './toast.tsx'

export interface ScheduleProps {
  schedule: Schedule
  status: SchedulerStatus
  preview: PreviewProps
  occurrences: OccurrencesProps
  /** null: whoever looks may not change it. */
  form: ScheduleFormProps | null
  done: DoneProps | null
  isAdmin: boolean
  now: number
}

export const ScheduleDetail = (props: ScheduleProps) => {
  const { schedule, status, preview, occurrences, form, done, isAdmin, now } = props
  return (
    <div class="split side">
      <div class="stack-4">
        <Done done={done} />
        <SchedulerNotes status={status} isAdmin={isAdmin} now={now} />
        <Head {...props} />
        <Problems schedule={schedule} />
        {form === null ? '' : <ScheduleForm {...form} />}
        <Occurrences {...occurrences} />
      </div>
      <PreviewPanel {...preview} />
    </div>
  )
}

const Head = ({ schedule, form }: ScheduleProps) => (
  <div class="head" id="schedule-head" data-live="schedules" data-of={String(schedule.script_id)}>
    <a
      class="button quiet only small"
      href={`/scripts/${schedule.script_id}/schedules`}
      aria-label={t('All its schedules')}
    >
      <Icon name="left" />
    </a>
    <h2 class="any-wrap" safe>
      {schedule.words}
    </h2>
    <ScheduleStateOf schedule={schedule} />
    <MissedBadge missed={schedule.missed} href="#occurrences" />
    {form === null ? (
      ''
    ) : (
      <div class="row push">
        <RunAct schedule={schedule} back="one" />
        <PauseAct schedule={schedule} back="one" />
        <a class="button" href={`/scripts/${schedule.script_id}/schedules?copy=${schedule.id}#schedule-form`}>
          <Icon name="copy" />
          {t('Duplicate')}
        </a>
        <DeleteAct schedule={schedule} back="one" />
      </div>
    )}
    <p class="schedule-facts">
      <code class="any-wrap" safe>
        {schedule.cron_expression}
      </code>
      <span safe>{schedule.timezone}</span>
      {schedule.description === '' ? '' : <span safe>{schedule.description}</span>}
      {schedule.created_by === null ? '' : <span>{t('Made by {name}', { name: schedule.created_by })}</span>}
    </p>
  </div>
)

const Problems = ({ schedule }: { schedule: Schedule }) =>
  schedule.problems.length === 0 ? (
    ''
  ) : (
    <Note kind="bad" icon="failed" title={say('It is not run: its values do not fit the script any more')}>
      <ul>
        {schedule.problems.map((problem) => (
          <li safe>{problemText(problem)}</li>
        ))}
      </ul>
      <p>{t('Put them right below and save, or change the script back: then it runs again.')}</p>
    </Note>
  )
