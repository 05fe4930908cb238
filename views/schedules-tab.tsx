/** The tab with a script's schedules: what there is, and a form for one more. */
import type { SchedulerStatus } from '../src/schedules/view-model.ts'
import { ActForm } from './actions.tsx'
import { query } from './attr.ts'
import { Icon, Note } from './parts.tsx'
import { ScheduleForm, type ScheduleFormProps } from './schedule-form.tsx'
import { PreviewPanel } from './schedule-preview.tsx'
import { type ListedSchedule, SchedulesTable } from './schedule-row.tsx'
import { SchedulerNotes } from './schedule-status.tsx'
import { gap, plural, say, t } from './texts.ts'
import { Done, type DoneProps } from './toast.tsx'

export interface SchedulesTabProps {
  scriptId: number
  schedules: ListedSchedule[]
  status: SchedulerStatus
  /** null: whoever looks may not add one. */
  form: ScheduleFormProps | null
  done: DoneProps | null
  isAdmin: boolean
  now: number
}

export const SchedulesTab = (props: SchedulesTabProps) => {
  const { schedules, status, form, done, isAdmin, now } = props
  const list = (
    <div class="stack-4">
      <Done done={done} />
      <SchedulerNotes status={status} isAdmin={isAdmin} now={now} />
      <Missed {...props} />
      {schedules.length === 0 ? (
        <NoSchedules {...props} />
      ) : (
        <SchedulesTable schedules={schedules} back="script" now={now} />
      )}
      {form === null ? '' : <ScheduleForm {...form} />}
    </div>
  )
  return form === null ? (
    list
  ) : (
    <div class="split side">
      {list}
      <PreviewPanel {...form.preview} />
    </div>
  )
}

export const missedTitle = (missed: number) => plural(missed, 'One time was missed', '{n} times were missed')

const Missed = ({ scriptId, status, form }: SchedulesTabProps) =>
  status.missed === 0 ? (
    ''
  ) : (
    <Note kind="warn" icon="warn" id="missed" title={missedTitle(status.missed)}>
      <p>{t('The gateway was not there in time. The pages of the schedules say which ones.')}</p>
      {form === null ? (
        ''
      ) : (
        <div class="row">
          <ActForm
            action={`/scripts/${scriptId}/schedules`}
            {...{ icon: 'eye', word: say('Mark as seen'), kind: 'plain', fields: { ':act': 'seen' } }}
          />
        </div>
      )}
    </Note>
  )

/** As one may write them; none of it is translated. */
const examples = ['every weekday at 9:30', 'every 15 minutes', 'on the first monday of the month at 8:00', '0 3 * * *']

const NoSchedules = ({ scriptId, form }: SchedulesTabProps) => (
  <div class="panel">
    <div class="empty">
      <Icon name="calendar" />
      <h2>{t('It runs when it is asked to')}</h2>
      <p>
        {t('A schedule runs it by itself, with values of its own, in the time zone that you name.')}
        {gap()}
        {form === null ? '' : t('Say below when.')}
      </p>
      {form === null ? '' : <Examples scriptId={scriptId} />}
    </div>
  </div>
)

/** Each fills the form. */
const Examples = ({ scriptId }: { scriptId: number }) => (
  <ul class="row examples" aria-label={t('Examples')}>
    {examples.map((when) => (
      <li>
        <a class="button small mono" href={`/scripts/${scriptId}/schedules${query({ when })}#schedule-form`} safe>
          {when}
        </a>
      </li>
    ))}
  </ul>
)

/** Where a run, or an old address, leads to one that is not there any more. */
export const ScheduleGone = ({ scriptId, id }: { scriptId: number; id: number }) => (
  <div class="panel">
    <div class="empty">
      <Icon name="calendar" />
      <h2>{t('This schedule is not there any more')}</h2>
      <p>{t('Schedule {id} was deleted, or it was never one of this script. Its runs are kept.', { id })}</p>
      <div class="row">
        <a class="button primary" href={`/scripts/${scriptId}/schedules`}>
          {t('See the schedules of this script')}
        </a>
        <a class="button" href={`/executions${query({ script_id: scriptId, trigger: 'schedule' })}`}>
          {t('See its runs')}
        </a>
      </div>
    </div>
  </div>
)
