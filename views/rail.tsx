/** What runs now and what failed lately. Fragment: #rail. */
import { count } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import type { NextUp } from '../src/schedules/view-model.ts'
import { Elapsed } from './actions.tsx'
import { attr } from './attr.ts'
import { Ago, Icon } from './parts.tsx'
import { MissedBadge, Until } from './schedule-words.tsx'
import { t } from './texts.ts'

export interface RailProps {
  /** What is due next, soonest first. */
  upcoming: { next: NextUp; name: string }[]
  /** Times that were missed, and that nobody has seen. */
  missed: number
  active: { run: Run; name: string }[]
  failures: { run: Run; name: string }[]
  now: number
}

const railRows = 6

export const Rail = ({ active, upcoming, missed, failures, now }: RailProps) => (
  <aside class="rail" id="rail" aria-label={t('Now and lately')}>
    <section class="panel" aria-labelledby="h-running">
      <header>
        <h2 id="h-running">{t('Running now')}</h2>
        <span class="count">{active.length}</span>
        <a class="push muted" href="/executions">
          <small>{t('All')}</small>
        </a>
      </header>
      <ul>
        {active.length === 0 ? <li class="none">{t('Nothing runs.')}</li> : ''}
        {active.slice(0, railRows).map(({ run, name }) => (
          <li>
            <a href={`/executions/${run.id}`} data-status={run.status}>
              <Icon name={run.status} />
              <b class="cut" safe>
                {name}
              </b>
              <Elapsed since={run.started_at ?? run.queued_at} now={now} />
              <small class="cut">
                {run.status === 'queued' ? t('Waits for a slot') : t('Run #{n}', { n: count(run.id) })}
              </small>
            </a>
          </li>
        ))}
      </ul>
    </section>
    <section class="panel" aria-labelledby="h-upcoming">
      <header>
        <h2 id="h-upcoming">{t('Upcoming')}</h2>
        <MissedBadge missed={missed} href="/schedules" />
        <a class="push muted" href="/schedules">
          <small>{t('All')}</small>
        </a>
      </header>
      <ul>
        {upcoming.length === 0 ? <li class="none">{t('Nothing is scheduled.')}</li> : ''}
        {upcoming.map(({ next, name }) => (
          <li>
            <a href={`/scripts/${next.script_id}/schedules/${next.schedule_id}`}>
              <Icon name="clock" />
              <b class="cut" safe>
                {name}
              </b>
              <Until at={next.at} now={now} />
              <small class="cut" title={attr(`${next.words}, ${next.timezone}`)} safe>
                {next.words}
              </small>
            </a>
          </li>
        ))}
      </ul>
    </section>
    <section class="panel" aria-labelledby="h-failures">
      <header>
        <h2 id="h-failures">{t('Recent failures')}</h2>
        <a class="push muted" href="/executions?status=failed">
          <small>{t('All')}</small>
        </a>
      </header>
      <ul>
        {failures.length === 0 ? <li class="none">{t('None.')}</li> : ''}
        {failures.slice(0, railRows).map(({ run, name }) => (
          <li>
            <a href={`/executions/${run.id}`} data-status={run.status}>
              <Icon name={run.status} />
              <b class="cut" safe>
                {name}
              </b>
              <Ago at={run.finished_at ?? run.queued_at} now={now} />
              <small class="cut" title={attr(run.reason)} safe>
                {run.reason ?? ''}
              </small>
            </a>
          </li>
        ))}
      </ul>
    </section>
  </aside>
)
