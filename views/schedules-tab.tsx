/** The tab with a script's schedules: what there is, and a form for one more. */
import type { SchedulerStatus } from '../src/schedules/view-model.ts'
import { Icon, Note } from './parts.tsx'
import { ScheduleForm, type ScheduleFormProps } from './schedule-form.tsx'
import { PreviewPanel } from './schedule-preview.tsx'
import { type ListedSchedule, SchedulesTable } from './schedule-row.tsx'
import { SchedulerNotes } from './schedule-status.tsx'

export interface SchedulesTabProps {
  scriptId: number
  schedules: ListedSchedule[]
  status: SchedulerStatus
  /** null: whoever looks may not add one. */
  form: ScheduleFormProps | null
  /** What has just been done, as a sentence. */
  done: string | null
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
        <NoSchedules mayAdd={form !== null} />
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

export const Done = ({ done }: { done: string | null }) =>
  done === null ? (
    ''
  ) : (
    <Note kind="info" icon="success" title="Done">
      <p safe>{done}</p>
    </Note>
  )

const Missed = ({ scriptId, status, form }: SchedulesTabProps) =>
  status.missed === 0 ? (
    ''
  ) : (
    <Note
      kind="warn"
      icon="warn"
      title={status.missed === 1 ? 'One time was missed' : `${status.missed} times were missed`}
    >
      <p>The gateway was not there in time. The pages of the schedules say which ones.</p>
      {form === null ? (
        ''
      ) : (
        <form class="row" method="post" action={`/scripts/${scriptId}/schedules`}>
          <button class="small" type="submit" name=":act" value="seen">
            <Icon name="eye" />
            Mark as seen
          </button>
        </form>
      )}
    </Note>
  )

const NoSchedules = ({ mayAdd }: { mayAdd: boolean }) => (
  <div class="panel">
    <div class="empty">
      <Icon name="calendar" />
      <h2>It runs when it is asked to</h2>
      <p>
        A schedule runs it by itself, with values of its own, in the time zone that you name.
        {mayAdd ? ' Say below when.' : ''}
      </p>
    </div>
  </div>
)
