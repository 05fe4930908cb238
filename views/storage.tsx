/** What lies on the disk, what goes next, and a button that does it now. */
import { bytes } from '../public/js/format.js'
import type { LastPass, Removed, StorageStatus } from '../src/retention/model.ts'
import { ActForm } from './actions.tsx'
import { Page } from './layout.tsx'
import { Ago, Note, size } from './parts.tsx'
import { listed, markup, plural, say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export interface StorageProps {
  status: StorageStatus
  /** The server's clock, ms. */
  now: number
}

/** A page of its own: what goes next is asked of every script, which the settings do not wait for. */
export const StoragePage = ({ status, now, viewer }: StorageProps & Viewed) => (
  <Page title={say('Storage')} current="settings" kind="storage" now={now} viewer={viewer}>
    <div class="head">
      <ol class="crumbs" aria-label={t('Breadcrumb')}>
        <li>
          <a href="/settings#storage">{t('Settings')}</a>
        </li>
      </ol>
      <h1>{t('Storage')}</h1>
    </div>
    <StoragePanel status={status} now={now} />
  </Page>
)

/** On the settings, until its page has been asked; without JavaScript it leads there. */
export const StorageToCome = () => (
  <section
    class="panel"
    id="storage"
    aria-labelledby="h-storage"
    hx-get="/settings/storage"
    hx-select="#storage"
    hx-trigger="load"
    hx-swap="outerHTML"
  >
    <header>
      <h2 id="h-storage">{t('What is kept')}</h2>
    </header>
    <div class="body storage-to-come">
      <a class="button" href="/settings/storage">
        {t('See what is kept')}
      </a>
    </div>
  </section>
)

export const StoragePanel = ({ status, now }: StorageProps) => (
  <section class="panel" id="storage" aria-labelledby="h-storage">
    <header>
      <h2 id="h-storage">{t('What is kept')}</h2>
    </header>
    <div class="body fields">
      <Notes {...status} />
      <Facts status={status} now={now} />
    </div>
    <footer>
      <ActForm
        kind="plain"
        isSmall={false}
        action="/settings/storage"
        icon="refresh"
        word={say('Clean up now')}
        disabled={status.is_running}
      />
      <p class="help">
        {markup('It happens by itself every minute. The settings whose names hold {word} say what is kept.', {
          word: <code>retention</code>,
        })}
      </p>
    </footer>
  </section>
)

const Notes = ({ disk, is_running, last }: StorageStatus) => (
  <>
    {disk.problem ? (
      <Note kind="bad" icon="failed" title={say('No run is accepted')}>
        <p safe>{disk.problem}</p>
      </Note>
    ) : (
      ''
    )}
    {last?.problem ? (
      <Note kind="warn" icon="warn" title={say('The last clean-up is not complete')}>
        <p safe>{last.problem}</p>
      </Note>
    ) : (
      ''
    )}
    {is_running ? (
      <Note kind="info" icon="running" title={say('A clean-up is under way')}>
        <p>{t('It goes slowly, so that nobody has to wait for it.')}</p>
      </Note>
    ) : (
      ''
    )}
  </>
)

const Facts = ({ status: { kept, disk, due, bytes_max, last }, now }: StorageProps) => (
  <dl class="facts-list">
    <dt>{t('History|of runs')}</dt>
    <dd>
      {kept.oldest_at === null
        ? counted.runs(kept.runs)
        : markup('{what}, the oldest from {time}', {
            what: <>{counted.runs(kept.runs)}</>,
            time: <Ago at={kept.oldest_at} now={now} />,
          })}
    </dd>
    <dt>{t('Logs')}</dt>
    <dd>{size(kept.log_bytes)}</dd>
    <dt>{t('Files and long results')}</dt>
    <dd>{size(kept.output_bytes)}</dd>
    <dt>{t('Together')}</dt>
    <dd>
      {bytes_max === null
        ? t('{size}, no limit', { size: bytes(kept.log_bytes + kept.output_bytes) })
        : t('{size} of {max}', { size: bytes(kept.log_bytes + kept.output_bytes), max: bytes(bytes_max) })}
    </dd>
    <dt>{t('Database')}</dt>
    <dd>{size(kept.database_bytes)}</dd>
    <dt>{t('Free on the disk')}</dt>
    <dd>
      {t('{size}, of which {kept} stay free', {
        size: disk.free_bytes === null ? say('unknown') : bytes(disk.free_bytes),
        kept: bytes(disk.free_bytes_min),
      })}
    </dd>
    <dt>{t('Goes next')}</dt>
    <dd safe>{dueWords(due)}</dd>
    <dt>{t('Last clean-up')}</dt>
    <dd>{last ? <Last last={last} now={now} /> : t('Nothing had to go since the start.')}</dd>
  </dl>
)

const Last = ({ last, now }: { last: LastPass; now: number }) =>
  markup('{time}, removed {what}', {
    time: <Ago at={last.finished_at} now={now} />,
    what: <span safe>{removedWords(last.removed)}</span>,
  })

const dueWords = ({ runs, logs, outputs, bytes_over }: StorageStatus['due']) =>
  all([
    runs > 0 && counted.runs(runs),
    logs > 0 && counted.logs(logs),
    outputs > 0 && counted.outputs(outputs),
    bytes_over > 0 && say('{size} over the limit', { size: bytes(bytes_over) }),
  ])

const removedWords = ({ runs, logs, outputs, orphans, temp_items, temp_bytes, ...removed }: Removed) => {
  const words = all([
    runs > 0 && counted.runs(runs),
    logs > 0 && counted.logs(logs),
    outputs > 0 && counted.outputs(outputs),
    orphans > 0 && plural(orphans, '1 file of runs that were gone', '{n} files of runs that were gone'),
    temp_items > 0 && plural(temp_items, '1 temporary file', '{n} temporary files'),
  ])
  const freed = removed.bytes + temp_bytes
  return freed > 0 ? say('{what}: {size}', { what: words, size: bytes(freed) }) : words
}

const all = (words: (string | false)[]) => listed(words) || say('nothing')

const counted = {
  runs: (n: number) => plural(n, '1 run', '{n} runs'),
  logs: (n: number) => plural(n, '1 log', '{n} logs'),
  outputs: (n: number) => plural(n, 'files of 1 run', 'files of {n} runs'),
}
