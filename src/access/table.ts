import { blob, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Role } from '../http/caller.ts'
import type { Grant, UserSource } from './model.ts'

/** Times are milliseconds since 1970, UTC. */
export const users = sqliteTable('users', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull(),
  email: text(),
  role: text().$type<Role>(),
  grants: text({ mode: 'json' }).$type<Grant[]>().notNull().default([]),
  source: text().$type<UserSource>().notNull(),
  /** argon2id; null: cannot sign in with a password. */
  passwordHash: text('password_hash'),
  /** Of the OpenID provider: which user of which it is. */
  oidcIssuer: text('oidc_issuer'),
  oidcSubject: text('oidc_subject'),
  /** Sealed; while `totpEnabledAt` is null it waits for its first code. */
  totpSecret: blob('totp_secret', { mode: 'buffer' }).$type<Uint8Array>(),
  totpEnabledAt: integer('totp_enabled_at'),
  /** The time step of the last code that was taken: none is taken twice. */
  totpLastStep: integer('totp_last_step').notNull().default(0),
  /** SHA-256, hexadecimal, of the ones that are left. */
  recoveryCodes: text('recovery_codes', { mode: 'json' }).$type<string[]>().notNull().default([]),
  disabledAt: integer('disabled_at'),
  createdAt: integer('created_at').notNull(),
  lastSeenAt: integer('last_seen_at'),
})

export const sessions = sqliteTable('sessions', {
  id: integer().primaryKey({ autoIncrement: true }),
  /** SHA-256 of what the cookie holds, hexadecimal. */
  tokenHash: text('token_hash').notNull(),
  userId: integer('user_id').notNull(),
  source: text().$type<UserSource>().notNull(),
  address: text(),
  userAgent: text('user_agent').notNull().default(''),
  createdAt: integer('created_at').notNull(),
  lastSeenAt: integer('last_seen_at').notNull(),
  expiresAt: integer('expires_at').notNull(),
})

export const apiTokens = sqliteTable('api_tokens', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull(),
  /** SHA-256, hexadecimal: the token itself is shown once and not kept. */
  tokenHash: text('token_hash').notNull(),
  hint: text().notNull(),
  userId: integer('user_id').notNull(),
  role: text().$type<Role>().notNull(),
  scriptIds: text('script_ids', { mode: 'json' }).$type<number[]>(),
  ratePerMin: integer('rate_per_min'),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at'),
  lastUsedAt: integer('last_used_at'),
  lastUsedAddress: text('last_used_address'),
})

/** Scripts, or tags, over which a role says nothing: only who was granted something there may, and administrators. */
export const restrictions = sqliteTable('access_restrictions', {
  id: integer().primaryKey({ autoIncrement: true }),
  scriptId: integer('script_id'),
  tag: text(),
})

export type UserRow = typeof users.$inferSelect
export type SessionRow = typeof sessions.$inferSelect
export type ApiTokenRow = typeof apiTokens.$inferSelect
