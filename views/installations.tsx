/** Installations, newest first. Fragment: #installations. */
import { duration } from '../public/js/format.js'
import type { Installation } from '../src/dependencies/model.ts'
import { Elapsed } from './actions.tsx'
import { attr } from './attr.ts'
import { Ago, Status } from './parts.tsx'
import { say, t } from './texts.ts'

export interface NamedInstallation {
  installation: Installation
  /** Of the script it was begun for; null: the global packages, or a script that is not to be seen. */
  name: string | null
}

export const Installations = ({ items, now }: { items: NamedInstallation[]; now: number }) => (
  <section class="panel" id="installations" aria-labelledby="h-installations">
    <header>
      <h2 id="h-installations">{t('Recent installations')}</h2>
    </header>
    {items.length === 0 ? (
      <p class="body muted">{t('Nothing has been installed yet.')}</p>
    ) : (
      <table class="plain-table reasons">
        <caption class="sr">{t('Installations, newest first')}</caption>
        <tbody>
          {items.map((item) => (
            <Row {...item} now={now} />
          ))}
        </tbody>
      </table>
    )}
  </section>
)

const Row = ({ installation, name, now }: NamedInstallation & { now: number }) => {
  const { id, status, reason, started_at, queued_at, finished_at, duration_ms, runtime } = installation
  return (
    <tr>
      <td class="tight">
        <Status status={status} />
      </td>
      <td class="c-name any-wrap">
        <a href={`/dependencies/installations/${id}`} safe>
          {name ?? say('{runtime} packages', { runtime: runtime === 'python' ? 'Python' : 'JavaScript' })}
        </a>
        {reason ? (
          <small class="two-lines" title={attr(reason)} safe>
            {reason}
          </small>
        ) : (
          ''
        )}
      </td>
      <td class="c-when n muted">
        <Ago at={started_at ?? queued_at} now={now} />
      </td>
      <td class="n narrow-hide">
        {finished_at === null ? (
          <Elapsed since={started_at ?? queued_at} now={now} />
        ) : (
          ((duration_ms === null ? '–' : duration(duration_ms)) as 'safe')
        )}
      </td>
    </tr>
  )
}
