/** What posted forms of channels and rules come to, and how they come back when they are refused. */

import type { RefusedChannel } from '../../views/channel-inputs.tsx'
import { emptyRule, type TypedRule } from '../../views/notification-rule-form.tsx'
import { say } from '../../views/texts.ts'
import type { ConfigField } from '../channels/model.ts'
import { GatewayError, type Problem } from '../errors.ts'
import type { NotifyEvent, RuleInput } from '../notify/model.ts'
import type { KindView } from '../notify/view-model.ts'
import type { Trigger } from '../runs/model.ts'
import { sentence, textIn } from './form.ts'

/** What is typed of a configuration, as its parser reads texts. A secret that is left empty stays as it is; what else is left empty goes. */
export function configIn(form: URLSearchParams, { fields }: KindView): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = valueIn(form, field)
      return value === undefined ? [] : [[field.name, value]]
    }),
  )
}

function valueIn(form: URLSearchParams, { name, type, secret }: ConfigField): unknown {
  const text = textIn(form, `config.${name}`)
  if (type === 'bool') return text === 'true'
  if (secret && text === '') return form.get(`clear.${name}`) === '1' ? null : undefined
  if (text === '') return null
  return type === 'int' && /^-?\d{1,15}$/.test(text) ? Number(text) : text
}

/** As it was typed, secrets aside. */
export function refusedChannel(form: URLSearchParams, { fields }: KindView, error: GatewayError): RefusedChannel {
  const isSecret = (name: string) => fields.some((field) => field.secret && name === `config.${field.name}`)
  return {
    message: messageOf(error),
    errors: Object.fromEntries(error.details.map((one) => [channelField(one, fields), sentence(one.message)])),
    values: Object.fromEntries([...form].filter(([name]) => !isSecret(name))),
  }
}

/** `/config/url/0` and `/url` are about the field `url` of the configuration, `/name` about the name. */
function channelField({ path }: Problem, fields: readonly ConfigField[]): string {
  const [first = '', second] = path.split('/').slice(1)
  const name = first === 'config' && second !== undefined ? second : first
  return first !== 'name' && fields.some((field) => field.name === name) ? `config.${name}` : name
}

export const typedRuleIn = (form: URLSearchParams): TypedRule => ({
  ...emptyRule(''),
  ...Object.fromEntries(
    ['channel_id', 'tags', 'title', 'slow_factor', 'quiet_from', 'quiet_to', 'timezone', 'max_per_hour'].map((name) => [
      name,
      textIn(form, name),
    ]),
  ),
  body: (form.get('body') ?? '').replaceAll('\r\n', '\n').trim(),
  events: form.getAll('events'),
  triggers: form.getAll('triggers'),
})

/** What fits is for the service to say, with the field. Throws `validation` for what is no number. */
export function ruleIn(typed: TypedRule, { isOfScript }: { isOfScript: boolean }): RuleInput {
  const problems: Problem[] = []
  const numberIn = (name: 'channel_id' | 'slow_factor' | 'max_per_hour', words: string) => {
    const text = typed[name]
    if (/^\d{1,12}(\.\d{1,6})?$/.test(text)) return Number(text)
    problems.push({ path: `/${name}`, message: words })
    return 0
  }
  const { quiet_from: from, quiet_to: to, timezone } = typed
  if ((from === '') !== (to === ''))
    problems.push({ path: '/quiet_hours', message: say('Say when they begin and when they end, or leave both empty.') })
  if (typed.events.length === 0) problems.push({ path: '/events', message: say('Choose at least one.') })
  const input: RuleInput = {
    channel_id: numberIn('channel_id', say('Choose a channel.')),
    events: typed.events as NotifyEvent[],
    triggers: typed.triggers as Trigger[],
    ...(isOfScript ? {} : { tags: tagsIn(typed.tags) }),
    title: typed.title === '' ? null : typed.title,
    body: typed.body === '' ? null : typed.body,
    slow_factor: numberIn('slow_factor', say('This takes a number, such as 2.')),
    quiet_hours: from === '' || to === '' ? null : { from, to },
    ...(timezone === '' ? {} : { timezone }),
    max_per_hour: numberIn('max_per_hour', say('This takes a whole number; 0 is no limit.')),
  }
  if (problems.length > 0) throw new GatewayError('validation', 'The rule does not fit.', { details: problems })
  return input
}

const tagsIn = (text: string) => [
  ...new Set(
    text
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
]

export const refusedRule = (error: GatewayError) => ({
  message: messageOf(error),
  errors: Object.fromEntries(error.details.map(({ path, message }) => [path.split('/')[1] ?? '', sentence(message)])),
})

/** Fields say what is wrong with them; only the rest needs a sentence above the form. */
const messageOf = ({ message, details }: GatewayError) =>
  details.length > 0 ? say('What does not fit is marked below.') : sentence(message)
