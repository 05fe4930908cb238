/** The attempts of a run that was tried again, as one run, and when the next one is due. Fragment: #run-attempts. */
import { count, durationWords } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import { Elapsed } from './actions.tsx'
import { attr } from './attr.ts'
import { exact, Status } from './parts.tsx'
import { RunLink } from './run-facts.tsx'
import { Until } from './schedule-words.tsx'
import { markup, t } from './texts.ts'

interface AttemptsProps {
  run: Run
  /** All of them, this one among them, in their order; empty where it was not tried again. */
  attempts: Run[]
  now: number
}

/** Empty where there is one attempt and no other to come, so that it can be swapped in. */
export const RunAttempts = ({ run, attempts, now }: AttemptsProps) => {
  const last = attempts.at(-1) ?? run
  const isAlone = attempts.length <= 1 && last.retry_at === null
  return (
    <div id="run-attempts" aria-live="polite">
      {isAlone ? (
        ''
      ) : (
        <section class="panel" aria-labelledby="h-attempts">
          <header>
            <h2 id="h-attempts">{t('Attempts')}</h2>
            {run.schedule_id === null ? '' : <ScheduleLink run={run} />}
          </header>
          <AttemptsTable run={run} attempts={attempts.length === 0 ? [run] : attempts} now={now} />
          {last.retry_at === null ? '' : <NextAttempt at={last.retry_at} now={now} />}
        </section>
      )}
    </div>
  )
}

const ScheduleLink = ({ run }: { run: Run }) => (
  <a class="push muted" href={scheduleHref(run)}>
    <small>{t('Its schedule')}</small>
  </a>
)

/** Of a run that a schedule asked for. */
export const scheduleHref = ({ script_id, schedule_id }: Pick<Run, 'script_id' | 'schedule_id'>) =>
  `/scripts/${script_id}/schedules/${schedule_id}`

const AttemptsTable = ({ run, attempts, now }: AttemptsProps) => (
  <table class="plain-table">
    <caption class="sr">{t('Attempts of this run, in their order')}</caption>
    <tbody>
      {attempts.map((one) => (
        <tr aria-current={one.id === run.id ? 'true' : undefined}>
          <td class="tight">
            {one.id === run.id ? (
              <b>{t('Attempt {n}', { n: count(one.attempt) })}</b>
            ) : (
              t('Attempt {n}', { n: count(one.attempt) })
            )}
          </td>
          <td class="tight">
            <Status status={one.status} />
          </td>
          <td>
            {one.id === run.id ? <span class="mono">{`#${count(one.id)}` as 'safe'}</span> : <RunLink id={one.id} />}
            {one.reason ? (
              <small class="cut" title={attr(one.reason)} safe>
                {one.reason}
              </small>
            ) : (
              ''
            )}
          </td>
          <td class="n">
            {one.finished_at === null ? (
              <Elapsed since={one.started_at ?? one.queued_at} now={now} />
            ) : (
              ((one.duration_ms === null ? '–' : durationWords(one.duration_ms)) as 'safe')
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

const NextAttempt = ({ at, now }: { at: string; now: number }) => (
  <p class="body">
    {markup('Next attempt at {time} ({until})', {
      time: <time datetime={at}>{clockTime(at, now) as 'safe'}</time>,
      until: <Until at={at} now={now} />,
    })}
  </p>
)

/** "14:05:10 UTC"; with its day, where that is another one. */
const clockTime = (at: string, now: number) =>
  at.slice(0, 10) === new Date(now).toISOString().slice(0, 10) ? exact(at).slice(11) : exact(at)
