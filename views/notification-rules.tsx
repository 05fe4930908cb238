/** Rules: what is told to whom, as sentences and as a form. Fragments: #rules, #rule-form. */
import type { NotifyRule } from '../src/notify/model.ts'
import type { ChannelView } from '../src/notify/view-model.ts'
import { attr } from './attr.ts'
import { ruleDetails, whenWords } from './notification-words.ts'
import { Icon } from './parts.tsx'

/** Of a channel nobody needs more here: editors of a script see no more of it. */
export type NamedChannel = Pick<ChannelView, 'id' | 'name' | 'enabled'>

export interface RulesProps {
  rules: NotifyRule[]
  channels: NamedChannel[]
  /** The page they are on; rules are posted below it. */
  path: string
  title: string
  /** For whom, where there is none yet. */
  none: string
}

export const RulesPanel = ({ rules, channels, path, title, none }: RulesProps) => (
  <section class="panel" id="rules" aria-labelledby="h-rules">
    <header>
      <h2 id="h-rules" safe>
        {title}
      </h2>
      <span class="count">{rules.length}</span>
      {channels.length === 0 ? (
        ''
      ) : (
        <a class="button small push" href={attr(`${path}?rule=new#rule-form`)}>
          <Icon name="plus" />
          Add a rule
        </a>
      )}
    </header>
    {rules.length === 0 ? (
      <p class="body muted" safe>
        {channels.length === 0 ? `${none} A rule needs a channel to send to, and there is none yet.` : none}
      </p>
    ) : (
      <ul class="rules">
        {rules.map((rule) => (
          <li id={`rule-${rule.id}`}>
            <RuleWords rule={rule} channels={channels} href={`${path}?rule=${rule.id}#rule-form`} />
            <div class="row">
              <ToggleForm rule={rule} path={path} />
              <a
                class="button quiet only small"
                href={attr(`${path}?rule=${rule.id}#rule-form`)}
                aria-label={attr(`Edit the rule ${nameOf(rule, channels)}`)}
                title="Edit"
              >
                <Icon name="pencil" />
              </a>
              <DeleteForm rule={rule} path={path} name={nameOf(rule, channels)} />
            </div>
          </li>
        ))}
      </ul>
    )}
  </section>
)

const channelName = (channels: NamedChannel[], id: number) =>
  channels.find((one) => one.id === id)?.name ?? 'a channel that is gone'

const nameOf = (rule: NotifyRule, channels: NamedChannel[]) =>
  `“${whenWords(rule.events)}, to ${channelName(channels, rule.channel_id)}”`

/** When it fails → Ops on call */
export const RuleWords = ({
  rule,
  channels,
  href = null,
}: {
  rule: NotifyRule
  channels: NamedChannel[]
  href?: string | null
}) => {
  const details = ruleDetails(rule)
  const isDisabled = channels.some((one) => one.id === rule.channel_id && !one.enabled)
  const when = whenWords(rule.events)
  return (
    <div class="grow any-wrap">
      <span class="rule-words">
        {href === null ? (
          <b safe>{when}</b>
        ) : (
          <a href={attr(href)} safe>
            {when}
          </a>
        )}
        <Icon name="right" />
        <span class="sr">to</span>
        <span safe>{channelName(channels, rule.channel_id)}</span>
        {rule.enabled ? '' : <span class="chip deny">Off</span>}
        {isDisabled ? <span class="chip deny">Channel disabled</span> : ''}
      </span>
      {details.length === 0 ? (
        ''
      ) : (
        <small class="block muted" safe>
          {capital(details.join(' · '))}
        </small>
      )}
    </div>
  )
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const ToggleForm = ({ rule, path }: { rule: NotifyRule; path: string }) => (
  <form class="inline" method="post" action={attr(`${path}/rules/${rule.id}/enabled`)}>
    <button class="quiet small" type="submit" name="enabled" value={rule.enabled ? 'no' : 'yes'}>
      {rule.enabled ? 'Turn off' : 'Turn on'}
    </button>
  </form>
)

const DeleteForm = ({ rule, path, name }: { rule: NotifyRule; path: string; name: string }) => (
  <form
    class="inline"
    method="post"
    action={attr(`${path}/rules/${rule.id}/delete`)}
    data-confirm="Delete this rule?"
    data-confirm-text={attr(`${name} is told no more.`)}
    data-confirm-yes="Delete"
    data-confirm-no="Keep it"
  >
    <button class="quiet danger only small" type="submit" aria-label={attr(`Delete the rule ${name}`)} title="Delete">
      <Icon name="trash" />
    </button>
  </form>
)
