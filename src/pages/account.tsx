/** One's own account: what is shown, and what becomes of its forms. What is secret is shown in the answer itself, once. */
import { AccountPage, type AccountProps } from '../../views/account.tsx'
import { curlCall, listCall } from '../../views/calls.ts'
import { EnrolPage, NewTokenPage, RecoveryPage } from '../../views/once.tsx'
import { scriptName } from '../../views/parts.tsx'
import { type NewTokenForm, tokenDays } from '../../views/tokens.tsx'
import { tokenRoleMax } from '../access/rights.ts'
import { GatewayError } from '../errors.ts'
import { type Caller, callerOf, type Role, roles } from '../http/caller.ts'
import type { AccessPageDeps, ScriptWithParams } from './access-deps.ts'
import { oneOf, sentence, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'

const dayMs = 24 * 60 * 60_000
const doneWords = ['password', 'second-factor-off', 'session', 'sessions', 'token'] as const

export const showAccount = (deps: AccessPageDeps, request: Request, search: URLSearchParams, now: number) =>
  html(accountPage(deps, callerOf(request), { done: oneOf(doneWords, search.get('done')), refused: null }, now))

function accountPage(
  deps: AccessPageDeps,
  caller: Caller,
  said: Pick<AccountProps, 'done' | 'refused'>,
  now: number,
): JSX.Element {
  const { own } = deps.accounts
  const sessions = own.listSessions(caller) // throws for whoever is no person
  const user = own.me(caller).user!
  const shown = { user, sessions, tokens: own.listTokens(caller), roleMax: tokenRoleMax(user), ...said }
  return <AccountPage {...shown} scripts={scriptsFor(deps, caller)} viewer={caller} now={now} />
}

/** Those that the caller may see, by name. */
export const scriptsFor = ({ scripts }: AccessPageDeps, caller: Caller) =>
  scripts
    .list()
    .filter((script) => caller.may('see', script))
    .map((script) => ({ id: script.id, name: scriptName(script) }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))

/** Answers the page with what was refused at that form; passes on what is no refusal. */
function refusedAt(
  deps: AccessPageDeps,
  caller: Caller,
  error: unknown,
  about: Omit<NonNullable<AccountProps['refused']>, 'message'>,
  now: number,
): Response {
  if (!(error instanceof GatewayError) || (caller.kind !== 'user' && error.type === 'forbidden')) throw error
  const refused = { ...about, message: sentence(error.message) }
  return html(accountPage(deps, caller, { done: null, refused }, now), {
    status: error.status,
    headers: error.headers,
  })
}

export async function postPassword(deps: AccessPageDeps, request: Request, form: URLSearchParams, now: number) {
  const caller = callerOf(request)
  try {
    const given = { current: form.get('password') ?? '', next: form.get('new_password') ?? '' }
    await deps.accounts.own.changePassword(caller, given)
    return seeOther('/account?done=password')
  } catch (error) {
    return refusedAt(deps, caller, error, { at: 'password' }, now)
  }
}

/** The key, as a picture and as text, in this answer alone. */
export function postSecondFactor(deps: AccessPageDeps, request: Request, now: number): Response {
  const caller = callerOf(request)
  try {
    const scan = deps.accounts.own.beginSecondFactor(caller)
    return html(<EnrolPage scan={scan} problem={null} viewer={caller} />)
  } catch (error) {
    return refusedAt(deps, caller, error, { at: 'second-factor' }, now)
  }
}

/** The recovery codes; after a wrong code the form as it was, with the key that waits. */
export function postConfirm(deps: AccessPageDeps, request: Request, form: URLSearchParams): Response {
  const caller = callerOf(request)
  try {
    const codes = deps.accounts.own.confirmSecondFactor(caller, textIn(form, 'code'))
    return html(<RecoveryPage codes={codes} viewer={caller} />)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.type === 'forbidden') throw error
    const page = (
      <EnrolPage
        scan={deps.accounts.own.waitingSecondFactor(caller)}
        problem={sentence(error.message)}
        viewer={caller}
      />
    )
    return html(page, { status: error.status, headers: error.headers })
  }
}

export async function postSecondFactorOff(deps: AccessPageDeps, request: Request, form: URLSearchParams, now: number) {
  const caller = callerOf(request)
  try {
    await deps.accounts.own.endSecondFactor(caller, { password: form.get('password') ?? '' })
    return seeOther('/account?done=second-factor-off#second-factor')
  } catch (error) {
    return refusedAt(deps, caller, error, { at: 'second-factor' }, now)
  }
}

export function postSession({ accounts: { own } }: AccessPageDeps, request: Request, form: URLSearchParams): Response {
  const caller = callerOf(request)
  if (form.get('act') === 'others') {
    own.endOtherSessions(caller)
    return seeOther('/account?done=sessions#sessions')
  }
  own.endSession(caller, Number(form.get('id')))
  return seeOther('/account?done=session#sessions')
}

/** The token, in this answer alone. */
export function postToken(deps: AccessPageDeps, request: Request, form: URLSearchParams, now: number): Response {
  const caller = callerOf(request)
  const typed: NewTokenForm = {
    name: textIn(form, 'name'),
    role: form.get('role') ?? '',
    days: oneOf(tokenDays, form.get('days')) ?? '90',
    script_ids: form.getAll('script_id').map(Number).filter(Number.isSafeInteger),
  }
  try {
    const { token, secret } = deps.accounts.own.createToken(caller, {
      name: typed.name,
      role: roleIn(typed.role),
      script_ids: typed.script_ids.length === 0 ? null : typed.script_ids,
      expires_at: typed.days === '' ? null : new Date(now + Number(typed.days) * dayMs).toISOString(),
    })
    const call = callWith(secret, scriptFor(deps, token.role, caller, token.script_ids), deps.baseUrl())
    const shown = { name: token.name, token: secret, call, back: '/account#tokens' }
    return html(<NewTokenPage {...shown} viewer={caller} />)
  } catch (error) {
    return refusedAt(deps, caller, error, { at: 'token', token: typed }, now)
  }
}

function roleIn(text: string): Role {
  const role = oneOf(roles, text)
  if (!role) throw new GatewayError('validation', 'Choose what the token may do.')
  return role
}

const callWith = (token: string, found: ScriptWithParams | undefined, baseUrl: string) =>
  found
    ? curlCall({ url: `${baseUrl}/api/scripts/${found.script.slug}/run`, params: found.params, token })
    : listCall(baseUrl, token)

/** One that the token can run, rather one that needs no file; undefined for a token that only looks. */
function scriptFor({ scripts }: AccessPageDeps, role: Role, caller: Caller, ids: number[] | null) {
  if (role === 'viewer') return
  const usable = scripts
    .list()
    .filter(({ id, state }) => state === 'active' && (ids === null || ids.includes(id)))
    .filter((script) => caller.may('run', script))
    .slice(0, triedScriptsMax)
    .flatMap(({ id }) => scripts.find(String(id)) ?? [])
  return usable.find(({ params }) => params.every(({ type, required }) => type !== 'file' || !required)) ?? usable[0]
}

const triedScriptsMax = 100

export function postRevoke({ accounts }: AccessPageDeps, request: Request, form: URLSearchParams): Response {
  accounts.own.revokeToken(callerOf(request), Number(form.get('id')))
  return seeOther('/account?done=token#tokens')
}
