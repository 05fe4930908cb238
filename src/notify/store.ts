/** Every query on channels, rules and mutes. */
import { and, asc, eq, isNull } from 'drizzle-orm'
import type { Db } from '../db/open.ts'
import { type ChannelRow, channels, notifyMutes, notifyRules, type RuleRow } from './table.ts'

export type NewChannel = Omit<ChannelRow, 'id'>
export type NewRule = Omit<RuleRow, 'id'>

export type NotifyStore = ReturnType<typeof createNotifyStore>

export function createNotifyStore({ db }: { db: Db }) {
  const scope = (scriptId: number | null | undefined) =>
    scriptId === undefined
      ? undefined
      : scriptId === null
        ? isNull(notifyRules.scriptId)
        : eq(notifyRules.scriptId, scriptId)

  return {
    channels: (): ChannelRow[] => db.select().from(channels).orderBy(asc(channels.name), asc(channels.id)).all(),
    channel: (id: number): ChannelRow | undefined => db.select().from(channels).where(eq(channels.id, id)).get(),
    channelNamed: (name: string): ChannelRow | undefined =>
      db.select().from(channels).where(eq(channels.name, name)).get(),
    /** `seal` gets the number that the configuration is bound to. */
    insertChannel: (row: Omit<NewChannel, 'config'>, seal: (id: number) => Uint8Array): number =>
      db.transaction((tx) => {
        const { id } = tx
          .insert(channels)
          .values({ ...row, config: Buffer.alloc(0) })
          .returning({ id: channels.id })
          .get()
        tx.update(channels)
          .set({ config: Buffer.from(seal(id)) })
          .where(eq(channels.id, id))
          .run()
        return id
      }),
    updateChannel: (id: number, row: Partial<NewChannel>) =>
      void db.update(channels).set(row).where(eq(channels.id, id)).run(),
    /** What was removed, with the numbers that it had: all of it or nothing. */
    putBack: (channel: ChannelRow | null, rules: RuleRow[]) =>
      db.transaction((tx) => {
        if (channel) tx.insert(channels).values(channel).run()
        for (const rule of rules) tx.insert(notifyRules).values(rule).run()
      }),
    /** Its rules and deliveries go with it. */
    removeChannel: (id: number) => void db.delete(channels).where(eq(channels.id, id)).run(),

    /** `scriptId` null: those for all scripts; undefined: every one. */
    rules: (scriptId?: number | null): RuleRow[] =>
      db
        .select()
        .from(notifyRules)
        .where(and(scope(scriptId)))
        .orderBy(asc(notifyRules.id))
        .all(),
    rule: (id: number): RuleRow | undefined => db.select().from(notifyRules).where(eq(notifyRules.id, id)).get(),
    insertRule: (row: NewRule): number => db.insert(notifyRules).values(row).returning({ id: notifyRules.id }).get().id,
    updateRule: (id: number, row: Partial<NewRule>) =>
      void db.update(notifyRules).set(row).where(eq(notifyRules.id, id)).run(),
    removeRule: (id: number) => void db.delete(notifyRules).where(eq(notifyRules.id, id)).run(),

    muted: (): number[] =>
      db
        .select()
        .from(notifyMutes)
        .all()
        .map(({ scriptId }) => scriptId),
    mute: (scriptId: number) => void db.insert(notifyMutes).values({ scriptId }).onConflictDoNothing().run(),
    unmute: (scriptId: number) => void db.delete(notifyMutes).where(eq(notifyMutes.scriptId, scriptId)).run(),
  }
}
