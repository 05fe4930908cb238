/** One OpenID provider, by the library: found when it is first needed, and again when that was long ago. */
import * as client from 'openid-client'
import { GatewayError, messageOf } from '../errors.ts'
import { isLoopback } from '../http/guard.ts'
import type { Log } from '../log.ts'

export interface ProviderSettings {
  issuer: string
  clientId: string
  clientSecret: string | undefined
  scopes: readonly string[]
}

/** What binds an answer to the browser that asked. */
export interface Asked {
  state: string
  nonce: string
  /** PKCE, RFC 7636. */
  verifier: string
}

export type Claims = Record<string, unknown> & { iss: string; sub: string }

export type Provider = ReturnType<typeof createProvider>

const keptMs = 60 * 60_000
/** A provider that does not answer is not asked again by every visitor. */
const failureKeptMs = 2000
const timeoutSec = 10
const clockToleranceSec = 30

/** Throws an Error for an issuer whose answers anybody on the way could write. `now`: ms. */
export function createProvider(settings: ProviderSettings, { now, log }: { now(): number; log: Log }) {
  const issuer = checkedIssuer(settings.issuer)
  if (settings.clientId === '') throw new Error('Wrong environment: OIDC_ISSUER is set, and OIDC_CLIENT_ID is not.')
  let found: { config: client.Configuration; at: number } | null = null
  let failed: { error: GatewayError; at: number } | null = null
  let finding: Promise<client.Configuration> | null = null

  /** Throws `unavailable` when the provider does not answer; what it said within the last hours counts meanwhile. */
  async function configuration(): Promise<client.Configuration> {
    if (found && now() - found.at < keptMs) return found.config
    if (failed && now() - failed.at < failureKeptMs) {
      if (found) return found.config
      throw failed.error
    }
    finding ??= discover().finally(() => (finding = null))
    return finding
  }

  async function discover(): Promise<client.Configuration> {
    try {
      const execute = [client.enableNonRepudiationChecks] // the signature counts, also of what came from the provider itself
      if (issuer.protocol === 'http:') execute.push(client.allowInsecureRequests)
      const { clientId, clientSecret } = settings
      const metadata = { client_secret: clientSecret, [client.clockTolerance]: clockToleranceSec }
      const options = { execute, timeout: timeoutSec }
      const config = await client.discovery(issuer, clientId, metadata, authentication(clientSecret), options)
      found = { config, at: now() }
      failed = null
      return config
    } catch (cause) {
      log.warn({ issuer: issuer.href, error: messageOf(cause) }, 'the OpenID provider could not be found')
      const message = 'The sign-on provider does not answer; try again in a moment.'
      const error = new GatewayError('unavailable', message, { cause, headers: { 'retry-after': '5' } })
      failed = { error, at: now() }
      if (found) return found.config
      throw error
    }
  }

  return {
    host: issuer.host,

    /** Where the browser goes to sign in, and what its answer must fit. */
    async ask(redirectUri: string): Promise<{ url: string; asked: Asked }> {
      const config = await configuration()
      const asked = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: [...new Set(['openid', ...settings.scopes])].join(' '),
        code_challenge: await client.calculatePKCECodeChallenge(asked.verifier),
        code_challenge_method: 'S256',
        state: asked.state,
        nonce: asked.nonce,
      })
      return { url: url.href, asked }
    },

    /**
     * Who signed in, proven by the ID token: issuer, audience, nonce, times and signature (OpenID Connect Core, 3.1.3.7).
     * `wanted`: claims that are asked for at the provider where the token has none. Throws `auth`.
     */
    async answer(url: URL, asked: Asked, wanted: string[]): Promise<Claims> {
      const config = await configuration()
      try {
        const tokens = await client.authorizationCodeGrant(config, url, {
          ...{ expectedState: asked.state, expectedNonce: asked.nonce, pkceCodeVerifier: asked.verifier },
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims) throw new Error('no ID token came')
        const isComplete = wanted.every((claim) => claims[claim] !== undefined)
        const more =
          isComplete || !config.serverMetadata().userinfo_endpoint
            ? {}
            : await client.fetchUserInfo(config, tokens.access_token, claims.sub)
        return { ...more, ...claims }
      } catch (cause) {
        const reason = reasonOf(cause)
        log.warn({ issuer: issuer.href, error: reason }, 'a sign-on was refused')
        const message = `The sign-on did not succeed${cause instanceof client.AuthorizationResponseError ? `: the provider says "${printable(cause.error)}"` : ''}. Begin again.`
        throw new GatewayError('auth', message, { cause })
      }
    },
  }
}

/** As the provider asks for it: Basic unless it says otherwise (OpenID Connect Core, 9). */
function authentication(secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None()
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest)
  }
}

function checkedIssuer(text: string): URL {
  const url = new URL(text)
  if (url.protocol !== 'https:' && !isLoopback(url.hostname))
    throw new Error(
      `Wrong environment: OIDC_ISSUER is "${text}", but only https keeps others from answering in its place (http is for this machine alone).`,
    )
  return url
}

const printable = (text: string) => text.replace(/[^\w.-]/g, '').slice(0, 60)

function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? ` (${thrown.cause.message})` : ''
  return `${messageOf(thrown)}${cause}`.slice(0, 500)
}
