/** The cookie of a session. Nothing but the secret is in it. */

export const cookieName = 'sg_session'

/**
 * Over https and without a base path: no sister domain, and nobody on the way, can put one of this name into a browser
 * (RFC 6265bis, 4.1.3.2), and so have its user work in a session of theirs.
 */
export const hostCookieName = `__Host-${cookieName}`

export interface CookieScope {
  /** Whether the browser came by https: then it never sends the cookie without. */
  secure: boolean
  /** Where the gateway is, such as `/` or `/tools/`. */
  path: string
}

/**
 * A value for `Set-Cookie`. Scripts of a page cannot read it (HttpOnly), pages of other sites cannot post with it (Lax), and
 * without Domain no other host gets it.
 */
export const sessionCookie = (secret: string, { secure, path, maxAgeSec }: CookieScope & { maxAgeSec: number }) =>
  `${secure && path === '/' ? hostCookieName : cookieName}=${secret}; Path=${path}; Max-Age=${Math.floor(maxAgeSec)}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`

/** The one that takes it away. */
export const endedCookie = (scope: CookieScope) => sessionCookie('', { ...scope, maxAgeSec: 0 })

/** What the browser sent; null without. Of several the first: that is the one with the longest path (RFC 6265, 5.4). */
export function sessionSecretOf(request: Request): string | null {
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((part) => part.trim().split('=', 2))
  const named = (wanted: string) => {
    const pair = pairs.find(([name]) => name === wanted)
    return pair ? (pair[1] ?? '') : null
  }
  return named(hostCookieName) ?? named(cookieName)
}
