/** Who makes a request, and what a route asks of whoever that is. The guard (access/guard.ts) joins the two. */

/** Each may do what the ones before it may. */
export const roles = ['viewer', 'operator', 'editor', 'admin'] as const
export type Role = (typeof roles)[number]

/** What may be done with a script: `see` it with its runs, logs and results; `run` and cancel; `edit` code, policy and variables. */
export const rights = ['see', 'run', 'edit'] as const
export type Right = (typeof rights)[number]

/** Which right a role has over every script that is not restricted. */
export const rightOfRole: Record<Role, Right> = { viewer: 'see', operator: 'run', editor: 'edit', admin: 'edit' }

/** What a rule needs to know of a script. */
export interface Guarded {
  id: number
  tags: readonly string[]
}

/** The least role that has a right over every script that is not restricted. */
export const roleOfRight: Record<Right, Role> = { see: 'viewer', run: 'operator', edit: 'editor' }

export interface Caller {
  /** `off`: AUTH=off; `admin-token`: ADMIN_TOKEN; `nobody`: no credential, at a route that asks for none. */
  kind: 'user' | 'token' | 'admin-token' | 'off' | 'nobody'
  /** For people and for the audit log: `anna`, `token "n8n" of anna`, `ADMIN_TOKEN`, or the address of nobody. */
  name: string
  /** Of the user, or of the token's owner. */
  userId: number | null
  /** The session a browser came with. */
  sessionId: number | null
  tokenId: number | null
  /** Over everything but restricted scripts; null: only what was granted. Of a token the lesser of its own and its owner's. */
  role: Role | null
  /** Whether it may be used for some scripts only: then nothing of the gateway's own is open to it. */
  isLimited: boolean
  /** The client's, behind a trusted proxy the forwarded one; null without a socket. */
  address: string | null
  /** Whether `may('see', …)` holds for whatever script there is: lists need no filter. */
  seesAll: boolean
  may(right: Right, script: Guarded): boolean
  /** Whether the role is at least this one, for what is no script's. */
  is(role: Role): boolean
}

/** Tells whoever did something from everybody else, for as long as the gateway runs: names can be given anew. */
export const identityOf = ({ kind, userId, tokenId }: Caller): string => [kind, userId, tokenId].join(' ')

/**
 * What a route asks for:
 * - `open`: nobody in particular; `unset` also before there is an administrator
 * - `signed-in`: anybody known; what is listed is only what the caller may see
 * - `role`: for what belongs to the gateway and not to a script
 * - `script`, `run`, `output`: a right over the script that the address names, over the script of the run, or of the file
 * - `installation`: a right over any of the scripts that the installation of packages is for
 */
export type Access =
  | { to: 'open'; unset?: boolean }
  | { to: 'signed-in' }
  | { to: 'role'; role: Role }
  | { to: 'script' | 'run' | 'output' | 'installation'; right: Right }

export interface Declared {
  access: Access
  /** What a call is in the audit log, a noun and a verb. What changes something has one, or records itself. */
  act?: string
  /** A page: refused with a page, or sent to the sign-in, and links from elsewhere may lead to it. */
  isPage?: boolean
}

/** The hook of a route that says who may call it; spread into the options. A route without one stops the start. */
export const open = { access: { to: 'open' } } satisfies Declared
export const openBeforeSetup = { access: { to: 'open', unset: true } } satisfies Declared
export const signedIn = { access: { to: 'signed-in' } } satisfies Declared
export const forRole = (role: Role) => ({ access: { to: 'role', role } }) satisfies Declared
/** The address has the script's number or slug as `:id`. */
export const forScript = (right: Right) => ({ access: { to: 'script', right } }) satisfies Declared
/** The address has the run's number as `:id`. */
export const forRun = (right: Right) => ({ access: { to: 'run', right } }) satisfies Declared
/** The address has the installation's number as `:id`. */
export const forInstallation = (right: Right) => ({ access: { to: 'installation', right } }) satisfies Declared
/** The address has the file's place below static/ as `*`. */
export const forOutput = { access: { to: 'output', right: 'see' } } satisfies Declared
/** The audit log tells every call of it. */
export const acts = (act: string) => ({ act })
/** It changes something, and tells the audit log of it itself, in more detail. */
export const actsItself = { act: '' }
/** Pages are not part of the API's document. */
export const asPage = <T extends Declared>(declared: T) => ({
  ...declared,
  isPage: true as const,
  detail: { hide: true },
})

const callers = new WeakMap<Request, Caller>()

/** The guard alone says who calls. */
export const setCaller = (request: Request, caller: Caller) => void callers.set(request, caller)

const renewals = new WeakMap<Request, () => void>()

/** `renew` looks again who calls, and throws where that one may not any more. */
export const setRenewal = (request: Request, renew: () => void) => void renewals.set(request, renew)

/**
 * To be called when a body has come: that may have taken its sender an hour, and whoever was sent away meanwhile must not
 * act with the rights of then. Throws as the guard does. From then on `callerOf` answers with the rights of now.
 */
export const renewCaller = (request: Request): void => renewals.get(request)?.()

/** Who makes this request. Throws when the guard did not see it: nobody is let through by mistake. */
export function callerOf(request: Request): Caller {
  const caller = callers.get(request)
  if (!caller) throw new Error('a request reached its handler without passing the guard')
  return caller
}

/** What a handler tells the audit log beside who called what. */
export interface Note {
  /** In place of the act that the route declares. */
  action?: string
  object?: { type: string; id?: string | number | null; name?: string }
  before?: unknown
  after?: unknown
}

const notes = new WeakMap<Request, Note>()

/** Adds to what the audit log will say of this call. Secrets are for the caller to leave out. */
export const note = (request: Request, about: Note) => void notes.set(request, { ...notes.get(request), ...about })

export const noteOf = (request: Request): Note => notes.get(request) ?? {}
