/** One user, for administrators: what they may, how they sign in, and how they go. */
import type { ApiToken, Session, User, UserSource } from '../src/access/model.ts'
import { attr } from './attr.ts'
import { Refused } from './gate.tsx'
import { GrantsPanel } from './grants.tsx'
import { Page } from './layout.tsx'
import { Ago, Icon, Note } from './parts.tsx'
import { SessionsPanel } from './sessions.tsx'
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

const sourceWords: Record<UserSource, string> = {
  password: 'With a password',
  oidc: 'Through the sign-on provider',
  proxy: 'Named by a proxy',
}

export const sourceWord = (source: UserSource) => sourceWords[source]

export const UserPage = (props: UserProps) => {
  const { user, viewer, now, saved, problem } = props
  const isSelf = viewer?.userId === user.id
  return (
    <Page title={user.name} current={null} kind="user" now={now} viewer={viewer}>
      <div class="head">
        <ol class="crumbs" aria-label="Breadcrumb">
          <li>
            <a href="/users">Users</a>
          </li>
        </ol>
        <h1 safe>{user.name}</h1>
        {user.disabled ? <span class="chip deny">Disabled</span> : ''}
        <p>
          {roleWord(user.role) as 'safe'}
          {user.email === null ? '' : <> · {Bun.escapeHTML(user.email) as 'safe'}</>}
        </p>
      </div>
      <Refused problem={problem} />
      {saved && problem === null ? <Note kind="info" icon="success" title="Saved" /> : ''}
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
      <h2 id="h-role">Role</h2>
    </header>
    <div class="body fields">
      <RoleChoice role={user.role} />
      {isSelf ? <p class="help">This is you. The last administrator cannot become anything less.</p> : ''}
    </div>
    <footer>
      <button type="submit">Save the role</button>
    </footer>
  </form>
)

/** Of a user; the empty one: only what was granted. */
export const RoleChoice = ({ role, hasLabel = false }: { role: User['role'] | undefined; hasLabel?: boolean }) => (
  <fieldset class="roles">
    <legend class={hasLabel ? 'label' : 'sr'}>Role</legend>
    <label>
      <input type="radio" name="role" value="" checked={role === null} />
      Only grants
      <small>sees nothing but what is granted, script by script or by tag</small>
    </label>
    {Object.entries(roleWords).map(([name, word]) => (
      <label>
        <input type="radio" name="role" value={name} checked={name === role} />
        {word as 'safe'}
        <small>{roleHelp[name as keyof typeof roleHelp] as 'safe'}</small>
      </label>
    ))}
  </fieldset>
)

/** One's own password and second factor are changed on one's account, by whoever knows the password. */
const SignInPanel = ({ user, now, isSelf }: { user: User; now: number; isSelf: boolean }) => (
  <section class="panel" aria-labelledby="h-sign-in">
    <header>
      <h2 id="h-sign-in">Signing in</h2>
    </header>
    <dl class="body facts-list">
      <dt>How</dt>
      <dd>{sourceWord(user.source) as 'safe'}</dd>
      <dt>Second factor</dt>
      <dd>{user.has_second_factor ? 'On' : 'Off'}</dd>
      <dt>Last seen</dt>
      <dd>{user.last_seen_at === null ? 'Never' : <Ago at={user.last_seen_at} now={now} />}</dd>
      <dt>Since</dt>
      <dd>
        <Ago at={user.created_at} now={now} />
      </dd>
    </dl>
    <footer>
      {isSelf ? (
        <a class="button" href="/account">
          Your account
        </a>
      ) : user.source === 'password' ? (
        <form
          method="post"
          action={`/users/${user.id}/password`}
          data-confirm={attr(`Make a new password for ${user.name}?`)}
          data-confirm-text="The one until now is no good any more, and every session of theirs ends. The new one is shown once."
          data-confirm-yes="Make a new password"
          data-confirm-no="Leave it"
        >
          <button type="submit">
            <Icon name="key" />
            New password
          </button>
        </form>
      ) : (
        ''
      )}
      {user.has_second_factor && !isSelf ? (
        <form
          method="post"
          action={`/users/${user.id}/second-factor`}
          data-confirm={attr(`Remove the second factor of ${user.name}?`)}
          data-confirm-text="The password alone lets them in until they set one up again."
          data-confirm-yes="Remove it"
          data-confirm-no="Leave it"
        >
          <button type="submit">Remove the second factor</button>
        </form>
      ) : (
        ''
      )}
    </footer>
  </section>
)

const DangerPanel = ({ user, tokens, sessions }: UserProps) => (
  <section class="panel danger-zone" aria-labelledby="h-danger">
    <header>
      <h2 id="h-danger">{user.disabled ? 'Let them in again, or delete them' : 'Keep them out'}</h2>
    </header>
    <div class="body fields">
      <p class="muted">
        Disabled, nobody can sign in as them and their tokens are refused; everything is kept. Deleted, their tokens and
        grants are gone for good; what they did stays in the audit log.
      </p>
      <div class="row">
        <form method="post" action={`/users/${user.id}`}>
          <button type="submit" name="disabled" value={user.disabled ? 'no' : 'yes'}>
            {user.disabled ? 'Enable again' : 'Disable'}
          </button>
        </form>
        <form
          method="post"
          action={`/users/${user.id}/delete`}
          data-confirm={attr(`Delete ${user.name}?`)}
          data-confirm-text={`Gone with them: ${goesWith(user, tokens, sessions)}. It cannot be undone.`}
          data-confirm-yes="Delete"
          data-confirm-no="Keep them"
        >
          <button class="danger" type="submit">
            <Icon name="trash" />
            Delete
          </button>
        </form>
        <small class="muted">{`Deleting takes ${goesWith(user, tokens, sessions)} with it.` as 'safe'}</small>
      </div>
    </div>
  </section>
)

const goesWith = (user: User, tokens: ApiToken[], sessions: Session[]) =>
  `${counted(tokens.length, 'API token')}, ${counted(sessions.length, 'session')} and ${counted(user.grants.length, 'grant')}`

const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
