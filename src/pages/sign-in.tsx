/** The first administrator, signing in and out. */
import { CodePage, SignInPage } from '../../views/gate.tsx'
import { SetupPage } from '../../views/setup.tsx'
import { endedCookie, sessionCookie } from '../access/cookies.ts'
import type { SignedIn } from '../access/sign-in.ts'
import { GatewayError } from '../errors.ts'
import { callerOf } from '../http/caller.ts'
import type { AccessPageDeps } from './access-deps.ts'
import { sentence, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'

/** 303 to the sign-in once there is an administrator. */
export const showSetup = ({ accounts }: AccessPageDeps) =>
  accounts.setup.isOpen() ? html(<SetupPage name="" problem={null} />) : seeOther('/sign-in')

export async function postSetup(deps: AccessPageDeps, request: Request, form: URLSearchParams): Promise<Response> {
  const [name, code] = [textIn(form, 'name'), textIn(form, 'code')]
  try {
    const given = { code, name, password: form.get('new_password') ?? '' }
    const { secret } = await deps.accounts.setup.finish(given, clientOf(request))
    return withSession(deps, request, secret, '/')
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    if (error.type === 'conflict' && !deps.accounts.setup.isOpen()) return seeOther('/sign-in')
    return html(<SetupPage {...{ name, code }} problem={sentence(error.message)} />, refusal(error))
  }
}

/** Whoever is in already goes on at once. */
export function showSignIn(deps: AccessPageDeps, request: Request, search: URLSearchParams): Response {
  const next = localPath(search.get('next'))
  const isFirst = deps.accounts.setup.isOpen() && !deps.provider() // whom a provider knows needs no set-up
  if (isFirst && callerOf(request).kind === 'nobody') return seeOther('/setup')
  if (callerOf(request).kind !== 'nobody') return seeOther(next || '/')
  return signInPage(deps, { next, bye: search.has('bye') })
}

export async function postSignIn(deps: AccessPageDeps, request: Request, form: URLSearchParams): Promise<Response> {
  const [name, next] = [textIn(form, 'name'), localPath(form.get('next'))]
  try {
    const password = form.get('password') ?? ''
    return entered(deps, request, next, await deps.accounts.signIn.withPassword({ name, password }, clientOf(request)))
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return signInPage(deps, { name, next, refused: error })
  }
}

/** A wrong code asks again; a ticket that is no good any more asks for the password again. */
export function postCode(deps: AccessPageDeps, request: Request, form: URLSearchParams): Response {
  const [ticket, next] = [textIn(form, 'ticket'), localPath(form.get('next'))]
  try {
    const signedIn = deps.accounts.signIn.withCode({ ticket, code: textIn(form, 'code') }, clientOf(request))
    return entered(deps, request, next, signedIn)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    if (/begin with name and password/.test(error.message)) return signInPage(deps, { next, refused: error })
    return html(<CodePage ticket={ticket} next={next} problem={sentence(error.message)} />, refusal(error))
  }
}

const entered = (deps: AccessPageDeps, request: Request, next: string, signedIn: SignedIn) =>
  signedIn.state === 'code-needed'
    ? html(<CodePage ticket={signedIn.ticket} next={next} problem={null} />)
    : withSession(deps, request, signedIn.secret, next || '/')

export function postSignOut(deps: AccessPageDeps, request: Request): Response {
  deps.accounts.own.signOut(callerOf(request))
  const response = seeOther('/sign-in?bye=1')
  response.headers.set('set-cookie', endedCookie(deps.cookie(request)))
  return response
}

interface Shown {
  name?: string
  next: string
  refused?: GatewayError
  bye?: boolean
}

function signInPage(deps: AccessPageDeps, { name = '', next, refused, bye }: Shown): Response {
  const provider = deps.provider()
  const query = next === '' ? '' : `?next=${encodeURIComponent(next)}`
  const page = (
    <SignInPage
      {...{ name, next, bye }}
      problem={refused ? sentence(refused.message) : null}
      provider={provider && { ...provider, href: `${provider.href}${query}` }}
    />
  )
  return html(page, refused ? refusal(refused) : {})
}

const refusal = ({ status, headers }: GatewayError) => ({ status, headers })

/** The session that the browser had ends, as at the API. */
function withSession(deps: AccessPageDeps, request: Request, secret: string, location: string): Response {
  deps.accounts.own.signOut(callerOf(request))
  const response = seeOther(location)
  const scope = { ...deps.cookie(request), maxAgeSec: deps.sessionSec() }
  response.headers.set('set-cookie', sessionCookie(secret, scope))
  return response
}

const userAgentCharsMax = 300

const clientOf = (request: Request) => ({
  address: callerOf(request).address,
  userAgent: (request.headers.get('user-agent') ?? '').slice(0, userAgentCharsMax),
})

/**
 * A path of ours, as browsers read it; empty for anything else: other hosts in any spelling, and the pages of signing in
 * themselves, which would go round in circles.
 */
export function localPath(text: string | null): string {
  if (!text?.startsWith('/') || !URL.canParse(text, here)) return ''
  const { origin, pathname, search, hash } = new URL(text, here)
  const isOurs = origin === here && !pathname.startsWith('//')
  return isOurs && !/^\/(sign-in|sign-out|setup)(\/|$)/.test(pathname) ? `${pathname}${search}${hash}` : ''
}

const here = 'http://here.invalid'
