/** Whether anything that is due is started at all, and by whom. */
import type { SchedulerStatus } from '../src/schedules/view-model.ts'
import { Ago, Icon, Note } from './parts.tsx'

interface StatusProps {
  status: SchedulerStatus
  isAdmin: boolean
  now: number
}

/** Nothing, where all is as it should be. */
export const SchedulerNotes = ({ status, isAdmin, now }: StatusProps) => (
  <>
    {status.is_paused ? (
      <Note kind="warn" icon="pause" title="All schedules are paused">
        <p>Nothing that is due is started; each time is noted as skipped.</p>
        {isAdmin ? <PauseAll status={status} /> : ''}
      </Note>
    ) : (
      ''
    )}
    {status.problem === null ? (
      ''
    ) : (
      <Note kind="warn" icon="warn" title="Nothing that is due is started">
        <p safe>{status.problem}</p>
      </Note>
    )}
    {status.is_scheduling || status.other === null ? (
      ''
    ) : (
      <Note kind="warn" icon="warn" title="Another gateway schedules">
        <p>
          <code safe>{status.other.host}</code>, process <code>{status.other.pid}</code>, uses the same data and starts
          what is due. It was seen <Ago at={status.other.seen_at} now={now} />. If it is not meant to run, stop it: this
          gateway then takes over.
        </p>
      </Note>
    )}
  </>
)

/** For administrators: everything at once, and back. */
export const PauseAll = ({ status }: { status: SchedulerStatus }) => (
  <form
    class="inline"
    method="post"
    action={status.is_paused ? '/schedules/resume' : '/schedules/pause'}
    {...(status.is_paused ? {} : question)}
  >
    <button class={status.is_paused ? 'small' : ''} type="submit">
      <Icon name={status.is_paused ? 'play' : 'pause'} />
      {status.is_paused ? 'Resume all' : 'Pause all'}
    </button>
  </form>
)

const question = {
  'data-confirm': 'Pause all schedules?',
  'data-confirm-text': 'Nothing that is due is started, of any script, until they are resumed. What runs goes on.',
  'data-confirm-yes': 'Pause all',
  'data-confirm-no': 'Let them run',
}
