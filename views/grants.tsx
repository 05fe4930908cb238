/** Rights over single scripts and over tags, beside what a role says. */
import type { Grant, User } from '../src/access/model.ts'
import type { Right } from '../src/http/caller.ts'
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'
import type { NamedScript } from './tokens.tsx'

interface GrantsProps {
  user: User
  scripts: NamedScript[]
  tags: string[]
}

export const rightWords: Record<Right, string> = { see: 'see', run: 'see and run', edit: 'see, run and edit' }

export const GrantsPanel = ({ user, scripts, tags }: GrantsProps) => (
  <section class="panel" id="grants" aria-labelledby="h-grants">
    <header>
      <h2 id="h-grants">Granted beside the role</h2>
    </header>
    {user.grants.length === 0 ? (
      <p class="body muted">
        Nothing. A grant adds a right over one script or over all with a tag, also where access is restricted.
      </p>
    ) : (
      <table class="plain-table">
        <caption class="sr">Grants</caption>
        <tbody>
          {user.grants.map((grant) => (
            <tr>
              <td safe>{`${capital(rightWords[grant.right])} ${targetWords(grant, scripts)}`}</td>
              <td class="acts">
                <form class="inline" method="post" action={`/users/${user.id}/grants`}>
                  <input type="hidden" name="target" value={attr(targetOf(grant))} />
                  <input type="hidden" name="right" value={grant.right} />
                  <button
                    class="quiet danger only small"
                    type="submit"
                    name="act"
                    value="remove"
                    aria-label={attr(`Take away: ${rightWords[grant.right]} ${targetWords(grant, scripts)}`)}
                    title="Take away"
                  >
                    <Icon name="trash" />
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <footer>
      <form class="wrap-row grow" method="post" action={`/users/${user.id}/grants`} aria-label="Grant">
        <div class="field">
          <label for="grant-right">May</label>
          <RightSelect id="grant-right" />
        </div>
        <div class="field">
          <label for="grant-target">Script or tag</label>
          <select id="grant-target" name="target" required>
            <option value="">Choose</option>
            {tags.length === 0 ? (
              ''
            ) : (
              <Options label="Every script tagged" list={tags.map((tag) => [`tag:${tag}`, tag])} />
            )}
            {scripts.length === 0 ? (
              ''
            ) : (
              <Options label="Script" list={scripts.map(({ id, name }) => [`script:${id}`, name])} />
            )}
          </select>
        </div>
        <button type="submit" name="act" value="add">
          Grant
        </button>
      </form>
    </footer>
  </section>
)

const Options = ({ label, list }: { label: string; list: [value: string, word: string][] }) => (
  <optgroup label={label}>
    {list.map(([value, word]) => (
      <option value={attr(value)} safe>
        {word}
      </option>
    ))}
  </optgroup>
)

export const RightSelect = ({ id }: { id: string }) => (
  <select id={id} name="right">
    {Object.entries(rightWords).map(([right, word]) => (
      <option value={right} selected={right === 'run'}>
        {capital(word) as 'safe'}
      </option>
    ))}
  </select>
)

/** `script:7` or `tag:billing`, as forms send it. */
const targetOf = (grant: Grant) => ('tag' in grant ? `tag:${grant.tag}` : `script:${grant.script_id}`)

const targetWords = (grant: Grant, scripts: NamedScript[]) =>
  'tag' in grant
    ? `every script tagged ${grant.tag}`
    : (scripts.find(({ id }) => id === grant.script_id)?.name ?? `script ${grant.script_id}`)

export const GrantWords = ({ grants, scripts }: { grants: Grant[]; scripts: NamedScript[] }) => (
  <ul>
    {grants.map((grant) => (
      <li safe>{`${capital(rightWords[grant.right])} ${targetWords(grant, scripts)}`}</li>
    ))}
  </ul>
)

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
