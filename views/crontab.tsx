/** A crontab becomes schedules: first one looks what it comes to, then one chooses. */
import { count } from '../public/js/format.js'
import type { CrontabEntry } from '../src/schedules/view-model.ts'
import { attr } from './attr.ts'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
import { markup, plural, say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export interface CrontabProps extends Viewed {
  text: string
  timezone: string
  zone: string
  zones: string[]
  enabled: boolean
  /** What it comes to; null before anybody has looked. */
  entries: (CrontabEntry & { script: string | null; words: string | null })[] | null
  /** Whether the entries have been made. */
  isDone: boolean
  message: string | null
  now: number
}

export const CrontabPage = (props: CrontabProps) => {
  const { entries, isDone, message, now, viewer } = props
  return (
    <Page title={say('Import a crontab')} current="schedules" now={now} viewer={viewer}>
      <div class="head">
        <ol class="crumbs" aria-label={t('Breadcrumb')}>
          <li>
            <a href="/schedules">{t('Schedules')}</a>
          </li>
          <li>{t('Import')}</li>
        </ol>
        <h1>{t('Import a crontab')}</h1>
        <p>{t('Lines that run a script of this gateway become schedules of it.')}</p>
      </div>
      {message === null ? (
        ''
      ) : (
        <Note kind="bad" icon="failed" id="form-message" alert title={say('It cannot be read')}>
          <p safe>{message}</p>
        </Note>
      )}
      {entries !== null && isDone ? <Made entries={entries} /> : ''}
      <form class="stack-4" method="post" action="/schedules/import" aria-label={t('Crontab')}>
        <Sent {...props} />
        {entries === null || isDone ? '' : <Entries {...props} entries={entries} />}
      </form>
      {entries !== null && isDone ? <EntriesTable entries={entries} choice={false} /> : ''}
    </Page>
  )
}

const Sent = ({ text, timezone, zone, zones, entries, isDone }: CrontabProps) => (
  <section class="panel" aria-label={t('The crontab')}>
    <div class="body fields">
      <div class="field">
        <label for="crontab">{t('Crontab')}</label>
        <textarea
          id="crontab"
          name="crontab"
          class="mono"
          rows="8"
          required
          spellcheck="false"
          autocapitalize="off"
          aria-describedby="crontab-help"
        >
          {'\n'}
          {Bun.escapeHTML(text) as 'safe'}
        </textarea>
        <p class="help" id="crontab-help">
          {markup('As {command} prints it. {zone} lines are kept to.', {
            command: <code>crontab -l</code>,
            zone: <code>CRON_TZ=</code>,
          })}
        </p>
      </div>
      <div class="field">
        <label for="crontab-zone">{t('Time zone')}</label>
        <input
          id="crontab-zone"
          name="timezone"
          list="zones"
          value={attr(timezone)}
          placeholder={attr(zone)}
          autocomplete="off"
          spellcheck="false"
        />
        <datalist id="zones">
          {zones.map((name) => (
            <option value={attr(name)} />
          ))}
        </datalist>
      </div>
    </div>
    <footer>
      <button class={entries === null || isDone ? 'primary' : ''} type="submit" name="act" value="look">
        <Icon name="search" />
        {t(entries === null ? 'See what it comes to' : 'Look again')}
      </button>
    </footer>
  </section>
)

type Entry = NonNullable<CrontabProps['entries']>[number]

const isPossible = ({ problem, script_id }: Entry) => problem === null && script_id !== null

const Entries = ({ entries, enabled }: CrontabProps & { entries: Entry[] }) => {
  const possible = entries.filter(isPossible).length
  return (
    <>
      <EntriesTable entries={entries} choice />
      <div class="row">
        {possible === 0 ? (
          <p class="muted">{t('No line can become a schedule.')}</p>
        ) : (
          <>
            <button class="primary" type="submit" name="act" value="import">
              <Icon name="calendar" />
              {t('Make schedules of the chosen lines')}
            </button>
            <label class="check row">
              <input type="checkbox" name="enabled" value="1" checked={enabled} />
              {t('Active')}
            </label>
          </>
        )}
      </div>
    </>
  )
}

const EntriesTable = ({ entries, choice }: { entries: Entry[]; choice: boolean }) => (
  <div class="table-wrap">
    <table class="stack crontab">
      <caption class="sr">{t('Lines of the crontab')}</caption>
      <thead>
        <tr>
          <th>{t('Line')}</th>
          <th>{t('When')}</th>
          <th>{t('Script')}</th>
          <th>{t('What becomes of it')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr>
            <td class="tight c-line">
              {choice && isPossible(entry) ? (
                <label class="check row">
                  <input type="checkbox" name="line" value={String(entry.line)} checked={entry.existing_id === null} />
                  {count(entry.line) as 'safe'}
                </label>
              ) : (
                (count(entry.line) as 'safe')
              )}
            </td>
            <td class="c-name">
              <span safe>{entry.words ?? entry.cron_expression ?? ''}</span>
              <small class="mono any-wrap" safe>
                {entry.text}
              </small>
              {entry.timezone === null ? '' : <small safe>{entry.timezone}</small>}
            </td>
            <td class="line">
              {entry.script_id === null ? (
                <span class="muted">–</span>
              ) : (
                <a class="any-wrap" href={`/scripts/${entry.script_id}`} safe>
                  {entry.script ?? say('script {id}', { id: entry.script_id })}
                </a>
              )}
              {Object.keys(entry.params).length === 0 ? (
                ''
              ) : (
                <small class="any-wrap" safe>
                  {JSON.stringify(entry.params)}
                </small>
              )}
            </td>
            <td class="line">
              <Fate entry={entry} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const Fate = ({ entry }: { entry: Entry }) => (
  <>
    {entry.schedule_id !== null ? (
      <a class="plain-link" href={`/scripts/${entry.script_id}/schedules/${entry.schedule_id}`}>
        <span class="status" data-status="success">
          <Icon name="success" />
          {t('Made')}
        </span>
      </a>
    ) : entry.problem !== null ? (
      <span class="status wraps" data-status="failed">
        <Icon name="failed" />
        <span safe>{entry.problem}</span>
      </span>
    ) : (
      <p class="muted">{t(entry.existing_id === null ? 'A schedule' : 'A second schedule, if it is chosen')}</p>
    )}
    {entry.heartbeat_url === null ? (
      ''
    ) : (
      <small class="any-wrap">{t('Its heartbeat goes to {host}', { host: entry.heartbeat_url })}</small>
    )}
    {entry.warnings.map((warning) => (
      <small class="warned" safe>
        {warning}
      </small>
    ))}
  </>
)

const Made = ({ entries }: { entries: Entry[] }) => {
  const made = entries.filter(({ schedule_id }) => schedule_id !== null).length
  return (
    <Note kind="info" icon="success" title={plural(made, 'One schedule was made', '{n} schedules were made')}>
      <p>
        <a href="/schedules">{t('See all schedules')}</a>
      </p>
    </Note>
  )
}
