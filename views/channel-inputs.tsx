/** The inputs of a channel: one for each field of its kind. */
import type { ConfigField } from '../src/channels/model.ts'
import type { ChannelView } from '../src/notify/view-model.ts'
import { attr } from './attr.ts'
import { channelWord } from './channel-words.ts'
import { Icon } from './parts.tsx'
import { t } from './texts.ts'

export interface RefusedChannel {
  message: string
  /** By name of a field; of the configuration `config.NAME`. */
  errors: Record<string, string>
  /** What was posted, secrets aside. */
  values: Record<string, string>
}

const idOf = (name: string) => `config-${name}`

export const stateOf = (id: string, error: string | undefined, hasHelp = false) => ({
  'aria-invalid': error === undefined ? undefined : ('true' as const),
  'aria-describedby':
    [hasHelp ? `${id}-help` : '', error === undefined ? '' : `${id}-error`].filter(Boolean).join(' ') || undefined,
})

interface FrameProps {
  id: string
  label: string
  required: boolean
  help?: string
  error?: string
  children: JSX.Element | (JSX.Element | string)[]
}

export const Frame = ({ id, label, required, help = '', error, children }: FrameProps) => (
  <div class="field">
    <label for={id}>
      <span safe>{label}</span>
      {required ? (
        <span class="req" title={t('Required')}>
          *
        </span>
      ) : (
        <small>{t('optional')}</small>
      )}
    </label>
    {children as 'safe'}
    {help === '' ? (
      ''
    ) : (
      <p class="help" id={`${id}-help`} safe>
        {help}
      </p>
    )}
    {error === undefined ? (
      ''
    ) : (
      <p class="error" id={`${id}-error`}>
        <Icon name="warn" />
        <span safe>{error}</span>
      </p>
    )}
  </div>
)

interface InputProps {
  field: ConfigField
  channel: ChannelView | null
  refused: RefusedChannel | null
}

export const ConfigInput = ({ field: asked, channel, refused }: InputProps) => {
  const field = { ...asked, label: channelWord(asked.label), help: channelWord(asked.help) }
  const props = { field, channel, refused }
  const id = idOf(field.name)
  const error = refused?.errors[`config.${field.name}`]
  if (field.type === 'bool') return <Switch {...props} />
  return (
    <Frame {...{ id, label: field.label, required: field.required, help: field.help, error }}>
      {field.secret ? <SecretInput {...props} /> : <PlainInput {...props} />}
      {isKept(props) && !field.required ? (
        <label class="check row">
          <input type="checkbox" name={`clear.${field.name}`} value="1" />
          {t('Remove what is kept')}
        </label>
      ) : (
        ''
      )}
    </Frame>
  )
}

const typedIn = ({ field, channel, refused }: InputProps): string =>
  refused
    ? (refused.values[`config.${field.name}`] ?? '')
    : textOf(channel ? channel.config[field.name] : field.default)

/** 0 stands for a number that was not set. */
export const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join('\n') : (value ?? 0) === 0 ? '' : String(value)

const PlainInput = (props: InputProps) => {
  const { field, refused } = props
  const id = idOf(field.name)
  const shared = {
    ...{ id, name: `config.${field.name}`, required: field.required },
    ...stateOf(id, refused?.errors[`config.${field.name}`], field.help !== ''),
  }
  const value = typedIn(props)
  if (field.type === 'choice')
    return (
      <select {...shared}>
        {field.required ? '' : <option value="">–</option>}
        {(field.choices ?? []).map((choice) => (
          <option value={attr(choice)} selected={choice === value} safe>
            {choice}
          </option>
        ))}
      </select>
    )
  if (field.type === 'list')
    return (
      <textarea {...shared} rows="2" spellcheck="false" autocapitalize="off" placeholder={t('One a line')}>
        {'\n'}
        {Bun.escapeHTML(value) as 'safe'}
      </textarea>
    )
  return (
    <input
      {...shared}
      type={field.type === 'int' ? 'number' : field.type === 'url' ? 'url' : 'text'}
      step={field.type === 'int' ? '1' : undefined}
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      value={attr(value)}
    />
  )
}

/** As the kind shows it: of an address its host, of lines their names, of anything else whether there is one. */
const isKept = ({ field, channel }: InputProps): boolean =>
  field.secret &&
  channel !== null &&
  (channel.config[`${field.name}_set`] === true || textOf(channel.config[field.name]) !== '')

/** Shown while it is typed on request only; what is kept never comes back. */
const SecretInput = (props: InputProps) => {
  const { field, channel, refused } = props
  const id = idOf(field.name)
  const shown = channel ? textOf(channel.config[field.name]).replaceAll('\n', ', ') : ''
  const shared = {
    ...stateOf(id, refused?.errors[`config.${field.name}`], field.help !== ''),
    ...{ id, name: `config.${field.name}`, required: field.required && !isKept(props) },
    placeholder: isKept(props)
      ? shown === ''
        ? t('Kept; type to replace')
        : t('Kept ({shown}); type to replace', { shown })
      : undefined,
  }
  if (field.type === 'list')
    return <textarea {...shared} rows="2" class="mono" spellcheck="false" autocapitalize="off" />
  return (
    <div class="inlay" x-data="reveal">
      <input
        {...shared}
        type="password"
        x-bind:type="type"
        maxlength="2000"
        autocomplete="new-password"
        spellcheck="false"
      />
      <button
        class="quiet only small needs-js"
        type="button"
        x-on:click="toggle"
        aria-label={t('Show or hide {what}', { what: field.label })}
        title={t('Show or hide')}
      >
        <Icon name="eye" />
      </button>
    </div>
  )
}

const Switch = (props: InputProps) => {
  const { field, refused } = props
  const id = idOf(field.name)
  const error = refused?.errors[`config.${field.name}`]
  return (
    <div class="field">
      <label class="check row">
        <input
          {...stateOf(id, error, field.help !== '')}
          id={id}
          type="checkbox"
          name={`config.${field.name}`}
          value="true"
          checked={typedIn(props) === 'true'}
        />
        <span safe>{field.label}</span>
      </label>
      {field.help === '' ? (
        ''
      ) : (
        <p class="help" id={`${id}-help`} safe>
          {field.help}
        </p>
      )}
      {error === undefined ? (
        ''
      ) : (
        <p class="error" id={`${id}-error`}>
          <Icon name="warn" />
          <span safe>{error}</span>
        </p>
      )}
    </div>
  )
}
