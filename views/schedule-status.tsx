/** Whether anything that is due is started at all, and by whom. */
import type { SchedulerStatus } from '../src/schedules/view-model.ts'
import { ActForm } from './actions.tsx'
import { Ago, Note } from './parts.tsx'
import { markup, say, t } from './texts.ts'

interface StatusProps {
  status: SchedulerStatus
  isAdmin: boolean
  now: number
}

/** Nothing, where all is as it should be. */
export const SchedulerNotes = ({ status, isAdmin, now }: StatusProps) => (
  <>
    {status.is_paused ? (
      <Note kind="warn" icon="pause" title={say('All schedules are paused')}>
        <p>{t('Nothing that is due is started; each time is noted as skipped.')}</p>
        {isAdmin ? (
          <div class="row">
            <PauseAll status={status} />
          </div>
        ) : (
          ''
        )}
      </Note>
    ) : (
      ''
    )}
    {status.problem === null ? (
      ''
    ) : (
      <Note kind="warn" icon="warn" title={say('Nothing that is due is started')}>
        <p safe>{status.problem}</p>
      </Note>
    )}
    {status.is_scheduling || status.other === null ? (
      ''
    ) : (
      <Note kind="warn" icon="warn" title={say('Another gateway schedules')}>
        <p>
          {markup(
            '{host}, process {pid}, uses the same data and starts what is due. It was seen {ago}. If it is not meant to run, stop it: this gateway then takes over.',
            {
              host: <code safe>{status.other.host}</code>,
              pid: <code>{status.other.pid}</code>,
              ago: <Ago at={status.other.seen_at} now={now} />,
            },
          )}
        </p>
      </Note>
    )}
  </>
)

/** For administrators: everything at once, and back. */
export const PauseAll = ({ status: { is_paused: isPaused } }: { status: SchedulerStatus }) => (
  <ActForm
    action={isPaused ? '/schedules/resume' : '/schedules/pause'}
    icon={isPaused ? 'play' : 'pause'}
    word={say(isPaused ? 'Resume all' : 'Pause all')}
    kind="plain"
    isSmall={isPaused}
    confirm={
      isPaused
        ? undefined
        : {
            question: say('Pause all schedules?'),
            text: say('Nothing that is due is started, of any script, until they are resumed. What runs goes on.'),
            yes: say('Pause all'),
            no: say('Let them run'),
          }
    }
  />
)
