/** Rules: what is told to whom, as sentences and as a form. Fragments: #rules, #rule-form. */
import type { NotifyRule } from '../src/notify/model.ts'
import type { ChannelView } from '../src/notify/view-model.ts'
import { ActForm } from './actions.tsx'
import { attr } from './attr.ts'
import { ruleDetails, whenWords } from './notification-words.ts'
import { Icon } from './parts.tsx'
import { say, t } from './texts.ts'

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
          {t('Add a rule')}
        </a>
      )}
    </header>
    {rules.length === 0 ? (
      <p class="body muted" safe>
        {channels.length === 0 ? `${none} ${say('A rule needs a channel to send to, and there is none yet.')}` : none}
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
                aria-label={t('Edit the rule {name}', { name: nameOf(rule, channels) })}
                title={t('Edit')}
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
  channels.find((one) => one.id === id)?.name ?? say('a channel that is gone')

const nameOf = (rule: NotifyRule, channels: NamedChannel[]) =>
  say('“{when}, to {channel}”', { when: whenWords(rule.events), channel: channelName(channels, rule.channel_id) })

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
        <span class="sr">{t('to|receiver')}</span>
        <span safe>{channelName(channels, rule.channel_id)}</span>
        {rule.enabled ? '' : <span class="chip deny">{t('Off')}</span>}
        {isDisabled ? <span class="chip deny">{t('Channel disabled')}</span> : ''}
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
  <ActForm
    action={`${path}/rules/${rule.id}/enabled`}
    word={say(rule.enabled ? 'Turn off' : 'Turn on')}
    fields={{ enabled: rule.enabled ? 'no' : 'yes' }}
  />
)

const DeleteForm = ({ rule, path, name }: { rule: NotifyRule; path: string; name: string }) => (
  <ActForm
    action={`${path}/rules/${rule.id}/delete`}
    {...{ icon: 'trash', kind: 'danger' }}
    label={say('Delete the rule {name}', { name })}
    title={say('Delete')}
    confirm={{
      question: say('Delete this rule?'),
      text: say('{name} is told no more.', { name }),
      yes: say('Delete'),
      no: say('Keep it'),
    }}
  />
)
