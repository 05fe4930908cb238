/** Addresses with secrets in them, which containers are given, a user and a password or all of their path: they are used, and never shown. */

/** What stands for a user and a password. */
export const maskedLogin = '••••••'

/** Whether there is a user or a password in an address. */
export function hasLogin(text: string): boolean {
  const { username = '', password = '' } = URL.parse(text) ?? {}
  return username + password !== ''
}

/** The address as it may be shown; what has no login in it, or is no address, as it is. */
export function maskLogin(text: string): string {
  const url = URL.parse(text)
  // One that cannot be read, as a password with a slash makes it, may have one all the same.
  if (!url) return text.replace(/\/\/.*@/s, `//${maskedLogin}@`)
  if (!hasLogin(text)) return text
  url.username = ''
  url.password = ''
  return url.href.replace('//', `//${maskedLogin}@`)
}

/** Of an address whose path is a secret, as webhooks have it: its host. What is no address is not shown at all. */
export function maskPath(text: string): string {
  const url = URL.parse(text)
  if (!url) return text === '' ? '' : maskedLogin
  const host = `${url.protocol}//${hasLogin(text) ? `${maskedLogin}@` : ''}${url.host}`
  return url.pathname + url.search + url.hash === '/' ? `${host}/` : `${host}/${maskedLogin}`
}

/** An address, or what should be one, as it may be shown. */
export const maskUrl = (text: string, { isSecretPath = false }: { isSecretPath?: boolean }) =>
  isSecretPath ? maskPath(text) : maskLogin(text)
