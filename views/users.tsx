/** Everybody who has an account, and a form for one more. */
import type { User } from '../src/access/model.ts'
import { attr } from './attr.ts'
import { Refused } from './gate.tsx'
import { Page } from './layout.tsx'
import { Ago, Icon, Note } from './parts.tsx'
import { plural, say, t } from './texts.ts'
import { RoleChoice, sourceWord } from './user.tsx'
import { roleWord, type Viewed } from './viewer.ts'

export interface UsersProps extends Viewed {
  users: User[]
  /** Tags over which a role says nothing. */
  restrictedTags: string[]
  tags: string[]
  /** Who was deleted just now. */
  deleted: boolean
  refused: { message: string; name: string; email: string; role: User['role'] } | null
  now: number
}

export const UsersPage = (props: UsersProps) => (
  <Page title={say('Users')} current={null} kind="users" now={props.now} viewer={props.viewer}>
    <div class="head">
      <h1>{t('Users')}</h1>
      <p>{plural(props.users.length, '1 account', '{n} accounts')}</p>
    </div>
    {props.deleted ? <Note kind="info" icon="success" title={say('Deleted')} /> : ''}
    <div class="split side">
      <div class="stack-4">{props.users.length === 0 ? <NoUsers /> : <UsersTable {...props} />}</div>
      <div class="stack-4">
        <NewUser {...props} />
        <Tags {...props} />
      </div>
    </div>
  </Page>
)

const NoUsers = () => (
  <div class="panel">
    <div class="empty">
      <Icon name="user" />
      <h2>{t('Nobody has an account')}</h2>
      <p>{t('With access control on, the first start prints a link to make the first administrator.')}</p>
    </div>
  </div>
)

const UsersTable = ({ users, viewer, now }: UsersProps) => (
  <div class="table-wrap">
    <table class="stack">
      <caption class="sr">{t('Users')}</caption>
      <thead>
        <tr>
          <th>{t('Name')}</th>
          <th>{t('Role')}</th>
          <th class="p1 p2">{t('Signs in')}</th>
          <th class="p1">{t('Second factor')}</th>
          <th>{t('Last seen')}</th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr>
            <td class="c-name">
              <a href={`/users/${user.id}`} data-open-row safe>
                {user.name}
              </a>{' '}
              {user.id === viewer?.userId ? <span class="chip">{t('You')}</span> : ''}
              {user.disabled ? <span class="chip deny">{t('Disabled')}</span> : ''}
              {user.email === null ? '' : <small safe>{user.email}</small>}
            </td>
            <td class="line">
              {t(roleWord(user.role))}
              {user.grants.length === 0 ? (
                ''
              ) : (
                <small>{plural(user.grants.length, 'and 1 grant', 'and {n} grants')}</small>
              )}
            </td>
            <td class="p1 p2 muted">{sourceWord(user.source)}</td>
            <td class="p1">{user.has_second_factor ? <On /> : <span class="muted">{t('Off')}</span>}</td>
            <td class="c-when muted">
              {user.last_seen_at === null ? t('Never') : <Ago at={user.last_seen_at} now={now} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const On = () => (
  <span class="state" data-state="active">
    <span class="dot" />
    {t('On')}
  </span>
)

const NewUser = ({ refused }: UsersProps) => (
  <form class="panel" id="new-user" method="post" action="/users" aria-labelledby="h-new-user">
    <header>
      <h2 id="h-new-user">{t('New user')}</h2>
    </header>
    <div class="body fields">
      <Refused problem={refused?.message ?? null} />
      <div class="field">
        <label for="new-user-name">{t('Name')}</label>
        <input
          id="new-user-name"
          name="name"
          required
          maxlength="64"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          value={attr(refused?.name ?? '')}
        />
      </div>
      <div class="field">
        <label for="new-user-email">
          {t('E-mail')} <small>{t('optional')}</small>
        </label>
        <input
          id="new-user-email"
          name="email"
          type="email"
          maxlength="200"
          autocomplete="off"
          value={attr(refused?.email ?? '')}
        />
      </div>
      <RoleChoice hasLabel role={refused === null ? 'operator' : refused.role} />
    </div>
    <footer>
      <button class="primary" type="submit">
        {t('Make the account')}
      </button>
      <p class="help">{t('Its first password is made here and shown once.')}</p>
    </footer>
  </form>
)

const Tags = ({ tags, restrictedTags }: UsersProps) => (
  <section class="panel" aria-labelledby="h-tags">
    <header>
      <h2 id="h-tags">{t('Access by tag')}</h2>
    </header>
    <div class="body fields">
      <p class="muted">
        {tags.length === 0
          ? t('No script has a tag yet. All scripts of one tag can be granted, or restricted, together.')
          : t('A restricted tag closes its scripts to everybody but administrators and who was granted them.')}
      </p>
      <div class="chips">
        {tags.map((tag) => (
          <a class="chip" href={`/tags/${encodeURIComponent(tag)}/access`}>
            {restrictedTags.includes(tag) ? <Icon name="lock" /> : ''}
            <span safe>{tag}</span>
          </a>
        ))}
      </div>
    </div>
  </section>
)
