/** The cookie of a session. Nothing but the secret is in it. */

export const cookieName = 'sg_session'

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
  `${cookieName}=${secret}; Path=${path}; Max-Age=${Math.floor(maxAgeSec)}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`

/** The one that takes it away. */
export const endedCookie = (scope: CookieScope) => sessionCookie('', { ...scope, maxAgeSec: 0 })

/** What the browser sent; null without. Of several the first: that is the one with the longest path (RFC 6265, 5.4). */
export function sessionSecretOf(request: Request): string | null {
  for (const part of (request.headers.get('cookie') ?? '').split(';')) {
    const [name, value = ''] = part.trim().split('=', 2)
    if (name === cookieName) return value
  }
  return null
}
