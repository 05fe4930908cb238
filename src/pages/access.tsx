/** The pages about who comes in and who may what. Every form is a plain one; what was done is told after a 303. */
import { Elysia } from 'elysia'
import { say } from '../../views/texts.ts'
import { GatewayError } from '../errors.ts'
import { acts, actsItself, asPage, callerOf, forRole, open, openBeforeSetup, signedIn } from '../http/caller.ts'
import type { AccessPageDeps } from './access-deps.ts'
import * as account from './account.tsx'
import { showAudit, verifyAudit } from './audit.tsx'
import { postBackup, postImport, showImport } from './backup.tsx'
import { readForm } from './form.ts'
import { guarded, refuseForeign } from './html.tsx'
import { postRestore } from './restore.tsx'
import { postScriptAccess, postTagAccess, showTagAccess } from './script-access.tsx'
import * as door from './sign-in.tsx'
import { actOnUser, postDelete, postNewPassword, postUser, showUser, showUsers, type UserAct } from './users.tsx'

export type { AccessPageDeps, PageBackup } from './access-deps.ts'

interface Context {
  request: Request
  params: Record<string, string>
  server: { timeout(request: Request, seconds: number): void } | null
}

type Handle = (context: Context) => Response | Promise<Response>
type WithForm = (context: Context, form: URLSearchParams) => Response | Promise<Response>

/** An Elysia instance with the pages of setup, sign-in, account, users, access, audit log, backup and import. */
export function accessPages(deps: AccessPageDeps) {
  const now = () => deps.now?.() ?? Date.now()
  const search = ({ request }: Context) => new URL(request.url).searchParams
  const page = (handle: Handle) => guarded<Context>(deps.report, handle, ({ request }) => callerOf(request))
  const post = (handle: WithForm) =>
    page(async (context) => {
      refuseForeign(context.request)
      return handle(context, await readForm(context.request))
    })
  const onUser = (act: UserAct) =>
    post((context, form) => actOnUser(deps, context.request, act, idOf(context), form, now()))

  const oidc = () => {
    if (!deps.oidc) throw new GatewayError('not_found', 'No sign-on provider is set (OIDC_ISSUER).')
    return deps.oidc
  }
  const admin = asPage(forRole('admin'))
  const form = { parse: 'none', ...actsItself, detail: { hide: true } } as const
  const hidden = { detail: { hide: true } }

  return new Elysia({ name: 'access-pages' })
    .get(
      '/setup',
      page(() => door.showSetup(deps)),
      { ...asPage(openBeforeSetup), ...hidden },
    )
    .post(
      '/setup',
      post(({ request }, sent) => door.postSetup(deps, request, sent)),
      { ...asPage(openBeforeSetup), ...form },
    )
    .get(
      '/sign-in',
      page((context) => door.showSignIn(deps, context.request, search(context))),
      { ...asPage(open), ...hidden },
    )
    .post(
      '/sign-in',
      post(({ request }, sent) => door.postSignIn(deps, request, sent)),
      { ...asPage(open), ...form },
    )
    .get(
      '/sign-in/oidc',
      page(({ request }) => oidc().begin(request)),
      { ...asPage(open), ...actsItself, ...hidden },
    )
    .get(
      '/sign-in/oidc/callback',
      page(({ request }) => oidc().finish(request)),
      { ...asPage(open), ...actsItself, ...hidden },
    )
    .post(
      '/sign-in/code',
      post(({ request }, sent) => door.postCode(deps, request, sent)),
      { ...asPage(open), ...form },
    )
    .post(
      '/sign-out',
      post(({ request }) => door.postSignOut(deps, request)),
      { ...asPage(open), ...form },
    )

    .get(
      '/account',
      page((context) => account.showAccount(deps, context.request, search(context), now())),
      {
        ...asPage(signedIn),
        ...hidden,
      },
    )
    .post(
      '/account/password',
      post(({ request }, sent) => account.postPassword(deps, request, sent, now())),
      {
        ...asPage(signedIn),
        ...form,
      },
    )
    .post(
      '/account/second-factor',
      post(({ request }) => account.postSecondFactor(deps, request, now())),
      {
        ...asPage(signedIn),
        ...form,
      },
    )
    .post(
      '/account/second-factor/confirm',
      post(({ request }, sent) => account.postConfirm(deps, request, sent)),
      {
        ...asPage(signedIn),
        ...form,
      },
    )
    .post(
      '/account/second-factor/off',
      post(({ request }, sent) => account.postSecondFactorOff(deps, request, sent, now())),
      {
        ...asPage(signedIn),
        ...form,
      },
    )
    .post(
      '/account/sessions',
      post(({ request }, sent) => account.postSession(deps, request, sent)),
      {
        ...asPage(signedIn),
        ...form,
      },
    )
    .post(
      '/account/tokens',
      post(({ request }, sent) => account.postToken(deps, request, sent, now())),
      {
        ...asPage(signedIn),
        ...form,
      },
    )
    .post(
      '/account/tokens/revoke',
      post(({ request }, sent) => account.postRevoke(deps, request, sent)),
      {
        ...asPage(signedIn),
        ...form,
      },
    )

    .get(
      '/users',
      page((context) => showUsers(deps, context.request, search(context), now())),
      { ...admin, ...hidden },
    )
    .post(
      '/users',
      post(({ request }, sent) => postUser(deps, request, sent, now())),
      { ...admin, ...form },
    )
    .get(
      '/users/:id',
      page((context) =>
        showUser(deps, context.request, idOf(context), { saved: search(context).has('saved'), now: now() }),
      ),
      { ...admin, ...hidden },
    )
    .post('/users/:id', onUser('update'), { ...admin, ...form })
    .post('/users/:id/grants', onUser('grants'), { ...admin, ...form })
    .post('/users/:id/second-factor', onUser('secondFactor'), { ...admin, ...form })
    .post('/users/:id/sessions', onUser('sessions'), { ...admin, ...form })
    .post('/users/:id/tokens/revoke', onUser('token'), { ...admin, ...form })
    .post(
      '/users/:id/password',
      post((context) => postNewPassword(deps, context.request, idOf(context))),
      { ...admin, ...form },
    )
    .post(
      '/users/:id/delete',
      post((context) => postDelete(deps, context.request, idOf(context), now())),
      { ...admin, ...form },
    )

    .post(
      '/scripts/:id/access',
      post(({ request, params }, sent) => postScriptAccess(deps, request, params.id!, sent)),
      {
        ...admin,
        ...form,
      },
    )
    .get(
      '/tags/:tag/access',
      page((context) => showTagAccess(deps, context.request, context.params.tag!, search(context), now())),
      { ...admin, ...hidden },
    )
    .post(
      '/tags/:tag/access',
      post(({ request, params }, sent) => postTagAccess(deps, request, params.tag!, sent)),
      {
        ...admin,
        ...form,
      },
    )

    .get(
      '/audit',
      page((context) => showAudit(deps, context.request, search(context), now())),
      { ...admin, ...hidden },
    )
    .post('/audit/verify', post(patiently(({ request }) => verifyAudit(deps, request, now()))), { ...admin, ...form })
    .post('/settings/backup', post(patiently(({ request }, sent) => postBackup(deps, request, sent))), {
      ...{ ...admin, ...form, ...acts('backup.create') },
    })
    .post(
      '/settings/restore',
      page(
        patiently(({ request }) => {
          refuseForeign(request)
          return postRestore(deps, request)
        }),
      ),
      { ...admin, ...form, ...acts('gateway.restore') },
    )
    .get(
      '/import',
      page(({ request }) => showImport(request)),
      { ...asPage(forRole('editor')), ...hidden },
    )
    .post(
      '/import',
      page(
        patiently((context) => {
          refuseForeign(context.request)
          return postImport(deps, context.request, search(context).get('overwrite') === '1')
        }),
      ),
      { ...asPage(forRole('editor')), ...form, ...acts('script.import') },
    )
}

/** What may take longer than a connection may be silent. */
const patiently =
  <Rest extends unknown[]>(handle: (context: Context, ...rest: Rest) => Response | Promise<Response>) =>
  (context: Context, ...rest: Rest) => {
    context.server?.timeout(context.request, 0)
    return handle(context, ...rest)
  }

/** Throws `not_found` for what is no number of a user. */
function idOf({ params }: Context): number {
  if (!/^[1-9]\d{0,14}$/.test(params.id!)) throw new GatewayError('not_found', say('There is no such user.'))
  return Number(params.id)
}
