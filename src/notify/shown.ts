/** Rows in the shapes of the API. */
import { isoTime } from '../clock.ts'
import type { Delivery, NotifyRule } from './model.ts'
import type { ChannelRow, DeliveryRow, RuleRow } from './table.ts'
import type { ChannelView } from './view-model.ts'

export const toRule = (row: RuleRow): NotifyRule => ({
  id: row.id,
  script_id: row.scriptId,
  channel_id: row.channelId,
  events: row.events,
  triggers: row.triggers,
  tags: row.tags,
  title: row.title,
  body: row.body,
  slow_factor: row.slowFactor,
  quiet_hours: row.quietFrom !== null && row.quietTo !== null ? { from: row.quietFrom, to: row.quietTo } : null,
  timezone: row.timezone,
  max_per_hour: row.maxPerHour,
  enabled: row.enabled,
  created_at: isoTime(row.createdAt)!,
  updated_at: isoTime(row.updatedAt)!,
})

/** Without the address of a heartbeat, and what only webhooks are told. */
export const toDelivery = (row: DeliveryRow): Delivery => ({
  id: row.id,
  channel_id: row.channelId,
  rule_id: row.ruleId,
  kind: row.kind,
  event: row.event,
  outcome: row.facts.status || null,
  script_id: row.scriptId,
  run_id: row.runId,
  schedule_id: row.scheduleId,
  title: row.title,
  body: row.body,
  state: row.state,
  attempts: row.attempts,
  next_at: isoTime(row.nextAt),
  status: row.status,
  problem: row.problem,
  answer: row.answer,
  duration_ms: row.durationMs,
  created_at: isoTime(row.createdAt)!,
  finished_at: isoTime(row.finishedAt),
  redelivery_of: row.redeliveryOf,
})

export const toLast = (row: DeliveryRow | undefined): ChannelView['last'] =>
  row ? { state: row.state, at: isoTime(row.finishedAt ?? row.createdAt)!, problem: row.problem } : null

export const toChannel = (
  row: ChannelRow,
  { last, waiting, warnings }: { last: DeliveryRow | undefined; waiting: number; warnings: string[] },
): ChannelView => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  config: row.shown,
  enabled: row.enabled,
  last: toLast(last),
  waiting,
  warnings,
  created_at: isoTime(row.createdAt)!,
  updated_at: isoTime(row.updatedAt)!,
})
