/** Every query on users, sessions, tokens and restrictions: a part for each table. */
import { eq } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { createSessionStore } from './session-store.ts'
import { restrictions } from './table.ts'
import { createTokenStore } from './token-store.ts'
import { createUserStore } from './user-store.ts'

/** What may be restricted, and over which a right may be granted. */
export type Target = { script_id: number } | { tag: string }

export type AccessStore = ReturnType<typeof createAccessStore>

export const createAccessStore = (db: Db) => ({
  users: createUserStore(db),
  sessions: createSessionStore(db),
  tokens: createTokenStore(db),
  restrictions: {
    all: (): { scriptId: number | null; tag: string | null }[] => db.select().from(restrictions).all(),
    add(target: Target) {
      db.insert(restrictions).values(columnsOf(target)).onConflictDoNothing().run()
    },
    remove(target: Target) {
      const isThis = 'tag' in target ? eq(restrictions.tag, target.tag) : eq(restrictions.scriptId, target.script_id)
      db.delete(restrictions).where(isThis).run()
    },
  },
  /** All of it or nothing; what it reads nobody changes meanwhile, not from another process either. */
  transaction: <T>(act: () => T): T => db.transaction(act, { behavior: 'immediate' }),
})

const columnsOf = (target: Target) => ('tag' in target ? { tag: target.tag } : { scriptId: target.script_id })
