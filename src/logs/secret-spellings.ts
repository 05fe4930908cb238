/** How a secret may look in what a script prints. */

/** Shorter ones would blacken half of the log, and are no secrets. */
export const secretLengthMin = 3

/**
 * A log is read line by line, and scripts like to print JSON, Python's with everything but ASCII escaped, JSON as a text
 * in JSON, addresses, and base64.
 */
export function spellingsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/)
  const printed = [secret, ...lines].flatMap((text) => {
    const json = escaped(text)
    const inJson = [json, toAscii(json)]
    const inJsonInJson = inJson.flatMap((once) => [escaped(once), toAscii(escaped(once))])
    return [text, ...inJson, ...inJsonInJson, encodeURIComponent(text.toWellFormed())]
  })
  return [...printed, ...inBase64(secret)]
}

const escaped = (text: string) => JSON.stringify(text).slice(1, -1)

const toAscii = (json: string) =>
  json.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Characters of base64 that are enough to know a secret by. */
const base64LengthMin = 8

/**
 * By itself, and inside of something else, as the password is in `user:password`: three bytes become four characters, so
 * there it looks one of three ways, its first and last character mixed with what stands beside it.
 */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret)
  if (bytes.length < secretLengthMin) return []
  const inner = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url')
    const isWhole = (offset + bytes.length) % 3 === 0
    return text.slice(offset === 0 ? 0 : offset + 1, isWhole ? undefined : -1)
  })
  const whole = bytes.toString('base64')
  const all = [whole, whole.replace(/=+$/, ''), ...inner.filter(({ length }) => length >= base64LengthMin)]
  return all.flatMap((text) => [toStandard(text), toUrlSafe(text)])
}

const toStandard = (text: string) => text.replaceAll('-', '+').replaceAll('_', '/')
const toUrlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_')
