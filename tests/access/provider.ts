/** An OpenID provider on loopback that says what a test wants it to say, and keeps to the rules unless told otherwise. */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'

type Part = Record<string, unknown>

export interface Provider {
  issuer: string
  /** What the next ID token says beside the right claims, or in their place. */
  claims: Part
  userinfo: Part
  /** Down: every answer is a 503. */
  isDown: boolean
  /** How the next ID token is made: by its own key, by another, or not at all. */
  signing: 'right' | 'other key' | 'none' | 'hmac'
  /** Tokens that were given, and discoveries. */
  counts: { tokens: number; discoveries: number }
  /** The browser's way through the provider's pages: answers where it sends it back to. */
  signIn(authorizationUrl: string): string
  stop(): void
}

/** Once for all: each takes 50 ms. */
const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const [own, other] = [newKey(), newKey()]

export function startProvider(clientId: string, clientSecret: string): Provider {
  const codes = new Map<string, { nonce: string; challenge: string; redirectUri: string }>()
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer })
  const issuer = `http://127.0.0.1:${server.port}`
  const provider: Provider = {
    ...{ issuer, claims: {}, userinfo: {}, isDown: false, signing: 'right', counts: { tokens: 0, discoveries: 0 } },
    signIn(url) {
      const asked = new URL(url).searchParams
      const code = randomUUID()
      codes.set(code, {
        nonce: asked.get('nonce') ?? '',
        challenge: asked.get('code_challenge_method') === 'S256' ? (asked.get('code_challenge') ?? '') : 'none',
        redirectUri: asked.get('redirect_uri') ?? '',
      })
      return `${asked.get('redirect_uri')}?${new URLSearchParams({ code, state: asked.get('state') ?? '' })}`
    },
    stop: () => void server.stop(true),
  }

  async function answer(request: Request): Promise<Response> {
    if (provider.isDown) return new Response('down', { status: 503 })
    const { pathname } = new URL(request.url)
    if (pathname === '/.well-known/openid-configuration') return Response.json(metadata())
    if (pathname === '/keys')
      return Response.json({ keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }] })
    if (pathname === '/userinfo') return Response.json({ sub: 'u-1', ...provider.userinfo })
    return pathname === '/token' ? token(request) : new Response('nothing here', { status: 404 })
  }

  function metadata() {
    provider.counts.discoveries++
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }
  }

  async function token(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text())
    const known = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const basic = `Basic ${btoa(`${clientId}:${clientSecret}`)}`
    const isRight = known?.challenge === challenge && known.redirectUri === form.get('redirect_uri')
    if (!isRight || request.headers.get('authorization') !== basic)
      return Response.json({ error: 'invalid_grant' }, { status: 400 })
    provider.counts.tokens++
    const nowSec = Math.floor(Date.now() / 1000)
    const right = { iss: issuer, aud: clientId, sub: 'u-1', nonce: known.nonce, iat: nowSec, exp: nowSec + 300 }
    return Response.json({
      access_token: 'at',
      token_type: 'Bearer',
      id_token: idToken({ ...right, ...provider.claims }),
    })
  }

  function idToken(claims: Part): string {
    const { signing } = provider
    const alg = { right: 'RS256', 'other key': 'RS256', none: 'none', hmac: 'HS256' }[signing]
    const text = [{ alg, kid: 'k', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    if (signing === 'none') return `${text}.`
    if (signing === 'hmac')
      return `${text}.${new Bun.CryptoHasher('sha256', clientSecret).update(text).digest('base64url')}`
    const key = signing === 'right' ? own.privateKey : other.privateKey
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`
  }

  return provider
}
