/** Every query on the variables table. */
import { and, count, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { globalScope, type Scope } from './model.ts'
import { type VariableRow, variables } from './table.ts'

type NewVariable = Pick<VariableRow, 'scriptId' | 'name' | 'isSecret' | 'value'>

export type VariableStore = ReturnType<typeof createVariableStore>

export function createVariableStore(db: Db) {
  const named = (scope: Scope, name: string) => and(eq(variables.scriptId, scope), eq(variables.name, name))
  // Asked for every run.
  const forScript = db
    .select()
    .from(variables)
    .where(inArray(variables.scriptId, [globalScope, sql.placeholder('scriptId')]))
    .orderBy(variables.scriptId, variables.name)
    .prepare()

  return {
    of: (scope: Scope): VariableRow[] =>
      db.select().from(variables).where(eq(variables.scriptId, scope)).orderBy(variables.name).all(),
    /** Everybody's, then the script's own. */
    forScript: (scriptId: number): VariableRow[] => forScript.all({ scriptId }),
    secrets: (): VariableRow[] => db.select().from(variables).where(eq(variables.isSecret, true)).all(),
    get: (scope: Scope, name: string): VariableRow | undefined =>
      db.select().from(variables).where(named(scope, name)).get(),
    count: (scope: Scope): number =>
      db.select({ n: count() }).from(variables).where(eq(variables.scriptId, scope)).get()?.n ?? 0,
    put(row: NewVariable, now: number) {
      const { isSecret, value } = row
      db.insert(variables)
        .values({ ...row, createdAt: now, updatedAt: now })
        .onConflictDoUpdate({
          target: [variables.scriptId, variables.name],
          set: { isSecret, value, updatedAt: now },
        })
        .run()
    },
    /** Whether there was one. */
    remove: (scope: Scope, name: string): boolean =>
      db.delete(variables).where(named(scope, name)).returning({ id: variables.id }).all().length > 0,
    removeAll: (scope: Scope) => void db.delete(variables).where(eq(variables.scriptId, scope)).run(),
  }
}
