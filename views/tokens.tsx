/** API tokens of one user: what there is, a form to make one, and a button that ends one. */
import type { ApiToken } from '../src/access/model.ts'
import type { Role } from '../src/http/caller.ts'
import { attr } from './attr.ts'
import { Refused } from './gate.tsx'
import { Ago, exact, Icon } from './parts.tsx'
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
      <h2 id="h-tokens">API tokens</h2>
      <span class="count">{props.tokens.length}</span>
      <small class="muted push only-wide">For programs: they send one as a header.</small>
    </header>
    {props.tokens.length === 0 ? (
      <p class="body muted">{props.make ? 'None yet. A program that calls a script needs one.' : 'None.'}</p>
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
      <caption class="sr">API tokens</caption>
      <thead>
        <tr>
          <th>Name</th>
          <th>May</th>
          <th>Ends</th>
          <th class="p1">Last used</th>
          <th>
            <span class="sr">Actions</span>
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
              {roleWords[token.role] as 'safe'}
              <small safe>{scopeWords(token, scripts)}</small>
            </td>
            <td class="c-when">
              <span class="only-stacked">Ends: </span>
              <Ends token={token} now={now} />
            </td>
            <td class="line last-used muted">
              <span class="only-stacked">Last used: </span>
              {token.last_used_at === null ? (
                'Never'
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
    <span class="muted">Never</span>
  ) : Date.parse(token.expires_at) <= now ? (
    <span class="warned">
      <Icon name="warn" />
      Has ended
    </span>
  ) : (
    <time datetime={token.expires_at} title={exact(token.expires_at)}>
      {token.expires_at.slice(0, 10) as 'safe'}
    </time>
  )

const namesShown = 3

function scopeWords({ script_ids }: ApiToken, scripts: NamedScript[]): string {
  if (script_ids === null) return 'every script of its owner'
  const names = script_ids.map((id) => scripts.find((script) => script.id === id)?.name ?? `script ${id}`)
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : ''
  return `only ${names.slice(0, namesShown).join(', ')}${more}`
}

const RevokeForm = ({ token, action }: { token: ApiToken; action: string }) => (
  <form
    class="inline"
    method="post"
    action={attr(action)}
    data-confirm={attr(`Revoke “${token.name}”?`)}
    data-confirm-text="Whatever uses it is refused from now on."
    data-confirm-yes="Revoke"
    data-confirm-no="Keep it"
  >
    <input type="hidden" name="id" value={String(token.id)} />
    <button class="quiet danger only small" type="submit" aria-label={attr(`Revoke ${token.name}`)} title="Revoke">
      <Icon name="trash" />
    </button>
  </form>
)

const roles = ['viewer', 'operator', 'editor', 'admin'] as const
export const tokenDays = ['30', '90', '365', ''] as const
const daysWords: Record<string, string> = { 30: '30 days', 90: '90 days', 365: 'A year', '': 'Never' }

const NewToken = ({ scripts, roleMax, problem, typed }: MakeProps & { scripts: NamedScript[] }) => {
  const mine = roles.slice(0, roles.indexOf(roleMax) + 1)
  const chosenRole = mine.find((one) => one === typed?.role) ?? (mine.includes('operator') ? 'operator' : 'viewer')
  return (
    <details class="grow" open={problem !== null}>
      <summary>Make a token</summary>
      <form class="fields" method="post" action="/account/tokens" aria-label="Make a token">
        <Refused problem={problem} />
        <div class="fields two">
          <div class="field">
            <label for="token-name">Name</label>
            <input
              id="token-name"
              name="name"
              required
              maxlength="100"
              placeholder="What uses it, such as n8n"
              autocomplete="off"
              value={attr(typed?.name ?? '')}
            />
          </div>
          <div class="field">
            <label for="token-days">Ends after</label>
            <select id="token-days" name="days">
              {tokenDays.map((days) => (
                <option value={days} selected={days === (typed?.days ?? '90')}>
                  {daysWords[days] as 'safe'}
                </option>
              ))}
            </select>
          </div>
        </div>
        <fieldset class="roles">
          <legend class="label">May</legend>
          {mine.map((one) => (
            <label>
              <input type="radio" name="role" value={one} checked={one === chosenRole} />
              {roleWords[one] as 'safe'}
              <small>{roleHelp[one] as 'safe'}</small>
            </label>
          ))}
        </fieldset>
        {scripts.length === 0 ? '' : <OnlyScripts scripts={scripts} chosen={typed?.script_ids ?? []} />}
        <button class="start primary" type="submit">
          Make the token
        </button>
      </form>
    </details>
  )
}

const OnlyScripts = ({ scripts, chosen }: { scripts: NamedScript[]; chosen: number[] }) => (
  <details open={chosen.length > 0}>
    <summary>Only some scripts</summary>
    <fieldset class="fields">
      <legend class="sr">Only these scripts</legend>
      <p class="help">With none marked, it may do its part with every script that you may.</p>
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
