/** Rules for all scripts and for one: the form that the address asks for, and what becomes of posted ones. */
import { emptyRule, type RuleFormProps, type TypedRule, typedOf } from '../../views/notification-rule-form.tsx'
import type { NamedChannel } from '../../views/notification-rules.tsx'
import { notificationsPath } from '../../views/notifications.tsx'
import { say, type Text } from '../../views/texts.ts'
import type { DoneProps } from '../../views/toast.tsx'
import { GatewayError } from '../errors.ts'
import { factNames, type NotifyRule } from '../notify/model.ts'
import type { PageDeps } from './deps.ts'
import { oneOf } from './form.ts'
import { refusedRule, ruleIn, typedRuleIn } from './notifications-form.ts'

/** What a form was refused for, with the status of the answer. */
export interface RefusedRule {
  id: number | null
  typed: TypedRule
  why: NonNullable<RuleFormProps['refused']>
  status: number
}

const doneWords = {
  added: 'The channel is there: send a test, and say in a rule what it is told',
  saved: 'Saved',
  enabled: 'It is told again, from the next event on',
  disabled: 'It is told nothing more',
  'channel-deleted': 'The channel is gone, and its rules with it',
  'channel-restored': 'The channel is back, with its rules',
  'rule-deleted': 'The rule is gone',
  'rule-restored': 'The rule is back',
  muted: 'The rules for all scripts tell nothing of this one',
  unmuted: 'The rules for all scripts tell of this one again',
} satisfies Record<string, Text>

/** What has just been done, as the address says it; `?done=disabled&of=3`, of channel 3, can be taken back. `path`: of the page. */
export function doneIn(search: URLSearchParams, path: string): DoneProps | null {
  const word = oneOf(Object.keys(doneWords) as (keyof typeof doneWords)[], search.get('done'))
  if (word === null) return null
  const of = /^[1-9]\d{0,14}$/.exec(search.get('of') ?? '')?.[0]
  const undo = of === undefined ? null : undoOf(word, of, { path, isFromList: search.get('from') === 'list' })
  return { text: say(doneWords[word]), ...(undo && { undo }) }
}

function undoOf(
  word: keyof typeof doneWords,
  of: string,
  { path, isFromList }: { path: string; isFromList: boolean },
): DoneProps['undo'] | null {
  const channel = `${notificationsPath}/channels/${of}`
  if (word === 'rule-deleted') return { action: `${path}/rules/${of}/restore`, fields: {} }
  if (word === 'channel-deleted') return { action: `${channel}/restore`, fields: {} }
  if (word !== 'enabled' && word !== 'disabled') return null
  const fields = { enabled: word === 'enabled' ? 'no' : 'yes', from: isFromList ? 'list' : '' }
  return { action: `${channel}/enabled`, fields }
}

interface Wanted {
  /** Null: for all scripts. */
  scriptId: number | null
  path: string
  channels: NamedChannel[]
  search: URLSearchParams
  refused: RefusedRule | null
}

/** The form for what the address names, or what was refused; null: none. */
export function ruleFormProps(
  deps: PageDeps,
  { scriptId, path, channels, search, refused }: Wanted,
): RuleFormProps | null {
  const common = { channels, path, isOfScript: scriptId !== null, zones: zones(), facts: factNames }
  if (refused) return { ...common, id: refused.id, typed: refused.typed, refused: refused.why }
  const wanted = search.get('rule')
  if (wanted === 'new') {
    const only = channels.length === 1 ? String(channels[0]!.id) : ''
    return { ...common, id: null, typed: emptyRule(gatewayZone(), search.get('channel') ?? only), refused: null }
  }
  const rule = deps.notifications.rules(scriptId).find(({ id }) => String(id) === wanted)
  return rule ? { ...common, id: rule.id, typed: typedOf(rule), refused: null } : null
}

const zones = () => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const gatewayZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

/** Makes one, or changes the one with this number; null when it is done. */
export function saveRule(
  deps: PageDeps,
  form: URLSearchParams,
  { scriptId, id }: { scriptId: number | null; id: number | null },
): RefusedRule | null {
  if (id !== null) findRule(deps, scriptId, id)
  const typed = typedRuleIn(form)
  try {
    const input = ruleIn(typed, { isOfScript: scriptId !== null })
    if (id === null) deps.notifications.createRule(scriptId, input)
    else deps.notifications.updateRule(id, input)
    return null
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { id, typed, why: refusedRule(error), status: error.status }
  }
}

export function setRuleEnabled(deps: PageDeps, scriptId: number | null, id: number, form: URLSearchParams): void {
  findRule(deps, scriptId, id)
  deps.notifications.updateRule(id, { enabled: form.get('enabled') === 'yes' })
}

export function deleteRule(deps: PageDeps, scriptId: number | null, id: number): void {
  findRule(deps, scriptId, id)
  deps.notifications.removeRule(id)
}

/** One of another script is not there for whoever may edit this one. Throws `not_found`. */
function findRule({ notifications }: PageDeps, scriptId: number | null, id: number): NotifyRule {
  const rule = notifications.rule(id)
  if (rule.script_id !== scriptId) throw new GatewayError('not_found', say('There is no such rule.'))
  return rule
}
