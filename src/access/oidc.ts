/** Sign-on through an OpenID provider: Authorization Code with PKCE, bound to the browser that began by a sealed cookie. */
import type { RecordAudit } from '../audit/model.ts'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { basePathOf } from '../http/base-path.ts'
import { type Role, roles } from '../http/caller.ts'
import { arrivalOf } from '../http/edge.ts'
import type { Log } from '../log.ts'
import type { Setting } from '../settings/settings.ts'
import { sessionCookie } from './cookies.ts'
import type { FindOrCreateExternal, RoleSetting } from './external-users.ts'
import { type Asked, type Claims, createProvider } from './oidc-provider.ts'
import type { Sessions } from './sessions.ts'

interface Deps {
  setting: Setting
  clientSecret: string | undefined
  baseUrl(): string
  /** Seals what the browser keeps meanwhile. */
  vault: { seal(text: string, context: string): Uint8Array; open(sealed: Uint8Array, context: string): string }
  findOrCreate: FindOrCreateExternal
  sessions: Pick<Sessions, 'begin'>
  record: RecordAudit
  clock: Pick<Clock, 'now'>
  log: Log
}

export type Oidc = NonNullable<ReturnType<typeof createOidc>>

/** Below it, so that the cookie goes nowhere else. */
export const oidcPath = '/sign-in/oidc'
const callbackPath = `${oidcPath}/callback`

const cookieName = 'sg_oidc'
const context = 'oidc sign-on'
/** As long as somebody may take at the provider. */
const lifeMs = 10 * 60_000
/** Answers within that time. Whoever pushes others out gains nothing: the provider takes no code twice either. */
const usedMax = 10_000
const nextLengthMax = 1500
const daySec = 86_400

interface Begun extends Asked {
  next: string
  /** ms since 1970. */
  until: number
}

/** Null when no provider is set. Throws an Error for settings that cannot be right. */
export function createOidc(deps: Deps) {
  const { setting, vault, clock } = deps
  if (setting('oidc_issuer') === '') return null
  const provider = createProvider(
    {
      ...{ issuer: setting('oidc_issuer'), clientId: setting('oidc_client_id'), clientSecret: deps.clientSecret },
      scopes: setting('oidc_scopes'),
    },
    { now: clock.now, log: deps.log },
  )
  const groupRoles = setting('oidc_group_roles').map(toGroupRole)
  const used = new Map<string, number>()
  const address = () => deps.baseUrl() + callbackPath

  /** GET /sign-in/oidc: to the provider. `next`: where to afterwards, a path of ours. Throws `unavailable`. */
  async function begin(request: Request): Promise<Response> {
    const next = localPath(new URL(request.url).searchParams.get('next'))
    const { url, asked } = await provider.ask(address())
    const begun: Begun = { ...asked, next, until: clock.now() + lifeMs }
    const sealed = Buffer.from(vault.seal(JSON.stringify(begun), context)).toString('base64url')
    return redirect(url, [cookie(request, sealed, lifeMs / 1000)])
  }

  /** GET /sign-in/oidc/callback: from the provider to a session. Throws `auth`, with what to do. */
  async function finish(request: Request): Promise<Response> {
    const begun = takeBegun(request)
    const { search } = new URL(request.url)
    markUsed(begun) // before anything is waited for: the same answer may come twice at once
    const claims = await provider.answer(new URL(address() + search), begun, wantedClaims())
    const user = deps.findOrCreate({ ...userOf(claims), address: arrivalOf(request).address })
    const client = { address: arrivalOf(request).address, userAgent: request.headers.get('user-agent') ?? '' }
    const { secret, session } = deps.sessions.begin(user, { source: 'oidc', ...client })
    deps.record({
      action: 'session.begin',
      caller: { kind: 'user', name: user.name, userId: user.id, tokenId: null, address: client.address },
      object: { type: 'session', id: session.id, name: user.name },
      after: { source: 'oidc', user_agent: session.userAgent },
    })
    return redirect(begun.next, [cookie(request, '', 0), sessionCookie(secret, sessionScope(request))])
  }

  const sessionScope = (request: Request) => ({
    ...{ secure: arrivalOf(request).scheme === 'https', path: basePathOf(deps.baseUrl()) || '/' },
    maxAgeSec: setting('session_days') * daySec,
  })

  /** What this browser began: an answer that somebody else began is not taken (login CSRF), and none is taken twice. */
  function takeBegun(request: Request): Begun {
    const begun = open(request)
    const state = new URL(request.url).searchParams.get('state')
    if (!begun || begun.until < clock.now() || state !== begun.state || used.has(begun.state))
      throw new GatewayError(
        'auth',
        `This browser did not begin this sign-on, or did so too long ago: open ${deps.baseUrl()} and sign in there.`,
      )
    return begun
  }

  function open(request: Request): Begun | null {
    const value = new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]{1,4000})`).exec(request.headers.get('cookie') ?? '')?.[1]
    if (value === undefined) return null
    try {
      return JSON.parse(vault.open(Buffer.from(value, 'base64url'), context))
    } catch (error) {
      if (error instanceof GatewayError) return null // not sealed here
      throw error
    }
  }

  function markUsed({ state, until }: Begun) {
    for (const [old, end] of used) if (end < clock.now() || used.size >= usedMax) used.delete(old)
    used.set(state, until)
  }

  const wantedClaims = () => (groupRoles.length > 0 ? [setting('oidc_groups_claim')] : [])

  function userOf(claims: Claims) {
    const text = (name: string) =>
      typeof claims[name] === 'string' && claims[name] !== '' ? String(claims[name]) : null
    const firstRole = setting('oidc_role') as RoleSetting
    return {
      source: 'oidc' as const,
      issuer: claims.iss,
      subject: claims.sub,
      name: text('preferred_username') ?? text('email') ?? claims.sub,
      email: text('email'),
      firstRole,
      ...(groupRoles.length > 0 ? { role: roleOf(claims[setting('oidc_groups_claim')]) ?? firstRole } : {}),
    }
  }

  /** The highest of the groups' roles; undefined when none of them has one. */
  function roleOf(groups: unknown): Role | undefined {
    const of = (Array.isArray(groups) ? groups : [groups]).filter((one) => typeof one === 'string')
    return roles.findLast((role) => groupRoles.some((one) => one.role === role && of.includes(one.group)))
  }

  return {
    begin,
    finish,
    /** For the sign-in page's button. */
    button: { href: oidcPath, name: setting('oidc_name') || provider.host },
  }
}

/** Groups may have a `=` in their names, roles have none. */
function toGroupRole(pair: string): { group: string; role: Role } {
  const at = pair.lastIndexOf('=')
  return { group: pair.slice(0, at), role: pair.slice(at + 1) as Role }
}

/** Lax: the way back is a link from another site. */
const cookie = (request: Request, value: string, maxAgeSec: number) =>
  `${cookieName}=${value}; Path=${oidcPath}; Max-Age=${maxAgeSec}; HttpOnly; SameSite=Lax${arrivalOf(request).scheme === 'https' ? '; Secure' : ''}`

function redirect(location: string, cookies: string[]): Response {
  const headers = new Headers({ location, 'cache-control': 'no-store' })
  for (const one of cookies) headers.append('set-cookie', one)
  return new Response(null, { status: 303, headers })
}

/** A path of ours as browsers read it, else `/`: no other host in any spelling. */
function localPath(text: string | null): string {
  const here = 'http://here.invalid'
  if (!text?.startsWith('/') || text.length > nextLengthMax) return '/'
  const url = URL.parse(text, here)
  return url?.origin === here && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}${url.hash}` : '/'
}
