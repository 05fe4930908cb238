/** /api/users, and who may what with a script or a tag: for administrators. */
import { Elysia } from 'elysia'
import type { Receive } from '../files/receive.ts'
import { actsItself, type Caller, callerOf, forRole, type Guarded } from '../http/caller.ts'
import type { Accounts } from './accounts.ts'
import {
  accessAnswers,
  accessBody,
  endedAnswers,
  goneAnswers,
  idParam,
  newUserAnswers,
  newUserBody,
  scriptParam,
  sessionAnswers,
  tagParam,
  userAnswers,
  userBody,
  usersAnswers,
} from './schemas.ts'

export interface UserRoutesDeps {
  accounts: Pick<Accounts, 'manage'>
  receive: Pick<Receive, 'json'>
  /** Throws `not_found`. */
  scriptOf(idOrSlug: string): Guarded & { name: string }
}

export const pageOf = <T>(items: T[]) => ({ items, total: items.length, page: 1, page_size: items.length })
export const gone = () => new Response(null, { status: 204 })
export const acting = { ...actsItself, parse: 'none' } as const

export function userRoutes({ accounts: { manage }, receive, scriptOf }: UserRoutesDeps) {
  const admin = forRole('admin')
  /** Within the limit of a body; the second one is for the document, and finds the body read. */
  const parse = [({ request }: { request: Request }) => receive.json(request), 'json' as const]
  const change = { ...admin, ...actsItself, parse }
  const act = { ...admin, ...acting }
  const accessOf = (caller: Caller, id: string, body?: typeof accessBody.static) =>
    body ? manage.setAccess(caller, { script: scriptOf(id) }, body) : manage.accessOf({ script: scriptOf(id) })

  return new Elysia({ tags: ['Users'] })
    .get('/api/users', () => pageOf(manage.listUsers()), {
      ...admin,
      detail: { summary: 'Every user', responses: usersAnswers },
    })
    .post(
      '/api/users',
      async ({ body, request, set }) => {
        const user = await manage.createUser(callerOf(request), body)
        set.status = 201
        return user
      },
      { ...change, body: newUserBody, detail: { summary: 'Make a user', responses: newUserAnswers } },
    )
    .get('/api/users/:id', ({ params }) => manage.getUser(params.id), {
      ...{ ...admin, params: idParam },
      detail: { summary: 'One user', responses: userAnswers },
    })
    .patch('/api/users/:id', ({ params, body, request }) => manage.updateUser(callerOf(request), params.id, body), {
      ...{ ...change, params: idParam, body: userBody },
      detail: {
        summary: 'Change a user',
        description: 'What is left out stays. A new password, or being disabled, ends its sessions.',
        responses: userAnswers,
      },
    })
    .delete(
      '/api/users/:id',
      ({ params, request }) => {
        manage.removeUser(callerOf(request), params.id)
        return gone()
      },
      {
        ...{ ...act, params: idParam },
        detail: { summary: 'Remove a user with its sessions and tokens', responses: goneAnswers },
      },
    )
    .get('/api/users/:id/sessions', ({ params, request }) => pageOf(manage.sessionsOf(params.id, callerOf(request))), {
      ...{ ...admin, params: idParam },
      detail: { summary: "A user's sessions", responses: sessionAnswers },
    })
    .delete(
      '/api/users/:id/sessions',
      ({ params, request }) => ({ ended: manage.endSessionsOf(callerOf(request), params.id) }),
      { ...act, params: idParam, detail: { summary: "End a user's sessions", responses: endedAnswers } },
    )
    .delete(
      '/api/users/:id/second-factor',
      ({ params, request }) => {
        manage.endSecondFactorOf(callerOf(request), params.id)
        return gone()
      },
      {
        ...{ ...act, params: idParam },
        detail: { summary: "Turn a user's second factor off", responses: goneAnswers },
      },
    )
    .get('/api/scripts/:id/access', ({ params, request }) => accessOf(callerOf(request), params.id), {
      ...{ ...admin, params: scriptParam },
      detail: { summary: 'Who may what with a script', responses: accessAnswers },
    })
    .put('/api/scripts/:id/access', ({ params, body, request }) => accessOf(callerOf(request), params.id, body), {
      ...{ ...change, params: scriptParam, body: accessBody },
      detail: { summary: 'Say who may what with a script', description: about, responses: accessAnswers },
    })
    .get('/api/tags/:tag/access', ({ params: { tag } }) => manage.accessOf({ tag }), {
      ...{ ...admin, params: tagParam },
      detail: { summary: 'Who may what with the scripts of a tag', responses: accessAnswers },
    })
    .put(
      '/api/tags/:tag/access',
      ({ params: { tag }, body, request }) => manage.setAccess(callerOf(request), { tag }, body),
      {
        ...{ ...change, params: tagParam, body: accessBody },
        detail: { summary: 'Say who may what with the scripts of a tag', description: about, responses: accessAnswers },
      },
    )
}

const about =
  'Replaces the grants of all users over it. What is restricted is open to these and to administrators only.'
