/** Every setting: its value, where that comes from, and what it does. */
import type { Problem } from '../src/errors.ts'
import type { HostReport } from '../src/host.ts'
import type { StorageStatus } from '../src/retention/model.ts'
import type { SettingInfo } from '../src/settings/settings.ts'
import { attr } from './attr.ts'
import { BackupPanel } from './backup.tsx'
import { HostPanel } from './host.tsx'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
import { RestorePanel } from './restore.tsx'
import { StoragePanel } from './storage.tsx'
import { VariablesPanel, type VariablesProps } from './variables.tsx'
import { isAtLeast, type Viewed } from './viewer.ts'

export interface SettingsProps extends Viewed {
  settings: SettingInfo[]
  /** What was posted and refused, by name. */
  values: Record<string, string>
  problems: Problem[]
  saved: boolean
  variables: VariablesProps
  /** Left out where a form comes back. */
  storage?: StorageStatus
  host?: HostReport
}

export const SettingsPage = (props: SettingsProps) => {
  const editable = props.settings.filter((setting) => !setting.start_only)
  const fixed = props.settings.filter((setting) => setting.start_only)
  return (
    <Page title="Settings" current="settings" kind="settings" now={props.variables.now} viewer={props.viewer}>
      <div class="head">
        <h1>Settings</h1>
        <p>Stored here first, then the environment, then the default.</p>
      </div>
      {props.problems.length > 0 ? (
        <Note kind="bad" icon="failed" id="form-message" alert title="Nothing was changed">
          <p>One value does not fit. It is marked below.</p>
        </Note>
      ) : props.saved ? (
        <Note kind="info" icon="success" title="Saved">
          <p>What changed is in force for the next run.</p>
        </Note>
      ) : (
        ''
      )}
      <form class="panel" method="post" action="/settings" aria-label="Settings" data-settings-form>
        <ul class="settings">
          {editable.map((setting) => (
            <SettingRow setting={setting} {...props} />
          ))}
        </ul>
        <footer>
          <button class="primary" type="submit">
            Save
          </button>
          <button class="quiet" type="reset">
            Reset
          </button>
        </footer>
      </form>
      {props.host ? <HostPanel {...props.host} viewer={props.viewer} /> : ''}
      {isAtLeast(props.viewer, 'admin') ? <BackupPanel /> : ''}
      {isAtLeast(props.viewer, 'admin') ? <RestorePanel /> : ''}
      {props.storage ? <StoragePanel status={props.storage} now={props.variables.now} /> : ''}
      <VariablesPanel {...props.variables} />
      <FixedSettings settings={fixed} />
    </Page>
  )
}

const SettingRow = ({ setting, values, problems }: { setting: SettingInfo } & SettingsProps) => {
  const { name, env, help, source } = setting
  const error = problems.find(({ path }) => path === `/${name}`)?.message ?? null
  const value = values[name] ?? valueText(setting.value)
  return (
    <li id={name} class="setting">
      <div class="field">
        <label for={`s-${name}`}>
          <span class="mono">{name}</span>
        </label>
        <p class="help" id={`h-${name}`} safe>
          {help}
        </p>
      </div>
      <div class="field">
        <SettingInput setting={setting} value={value} error={error} />
        <p class="error" id={`e-${name}`} hidden={error === null}>
          <Icon name="warn" />
          <span safe>{error === null ? '' : capital(error)}</span>
        </p>
        <p class="help row">
          <Source source={source} env={env} />
          {source === 'database' ? (
            <label class="row">
              <input type="checkbox" name={`reset:${name}`} value="1" />{' '}
              <span safe>{`Back to ${valueText(setting.default) || 'empty'}`}</span>
            </label>
          ) : (
            ''
          )}
        </p>
      </div>
    </li>
  )
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const SettingInput = ({ setting, value, error }: { setting: SettingInfo; value: string; error: string | null }) => {
  const { name, type, min, max, choices } = setting
  const shared = {
    id: `s-${name}`,
    name,
    'aria-describedby': `h-${name}${error ? ` e-${name}` : ''}`,
    'aria-invalid': error === null ? undefined : ('true' as const),
  }
  if (choices || type === 'bool')
    return (
      <select {...shared}>
        {(choices ?? ['true', 'false']).map((choice) => (
          <option value={attr(choice)} selected={choice === value} safe>
            {choice}
          </option>
        ))}
      </select>
    )
  if (type === 'list')
    return (
      <textarea {...shared} rows="2" class="mono" placeholder="One per line">
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

const sourceWords = { database: 'Set here', environment: 'From the environment', default: 'Default' } as const

const Source = ({ source, env }: { source: SettingInfo['source']; env: string }) => (
  <>
    <span class="chip">{sourceWords[source] as 'safe'}</span>
    <code safe>{env}</code>
  </>
)

/** A list is one value per line. */
export const valueText = (value: unknown) => (Array.isArray(value) ? value.join('\n') : String(value ?? ''))

const FixedSettings = ({ settings }: { settings: SettingInfo[] }) => (
  <section class="panel" aria-labelledby="h-fixed">
    <header>
      <h2 id="h-fixed">Read at start</h2>
      <small class="muted">Change them in the environment and start again.</small>
    </header>
    <section class="scroll" tabindex="0" aria-label="Settings read at start, scrolls sideways">
      <table>
        <caption class="sr">Settings read at start</caption>
        <thead>
          <tr>
            <th>Name</th>
            <th>Value</th>
            <th>Source</th>
            <th>What it does</th>
          </tr>
        </thead>
        <tbody>
          {settings.map((setting) => (
            <tr id={setting.name}>
              <td class="mono" safe>
                {setting.env}
              </td>
              <td class="mono" safe>
                {valueText(setting.value) || '–'}
              </td>
              <td class="muted">{sourceWords[setting.source] as 'safe'}</td>
              <td class="muted" safe>
                {setting.help}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  </section>
)
