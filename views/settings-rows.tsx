/** One setting: what it does, its value, where that comes from, and a way back to what is below it. */
import { bytes } from '../public/js/format.js'
import type { Problem } from '../src/errors.ts'
import type { SettingInfo } from '../src/settings/settings.ts'
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'
import { helpOf, isBytes, isMatch, rangeWords, unitOf, valueText, valueWords } from './settings-words.ts'
import { markup, say, type Text, t } from './texts.ts'

export interface RowsProps {
  settings: SettingInfo[]
  /** What was posted and refused, by name. */
  values: Record<string, string>
  problems: Problem[]
  /** What is looked for. */
  q: string
}

export const SettingRow = ({ setting, ...props }: { setting: SettingInfo } & RowsProps) => {
  const { name, env, source, start_only } = setting
  return (
    <li id={name} class="setting" data-setting hidden={!isMatch(setting, props.q)}>
      <div class="stack-1">
        {start_only ? (
          <span class="label mono">{name}</span>
        ) : (
          <label class="label mono" for={`s-${name}`}>
            {name}
          </label>
        )}
        <p class="help" id={`h-${name}`} safe>
          {helpOf(setting)}
        </p>
        <p class="help row">
          <span class={source === 'database' ? 'chip allow' : 'chip'}>{t(sourceWords[source])}</span>
          <code safe>{env}</code>
        </p>
      </div>
      {start_only ? <Fixed setting={setting} /> : <Editable setting={setting} {...props} />}
    </li>
  )
}

const sourceWords = {
  database: 'Set here',
  environment: 'From the environment',
  default: 'Default',
} satisfies Record<string, Text>

/** Read at start: told, and where it is changed. */
const Fixed = ({ setting }: { setting: SettingInfo }) => (
  <div class="field">
    <output class="value mono" safe>
      {valueWords(setting, setting.value)}
    </output>
    <p class="help">
      <Icon name="refresh" />
      <span>
        {markup('Read at start: set {variable} in the environment and start again.', {
          variable: <code safe>{setting.env}</code>,
        })}
      </span>
    </p>
  </div>
)

const Editable = ({ setting, values, problems }: { setting: SettingInfo } & RowsProps) => {
  const { name, source } = setting
  const problem = problems.find(({ path }) => path === `/${name}`)?.message
  const error = problem === undefined ? null : problem.charAt(0).toUpperCase() + problem.slice(1)
  const value = values[name] ?? valueText(setting.value)
  const unit = unitOf(setting)
  const range = rangeWords(setting)
  return (
    <div class="field">
      <div class="inlay" data-unit={unit ? '' : undefined}>
        <Input setting={setting} value={value} hasError={error !== null} />
        {unit ? <output class="unit">{t(unit)}</output> : ''}
      </div>
      <p class="error" id={`e-${name}`} hidden={error === null}>
        <Icon name="warn" />
        <span safe>{error ?? ''}</span>
      </p>
      <p class="help row">
        {isBytes(setting) ? <output data-bytes>{bytes(Number(value)) as 'safe'}</output> : ''}
        {range === null ? '' : <span safe>{range}</span>}
        {source === 'database' ? <WayBack setting={setting} /> : ''}
      </p>
    </div>
  )
}

/** What is in force when nothing is stored. */
const WayBack = ({ setting }: { setting: SettingInfo }) => {
  const value = valueWords(setting, setting.fallback)
  return (
    <label class="row way-back">
      <input type="checkbox" name={`reset:${setting.name}`} value="1" />
      {setting.fallback_source === 'environment'
        ? t('Back to {value}, from the environment', { value })
        : t('Back to {value}, the default', { value })}
    </label>
  )
}

const Input = ({ setting, value, hasError }: { setting: SettingInfo; value: string; hasError: boolean }) => {
  const { name, type, min, max, choices } = setting
  const shared = {
    id: `s-${name}`,
    name,
    'aria-describedby': `h-${name} e-${name}`,
    'aria-invalid': hasError ? ('true' as const) : undefined,
  }
  if (choices || type === 'bool')
    return (
      <select {...shared}>
        {(choices ?? ['true', 'false']).map((choice) => (
          <option value={attr(choice)} selected={choice === value} safe>
            {type === 'bool' ? say(choice === 'true' ? 'Yes' : 'No') : choice}
          </option>
        ))}
      </select>
    )
  if (type === 'list')
    return (
      <textarea {...shared} rows="2" class="mono" placeholder={t('One per line')}>
        {'\n'}
        {Bun.escapeHTML(value) as 'safe'}
      </textarea>
    )
  const isNumber = type === 'int' || type === 'float'
  return (
    <input
      {...shared}
      type={isNumber ? 'number' : 'text'}
      step={type === 'float' ? 'any' : undefined}
      min={min ?? undefined}
      max={max ?? undefined}
      value={attr(value)}
    />
  )
}
