/** Who may do what with a script or a tag: what is shown, and what becomes of the forms. */
import { scriptName } from '../../views/parts.tsx'
import { type ScriptAccessProps, TagAccessPage } from '../../views/script-access.tsx'
import { say } from '../../views/texts.ts'
import type { AccessTarget, Manage } from '../access/manage.ts'
import type { Restrictions } from '../access/restrictions.ts'
import { GatewayError } from '../errors.ts'
import { callerOf, rights } from '../http/caller.ts'
import type { Script } from '../scripts/model.ts'
import type { AccessPageDeps } from './access-deps.ts'
import { oneOf } from './form.ts'
import { html, seeOther } from './html.tsx'

/** What the tab of a script's page needs. */
export interface PageScriptAccess {
  accessOf: Manage['accessOf']
  listUsers: Manage['listUsers']
  isRestricted: Restrictions['has']
}

export function scriptAccessProps(
  { accessOf, listUsers, isRestricted }: PageScriptAccess,
  script: Script,
  search: URLSearchParams,
): ScriptAccessProps {
  return {
    action: `/scripts/${script.id}/access`,
    what: 'script',
    access: accessOf(targetOf(script)),
    restrictedTags: script.tags.filter((tag) => isRestricted({ tag })),
    users: listUsers(),
    saved: search.has('saved'),
  }
}

const targetOf = (script: Script): AccessTarget => ({
  script: { id: script.id, tags: script.tags, name: script.filename },
})

export function showTagAccess(
  deps: AccessPageDeps,
  request: Request,
  tag: string,
  search: URLSearchParams,
  now: number,
) {
  const { manage } = deps.accounts
  const tagged = deps.scripts.list().filter(({ tags }) => tags.includes(tag))
  const access = manage.accessOf({ tag })
  if (tagged.length === 0 && !access.restricted && access.grants.length === 0)
    throw new GatewayError('not_found', say('No script has this tag, and nothing was granted over it.'))
  return html(
    <TagAccessPage
      {...{ tag, access, now, action: `/tags/${encodeURIComponent(tag)}/access`, what: 'tag' }}
      scripts={tagged.map((script) => ({ id: script.id, name: scriptName(script) }))}
      restrictedTags={[]}
      users={manage.listUsers()}
      saved={search.has('saved')}
      viewer={callerOf(request)}
    />,
  )
}

export function postScriptAccess(deps: AccessPageDeps, request: Request, idOrSlug: string, form: URLSearchParams) {
  const found = deps.scripts.find(idOrSlug)
  if (!found) throw new GatewayError('not_found', say('There is no such script.'))
  change(deps, request, targetOf(found.script), form)
  return seeOther(`/scripts/${found.script.id}?tab=access&saved=1`)
}

export function postTagAccess(deps: AccessPageDeps, request: Request, tag: string, form: URLSearchParams) {
  change(deps, request, { tag }, form)
  return seeOther(`/tags/${encodeURIComponent(tag)}/access?saved=1`)
}

/** Throws `validation`. */
function change(
  { accounts: { manage } }: AccessPageDeps,
  request: Request,
  target: AccessTarget,
  form: URLSearchParams,
) {
  const { restricted, grants } = manage.accessOf(target)
  const act = oneOf(['restrict', 'open', 'grant', 'take'], form.get('act'))
  const userId = Number(form.get('user_id') || Number.NaN)
  const right = oneOf(rights, form.get('right'))
  const others = grants.filter(({ user_id }) => user_id !== userId)
  const set = (after: { restricted?: boolean; grants?: { user_id: number; right: (typeof rights)[number] }[] }) =>
    manage.setAccess(callerOf(request), target, { restricted, grants, ...after })
  if (act === 'restrict' || act === 'open') return set({ restricted: act === 'restrict' })
  if (act === 'take') return set({ grants: others })
  if (act !== 'grant' || !right || !Number.isSafeInteger(userId))
    throw new GatewayError('validation', 'Choose a user, and what they may do.')
  return set({ grants: [...others, { user_id: userId, right }] })
}
