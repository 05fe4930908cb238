/** What is shown once and never again: a token, a password, recovery codes. The answer of a post; never kept by browsers. */
import { attr } from './attr.ts'
import { CodeField, Gate, Refused } from './gate.tsx'
import { CopyButton, Icon, Note } from './parts.tsx'
import { gap, markup, say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

const Once = () => (
  <Note kind="warn" icon="eye" title={say('Shown this once')}>
    <p>{t('Nobody can look it up again, the gateway keeps only what it needs to recognise it. Copy it now.')}</p>
  </Note>
)

const Secret = ({ id, text, label }: { id: string; text: string; label: string }) => (
  <div class="secret">
    <code id={id} safe>
      {text}
    </code>
    <CopyButton from={id} label={label} word={say('Copy')} />
  </div>
)

export interface NewTokenProps extends Viewed {
  name: string
  token: string
  /** With the token in it, to copy. */
  call: string
  /** Where to go on. */
  back: string
}

export const NewTokenPage = ({ name, token, call, back, viewer }: NewTokenProps) => (
  <Gate wide title={say('Your new token')} viewer={viewer} intro={<p>{t('It is called “{name}”.', { name })}</p>}>
    <section class="panel" aria-label={t('The token')}>
      <div class="body fields">
        <Once />
        <Secret id="new-token" text={token} label={say('Copy the token')} />
        <div class="field">
          <span class="label">{t('Try it')}</span>
          <div class="code wrap">
            <pre tabindex="0" id="token-call" safe>
              {call}
            </pre>
            <CopyButton from="token-call" label={say('Copy the call')} />
          </div>
          <p class="help">
            {t('Programs send it as a header. It does not belong into an address or into a repository.')}
          </p>
        </div>
      </div>
      <footer>
        <a class="button primary" href={attr(back)}>
          {t('I have it')}
        </a>
      </footer>
    </section>
  </Gate>
)

export interface NewPasswordProps extends Viewed {
  user: { id: number; name: string }
  password: string
  isNew: boolean
  signInUrl: string
}

export const NewPasswordPage = ({ user, password, isNew, signInUrl, viewer }: NewPasswordProps) => (
  <Gate
    wide
    viewer={viewer}
    title={say(isNew ? 'A new user' : 'A new password')}
    intro={
      <p>
        {markup('For {name}.', { name: <b safe>{user.name}</b> })}
        {gap()}
        {isNew ? '' : t('Every session of theirs has ended.')}
      </p>
    }
  >
    <section class="panel" aria-label={t('The password')}>
      <div class="body fields">
        <Once />
        <Secret id="new-password" text={password} label={say('Copy the password')} />
        <p class="help">
          {markup(
            'Give it to them in person or by a way that you trust. They sign in at {address} and choose their own under Account.',
            { address: <code safe>{signInUrl}</code> },
          )}
        </p>
      </div>
      <footer>
        <a class="button primary" href={`/users/${user.id}`}>
          {t('I have it')}
        </a>
      </footer>
    </section>
  </Gate>
)

export interface EnrolProps extends Viewed {
  /** Drawn by us from the key, until the first code was right; null where none waits for one. */
  scan: { svg: string; secret: string } | null
  problem: string | null
}

export const EnrolPage = ({ scan, problem, viewer }: EnrolProps) => (
  <Gate
    wide={scan !== null}
    viewer={viewer}
    title={say('Second factor')}
    intro={<p>{t('A code from your phone beside the password: who has only one of them does not come in.')}</p>}
  >
    <form class="panel" method="post" action="/account/second-factor/confirm" aria-label={t('Second factor')}>
      <div class="body fields">
        <Refused problem={problem} />
        {scan === null ? '' : <Scan {...scan} />}
        <CodeField help={say('The six digits that the app shows now.')} focus />
      </div>
      <footer>
        <button class="primary" type="submit">
          {t('Turn it on')}
        </button>
        <a class="button quiet" href="/account#second-factor">
          {t('Leave it')}
        </a>
      </footer>
    </form>
  </Gate>
)

/** The picture is markup that the gateway makes itself: squares, and nothing that anybody typed. */
const Scan = ({ svg, secret }: { svg: string; secret: string }) => (
  <ol class="steps">
    <li>
      <p>{t('Open an authenticator app on your phone, and scan this.')}</p>
      <div class="qr" role="img" aria-label={t('QR code with the key for the app')}>
        {svg as 'safe'}
      </div>
      <details>
        <summary>{t('Type the key instead')}</summary>
        <Secret id="totp-secret" text={secret} label={say('Copy the key')} />
      </details>
    </li>
    <li>
      <p>{t('Type the code that it shows.')}</p>
    </li>
  </ol>
)

export interface RecoveryProps extends Viewed {
  codes: string[]
}

export const RecoveryPage = ({ codes, viewer }: RecoveryProps) => (
  <Gate
    wide
    viewer={viewer}
    title={say('Second factor is on')}
    intro={<p>{t('Keep these recovery codes: each lets you in once, when the phone is not there.')}</p>}
  >
    <section class="panel" aria-label={t('Recovery codes')}>
      <div class="body fields">
        <Once />
        <ul class="recovery" id="recovery-codes">
          {codes.map((code) => (
            <li safe>{`${code}\n`}</li>
          ))}
        </ul>
        <div class="row">
          <CopyButton from="recovery-codes" label={say('Copy the codes')} word={say('Copy')} />
          <button
            class="small needs-js"
            type="button"
            data-save="recovery-codes"
            data-save-as="scriptgateway-recovery-codes.txt"
          >
            <Icon name="download" />
            {t('Save as a file')}
          </button>
        </div>
      </div>
      <footer>
        <a class="button primary" href="/account#second-factor">
          {t('I have them')}
        </a>
      </footer>
    </section>
  </Gate>
)
