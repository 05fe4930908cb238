/** One user, for administrators: what they may, how they sign in, and how they go. */
import type { ApiToken, Session, User, UserSource } from '../src/access/model.ts'
import { ActForm } from './actions.tsx'
import { Refused } from './gate.tsx'
import { GrantsPanel } from './grants.tsx'
import { Page } from './layout.tsx'
import { Ago, Note } from './parts.tsx'
import { SessionsPanel } from './sessions.tsx'
import { plural, say, type Text, t } from './texts.ts'
import { type NamedScript, TokensPanel } from './tokens.tsx'
import { roleHelp, roleWord, roleWords, type Viewed } from './viewer.ts'

export interface UserProps extends Viewed {
  user: User
  sessions: Session[]
  tokens: ApiToken[]
  scripts: NamedScript[]
  tags: string[]
  saved: boolean
  problem: string | null
  now: number
}

const sourceWords: Record<UserSource, Text> = {
  password: 'With a password',
  oidc: 'Through the sign-on provider',
  proxy: 'Named by a proxy',
}

export const sourceWord = (source: UserSource) => t(sourceWords[source])

export const UserPage = (props: UserProps) => {
  const { user, viewer, now, saved, problem } = props
  const isSelf = viewer?.userId === user.id
  return (
    <Page title={user.name} current={null} kind="user" now={now} viewer={viewer}>
      <div class="head">
        <ol class="crumbs" aria-label={t('Breadcrumb')}>
          <li>
            <a href="/users">{t('Users')}</a>
          </li>
        </ol>
        <h1 safe>{user.name}</h1>
        {user.disabled ? <span class="chip deny">{t('Disabled')}</span> : ''}
        <p>
          {t(roleWord(user.role))}
          {user.email === null ? '' : <> · {Bun.escapeHTML(user.email) as 'safe'}</>}
        </p>
      </div>
      <Refused problem={problem} />
      {saved && problem === null ? <Note kind="info" icon="success" title={say('Saved')} /> : ''}
      <div class="split even">
        <div class="stack-4">
          <RolePanel user={user} isSelf={isSelf} />
          <GrantsPanel {...props} />
        </div>
        <div class="stack-4">
          <SignInPanel user={user} now={now} isSelf={isSelf} />
          <SessionsPanel sessions={props.sessions} action={`/users/${user.id}/sessions`} now={now} />
        </div>
      </div>
      <TokensPanel
        {...{ tokens: props.tokens, scripts: props.scripts, now }}
        action={`/users/${user.id}/tokens/revoke`}
      />
      {isSelf ? '' : <DangerPanel {...props} />}
    </Page>
  )
}

const RolePanel = ({ user, isSelf }: { user: User; isSelf: boolean }) => (
  <form class="panel" method="post" action={`/users/${user.id}`} aria-labelledby="h-role">
    <header>
      <h2 id="h-role">{t('Role')}</h2>
    </header>
    <div class="body fields">
      <RoleChoice role={user.role} />
      {isSelf ? <p class="help">{t('This is you. The last administrator cannot become anything less.')}</p> : ''}
    </div>
    <footer>
      <button type="submit">{t('Save the role')}</button>
    </footer>
  </form>
)

/** Of a user; the empty one: only what was granted. */
export const RoleChoice = ({ role, hasLabel = false }: { role: User['role'] | undefined; hasLabel?: boolean }) => (
  <fieldset class="roles">
    <legend class={hasLabel ? 'label' : 'sr'}>{t('Role')}</legend>
    <label>
      <input type="radio" name="role" value="" checked={role === null} />
      {t('Only grants')}
      <small>{t('sees nothing but what is granted, script by script or by tag')}</small>
    </label>
    {Object.entries(roleWords).map(([name, word]) => (
      <label>
        <input type="radio" name="role" value={name} checked={name === role} />
        {t(word)}
        <small>{t(roleHelp[name as keyof typeof roleHelp])}</small>
      </label>
    ))}
  </fieldset>
)

/** One's own password and second factor are changed on one's account, by whoever knows the password. */
const SignInPanel = ({ user, now, isSelf }: { user: User; now: number; isSelf: boolean }) => (
  <section class="panel" aria-labelledby="h-sign-in">
    <header>
      <h2 id="h-sign-in">{t('Signing in')}</h2>
    </header>
    <dl class="body facts-list">
      <dt>{t('How')}</dt>
      <dd>{sourceWord(user.source)}</dd>
      <dt>{t('Second factor')}</dt>
      <dd>{user.has_second_factor ? t('On') : t('Off')}</dd>
      <dt>{t('Last seen')}</dt>
      <dd>{user.last_seen_at === null ? t('Never') : <Ago at={user.last_seen_at} now={now} />}</dd>
      <dt>{t('Since')}</dt>
      <dd>
        <Ago at={user.created_at} now={now} />
      </dd>
    </dl>
    <footer>
      {isSelf ? (
        <a class="button" href="/account">
          {t('Your account')}
        </a>
      ) : user.source === 'password' ? (
        <ActForm
          {...normal}
          action={`/users/${user.id}/password`}
          icon="key"
          word={say('New password')}
          confirm={{
            question: say('Make a new password for {name}?', { name: user.name }),
            text: say(
              'The one until now is no good any more, and every session of theirs ends. The new one is shown once.',
            ),
            yes: say('Make a new password'),
            no: say('Leave it'),
          }}
        />
      ) : (
        ''
      )}
      {user.has_second_factor && !isSelf ? (
        <ActForm
          {...normal}
          action={`/users/${user.id}/second-factor`}
          word={say('Remove the second factor')}
          confirm={{
            question: say('Remove the second factor of {name}?', { name: user.name }),
            text: say('The password alone lets them in until they set one up again.'),
            yes: say('Remove it'),
            no: say('Leave it'),
          }}
        />
      ) : (
        ''
      )}
    </footer>
  </section>
)

const DangerPanel = ({ user, tokens, sessions }: UserProps) => (
  <section class="panel danger-zone" aria-labelledby="h-danger">
    <header>
      <h2 id="h-danger">{user.disabled ? t('Let them in again, or delete them') : t('Keep them out')}</h2>
    </header>
    <div class="body fields">
      <p class="muted">
        {t(
          'Disabled, nobody can sign in as them and their tokens are refused; everything is kept. Deleted, their tokens and grants are gone for good; what they did stays in the audit log.',
        )}
      </p>
      <div class="row">
        <ActForm
          {...normal}
          action={`/users/${user.id}`}
          fields={{ disabled: user.disabled ? 'no' : 'yes' }}
          word={user.disabled ? say('Enable again') : say('Disable')}
        />
        <ActForm
          {...normal}
          kind="danger"
          action={`/users/${user.id}/delete`}
          icon="trash"
          word={say('Delete')}
          confirm={{
            question: say('Delete {name}?', { name: user.name }),
            text: say('Gone with them: {what}. It cannot be undone.', { what: goesWith(user, tokens, sessions) }),
            yes: say('Delete'),
            no: say('Keep them'),
          }}
        />
        <small class="muted">{t('Deleting takes {what} with it.', { what: goesWith(user, tokens, sessions) })}</small>
      </div>
    </div>
  </section>
)

const goesWith = (user: User, tokens: ApiToken[], sessions: Session[]) =>
  say('{tokens}, {sessions} and {grants}', {
    tokens: plural(tokens.length, '1 API token', '{n} API tokens'),
    sessions: plural(sessions.length, '1 session', '{n} sessions'),
    grants: plural(user.grants.length, '1 grant', '{n} grants'),
  })

/** Buttons of a size with those beside them. */
const normal = { kind: 'plain', isSmall: false } as const
