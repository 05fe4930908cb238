/** Rights over single scripts and over tags, beside what a role says. */
import type { Grant, User } from '../src/access/model.ts'
import type { Right } from '../src/http/caller.ts'
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'
import { say, type Text, t } from './texts.ts'
import type { NamedScript } from './tokens.tsx'

interface GrantsProps {
  user: User
  scripts: NamedScript[]
  tags: string[]
}

export const rightWords = { see: 'see', run: 'see and run', edit: 'see, run and edit' } satisfies Record<Right, Text>

export const GrantsPanel = ({ user, scripts, tags }: GrantsProps) => (
  <section class="panel" id="grants" aria-labelledby="h-grants">
    <header>
      <h2 id="h-grants">{t('Granted beside the role')}</h2>
    </header>
    {user.grants.length === 0 ? (
      <p class="body muted">
        {t('Nothing. A grant adds a right over one script or over all with a tag, also where access is restricted.')}
      </p>
    ) : (
      <table class="plain-table">
        <caption class="sr">{t('Grants')}</caption>
        <tbody>
          {user.grants.map((grant) => (
            <tr>
              <td safe>{grantWords(grant, scripts)}</td>
              <td class="acts">
                <form class="inline" method="post" action={`/users/${user.id}/grants`}>
                  <input type="hidden" name="target" value={attr(targetOf(grant))} />
                  <input type="hidden" name="right" value={grant.right} />
                  <button
                    class="quiet danger only small"
                    type="submit"
                    name="act"
                    value="remove"
                    aria-label={t('Take away: {what}', { what: grantWords(grant, scripts) })}
                    title={t('Take away')}
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
      <form class="wrap-row grow" method="post" action={`/users/${user.id}/grants`} aria-label={t('Grant')}>
        <div class="field">
          <label for="grant-right">{t('May')}</label>
          <RightSelect id="grant-right" />
        </div>
        <div class="field">
          <label for="grant-target">{t('Script or tag')}</label>
          <select id="grant-target" name="target" required>
            <option value="">{t('Choose')}</option>
            {tags.length === 0 ? (
              ''
            ) : (
              <Options label={say('Every script tagged')} list={tags.map((tag) => [`tag:${tag}`, tag])} />
            )}
            {scripts.length === 0 ? (
              ''
            ) : (
              <Options label={say('Script')} list={scripts.map(({ id, name }) => [`script:${id}`, name])} />
            )}
          </select>
        </div>
        <button type="submit" name="act" value="add">
          {t('Grant')}
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
        {capital(say(word)) as 'safe'}
      </option>
    ))}
  </select>
)

/** `script:7` or `tag:billing`, as forms send it. */
const targetOf = (grant: Grant) => ('tag' in grant ? `tag:${grant.tag}` : `script:${grant.script_id}`)

/** "See and run every script tagged billing" */
const grantWords = (grant: Grant, scripts: NamedScript[]) =>
  capital(say('{right} {target}', { right: say(rightWords[grant.right]), target: targetWords(grant, scripts) }))

const targetWords = (grant: Grant, scripts: NamedScript[]) =>
  'tag' in grant
    ? say('every script tagged {tag}', { tag: grant.tag })
    : (scripts.find(({ id }) => id === grant.script_id)?.name ?? say('script {id}', { id: grant.script_id }))

export const GrantWords = ({ grants, scripts }: { grants: Grant[]; scripts: NamedScript[] }) => (
  <ul>
    {grants.map((grant) => (
      <li safe>{grantWords(grant, scripts)}</li>
    ))}
  </ul>
)

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
