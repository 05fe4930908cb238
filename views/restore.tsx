/** Putting a backup in place of everything, and the page that waits meanwhile. */
import { attr } from './attr.ts'
import { Gate, Refused } from './gate.tsx'
import { Page } from './layout.tsx'
import { CopyButton, Icon } from './parts.tsx'
import { markup, say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

/** A backup that was refused: the form alone, with what is wrong. */
export const RestorePage = ({ problem, viewer }: { problem: string } & Viewed) => (
  <Page title={say('Restore')} current="settings" kind="backup" viewer={viewer}>
    <div class="head">
      <ol class="crumbs" aria-label={t('Breadcrumb')}>
        <li>
          <a href="/settings#restore">{t('Settings')}</a>
        </li>
      </ol>
      <h1>{t('Restore')}</h1>
    </div>
    <RestorePanel problem={problem} />
  </Page>
)

export const RestorePanel = ({ problem = null }: { problem?: string | null }) => (
  <form
    class="panel"
    id="restore"
    method="post"
    action="/settings/restore"
    enctype="multipart/form-data"
    aria-labelledby="h-restore"
  >
    <header>
      <h2 id="h-restore">{t('Restore')}</h2>
    </header>
    <div class="body fields">
      <Refused problem={problem} />
      <p class="muted">
        {t(
          'Puts a backup in place of everything here. It is proven first: when anything is wrong with it, nothing changes. Then runs may finish, the gateway starts anew, and everybody signs in again, as somebody of the backup.',
        )}
      </p>
      <div class="fields two">
        <div class="field">
          <label for="restore-file">{t('Backup')}</label>
          <input id="restore-file" name="file" type="file" required accept=".gz,.age" />
        </div>
        <div class="field">
          <label for="restore-passphrase">
            {t('Passphrase')} <small>{t('if it is encrypted')}</small>
          </label>
          <input id="restore-passphrase" name="passphrase" type="password" maxlength="1024" autocomplete="off" />
        </div>
      </div>
      <div class="stack-1">
        <label class="check row">
          <input type="checkbox" name="confirm" value="1" required aria-describedby="restore-help" />
          {t('Replace the scripts, users, settings and history that are here')}
        </label>
        <p class="help" id="restore-help">
          {markup('They are moved aside on the machine, to {folder}, and not deleted.', {
            folder: <code>.before-restore-…</code>,
          })}
        </p>
      </div>
      <div class="field">
        <span class="label">{t('Or on the machine, with the gateway stopped')}</span>
        <div class="code">
          <pre tabindex="0" id="restore-command">
            scriptgateway restore FILE
          </pre>
          <CopyButton from="restore-command" label={say('Copy the command')} />
        </div>
        <p class="help">
          {markup('Into an empty data folder; {option} moves the old one aside.', { option: <code>--force</code> })}
        </p>
      </div>
    </div>
    <footer>
      <button class="danger" type="submit">
        <Icon name="upload" />
        {t('Restore')}
      </button>
    </footer>
  </form>
)

/** While the gateway starts anew; public/js/door.js follows the link when it is there again. */
export const RestoringPage = ({ savedAt, viewer }: { savedAt: string } & Viewed) => (
  <Gate
    title={say('The backup is being put in place')}
    viewer={viewer}
    intro={
      <p>
        {markup('The gateway starts anew, with everything as it was on {time}. Runs that go on may finish before.', {
          time: (
            <time datetime={attr(savedAt)} safe>
              {`${savedAt.slice(0, 16).replace('T', ' ')} UTC`}
            </time>
          ),
        })}
      </p>
    }
  >
    <p role="status">{t('Sign in as somebody of the backup, when the gateway answers again.')}</p>
    <div>
      <a class="button primary" href="/sign-in" data-when-ready="/ready">
        {t('To the sign-in')}
      </a>
    </div>
  </Gate>
)
