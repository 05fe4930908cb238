/** The last runs of one script. Fragment: #recent. */
import { count, duration } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import { attr } from './attr.ts'
import { Ago, Status } from './parts.tsx'
import { t } from './texts.ts'

export const Recent = ({
  script,
  recent,
  now,
  mayRun,
}: {
  script: Pick<Script, 'id' | 'state'>
  recent: Run[]
  now: number
  mayRun: boolean
}) => (
  <section class="panel" id="recent" aria-labelledby="h-recent">
    <header>
      <h2 id="h-recent">{t('Recent runs')}</h2>
      {recent.length > 0 ? (
        <a class="push muted" href={`/executions?script_id=${script.id}`}>
          <small>{t('All')}</small>
        </a>
      ) : (
        ''
      )}
    </header>
    {recent.length === 0 ? (
      <p class="body muted">
        {mayRun && script.state === 'active'
          ? t('It has not run yet. The form starts its first run.')
          : t('It has not run yet.')}
      </p>
    ) : (
      <table class="plain-table">
        <caption class="sr">{t('Recent runs')}</caption>
        <tbody>
          {recent.map((run) => (
            <tr id={`run-${run.id}`}>
              <td class="tight">
                <Status status={run.status} />
              </td>
              <td>
                <a class="mono" href={`/executions/${run.id}`}>
                  {`#${count(run.id)}` as 'safe'}
                </a>
                {run.reason ? (
                  <small class="cut" title={attr(run.reason)} safe>
                    {run.reason}
                  </small>
                ) : (
                  ''
                )}
              </td>
              <td class="n muted">
                <Ago at={run.queued_at} now={now} />
              </td>
              <td class="n">{(run.duration_ms === null ? '–' : duration(run.duration_ms)) as 'safe'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
)
