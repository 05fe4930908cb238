/** API tokens of one user: what there is, a form to make one, and a button that ends one. */
import type { ApiToken } from '../src/access/model.ts'
import type { Role } from '../src/http/caller.ts'
import { ActForm } from './actions.tsx'
import { attr } from './attr.ts'
import { Refused } from './gate.tsx'
import { Ago, exact, Icon } from './parts.tsx'
import { say, type Text, t } from './texts.ts'
import { roleHelp, roleWords } from './viewer.ts'

export interface NamedScript {
  id: number
  name: string
}

/** As it was typed. */
export interface NewTokenForm {
  name: string
  role: string
  days: string
  script_ids: number[]
}

interface MakeProps {
  /** A token never does more than its owner. */
  roleMax: Role
  problem: string | null
  typed: NewTokenForm | null
}

export interface TokensProps {
  tokens: ApiToken[]
  scripts: NamedScript[]
  /** Only one's own can be made; left out for those of others. */
  make?: MakeProps
  /** Where a token is ended; one's own under /account/tokens. */
  action?: string
  now: number
}

export const TokensPanel = (props: TokensProps) => (
  <section class="panel" id="tokens" aria-labelledby="h-tokens">
    <header>
      <h2 id="h-tokens">{t('API tokens')}</h2>
      <span class="count">{props.tokens.length}</span>
      <small class="muted push only-wide">{t('For programs: they send one as a header.')}</small>
    </header>
    {props.tokens.length === 0 ? (
      <p class="body muted">{props.make ? t('None yet. A program that calls a script needs one.') : t('None.')}</p>
    ) : (
      <Table {...props} />
    )}
    {props.make ? (
      <footer>
        <NewToken {...props.make} scripts={props.scripts} />
      </footer>
    ) : (
      ''
    )}
  </section>
)

const Table = ({ tokens, scripts, action = '/account/tokens/revoke', now }: TokensProps) => (
  <div class="table-wrap plain">
    <table class="stack">
      <caption class="sr">{t('API tokens')}</caption>
      <thead>
        <tr>
          <th>{t('Name')}</th>
          <th>{t('May')}</th>
          <th>{t('Ends')}</th>
          <th class="p1">{t('Last used')}</th>
          <th>
            <span class="sr">{t('Actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr>
            <td class="c-name">
              <b safe>{token.name}</b>
              <small class="mono" safe>{`${token.hint}…`}</small>
            </td>
            <td class="line">
              {t(roleWords[token.role])}
              <small safe>{scopeWords(token, scripts)}</small>
            </td>
            <td class="c-when">
              <span class="only-stacked">{t('Ends: ')}</span>
              <Ends token={token} now={now} />
            </td>
            <td class="line last-used muted">
              <span class="only-stacked">{t('Last used: ')}</span>
              {token.last_used_at === null ? (
                t('Never')
              ) : (
                <>
                  <Ago at={token.last_used_at} now={now} />
                  <small class="mono" safe>
                    {token.last_used_address ?? ''}
                  </small>
                </>
              )}
            </td>
            <td class="acts">
              <RevokeForm token={token} action={action} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const Ends = ({ token, now }: { token: ApiToken; now: number }) =>
  token.expires_at === null ? (
    <span class="muted">{t('Never')}</span>
  ) : Date.parse(token.expires_at) <= now ? (
    <span class="warned">
      <Icon name="warn" />
      {t('Has ended')}
    </span>
  ) : (
    <time datetime={token.expires_at} title={exact(token.expires_at)}>
      {token.expires_at.slice(0, 10) as 'safe'}
    </time>
  )

const namesShown = 3

function scopeWords({ script_ids }: ApiToken, scripts: NamedScript[]): string {
  if (script_ids === null) return say('every script of its owner')
  const names = script_ids.map((id) => scripts.find((script) => script.id === id)?.name ?? say('script {id}', { id }))
  const shown = names.slice(0, namesShown).join(', ')
  return names.length > namesShown
    ? say('only {names} and {n} more', { names: shown, n: names.length - namesShown })
    : say('only {names}', { names: shown })
}

const RevokeForm = ({ token, action }: { token: ApiToken; action: string }) => (
  <ActForm
    kind="danger"
    action={action}
    icon="trash"
    fields={{ id: token.id }}
    title={say('Revoke')}
    label={say('Revoke {name}', { name: token.name })}
    confirm={{
      question: say('Revoke “{name}”?', { name: token.name }),
      text: say('Whatever uses it is refused from now on.'),
      yes: say('Revoke'),
      no: say('Keep it'),
    }}
  />
)

const roles = ['viewer', 'operator', 'editor', 'admin'] as const
export const tokenDays = ['30', '90', '365', ''] as const
const daysWords: Record<(typeof tokenDays)[number], Text> = {
  30: '30 days',
  90: '90 days',
  365: 'A year',
  '': 'Never',
}

const NewToken = ({ scripts, roleMax, problem, typed }: MakeProps & { scripts: NamedScript[] }) => {
  const mine = roles.slice(0, roles.indexOf(roleMax) + 1)
  const chosenRole = mine.find((one) => one === typed?.role) ?? (mine.includes('operator') ? 'operator' : 'viewer')
  return (
    <details class="grow" open={problem !== null}>
      <summary>{t('Make a token')}</summary>
      <form class="fields" method="post" action="/account/tokens" aria-label={t('Make a token')}>
        <Refused problem={problem} />
        <div class="fields two">
          <div class="field">
            <label for="token-name">{t('Name')}</label>
            <input
              id="token-name"
              name="name"
              required
              maxlength="100"
              placeholder={t('What uses it, such as n8n')}
              autocomplete="off"
              value={attr(typed?.name ?? '')}
            />
          </div>
          <div class="field">
            <label for="token-days">{t('Ends after')}</label>
            <select id="token-days" name="days">
              {tokenDays.map((days) => (
                <option value={days} selected={days === (typed?.days ?? '90')}>
                  {t(daysWords[days])}
                </option>
              ))}
            </select>
          </div>
        </div>
        <fieldset class="roles">
          <legend class="label">{t('May')}</legend>
          {mine.map((one) => (
            <label>
              <input type="radio" name="role" value={one} checked={one === chosenRole} />
              {t(roleWords[one])}
              <small>{t(roleHelp[one])}</small>
            </label>
          ))}
        </fieldset>
        {scripts.length === 0 ? '' : <OnlyScripts scripts={scripts} chosen={typed?.script_ids ?? []} />}
        <button class="start primary" type="submit">
          {t('Make the token')}
        </button>
      </form>
    </details>
  )
}

const OnlyScripts = ({ scripts, chosen }: { scripts: NamedScript[]; chosen: number[] }) => (
  <details open={chosen.length > 0}>
    <summary>{t('Only some scripts')}</summary>
    <fieldset class="fields">
      <legend class="sr">{t('Only these scripts')}</legend>
      <p class="help">{t('With none marked, it may do its part with every script that you may.')}</p>
      <div class="pick">
        {scripts.map(({ id, name }) => (
          <label>
            <input type="checkbox" name="script_id" value={String(id)} checked={chosen.includes(id)} />
            <span class="cut" safe>
              {name}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  </details>
)
