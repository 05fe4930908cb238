/** One's own account: what one may, the password, the second factor, sessions and tokens. */
import type { ApiToken, Session, User } from '../src/access/model.ts'
import type { Role } from '../src/http/caller.ts'
import { CurrentPassword, NewPassword, Refused } from './gate.tsx'
import { GrantWords } from './grants.tsx'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
import { SessionsPanel } from './sessions.tsx'
import { say, type Text, t } from './texts.ts'
import { type NamedScript, type NewTokenForm, TokensPanel } from './tokens.tsx'
import { sourceWord } from './user.tsx'
import { roleSays, roleWord, type Viewed } from './viewer.ts'

export interface AccountProps extends Viewed {
  user: User
  sessions: Session[]
  tokens: ApiToken[]
  /** The most that a token of theirs may have. */
  roleMax: Role
  /** Those that one may see. */
  scripts: NamedScript[]
  /** What was done just now. */
  done: 'password' | 'second-factor-off' | 'session' | 'sessions' | 'token' | null
  /** What was refused, and at which form. */
  refused: { at: 'password' | 'second-factor' | 'token'; message: string; token?: NewTokenForm } | null
  now: number
}

const doneWords: Record<NonNullable<AccountProps['done']>, Text> = {
  password: 'The password is changed. Your other sessions have ended.',
  'second-factor-off': 'The second factor is off. The password alone lets you in.',
  session: 'That session has ended.',
  sessions: 'You are signed out everywhere else.',
  token: 'That token is no good any more.',
}

export const AccountPage = (props: AccountProps) => {
  const { user, refused, done, viewer, now } = props
  const problemAt = (at: string) => (refused?.at === at ? refused.message : null)
  return (
    <Page title={say('Account')} current={null} kind="account" now={now} viewer={viewer}>
      <div class="head">
        <h1 safe>{user.name}</h1>
        <p>{t(roleWord(user.role))}</p>
      </div>
      {done === null ? '' : <Note kind="info" icon="success" title={say(doneWords[done])} />}
      <div class="split even">
        <div class="stack-4">
          <Rights user={user} scripts={props.scripts} />
          {user.source === 'password' ? <PasswordPanel problem={problemAt('password')} name={user.name} /> : ''}
        </div>
        <div class="stack-4">
          {user.source === 'password' ? <SecondFactorPanel user={user} problem={problemAt('second-factor')} /> : ''}
          <SessionsPanel sessions={props.sessions} action="/account/sessions" isOwn now={now} />
        </div>
      </div>
      <TokensPanel
        {...{ tokens: props.tokens, scripts: props.scripts, now }}
        make={{ roleMax: props.roleMax, problem: problemAt('token'), typed: refused?.token ?? null }}
      />
    </Page>
  )
}

const Rights = ({ user, scripts }: Pick<AccountProps, 'user' | 'scripts'>) => (
  <section class="panel" aria-labelledby="h-rights">
    <header>
      <h2 id="h-rights">{t('What you may do')}</h2>
    </header>
    <dl class="body facts-list">
      <dt>{t('Role')}</dt>
      <dd>
        {t(roleWord(user.role))}
        {user.role === null ? '' : t(': {what}', { what: say(roleSays[user.role]) })}
      </dd>
      <dt>{t('Also granted')}</dt>
      <dd>{user.grants.length === 0 ? t('Nothing') : <GrantWords grants={user.grants} scripts={scripts} />}</dd>
      <dt>{t('Signs in')}</dt>
      <dd>{sourceWord(user.source)}</dd>
    </dl>
  </section>
)

const PasswordPanel = ({ problem, name }: { problem: string | null; name: string }) => (
  <form class="panel" id="password" method="post" action="/account/password" aria-labelledby="h-password">
    <header>
      <h2 id="h-password">{t('Password')}</h2>
    </header>
    <div class="body fields">
      <Refused problem={problem} />
      <input
        class="sr"
        aria-label={t('Name')}
        name="username"
        autocomplete="username"
        value={Bun.escapeHTML(name)}
        tabindex="-1"
        readonly
      />
      <CurrentPassword id="old-password" label={t('Current password')} />
      <NewPassword id="new-password" label={t('New password')} />
    </div>
    <footer>
      <button type="submit">{t('Change it')}</button>
      <p class="help">{t('Signs you out everywhere else.')}</p>
    </footer>
  </form>
)

const SecondFactorPanel = ({ user, problem }: { user: User; problem: string | null }) => (
  <section class="panel" id="second-factor" aria-labelledby="h-second-factor">
    <header>
      <h2 id="h-second-factor">{t('Second factor')}</h2>
      {user.has_second_factor ? (
        <span class="chip push allow">
          <Icon name="check" />
          {t('On')}
        </span>
      ) : (
        <span class="chip push">{t('Off')}</span>
      )}
    </header>
    <div class="body fields">
      <Refused problem={problem} />
      <p class="muted">
        {t(
          'A code from an app on your phone, asked for beside the password. A stolen password alone lets nobody in then.',
        )}
      </p>
      {user.has_second_factor ? (
        <details open={problem !== null}>
          <summary>{t('Turn it off')}</summary>
          <form
            class="fields"
            method="post"
            action="/account/second-factor/off"
            aria-label={t('Turn the second factor off')}
          >
            <CurrentPassword id="off-password" />
            <button class="start danger" type="submit">
              {t('Turn it off')}
            </button>
          </form>
        </details>
      ) : (
        <form method="post" action="/account/second-factor">
          <button type="submit">
            <Icon name="lock" />
            {t('Set it up')}
          </button>
        </form>
      )}
    </div>
  </section>
)
