/** Who may do what with a script, or with every script of a tag, and why. */
import type { TargetAccess, WhoMay } from '../src/access/manage.ts'
import { attr } from './attr.ts'
import { RightSelect, rightWords } from './grants.tsx'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
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
      {props.saved ? <Note kind="info" icon="success" title="Saved" /> : ''}
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
        {restricted ? 'Restricted' : restrictedTags.length > 0 ? 'Restricted by its tags' : 'Open by role'}
      </h2>
      {restricted || restrictedTags.length > 0 ? (
        <span class="chip push">
          <Icon name="lock" />
          Restricted
        </span>
      ) : (
        ''
      )}
    </header>
    <div class="body fields">
      <p class="muted">{restrictionWords(what, restricted || restrictedTags.length > 0) as 'safe'}</p>
      {restrictedTags.length === 0 ? (
        ''
      ) : (
        <p class="row">
          <span class="muted">{restricted ? 'So does a tag of it:' : 'Because of the tag'}</span>
          {restrictedTags.map((tag) => (
            <a class="chip" href={`/tags/${encodeURIComponent(tag)}/access`} safe>
              {tag}
            </a>
          ))}
        </p>
      )}
      {what === 'script' ? (
        <p class="help">
          Scripts of one folder can reach each other’s code. While one is restricted, only who may edit it adds files to
          its folder: give it a folder of its own.
        </p>
      ) : (
        ''
      )}
    </div>
    <footer>
      <button type="submit" name="act" value={restricted ? 'open' : 'restrict'}>
        {restricted ? 'Open it by role' : restrictedTags.length > 0 ? 'Restrict it too' : 'Restrict it'}
      </button>
    </footer>
  </form>
)

function restrictionWords(what: ScriptAccessProps['what'], isRestricted: boolean): string {
  const it = what === 'tag' ? 'its scripts' : 'it'
  return isRestricted
    ? `Roles say nothing about ${it}: only administrators, and who was granted something, see ${it}.`
    : `Everybody may do with ${it} what their role says.`
}

const GrantForm = ({ action, users, what }: ScriptAccessProps) => (
  <form class="panel" method="post" action={attr(action)} aria-labelledby="h-grant">
    <header>
      <h2 id="h-grant">Grant</h2>
    </header>
    {users.length === 0 ? (
      <p class="body muted">
        There is nobody to grant it to. Accounts are made under <a href="/users">Users</a>.
      </p>
    ) : (
      <div class="body wrap-row">
        <div class="field">
          <label for="grant-user">User</label>
          <select id="grant-user" name="user_id" required>
            <option value="">Choose</option>
            {users.map(({ id, name }) => (
              <option value={String(id)} safe>
                {name}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="grant-right">{what === 'tag' ? 'May, with its scripts' : 'May'}</label>
          <RightSelect id="grant-right" />
        </div>
        <button type="submit" name="act" value="grant">
          Grant
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
        <h2 id="h-people">Who may do what</h2>
        <span class="count">{access.who.length}</span>
      </header>
      {access.who.length + idle.length === 0 ? (
        <p class="body muted">Nobody has an account.</p>
      ) : (
        <table class="plain-table">
          <caption class="sr">Who may do what</caption>
          <tbody>
            {access.who.map((one) => (
              <tr>
                <td>
                  <a href={`/users/${one.user_id}`} safe>
                    {one.user}
                  </a>
                  <small>{throughWords(one, what) as 'safe'}</small>
                </td>
                <td>{`may ${rightWords[one.right]}` as 'safe'}</td>
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
                  <small>disabled; nothing counts for them</small>
                </td>
                <td class="muted">{`granted to ${rightWords[right]}` as 'safe'}</td>
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

const throughWords = ({ through, role }: WhoMay, what: ScriptAccessProps['what']) =>
  ({
    admin: 'administrator',
    role: `${roleWord(role).toLowerCase()} by role`,
    grant: 'granted',
    tag: what === 'tag' ? 'granted' : 'granted over a tag',
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
        aria-label={attr(`Take away what was granted to ${name}`)}
        title="Take away what was granted here"
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
  <Page title={`Tag ${props.tag}`} current={null} kind="tag" now={props.now} viewer={props.viewer}>
    <div class="head">
      <ol class="crumbs" aria-label="Breadcrumb">
        <li>
          <a href="/users">Users</a>
        </li>
        <li>Access by tag</li>
      </ol>
      <h1 safe>{props.tag}</h1>
      <p>{(props.scripts.length === 1 ? '1 script' : `${props.scripts.length} scripts`) as 'safe'}</p>
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
