/** /sign-in/oidc: to the OpenID provider, and back. */
import { Elysia } from 'elysia'
import { GatewayError } from '../errors.ts'
import { actsItself, asPage, open } from '../http/caller.ts'
import { type Oidc, oidcPath } from './oidc.ts'

/** `oidc`: null where no provider is set. */
export function oidcRoutes({ oidc }: { oidc: Oidc | null }) {
  const page = { ...asPage(open), ...actsItself }
  const provider = () => {
    if (!oidc) throw new GatewayError('not_found', 'No OpenID provider is set: OIDC_ISSUER names one.')
    return oidc
  }
  return new Elysia()
    .get(oidcPath, ({ request }) => provider().begin(request), page)
    .get(`${oidcPath}/callback`, ({ request }) => provider().finish(request), page)
}
