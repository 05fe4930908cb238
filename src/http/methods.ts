/** An address that exists, asked with a method that it does not take (RFC 9110, section 15.5.6). */
import { GatewayError } from '../errors.ts'

export interface RouteLike {
  method: string
  path: string
}

const methodOrder = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Answers the 405 for a path that other methods reach; null when none does. `routes` are read once. */
export function createMethodCheck(routes: () => RouteLike[]) {
  let known: { pattern: RegExp; method: string }[] | null = null

  return function wrongMethod(path: string): GatewayError | null {
    known ??= routes()
      .filter(({ method, path }) => methodOrder.includes(method) && !path.includes('*'))
      .map(({ method, path }) => ({ method, pattern: toPattern(path) }))
    const methods = new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))
    if (methods.size === 0) return null
    const allow = methodOrder.filter((method) => methods.has(method)).join(', ')
    return new GatewayError('validation', `This address takes ${allow}.`, { status: 405, headers: { allow } })
  }
}

const toPattern = (path: string) =>
  new RegExp(`^${path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z_]\w*/g, '[^/]+')}/?$`)
