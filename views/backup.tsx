/** Making a backup, and taking in scripts that were exported elsewhere. */
import type { ImportedSchedule } from '../src/backup/script-schedules.ts'
import { Refused } from './gate.tsx'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
import { listed, markup, say, t } from './texts.ts'
import type { NamedScript } from './tokens.tsx'
import type { Viewed } from './viewer.ts'

export interface BackupProps {
  /** What was refused at the passphrase, and what was asked for. */
  problem?: string | null
  keys?: boolean
  outputs?: boolean
}

/** A backup that was refused: its form alone, with what to mend. */
export const BackupPage = ({ viewer, ...props }: BackupProps & Viewed) => (
  <Page title={say('Backup')} current="settings" kind="backup" viewer={viewer}>
    <div class="head">
      <ol class="crumbs" aria-label={t('Breadcrumb')}>
        <li>
          <a href="/settings#backup">{t('Settings')}</a>
        </li>
      </ol>
      <h1>{t('Backup')}</h1>
    </div>
    <BackupPanel {...props} />
  </Page>
)

/** The answer is the file: the page stays. */
export const BackupPanel = ({ problem = null, keys = false, outputs = false }: BackupProps) => (
  <form class="panel" id="backup" method="post" action="/settings/backup" aria-labelledby="h-backup">
    <header>
      <h2 id="h-backup">{t('Backup')}</h2>
    </header>
    <div class="body fields">
      <p class="muted">
        {t(
          'One file with the scripts, the settings, users and history, as they are at this moment. Runs go on meanwhile. Nobody’s session is in it.',
        )}
      </p>
      <div class="fields two">
        <div class="field">
          <label for="backup-passphrase">
            {t('Passphrase')} <small>{t('optional')}</small>
          </label>
          <input
            id="backup-passphrase"
            name="passphrase"
            type="password"
            minlength="12"
            maxlength="1024"
            autocomplete="new-password"
            aria-describedby={`backup-passphrase-help${problem === null ? '' : ' backup-passphrase-error'}`}
            aria-invalid={problem === null ? undefined : 'true'}
            autofocus={problem !== null}
          />
          {problem === null ? (
            ''
          ) : (
            <p class="error" id="backup-passphrase-error" role="alert">
              <Icon name="warn" />
              <span safe>{problem}</span>
            </p>
          )}
          <p class="help" id="backup-passphrase-help">
            {t('At least 12 characters. It encrypts the file (age), which nobody opens without.')}
          </p>
        </div>
        <div class="stack-1">
          <label class="check row">
            <input type="checkbox" name="keys" value="1" checked={keys} />
            {t('With the key for secrets')}
          </label>
          <p class="help">
            {t('Needs a passphrase. Without the key, the values of secrets cannot be read after a restore elsewhere.')}
          </p>
          <label class="check row">
            <input type="checkbox" name="outputs" value="1" checked={outputs} />
            {t('With logs and result files')}
          </label>
        </div>
      </div>
    </div>
    <footer>
      <button class="primary" type="submit">
        <Icon name="download" />
        {t('Make a backup')}
      </button>
    </footer>
  </form>
)

export interface ImportProps extends Viewed {
  problem: string | null
  /** What came in just now, and what is to be done by hand. */
  done: {
    scripts: NamedScript[]
    secrets: (NamedScript & { names: string[] })[]
    /** Those that lack something, or were not made. */
    schedules: (NamedScript & { schedule: ImportedSchedule })[]
  } | null
}

export const ImportPage = ({ problem, done, viewer }: ImportProps) => (
  <Page title={say('Import')} current="scripts" kind="import" viewer={viewer}>
    <div class="head">
      <ol class="crumbs" aria-label={t('Breadcrumb')}>
        <li>
          <a href="/">{t('Scripts')}</a>
        </li>
      </ol>
      <h1>{t('Import')}</h1>
      <p>{t('What another gateway’s Export made: a script with everything that belongs to it.')}</p>
    </div>
    <div class="gate wide flush">
      <Refused problem={problem} />
      {done === null ? '' : <Done {...done} />}
      <form class="panel" method="post" action="/import" enctype="multipart/form-data" aria-label={t('Import')}>
        <div class="body fields">
          <div class="field">
            <label for="import-file">{t('File')}</label>
            <input id="import-file" name="file" type="file" required accept=".gz,.tgz,application/gzip" />
            <p class="help">
              {t(
                'It ends in .scriptgateway.tar.gz. A script that is here already is left alone, unless you import over it.',
              )}
            </p>
          </div>
        </div>
        <footer>
          <button class="primary" type="submit">
            <Icon name="upload" />
            {t('Import')}
          </button>
          <button type="submit" formaction="/import?overwrite=1">
            {t('Import over what is there')}
          </button>
        </footer>
      </form>
    </div>
  </Page>
)

const lackWords = ({ paused, lacks }: ImportedSchedule) =>
  say(
    paused ? 'is paused, and lacks what never leaves a gateway: {what}.' : 'lacks what never leaves a gateway: {what}.',
    { what: listed(lacks) },
  )

const Done = ({ scripts, secrets, schedules }: NonNullable<ImportProps['done']>) => (
  <Note
    kind="info"
    icon="success"
    id="form-message"
    title={scripts.length === 1 ? say('It is here') : say('They are here')}
  >
    <p>
      {scripts.map(({ id, name }, index) => (
        <>
          {index === 0 ? '' : t(', ')}
          <a href={`/scripts/${id}`} safe>
            {name}
          </a>
        </>
      ))}
    </p>
    {
      secrets
        .map(({ id, name, names }) => (
          <p>
            {markup('Values of secrets never leave a gateway. Set those of {script} again: {names}', {
              script: (
                <a href={`/scripts/${id}?tab=variables`} safe>
                  {name}
                </a>
              ),
              names: <code safe>{names.join(', ')}</code>,
            })}
          </p>
        ))
        .join('') as 'safe'
    }
    {
      schedules
        .map(({ id, name, schedule }) => (
          <p>
            <a
              href={`/scripts/${id}/schedules${schedule.schedule_id === null ? '' : `/${schedule.schedule_id}`}`}
              safe
            >{`${name}: ${schedule.cron_expression}`}</a>{' '}
            <span safe>{schedule.problem ?? lackWords(schedule)}</span>
          </p>
        ))
        .join('') as 'safe'
    }
  </Note>
)
