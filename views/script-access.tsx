/** Who may do what with a script, or with every script of a tag, and why. */
import type { TargetAccess, WhoMay } from '../src/access/manage.ts'
import { attr } from './attr.ts'
import { RightSelect, rightWords } from './grants.tsx'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
import { markup, plural, say, type Text, t } from './texts.ts'
import type { NamedScript } from './tokens.tsx'
import { roleWord, type Viewed } from './viewer.ts'

export interface ScriptAccessProps {
  /** Where the forms post to. */
  action: string
  what: 'script' | 'tag'
  access: TargetAccess
  /** Tags of the script that are restricted: they restrict it, too. */
  restrictedTags: string[]
  /** Whom something can be granted. */
  users: { id: number; name: string }[]
  saved: boolean
}

export const ScriptAccessTab = (props: ScriptAccessProps) => (
  <div class="split even">
    <div class="stack-4">
      {props.saved ? <Note kind="info" icon="success" title={say('Saved')} /> : ''}
      <Restriction {...props} />
      <GrantForm {...props} />
    </div>
    <People {...props} />
  </div>
)

const Restriction = ({ action, what, access: { restricted }, restrictedTags }: ScriptAccessProps) => (
  <form class="panel" method="post" action={attr(action)} aria-labelledby="h-restriction">
    <header>
      <h2 id="h-restriction">
        {restricted ? t('Restricted') : restrictedTags.length > 0 ? t('Restricted by its tags') : t('Open by role')}
      </h2>
      {restricted || restrictedTags.length > 0 ? (
        <span class="chip push">
          <Icon name="lock" />
          {t('Restricted')}
        </span>
      ) : (
        ''
      )}
    </header>
    <div class="body fields">
      <p class="muted">{restrictionWords(what, restricted || restrictedTags.length > 0)}</p>
      {restrictedTags.length === 0 ? (
        ''
      ) : (
        <p class="row">
          <span class="muted">{restricted ? t('So does a tag of it:') : t('Because of the tag')}</span>
          {restrictedTags.map((tag) => (
            <a class="chip" href={`/tags/${encodeURIComponent(tag)}/access`} safe>
              {tag}
            </a>
          ))}
        </p>
      )}
      {what === 'script' ? (
        <p class="help">
          {t(
            'Scripts of one folder can reach each other’s code. While one is restricted, only who may edit it adds files to its folder: give it a folder of its own.',
          )}
        </p>
      ) : (
        ''
      )}
    </div>
    <footer>
      <button type="submit" name="act" value={restricted ? 'open' : 'restrict'}>
        {restricted ? t('Open it by role') : restrictedTags.length > 0 ? t('Restrict it too') : t('Restrict it')}
      </button>
    </footer>
  </form>
)

function restrictionWords(what: ScriptAccessProps['what'], isRestricted: boolean): Text {
  if (what === 'tag')
    return isRestricted
      ? t('Roles say nothing about its scripts: only administrators, and who was granted something, see its scripts.')
      : t('Everybody may do with its scripts what their role says.')
  return isRestricted
    ? t('Roles say nothing about it: only administrators, and who was granted something, see it.')
    : t('Everybody may do with it what their role says.')
}

const GrantForm = ({ action, users, what }: ScriptAccessProps) => (
  <form class="panel" method="post" action={attr(action)} aria-labelledby="h-grant">
    <header>
      <h2 id="h-grant">{t('Grant')}</h2>
    </header>
    {users.length === 0 ? (
      <p class="body muted">
        {markup('There is nobody to grant it to. Accounts are made under {users}.', {
          users: <a href="/users">{t('Users')}</a>,
        })}
      </p>
    ) : (
      <div class="body wrap-row">
        <div class="field">
          <label for="grant-user">{t('User')}</label>
          <select id="grant-user" name="user_id" required>
            <option value="">{t('Choose')}</option>
            {users.map(({ id, name }) => (
              <option value={String(id)} safe>
                {name}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="grant-right">{what === 'tag' ? t('May, with its scripts') : t('May')}</label>
          <RightSelect id="grant-right" />
        </div>
        <button type="submit" name="act" value="grant">
          {t('Grant')}
        </button>
      </div>
    )}
  </form>
)

/** Whoever has something, and below who was granted something that counts for nothing now: they are disabled. */
const People = ({ access, action, what }: ScriptAccessProps) => {
  const idle = access.grants.filter(({ user_id }) => !access.who.some((one) => one.user_id === user_id))
  return (
    <section class="panel" aria-labelledby="h-people">
      <header>
        <h2 id="h-people">{t('Who may do what')}</h2>
        <span class="count">{access.who.length}</span>
      </header>
      {access.who.length + idle.length === 0 ? (
        <p class="body muted">{t('Nobody has an account.')}</p>
      ) : (
        <table class="plain-table">
          <caption class="sr">{t('Who may do what')}</caption>
          <tbody>
            {access.who.map((one) => (
              <tr>
                <td>
                  <a href={`/users/${one.user_id}`} safe>
                    {one.user}
                  </a>
                  <small>{throughWords(one, what)}</small>
                </td>
                <td>{t('may {right}', { right: say(rightWords[one.right]) })}</td>
                <td class="acts">
                  <TakeForm {...{ action, access }} id={one.user_id} name={one.user} />
                </td>
              </tr>
            ))}
            {idle.map(({ user_id, user, right }) => (
              <tr>
                <td>
                  <a href={`/users/${user_id}`} safe>
                    {user}
                  </a>
                  <small>{t('disabled; nothing counts for them')}</small>
                </td>
                <td class="muted">{t('granted to {right}', { right: say(rightWords[right]) })}</td>
                <td class="acts">
                  <TakeForm {...{ action, access }} id={user_id} name={user} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

const throughWords = ({ through, role }: WhoMay, what: ScriptAccessProps['what']): Text =>
  ({
    admin: t('administrator'),
    role: t('{role} by role', { role: say(roleWord(role)).toLowerCase() }),
    grant: t('granted'),
    tag: what === 'tag' ? t('granted') : t('granted over a tag'),
  })[through]

/** Only for what was granted right here. */
const TakeForm = ({
  action,
  access,
  id,
  name,
}: Pick<ScriptAccessProps, 'action' | 'access'> & { id: number; name: string }) =>
  access.grants.some(({ user_id }) => user_id === id) ? (
    <form class="inline" method="post" action={attr(action)}>
      <input type="hidden" name="user_id" value={String(id)} />
      <button
        class="quiet danger only small"
        type="submit"
        name="act"
        value="take"
        aria-label={t('Take away what was granted to {name}', { name })}
        title={t('Take away what was granted here')}
      >
        <Icon name="trash" />
      </button>
    </form>
  ) : (
    ''
  )

export interface TagAccessProps extends Viewed, ScriptAccessProps {
  tag: string
  scripts: NamedScript[]
  now: number
}

export const TagAccessPage = (props: TagAccessProps) => (
  <Page title={say('Tag {tag}', { tag: props.tag })} current={null} kind="tag" now={props.now} viewer={props.viewer}>
    <div class="head">
      <ol class="crumbs" aria-label={t('Breadcrumb')}>
        <li>
          <a href="/users">{t('Users')}</a>
        </li>
        <li>{t('Access by tag')}</li>
      </ol>
      <h1 safe>{props.tag}</h1>
      <p>{plural(props.scripts.length, '1 script', '{n} scripts')}</p>
    </div>
    <ul class="facts">
      {props.scripts.map(({ id, name }) => (
        <li>
          <a href={`/scripts/${id}?tab=access`} safe>
            {name}
          </a>
        </li>
      ))}
    </ul>
    <ScriptAccessTab {...props} />
  </Page>
)
