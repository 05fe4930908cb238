/** Users, for administrators: the list, one of them, and what becomes of the forms. */
import { NewPasswordPage } from '../../views/once.tsx'
import { say } from '../../views/texts.ts'
import { UserPage } from '../../views/user.tsx'
import { UsersPage, type UsersProps } from '../../views/users.tsx'
import type { Grant, User } from '../access/model.ts'
import { randomPassword } from '../access/secrets.ts'
import { GatewayError } from '../errors.ts'
import { type Caller, callerOf, rights, roles } from '../http/caller.ts'
import type { AccessPageDeps } from './access-deps.ts'
import { scriptsFor } from './account.tsx'
import { oneOf, sentence, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'

/** Of every script, by name. */
export const tagsOf = ({ scripts }: AccessPageDeps) =>
  [...new Set(scripts.list().flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b))

export const showUsers = (deps: AccessPageDeps, request: Request, search: URLSearchParams, now: number) =>
  html(usersPage(deps, callerOf(request), { deleted: search.has('deleted'), refused: null }, now))

function usersPage(
  deps: AccessPageDeps,
  viewer: Caller,
  said: Pick<UsersProps, 'deleted' | 'refused'>,
  now: number,
): JSX.Element {
  const { manage, restrictions } = deps.accounts
  const tags = tagsOf(deps)
  const restrictedTags = tags.filter((tag) => restrictions.has({ tag }))
  return <UsersPage {...{ users: manage.listUsers(), tags, restrictedTags, viewer, now, ...said }} />
}

/** The first password, in this answer alone. */
export async function postUser(deps: AccessPageDeps, request: Request, form: URLSearchParams, now: number) {
  const caller = callerOf(request)
  const typed = { name: textIn(form, 'name'), email: textIn(form, 'email'), role: oneOf(roles, form.get('role')) }
  const password = randomPassword()
  try {
    const given = { ...typed, email: typed.email || null, password }
    return passwordPage(deps, caller, await deps.accounts.manage.createUser(caller, given), { password, isNew: true })
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const refused = { ...typed, message: sentence(error.message) }
    return html(usersPage(deps, caller, { deleted: false, refused }, now), { status: error.status })
  }
}

const passwordPage = (
  deps: AccessPageDeps,
  viewer: Caller,
  { id, name }: User,
  shown: { password: string; isNew: boolean },
) => html(<NewPasswordPage user={{ id, name }} {...shown} signInUrl={`${deps.baseUrl()}/sign-in`} viewer={viewer} />)

/** Throws `not_found`. */
export function showUser(
  deps: AccessPageDeps,
  request: Request,
  id: number,
  {
    saved = false,
    refused = null as GatewayError | null,
    now,
  }: { saved?: boolean; refused?: GatewayError | null; now: number },
): Response {
  const { manage, tokens } = deps.accounts
  const viewer = callerOf(request)
  const page = (
    <UserPage
      user={manage.getUser(id)}
      sessions={manage.sessionsOf(id, viewer)}
      tokens={tokens.list(id)}
      scripts={scriptsFor(deps, viewer)}
      tags={tagsOf(deps)}
      problem={refused ? sentence(refused.message) : null}
      {...{ saved, viewer, now }}
    />
  )
  return html(page, refused ? { status: refused.status, headers: refused.headers } : {})
}

/** What an administrator does with one user: 303 to their page, or the page with what was refused. */
type Act = (deps: AccessPageDeps, caller: Caller, id: number, form: URLSearchParams) => unknown

const acts = {
  /** Role, or disabled; the form has one of the two. */
  async update({ accounts }, caller, id, form) {
    const disabled = oneOf(['yes', 'no'], form.get('disabled'))
    await accounts.manage.updateUser(
      caller,
      id,
      disabled ? { disabled: disabled === 'yes' } : { role: oneOf(roles, form.get('role')) },
    )
  },
  async grants({ accounts: { manage } }, caller, id, form) {
    const target = targetIn(form.get('target') ?? '')
    const right = oneOf(rights, form.get('right'))
    if (!target || !right) throw new GatewayError('validation', 'Choose a script or a tag, and what they may do.')
    const others = manage.getUser(id).grants.filter((grant) => !isSameTarget(grant, target))
    const grants = form.get('act') === 'remove' ? others : [...others, { ...target, right }]
    await manage.updateUser(caller, id, { grants })
  },
  secondFactor: ({ accounts }, caller, id) => accounts.manage.endSecondFactorOf(caller, id),
  sessions({ accounts: { manage } }, caller, id, form) {
    if (form.get('act') === 'others') manage.endSessionsOf(caller, id)
    else manage.endSessionOf(caller, id, Number(form.get('id')))
  },
  token({ accounts }, caller, id, form) {
    const token = accounts.tokens.get(Number(form.get('id')))
    if (token?.userId !== id) throw new GatewayError('not_found', say('They have no such token any more.'))
    accounts.own.revokeToken(caller, token.id)
  },
} satisfies Record<string, Act>

export type UserAct = keyof typeof acts

export async function actOnUser(
  deps: AccessPageDeps,
  request: Request,
  act: UserAct,
  id: number,
  form: URLSearchParams,
  now: number,
): Promise<Response> {
  try {
    await acts[act](deps, callerOf(request), id, form)
    return seeOther(`/users/${id}?saved=1`)
  } catch (error) {
    if (!(error instanceof GatewayError) || !isThere(deps, id)) throw error
    return showUser(deps, request, id, { refused: error, now })
  }
}

const isThere = ({ accounts }: AccessPageDeps, id: number) => accounts.users.find(id) !== undefined

/** The new password, in this answer alone. */
export async function postNewPassword(deps: AccessPageDeps, request: Request, id: number): Promise<Response> {
  const caller = callerOf(request)
  const password = randomPassword()
  const user = await deps.accounts.manage.updateUser(caller, id, { password })
  return passwordPage(deps, caller, user, { password, isNew: false })
}

export function postDelete(deps: AccessPageDeps, request: Request, id: number, now: number): Response {
  try {
    deps.accounts.manage.removeUser(callerOf(request), id)
    return seeOther('/users?deleted=1')
  } catch (error) {
    if (!(error instanceof GatewayError) || !isThere(deps, id)) throw error
    return showUser(deps, request, id, { refused: error, now })
  }
}

/** `script:7` or `tag:billing`. */
function targetIn(text: string): { script_id: number } | { tag: string } | null {
  const [, kind, name = ''] = /^(script|tag):(.+)$/s.exec(text) ?? []
  if (kind === 'tag') return { tag: name }
  return kind === 'script' && /^[1-9]\d{0,14}$/.test(name) ? { script_id: Number(name) } : null
}

const isSameTarget = (grant: Grant, target: { script_id: number } | { tag: string }) =>
  'tag' in target
    ? 'tag' in grant && grant.tag === target.tag
    : 'script_id' in grant && grant.script_id === target.script_id
