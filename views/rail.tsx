/** What runs now and what failed lately. Fragment: #rail. */
import { count } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import { Elapsed } from './actions.tsx'
import { attr } from './attr.ts'
import { Ago, Icon } from './parts.tsx'

export interface RailProps {
  active: { run: Run; name: string }[]
  failures: { run: Run; name: string }[]
  now: number
}

const railRows = 6

export const Rail = ({ active, failures, now }: RailProps) => (
  <aside class="rail two" id="rail" aria-label="Now and lately">
    <section class="panel" aria-labelledby="h-running">
      <header>
        <h2 id="h-running">Running now</h2>
        <span class="count">{active.length}</span>
        <a class="push muted" href="/executions">
          <small>All</small>
        </a>
      </header>
      <ul>
        {active.length === 0 ? <li class="none">Nothing runs.</li> : ''}
        {active.slice(0, railRows).map(({ run, name }) => (
          <li>
            <a href={`/executions/${run.id}`} data-status={run.status}>
              <Icon name={run.status} />
              <b class="cut" safe>
                {name}
              </b>
              <Elapsed since={run.started_at ?? run.queued_at} now={now} />
              <small class="cut">
                {(run.status === 'queued' ? 'Waits for a slot' : `Run #${count(run.id)}`) as 'safe'}
              </small>
            </a>
          </li>
        ))}
      </ul>
    </section>
    <section class="panel" aria-labelledby="h-failures">
      <header>
        <h2 id="h-failures">Recent failures</h2>
        <a class="push muted" href="/executions?status=failed">
          <small>All</small>
        </a>
      </header>
      <ul>
        {failures.length === 0 ? <li class="none">None.</li> : ''}
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
