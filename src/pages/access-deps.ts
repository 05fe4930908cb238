/** What the pages about access need; wired in server.ts. */
import type { Accounts } from '../access/accounts.ts'
import type { CookieScope } from '../access/cookies.ts'
import type { Oidc } from '../access/oidc.ts'
import type { Audit } from '../audit/audit.ts'
import type { Backups } from '../backup/routes.ts'
import type { Imported } from '../backup/script-import.ts'
import type { Param, Script } from '../scripts/model.ts'

export interface AccessPageDeps {
  accounts: Pick<Accounts, 'own' | 'manage' | 'signIn' | 'setup' | 'restrictions' | 'tokens' | 'users'>
  audit: Pick<Audit, 'list' | 'verify'>
  scripts: { list(): Script[]; find(idOrSlug: string): ScriptWithParams | undefined }
  backup: PageBackup
  /** Of who else signs people in: what the button says, and where it leads (`next` is added); null when there is none. */
  provider(): { name: string; href: string } | null
  /** The OpenID provider, when there is one. */
  oidc?: Pick<Oidc, 'begin' | 'finish'> | null
  /** Of the session's cookie, for a browser that came like this. */
  cookie(request: Request): CookieScope
  /** How long a session lasts at most, in seconds. */
  sessionSec(): number
  /** Without a slash at its end. */
  baseUrl(): string
  /** Told about what is not a GatewayError. */
  report(error: unknown): void
  now?(): number
}

export interface ScriptWithParams {
  script: Script
  params: Param[]
}

export interface PageBackup {
  make: Backups['make']
  /** Takes in a posted backup; soon after the answer the gateway starts anew on it. */
  restore(request: Request): Promise<{ created_at: string }>
  /** Takes in the one file of a posted form, all or nothing. */
  importScripts(request: Request, overwrite: boolean): Promise<Pick<Imported, 'scripts' | 'secrets' | 'schedules'>>
}
