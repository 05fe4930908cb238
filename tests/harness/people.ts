/** Users of a gateway with access control, each with a token that may what its owner may. */
import type { Grant } from '../../src/access/model.ts'
import { type Role, rights, roleOfRight } from '../../src/http/caller.ts'
import type { TestApp } from './app.ts'

export const adminToken = 'the-token-of-the-administrator'
export const password = 'a password that is long enough'
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

export interface Person {
  id: number
  name: string
  token: string
  /** The session's cookie, as a browser sends it. */
  cookie: string
}

/** Makes a user with a token and a session. The gateway was started with `adminToken`. */
export async function makePerson(
  { json, fetch }: Pick<TestApp, 'json' | 'fetch'>,
  { name, role = null, grants = [] }: { name: string; role?: Role | null; grants?: Grant[] },
): Promise<Person> {
  const asAdmin = (path: string, body: unknown) =>
    json<{ id: number; secret: string }>(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...bearer(adminToken) },
    })
  const user = await withCheapHash(() => asAdmin('/api/users', { name, role, grants, password }))
  if (user.status !== 201) throw new Error(`no user ${name}: ${JSON.stringify(user.body)}`)
  const rightMost = rights.findLast((right) => grants.some((grant) => grant.right === right)) ?? 'see'
  const most = role ?? roleOfRight[rightMost]
  const token = await asAdmin('/api/tokens', { name: 'test', role: most, user_id: user.body.id })
  if (token.status !== 201) throw new Error(`no token for ${name}: ${JSON.stringify(token.body)}`)
  const signedIn = await fetch('/api/sign-in', {
    method: 'POST',
    body: JSON.stringify({ name, password }),
    headers: { 'content-type': 'application/json' },
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0]
  if (!cookie) throw new Error(`${name} cannot sign in: ${await signedIn.text()}`)
  return { id: user.body.id, name, token: token.body.secret, cookie }
}

const { hash } = Bun.password
let users = 0

/**
 * Passwords that `act` sets in a gateway of this process are hashed at a hundredth of the cost, and proved at it: each
 * takes a core 40 ms else. Real ones are in tests/access/passwords.test.ts.
 */
async function withCheapHash<T>(act: () => Promise<T>): Promise<T> {
  if (users++ === 0)
    Bun.password.hash = (secret) => hash(secret, { algorithm: 'argon2id', memoryCost: 64, timeCost: 1 })
  try {
    return await act()
  } finally {
    if (--users === 0) Bun.password.hash = hash
  }
}
