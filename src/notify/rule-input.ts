/** What a client sends to make or change a rule becomes the values of a row, or a list of all that is wrong with it. */
import { problemsOf } from '../channels/templates.ts'
import { GatewayError, type Problem } from '../errors.ts'
import { notifyEventNames } from '../options/notify.ts'
import { normalZone } from '../options/zone-names.ts'
import { triggers as triggerNames } from '../runs/model.ts'
import type { RuleInput } from './model.ts'
import { isTimeOfDay } from './quiet.ts'
import type { RuleRow } from './table.ts'

export const ruleLimits = {
  titleCharsMax: 500,
  bodyCharsMax: 5000,
  tagsMax: 50,
  tagCharsMax: 100,
  slowFactorMin: 1.1,
  slowFactorMax: 1000,
  perHourMax: 1000,
}

export type RuleValues = Omit<RuleRow, 'id' | 'scriptId' | 'createdAt' | 'updatedAt'>

type Refuse = (path: string, message: string) => void

/** `before`: the rule that is changed; what is left out stays as it is there, or gets its default. Throws `validation`. */
export function readRule(
  input: RuleInput,
  { before, hasChannel }: { before: RuleValues | undefined; hasChannel(id: number): boolean },
): RuleValues {
  const problems: Problem[] = []
  const refuse: Refuse = (path, message) => void problems.push({ path, message })
  for (const name of Object.keys(input))
    if (!ruleMembers.includes(name)) refuse(`/${name}`, `is not known here: there are ${ruleMembers.join(', ')}`)
  const { channel_id, events, triggers, tags, title, body, slow_factor, quiet_hours, timezone, max_per_hour, enabled } =
    input
  const given: Partial<RuleValues> = { events, triggers, tags, timezone, enabled }
  const values: RuleValues = {
    ...(before ?? defaults),
    ...defined({ ...given, channelId: channel_id, title, body, slowFactor: slow_factor, maxPerHour: max_per_hour }),
    ...(quiet_hours === null && { quietFrom: null, quietTo: null }),
    ...(quiet_hours && { quietFrom: quiet_hours.from ?? '', quietTo: quiet_hours.to ?? '' }),
  }
  check(values, before, refuse)
  if (Number.isSafeInteger(values.channelId) && !hasChannel(values.channelId))
    refuse('/channel_id', before || channel_id !== undefined ? 'is no channel that there is' : 'is needed')
  if (problems.length > 0) throw refusal(problems)
  return {
    ...values,
    title: values.title || null,
    body: values.body || null,
    events: [...new Set(values.events)],
    triggers: [...new Set(values.triggers)],
    tags: [...new Set(values.tags)],
  }
}

export function refusal(problems: Problem[]) {
  const sentences = problems.map(({ path, message }) => `${path.slice(1)} ${message}`.trim())
  return new GatewayError('validation', `Nothing was changed: ${sentences.join('; ')}.`, { details: problems })
}

const defaults: RuleValues = {
  channelId: 0,
  events: [],
  triggers: [],
  tags: [],
  title: null,
  body: null,
  slowFactor: 2,
  quietFrom: null,
  quietTo: null,
  timezone: 'UTC',
  maxPerHour: 0,
  enabled: true,
}

const ruleMembers = [
  ...['channel_id', 'events', 'triggers', 'tags', 'title', 'body', 'slow_factor', 'quiet_hours', 'timezone'],
  ...['max_per_hour', 'enabled'],
]

/** The routes have looked at types; the pages and what a template says have not been looked at. */
function check(values: RuleValues, before: RuleValues | undefined, refuse: Refuse) {
  const { channelId, events, triggers, tags, slowFactor, quietFrom, quietTo, timezone, maxPerHour } = values
  if (!Number.isSafeInteger(channelId)) refuse('/channel_id', 'must be the number of a channel')
  checkNames('/events', events, notifyEventNames, refuse)
  if (events.length === 0) refuse('/events', `must name at least one of ${notifyEventNames.join(', ')}`)
  checkNames('/triggers', triggers, triggerNames, refuse)
  if (tags.length > ruleLimits.tagsMax) refuse('/tags', `must have at most ${ruleLimits.tagsMax} entries`)
  if (tags.some((tag) => tag === '' || tag.length > ruleLimits.tagCharsMax))
    refuse('/tags', `must hold tags of 1 to ${ruleLimits.tagCharsMax} characters`)
  checkText('/title', values.title, ruleLimits.titleCharsMax, refuse)
  checkText('/body', values.body, ruleLimits.bodyCharsMax, refuse)
  if (!(slowFactor >= ruleLimits.slowFactorMin && slowFactor <= ruleLimits.slowFactorMax))
    refuse('/slow_factor', `must be ${ruleLimits.slowFactorMin} to ${ruleLimits.slowFactorMax}`)
  checkQuiet(quietFrom, quietTo, refuse)
  // One that was taken once does not keep other members from being changed.
  if (timezone !== before?.timezone && normalZone(timezone) === null)
    refuse('/timezone', `"${timezone.slice(0, 100)}" is no time zone: write it as Europe/Berlin`)
  if (!Number.isSafeInteger(maxPerHour) || maxPerHour < 0 || maxPerHour > ruleLimits.perHourMax)
    refuse('/max_per_hour', `must be a whole number of 0 (no limit) to ${ruleLimits.perHourMax}`)
}

function checkNames(path: string, given: readonly string[], names: readonly string[], refuse: Refuse) {
  const wrong = given.find((one) => !names.includes(one))
  if (wrong !== undefined) refuse(path, `must hold only ${names.join(', ')}; got "${wrong.slice(0, 100)}"`)
}

function checkText(path: string, text: string | null, charsMax: number, refuse: Refuse) {
  if (text === null) return
  if (text.length > charsMax) refuse(path, `must have at most ${charsMax} characters`)
  else for (const problem of problemsOf(text)) refuse(path, problem)
}

function checkQuiet(from: string | null, to: string | null, refuse: Refuse) {
  if (from === null && to === null) return
  for (const [path, time] of [
    ['/quiet_hours/from', from],
    ['/quiet_hours/to', to],
  ] as const)
    if (time === null || !isTimeOfDay(time)) refuse(path, 'must be a time of day such as 22:00')
  if (from !== '' && from === to) refuse('/quiet_hours/to', 'must be another time than from')
}

const defined = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
