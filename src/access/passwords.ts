/** Passwords: what a good one is, how they are kept, and that nobody can keep the gateway busy with guessing. */
import { GatewayError, invalid } from '../errors.ts'

/** Argon2id with 19 MiB, 2 passes, 1 lane: OWASP Password Storage Cheat Sheet, 2025. About 40 ms here. */
const argon2id = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const

/** NIST SP 800-63B, 3.1.1: length is what counts, no rules of composition, and what everybody tries first is refused. */
export const passwordLengthMin = 10
export const passwordLengthMax = 1024

/** Those of the most used ones that are long enough. */
const worst = new Set(
  `1234567890 0123456789 0987654321 12345678910 123456789a 1234567891 1q2w3e4r5t 1qaz2wsx3edc q1w2e3r4t5 qwertyuiop qwerty1234
  qwerty12345 qwerty123456 qwertyuiop123 asdfghjkl1 asdfghjkl123 zxcvbnm123 abcdefghij abc1234567 password12 password123
  password1234 password12345 passw0rd123 p@ssw0rd123 password01 passwordpassword mypassword123 iloveyou123 iloveyou12
  letmein123 letmein1234 welcome123 welcome1234 changeme123 changeme1234 admin12345 admin123456 adminadmin administrator
  administrator1 root123456 rootroot123 secret1234 superman123 football123 baseball123 princess123 sunshine123 monkey12345
  dragon12345 master12345 trustno123 starwars123 scriptgateway scriptgateway1 scriptgateway123 correcthorsebatterystaple`.split(
    /\s+/,
  ),
)

const hashesAtOnceMax = 2
const waitingMax = 20

/** Hashes with the same cost that nothing matches: for names that nobody has, so that time does not tell. */
const nobodysHash = `$argon2id$v=19$m=${argon2id.memoryCost},t=${argon2id.timeCost},p=1$${'A'.repeat(43)}$${'A'.repeat(43)}`

export type Passwords = ReturnType<typeof createPasswords>

export function createPasswords() {
  const inTurn = createLine()
  return {
    /** Argon2id with salt and parameters. Throws `busy` when too many wait. */
    hash: (password: string): Promise<string> => inTurn(() => Bun.password.hash(normal(password), argon2id)),
    /** Takes as long, and answers false, without a hash. Throws `busy` when too many wait. */
    async verify(password: string, hash: string | null | undefined): Promise<boolean> {
      if (password.length > passwordLengthMax) return false
      const isRight = await inTurn(() => Bun.password.verify(normal(password) || ' ', hash ?? nobodysHash))
      return isRight && typeof hash === 'string'
    },
  }
}

/** The same text however a keyboard composes it (NIST SP 800-63B, 3.1.1.2). */
const normal = (password: string) => password.normalize('NFKC')

/** Throws `validation` for one that is too short, too long, or among the first that anybody would try for `name`. */
export function checkPassword(password: string, name: string, path = '/password'): void {
  if (password.length > passwordLengthMax) throw invalid(path, `must have at most ${passwordLengthMax} characters`)
  if (!password.isWellFormed()) throw invalid(path, 'must not contain half of a surrogate pair')
  if ([...password].length < passwordLengthMin)
    throw invalid(path, `must have at least ${passwordLengthMin} characters; several words are easy to remember`)
  const lower = normal(password).toLowerCase()
  if (worst.has(lower) || new Set(lower).size < 3)
    throw invalid(path, 'is one of the first that anybody tries; choose another one')
  if (name.length > 2 && lower.replaceAll(name.toLowerCase(), '').length < 6)
    throw invalid(path, 'is hardly more than the name; choose another one')
}

/** So many at once, so many waiting: each takes 19 MiB and a core. */
function createLine() {
  let running = 0
  const waiting: (() => void)[] = []

  return async function inTurn<T>(act: () => Promise<T>): Promise<T> {
    if (running >= hashesAtOnceMax) {
      if (waiting.length >= waitingMax)
        throw new GatewayError('busy', 'Too many sign-ins at once; try again in a moment.', {
          headers: { 'retry-after': '1' },
        })
      await new Promise<void>((resolve) => waiting.push(resolve)) // who goes hands its place over
    } else running++
    try {
      return await act()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
