/** Addresses that a package may be fetched from directly: those that begin as the setting deps_url_prefixes says. */

const lengthMax = 2000

/**
 * The address in the one way of writing that URLs have, or why it is refused: a sentence. `prefixes`: the setting
 * deps_url_prefixes; an address begins with one when host and port are the same and its path is in the same folder.
 */
export function allowedUrl(text: string, prefixes: readonly string[]): { url: string } | { problem: string } {
  const refuse = (why: string) => ({ problem: `${JSON.stringify(text.slice(0, 100))} ${why}.` })
  if (text.length > lengthMax) return refuse(`has more than ${lengthMax} characters`)
  if (!/^[\x21-\x7e]+$/.test(text)) return refuse('has characters that an address cannot have')
  if (!/^https?:\/\//i.test(text)) return refuse('is no http(s) address')
  // What servers and URL parsers read in different ways must not decide what is fetched.
  if (/[\\${}<>"'`^|]|%(?:2e|2f|5c|00|0a|0d|25)/i.test(text) || /\/\.{1,2}(?:[/?#]|$)/.test(text))
    return refuse('has "..", backslashes, quotes or hidden slashes in it: write it plainly')
  const url = parse(text)
  if (!url) return refuse('is no address')
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return refuse('has a user in it, which everybody could read: leave it out')
  if (url.hash && !/^#sha256=[0-9a-f]{64}$/.test(url.hash))
    return refuse('has something after "#": only #sha256=… can stand there')
  if (!prefixes.some((prefix) => beginsWith(url, prefix)))
    return refuse('is a direct address, and the setting DEPS_URL_PREFIXES does not allow it')
  return { url: url.href }
}

function beginsWith(url: URL, prefix: string): boolean {
  const allowed = parse(prefix)
  if (!allowed || allowed.origin !== url.origin) return false
  const folder = allowed.pathname.endsWith('/') ? allowed.pathname : `${allowed.pathname}/`
  return url.pathname === allowed.pathname || url.pathname.startsWith(folder)
}

function parse(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
