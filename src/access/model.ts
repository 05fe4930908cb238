/** Users, what they may, their sessions and tokens, as they are stored, listed and shown. Times are ISO 8601 in UTC. */
import type { Right, Role } from '../http/caller.ts'

/** A right over one script, or over every script with a tag. */
export type Grant = { script_id: number; right: Right } | { tag: string; right: Right }

/** How a user signs in: with a password, through an OpenID provider, or named by a proxy. */
export const userSources = ['password', 'oidc', 'proxy'] as const
export type UserSource = (typeof userSources)[number]

export interface User {
  id: number
  /** Unique, whatever its case. */
  name: string
  email: string | null
  /** null: only what `grants` say. */
  role: Role | null
  grants: Grant[]
  source: UserSource
  /** Cannot sign in, and neither can its tokens be used. */
  disabled: boolean
  has_password: boolean
  has_second_factor: boolean
  created_at: string
  last_seen_at: string | null
}

export interface Session {
  id: number
  user_id: number
  user: string
  /** How it began. */
  source: UserSource
  address: string | null
  user_agent: string
  created_at: string
  last_seen_at: string
  expires_at: string
  /** Whether it is the one that asks. */
  is_current: boolean
}

export interface ApiToken {
  id: number
  name: string
  user_id: number
  user: string
  /** The beginning of the token, to tell it from others. */
  hint: string
  role: Role
  /** Only these scripts; null: all that its owner may. */
  script_ids: number[] | null
  /** Requests a minute; null: as the setting says. */
  rate_per_min: number | null
  created_at: string
  /** null: never. */
  expires_at: string | null
  last_used_at: string | null
  last_used_address: string | null
}
