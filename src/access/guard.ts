/**
 * The one guard: before anything of a request is read, it finds the route that will answer, who calls, and whether that
 * caller may. A route says itself what it asks for; one that says nothing stops the start.
 */
import Memoirist from 'memoirist'
import { GatewayError } from '../errors.ts'
import {
  type Access,
  type Caller,
  type Declared,
  type Guarded,
  type Right,
  roleOfRight,
  setCaller,
  setRenewal,
} from '../http/caller.ts'
import { arrivalOf } from '../http/edge.ts'
import { requireOwnOrigin } from '../http/guard.ts'

/** A route as Elysia lists it. */
export interface ListedRoute {
  method: string
  path: string
  hooks: object
}

export interface Identity {
  caller: Caller
  /** Who the same credential stands for by now; null when it is no good any more. */
  again(): Caller | null
  /** A browser sends it by itself, whatever page made the request: a cookie, or the name that a proxy adds. */
  isAmbient: boolean
  /** Of the API token, if that is the credential. */
  ratePerMin?: number | null
}

export interface GuardDeps {
  /** Asked once, when all of them are there. */
  routes(): readonly ListedRoute[]
  /** Null without a credential. Throws `auth` for one that is no good. */
  identify(request: Request, address: string | null): Identity | null
  /** What a rule needs to know of the object that the address names; null where there is none. */
  objects: {
    script(idOrSlug: string): Guarded | null
    run(id: number): Guarded | null
    /** `path`: below static/, percent-encoded. */
    output(path: string): Guarded | null
    /** The scripts that it is for; none where those are gone. Throws `not_found` where it is not there. */
    installation(id: number): Guarded[]
  }
  /** Whether there is an administrator, of whatever kind. */
  isSetUp(): boolean
  /** Why a token that asks too often has to wait; null when it does not. */
  takeToken(tokenId: number, ratePerMin: number | null): GatewayError | null
}

/** What the guard let through: who, where to, and what it concerns. */
export interface Passed {
  route: string
  declared: Declared
  caller: Caller
  object: Guarded | null
  again(): Caller | null
}

export function createGuard(deps: GuardDeps) {
  const passed = new WeakMap<Request, Passed>()
  let router: Memoirist<Found> | undefined

  function find(request: Request, path: string) {
    router ??= routerOf(deps.routes())
    const isSocket = request.method === 'GET' && request.headers.get('upgrade')?.toLowerCase() === 'websocket'
    const method = isSocket && router.find('WS', path) ? 'WS' : request.method
    return (
      router.find(method, path) ?? router.find('ALL', path) ?? (method === 'HEAD' ? router.find('GET', path) : null)
    )
  }

  /** Answers what the route that will answer declares; undefined where there is none. */
  const declaredFor = (request: Request, path: string): Declared | undefined => find(request, path)?.store.declared

  /** Lets a request through, or throws why not. `path`: as the router sees it. */
  function check(request: Request, path: string, address: string | null): void {
    const found = find(request, path)
    const { access } = found?.store.declared ?? { access: { to: 'signed-in' } }
    const identity = identified(request, address, access)
    if (access.to === 'open') {
      if (!identity && !access.unset && !deps.isSetUp()) throw notSetUp()
      if (found) pass(request, found.store, identity ?? anonymous(address), null)
      return
    }
    if (!identity) throw deps.isSetUp() ? unknownCaller() : notSetUp()
    const { caller } = identity
    const wait = caller.tokenId === null ? null : deps.takeToken(caller.tokenId, identity.ratePerMin ?? null)
    if (wait) throw wait
    try {
      if (identity.isAmbient) requireOwnOrigin(arrivalOf(request), { isActing: isActing(request, access) })
      setCaller(request, caller)
      if (!found) return // the server says that there is nothing
      const enter = (caller: Caller) =>
        pass(request, found.store, { ...identity, caller }, allow(caller, access, found.params))
      enter(caller)
      setRenewal(request, () => {
        const now = identity.again()
        if (!now) throw unknownCaller()
        enter(now)
      })
    } catch (error) {
      if (!found) throw error
      refused.set(request, { caller, declared: found.store.declared })
      throw error
    }
  }

  /** A bad credential is nobody's where none is asked for: an old cookie must not keep its owner from signing in. */
  function identified(request: Request, address: string | null, access: Access): Identity | null {
    try {
      return deps.identify(request, address)
    } catch (error) {
      if (access.to === 'open') return null
      throw error
    }
  }

  function pass(request: Request, { route, declared }: Found, { caller, again }: Identity, object: Guarded | null) {
    passed.set(request, { route, declared, caller, object, again })
    setCaller(request, caller)
  }

  /** Whether the caller of a request that passed might make it now: rights change while a stream goes on. From then on it has those of now. */
  function stillPasses(request: Request): boolean {
    const { declared, object, again } = passed.get(request)!
    const caller = known(again)
    if (!caller) return false
    setCaller(request, caller)
    if (declared.access.to === 'role') return caller.is(declared.access.role)
    if (!('right' in declared.access)) return true
    if (declared.access.to === 'installation' && object === null) return isOverAll(caller, declared.access.right)
    return object === null || caller.may(declared.access.right, deps.objects.script(String(object.id)) ?? object)
  }

  /** The object that the address names, when the caller may do with it what the route does. */
  function allow(caller: Caller, access: Access, params: Record<string, string | undefined>): Guarded | null {
    if (access.to === 'role' && !caller.is(access.role)) throw roleMissing(caller, access.role)
    if (access.to === 'installation') return allowInstallation(caller, access.right, params.id ?? '')
    if (access.to !== 'script' && access.to !== 'run' && access.to !== 'output') return null
    const name = params[access.to === 'output' ? '*' : 'id'] ?? ''
    const object = access.to === 'run' ? numbered(name, deps.objects.run) : deps.objects[access.to](name)
    if (!object) {
      // Who may do it with whatever there is, is told by the handler that it is not there. To others it is as what they may not see.
      if (isOverAll(caller, access.right)) return null
      throw unseen(access.to, name)
    }
    if (!caller.may('see', object)) throw unseen(access.to, name)
    if (!caller.may(access.right, object)) throw rightMissing(access.right)
    return object
  }

  /** One of its scripts that the caller may do this with; null where it is for none, and the caller may with all there are. */
  function allowInstallation(caller: Caller, right: Right, name: string): Guarded | null {
    const scripts = numbered(name, deps.objects.installation) ?? []
    const allowed = scripts.find((script) => caller.may(right, script))
    if (allowed) return allowed
    if (scripts.some((script) => caller.may('see', script))) throw rightMissing(right)
    if (scripts.length === 0 && isOverAll(caller, right)) return null
    throw unseen('installation', name)
  }

  const refused = new WeakMap<Request, { caller: Caller; declared: Declared }>()

  return {
    /** Throws an Error that names every route that does not say who may call it: then nothing is served. */
    prepare(): void {
      router ??= routerOf(deps.routes())
    },
    check,
    declaredFor,
    stillPasses,
    /** Throws unless this request passed for exactly this route: what answers is what was asked for. */
    confirm(request: Request, route: string): void {
      if (passed.get(request)?.route !== route)
        throw new Error(`the guard let ${passed.get(request)?.route ?? 'nothing'} pass, and ${route} would answer`)
    },
    passedOf: (request: Request): Passed | undefined => passed.get(request),
    /** Whom it refused although it knew them, and what they wanted. */
    refusedOf: (request: Request) => refused.get(request),
  }
}

/** A number in one spelling only. */
const numbered = <T>(name: string, find: (id: number) => T): T | null =>
  /^[1-9]\d{0,14}$/.test(name) ? find(Number(name)) : null

/** Whether the caller may do this with whatever there is. */
const isOverAll = (caller: Caller, right: Right) => caller.seesAll && caller.is(roleOfRight[right])

/** What is refused by now is nobody's any more. */
function known(again: () => Caller | null): Caller | null {
  try {
    return again()
  } catch (error) {
    if (error instanceof GatewayError) return null
    throw error
  }
}

interface Found {
  route: string
  declared: Declared
}

/** The router that Elysia uses, over the same routes. Throws an Error that names every route without a declaration. */
function routerOf(routes: readonly ListedRoute[]): Memoirist<Found> {
  const undeclared = routes.filter(({ hooks }) => !('access' in hooks)).map(({ method, path }) => `${method} ${path}`)
  if (undeclared.length > 0) throw new Error(`Routes that do not say who may call them: ${undeclared.join(', ')}`)
  const router = new Memoirist<Found>({ onParam: decoded })
  for (const { method, path, hooks } of routes) {
    const found = { route: path, declared: hooks as Declared }
    router.add(method, path, found)
    if (path !== '/' && !path.endsWith('*')) router.add(method, otherSpelling(path), found)
  }
  return router
}

/** As Elysia's does; what cannot be decoded stays. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Elysia answers with and without the slash at the end alike. */
const otherSpelling = (path: string) => (path.endsWith('/') ? path.slice(0, -1) : `${path}/`)

/** What changes something, starts a run, by whatever method, or opens a socket. */
const isActing = ({ method, headers }: Request, access: Access) =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method) ||
  headers.has('upgrade') ||
  ('right' in access && access.right === 'run')

const anonymous = (address: string | null): Identity => {
  const caller = nobody(address)
  return { caller, again: () => caller, isAmbient: false }
}

const nobody = (address: string | null): Caller => ({
  kind: 'nobody',
  name: address ?? 'nobody',
  ...{ userId: null, sessionId: null, tokenId: null, role: null, isLimited: true, seesAll: false, address },
  may: () => false,
  is: () => false,
})

const unknownCaller = () =>
  new GatewayError('auth', 'Sign in, or send an API token as "Authorization: Bearer …".', {
    headers: { 'www-authenticate': 'Bearer realm="ScriptGateway"' },
  })

const notSetUp = () =>
  new GatewayError(
    'auth',
    'This gateway has no administrator yet: open the setup link that it printed when it started, or start it with ADMIN_TOKEN.',
    { headers: { 'www-authenticate': 'Bearer realm="ScriptGateway"' } },
  )

const roleMissing = ({ isLimited, name }: Caller, role: string) =>
  new GatewayError(
    'forbidden',
    isLimited
      ? `${name} is for some scripts only, and this belongs to the whole gateway.`
      : `This needs the role ${role}, which ${name} does not have: ask an administrator.`,
  )

const whatFor: Record<Right, string> = { see: 'see', run: 'run', edit: 'change' }

const rightMissing = (right: Right) =>
  new GatewayError('forbidden', `You may see this script, but not ${whatFor[right]} it: ask an administrator.`)

/** The words for what is not there: whoever may not see it does not learn that it is. */
function unseen(kind: 'script' | 'run' | 'output' | 'installation', name: string): GatewayError {
  const shown = name.slice(0, 200)
  if (kind === 'script')
    return new GatewayError('not_found', `There is no script "${shown}"; GET /api/scripts lists them.`)
  return new GatewayError('not_found', kind === 'output' ? 'There is no such file.' : `There is no ${kind} ${shown}.`)
}
