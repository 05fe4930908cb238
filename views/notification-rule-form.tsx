/** The form of a rule. What most need comes first, the rest is folded away. Fragment: #rule-form. */
import type { NotifyRule } from '../src/notify/model.ts'
import { attr } from './attr.ts'
import { FieldError, type RefusedRule, stateOf, TextField } from './notification-rule-inputs.tsx'
import type { NamedChannel } from './notification-rules.tsx'
import { offeredEvents, triggerWord } from './notification-words.ts'
import { Note } from './parts.tsx'
import { say, t } from './texts.ts'

/** What the fields hold, as it is typed. */
export interface TypedRule {
  channel_id: string
  events: string[]
  triggers: string[]
  tags: string
  title: string
  body: string
  slow_factor: string
  quiet_from: string
  quiet_to: string
  timezone: string
  max_per_hour: string
}

export interface RuleFormProps {
  /** Null: a new one. */
  id: number | null
  typed: TypedRule
  refused: RefusedRule
  channels: NamedChannel[]
  path: string
  /** Of one script: its tags narrow nothing. */
  isOfScript: boolean
  /** IANA. */
  zones: string[]
  /** What texts may say, as `{{name}}`. */
  facts: readonly string[]
}

export const emptyRule = (timezone: string, channelId = ''): TypedRule => ({
  ...{ channel_id: channelId, events: ['first_failure', 'recovery'], triggers: [], tags: '', title: '', body: '' },
  ...{ slow_factor: '2', quiet_from: '', quiet_to: '', timezone, max_per_hour: '0' },
})

export const typedOf = (rule: NotifyRule): TypedRule => ({
  channel_id: String(rule.channel_id),
  events: rule.events,
  triggers: rule.triggers,
  tags: rule.tags.join(', '),
  title: rule.title ?? '',
  body: rule.body ?? '',
  slow_factor: String(rule.slow_factor),
  quiet_from: rule.quiet_hours?.from ?? '',
  quiet_to: rule.quiet_hours?.to ?? '',
  timezone: rule.timezone,
  max_per_hour: String(rule.max_per_hour),
})

export const RuleForm = (props: RuleFormProps) => {
  const { id, path, refused, typed } = props
  return (
    <form
      class="panel"
      id="rule-form"
      method="post"
      action={attr(`${path}/rules${id === null ? '' : `/${id}`}`)}
      aria-labelledby="h-rule-form"
    >
      <header>
        <h2 id="h-rule-form">{t(id === null ? 'New rule' : 'Change the rule')}</h2>
      </header>
      <div class="body fields">
        {refused ? (
          <Note kind="bad" icon="failed" id="form-message" alert title={say('Nothing was changed')}>
            <p safe>{refused.message}</p>
          </Note>
        ) : (
          ''
        )}
        <Events {...props} />
        <ChannelChoice {...props} />
        <More {...props} />
      </div>
      <footer>
        <button class="primary" type="submit">
          {t(id === null ? 'Add the rule' : 'Save')}
        </button>
        <a class="button quiet" href={attr(`${path}#rules`)}>
          {t('Cancel')}
        </a>
        {typed.events.length === 0 && refused === null ? (
          <p class="help">{t('With no event, it tells nothing.')}</p>
        ) : (
          ''
        )}
      </footer>
    </form>
  )
}

const Events = ({ typed, refused }: RuleFormProps) => (
  <fieldset class="field">
    <legend>{t('When|event')}</legend>
    <div class="events">
      {offeredEvents.map(({ name, when, help }) => (
        <label class="check row">
          <input type="checkbox" name="events" value={name} checked={typed.events.includes(name)} />
          <span class="any-wrap">
            {t('When {events}', { events: say(when) })}
            {help === null ? '' : <small class="block muted">{t(help)}</small>}
          </span>
        </label>
      ))}
    </div>
    <p class="help">{t('Of one run a channel is told once, by the event that says most.')}</p>
    <FieldError name="events" refused={refused} />
  </fieldset>
)

const ChannelChoice = ({ typed, channels, refused }: RuleFormProps) => (
  <div class="field">
    <label for="rule-channel_id">{t('To|receiver')}</label>
    <select id="rule-channel_id" name="channel_id" required {...stateOf('channel_id', refused)}>
      <option value="">{t('Choose a channel')}</option>
      {channels.map(({ id, name, enabled }) => (
        <option value={String(id)} selected={String(id) === typed.channel_id} safe>
          {enabled ? name : say('{name} (disabled)', { name })}
        </option>
      ))}
    </select>
    <FieldError name="channel_id" refused={refused} />
  </div>
)

const rareFields = ['triggers', 'tags', 'title', 'body', 'slow_factor', 'quiet_hours', 'timezone', 'max_per_hour']

const More = (props: RuleFormProps) => {
  const { refused, typed, isOfScript } = props
  const isWrong = rareFields.some((name) => refused?.errors[name] !== undefined)
  return (
    <details open={isWrong || isUsed(typed)}>
      <summary>{t('More: which runs, quiet hours, limit, text')}</summary>
      <div class="fields">
        <Triggers {...props} />
        {isOfScript ? (
          ''
        ) : (
          <TextField
            {...{ name: 'tags', label: t('Only scripts with one of these tags'), value: typed.tags, refused }}
            help={t('Commas between them. Empty: all scripts.')}
          />
        )}
        <TextField
          {...{ name: 'slow_factor', label: t('Slow is'), value: typed.slow_factor, refused, type: 'number' }}
          {...{ min: '1', step: 'any' }}
          help={t('Times as long as usual. Only for “slower than usual”.')}
        />
        <Quiet {...props} />
        <TextField
          {...{
            name: 'max_per_hour',
            label: t('At most in an hour'),
            value: typed.max_per_hour,
            refused,
            type: 'number',
          }}
          {...{ min: '0', step: '1' }}
          help={t('What is over it is told together when the hour is over. 0: no limit.')}
        />
        <Texts {...props} />
      </div>
    </details>
  )
}

const isUsed = ({ triggers, tags, title, body, quiet_from, quiet_to, max_per_hour }: TypedRule) =>
  triggers.length > 0 || [tags, title, body, quiet_from, quiet_to].some((text) => text !== '') || max_per_hour !== '0'

const triggers = ['form', 'api', 'schedule', 'webhook', 'retry'] as const

const Triggers = ({ typed, refused }: RuleFormProps) => (
  <fieldset class="field">
    <legend>{t('Only runs by')}</legend>
    <div class="row">
      {triggers.map((one) => (
        <label class="check row">
          <input type="checkbox" name="triggers" value={one} checked={typed.triggers.includes(one)} />
          {triggerWord(one) as 'safe'}
        </label>
      ))}
    </div>
    <p class="help">{t('None chosen: runs by whatever.')}</p>
    <FieldError name="triggers" refused={refused} />
  </fieldset>
)

const Quiet = ({ typed, refused, zones }: RuleFormProps) => (
  <fieldset class="field">
    <legend>{t('Quiet hours')}</legend>
    <div class="wrap-row">
      <div class="field">
        <label for="rule-quiet_from">{t('From|a time')}</label>
        <input id="rule-quiet_from" name="quiet_from" type="time" value={attr(typed.quiet_from)} />
      </div>
      <div class="field">
        <label for="rule-quiet_to">{t('To|a time')}</label>
        <input id="rule-quiet_to" name="quiet_to" type="time" value={attr(typed.quiet_to)} />
      </div>
      <div class="field">
        <label for="rule-timezone">{t('Time zone')}</label>
        <input
          id="rule-timezone"
          name="timezone"
          list="zones"
          autocomplete="off"
          spellcheck="false"
          value={attr(typed.timezone)}
          {...stateOf('timezone', refused)}
        />
        <datalist id="zones">
          {zones.map((zone) => (
            <option value={attr(zone)} />
          ))}
        </datalist>
      </div>
    </div>
    <p class="help">{t('What happens then is told together at their end. Both empty: none.')}</p>
    <FieldError name="quiet_hours" refused={refused} />
    <FieldError name="timezone" refused={refused} />
  </fieldset>
)

const Texts = ({ typed, refused, facts }: RuleFormProps) => (
  <>
    <TextField
      {...{ name: 'title', label: t('Title|of a text'), value: typed.title, refused, isMono: true }}
      placeholder={attr('{{script}}: {{status}}')}
      help={t('Empty: the usual one.')}
    />
    <div class="field">
      <label for="rule-body">{t('Text')}</label>
      <textarea
        id="rule-body"
        name="body"
        class="mono"
        rows="3"
        spellcheck="false"
        placeholder={attr('{{reason}} after {{duration}}: {{url}}')}
        {...stateOf('body', refused, true)}
      >
        {'\n'}
        {Bun.escapeHTML(typed.body) as 'safe'}
      </textarea>
      <p class="help any-wrap" id="rule-body-help">
        {t('Empty: the usual one. What stands for facts:')}{' '}
        {facts.map((name) => (
          <>
            <code safe>{`{{${name}}}`}</code>{' '}
          </>
        ))}
      </p>
      <FieldError name="body" refused={refused} />
    </div>
  </>
)
