/** What the routes and the pages ask of notifications. Times are ISO 8601 in UTC; everything throws `not_found` and `validation`. */
import type { ChannelKind, ConfigField } from '../channels/model.ts'
import type { Delivery, DeliveryState, NotifyRule, RuleInput } from './model.ts'

export interface ChannelView {
  id: number
  name: string
  kind: ChannelKind
  /** Without its secrets. */
  config: Record<string, unknown>
  enabled: boolean
  /** Of the newest delivery. */
  last: { state: DeliveryState; at: string; problem: string | null } | null
  /** That wait to be sent, or to be tried again. */
  waiting: number
  /** Why nothing will arrive as the settings are; sentences. */
  warnings: string[]
  created_at: string
  updated_at: string
}

/** Members that are left out stay, those of `config` too: a secret is kept unless it is sent. */
export interface ChannelInput {
  name?: string
  kind?: ChannelKind
  config?: Record<string, unknown>
  enabled?: boolean
}

export interface KindView {
  kind: ChannelKind
  label: string
  fields: readonly ConfigField[]
}

export interface DeliveryFilter {
  channelId?: number
  ruleId?: number
  runId?: number
  scriptId?: number
  /** Of these scripts only. */
  scriptIds?: number[]
  state?: DeliveryState
}

export interface Notifications {
  kinds(): KindView[]
  channels(): ChannelView[]
  channel(id: number): ChannelView
  createChannel(input: ChannelInput): ChannelView
  updateChannel(id: number, input: ChannelInput): ChannelView
  removeChannel(id: number): void
  /** One that was deleted a moment ago, with its rules; what was sent, and what waited, is gone. Throws `conflict`. */
  restoreChannel(id: number): ChannelView
  /** Sends a test message now, past quiet hours and limits, and says what came of it. */
  testChannel(id: number): Promise<Delivery>
  /** The same of NOTIFY_URL; throws `conflict` when none is set. */
  testNotifyUrl(): Promise<Delivery>
  /** How NOTIFY_URL does, whether one is set or not. */
  ofNotifyUrl(): Pick<ChannelView, 'last' | 'waiting' | 'warnings'>
  /** `scriptId` null: those for all scripts; undefined: every one. */
  rules(scriptId?: number | null): NotifyRule[]
  rule(id: number): NotifyRule
  createRule(scriptId: number | null, input: RuleInput): NotifyRule
  updateRule(id: number, input: RuleInput): NotifyRule
  removeRule(id: number): void
  /** One that was deleted a moment ago, and was of this script; null: for all. Throws `conflict`. */
  restoreRule(scriptId: number | null, id: number): NotifyRule
  /** Whether the rules for all scripts say nothing of this one. */
  isMuted(scriptId: number): boolean
  setMuted(scriptId: number, isMuted: boolean): void
  deliveries(filter: DeliveryFilter, page: { limit: number; offset: number }): { items: Delivery[]; total: number }
  delivery(id: number): Delivery
  /** Sends it again as a new delivery. */
  redeliver(id: number): Delivery
}
