/** /api/me, signing in and out, the set-up, and API tokens. */
import { Elysia } from 'elysia'
import { GatewayError } from '../errors.ts'
import { actsItself, callerOf, open, openBeforeSetup, signedIn } from '../http/caller.ts'
import type { Accounts } from './accounts.ts'
import { type CookieScope, endedCookie, sessionCookie } from './cookies.ts'
import {
  codeBody,
  doneAnswers,
  endedAnswers,
  enrolmentAnswers,
  goneAnswers,
  idParam,
  meAnswers,
  newTokenAnswers,
  newTokenBody,
  passwordBody,
  proofBody,
  recoveryAnswers,
  sessionAnswers,
  setupAnswer,
  setupAnswers,
  setupBody,
  signInAnswers,
  signInBody,
  signInCodeBody,
  tokenAnswers,
  tokenQuery,
} from './schemas.ts'
import type { Client } from './sessions.ts'
import type { SignedIn } from './sign-in.ts'
import { acting, gone, pageOf, type UserRoutesDeps, userRoutes } from './user-routes.ts'
import { toUser } from './users.ts'

export interface AccessRoutesDeps extends UserRoutesDeps {
  accounts: Accounts
  /** Of the session's cookie, for a browser that came like this. */
  cookie(request: Request): CookieScope
}

export function accessRoutes(deps: AccessRoutesDeps) {
  const { accounts, receive, cookie } = deps
  const { own, signIn, setup, sessions } = accounts
  /** Within the limit of a body; the second one is for the document, and finds the body read. */
  const parse = [({ request }: { request: Request }) => receive.json(request), 'json' as const]
  const parseOwn = [({ request }: { request: Request }) => receive.json(refuseForm(request)), 'json' as const]
  const change = { ...signedIn, ...actsItself, parse }
  const act = { ...signedIn, ...acting }

  const cookieFor = (request: Request, secret: string) =>
    sessionCookie(secret, { ...cookie(request), maxAgeSec: sessions.cookieSec() })

  /** The session that the browser had ends: what it signs in to is never one that somebody else knows. */
  function answer(signedIn: SignedIn, request: Request, headers: Headers) {
    if (signedIn.state === 'code-needed')
      return { state: signedIn.state, ticket: signedIn.ticket, expires_at: signedIn.expiresAt }
    own.signOut(callerOf(request))
    headers['set-cookie'] = cookieFor(request, signedIn.secret)
    return { state: signedIn.state, user: toUser(signedIn.user) }
  }

  return new Elysia({ tags: ['Access'] })
    .get('/api/me', ({ request }) => own.me(callerOf(request)), {
      ...signedIn,
      detail: { summary: 'Who calls, and with which role', responses: meAnswers },
    })
    .post(
      '/api/sign-in',
      async ({ body, request, set }) =>
        answer(await signIn.withPassword(body, clientOf(request)), request, set.headers as Headers),
      {
        ...{ ...open, ...actsItself, parse: parseOwn, body: signInBody },
        detail: {
          summary: 'Sign in with name and password',
          description: 'For browsers: the answer sets a cookie. Machines send an API token with each request instead.',
          responses: signInAnswers,
        },
      },
    )
    .post(
      '/api/sign-in/code',
      ({ body, request, set }) => answer(signIn.withCode(body, clientOf(request)), request, set.headers as Headers),
      {
        ...{ ...open, ...actsItself, parse: parseOwn, body: signInCodeBody },
        detail: { summary: 'Sign in, second step: the code', responses: signInAnswers },
      },
    )
    .post(
      '/api/sign-out',
      ({ request }) => {
        own.signOut(callerOf(request))
        return new Response(null, { status: 204, headers: { 'set-cookie': endedCookie(cookie(request)) } })
      },
      { ...act, detail: { summary: 'End this session', responses: goneAnswers } },
    )
    .get('/api/setup', () => ({ needed: setup.isOpen() }), {
      ...openBeforeSetup,
      detail: { summary: 'Whether there is no administrator yet', responses: setupAnswer },
    })
    .post(
      '/api/setup',
      async ({ body, request, set }) => {
        const { user, secret } = await setup.finish(body, clientOf(request))
        set.status = 201
        set.headers['set-cookie'] = cookieFor(request, secret)
        return toUser(user)
      },
      {
        ...{ ...openBeforeSetup, ...actsItself, parse: parseOwn, body: setupBody },
        detail: { summary: 'Make the first administrator', responses: setupAnswers },
      },
    )
    .put(
      '/api/me/password',
      async ({ body, request }) => {
        await own.changePassword(callerOf(request), { current: body.current, next: body.new })
        return gone()
      },
      {
        ...{ ...change, body: passwordBody },
        detail: { summary: 'Change your password; your other sessions end', responses: doneAnswers },
      },
    )
    .post('/api/me/second-factor', ({ request }) => own.beginSecondFactor(callerOf(request)), {
      ...act,
      detail: { summary: 'Begin with a second factor', responses: enrolmentAnswers },
    })
    .post(
      '/api/me/second-factor/confirm',
      ({ body, request }) => ({ recovery_codes: own.confirmSecondFactor(callerOf(request), body.code) }),
      {
        ...{ ...change, body: codeBody },
        detail: { summary: 'Confirm it with its first code', responses: recoveryAnswers },
      },
    )
    .delete(
      '/api/me/second-factor',
      async ({ body, request }) => {
        await own.endSecondFactor(callerOf(request), body)
        return gone()
      },
      {
        ...{ ...change, body: proofBody },
        detail: {
          summary: 'Turn the second factor off',
          description: 'With the password, or a code.',
          responses: doneAnswers,
        },
      },
    )
    .get('/api/me/sessions', ({ request }) => pageOf(own.listSessions(callerOf(request))), {
      ...signedIn,
      detail: { summary: 'Your sessions', responses: sessionAnswers },
    })
    .delete('/api/me/sessions', ({ request }) => ({ ended: own.endOtherSessions(callerOf(request)) }), {
      ...act,
      detail: { summary: 'End your other sessions', responses: endedAnswers },
    })
    .delete(
      '/api/me/sessions/:id',
      ({ params, request }) => {
        own.endSession(callerOf(request), params.id)
        return gone()
      },
      { ...act, params: idParam, detail: { summary: 'End one of your sessions', responses: goneAnswers } },
    )
    .get('/api/tokens', ({ query, request }) => pageOf(own.listTokens(callerOf(request), query.all === '1')), {
      ...{ ...signedIn, query: tokenQuery },
      detail: { summary: 'Your API tokens', responses: tokenAnswers },
    })
    .post(
      '/api/tokens',
      ({ body, request, set }) => {
        const { token, secret } = own.createToken(callerOf(request), body)
        set.status = 201
        return { ...token, secret }
      },
      {
        ...{ ...change, body: newTokenBody },
        detail: {
          summary: 'Make an API token',
          description: 'It may at most what its owner may, also when that changes.',
          responses: newTokenAnswers,
        },
      },
    )
    .delete(
      '/api/tokens/:id',
      ({ params, request }) => {
        own.revokeToken(callerOf(request), params.id)
        return gone()
      },
      { ...act, params: idParam, detail: { summary: 'Revoke an API token', responses: goneAnswers } },
    )
    .use(userRoutes(deps))
}

type Headers = Record<string, string | number>

const clientOf = (request: Request): Client => ({
  address: callerOf(request).address,
  userAgent: request.headers.get('user-agent') ?? '',
})

/**
 * A form of another site may send any text, but never says that it is JSON without asking first: nobody is signed in to an
 * account of an attacker's. (Where there is a cookie already, the guard asks whose page it was.)
 */
function refuseForm(request: Request): Request {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return request
  throw new GatewayError('validation', 'Send JSON, with Content-Type: application/json.', { status: 400 })
}
