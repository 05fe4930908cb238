/** Every setting in its group, and what else belongs to the whole gateway: variables, host, storage, backup. */
import type { HostReport } from '../src/host.ts'
import type { OptionGroup } from '../src/options/options.ts'
import { ActForm } from './actions.tsx'
import { attr } from './attr.ts'
import { BackupPanel } from './backup.tsx'
import { HostPanel } from './host.tsx'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
import { RestorePanel } from './restore.tsx'
import { type RowsProps, SettingRow } from './settings-rows.tsx'
import { groupWords, isMatch } from './settings-words.ts'
import { StorageToCome } from './storage.tsx'
import { plural, say, type Text, t } from './texts.ts'
import { VariablesPanel, type VariablesProps } from './variables.tsx'
import { isAtLeast, type Viewed } from './viewer.ts'

/** What was changed just now, as one reads it. */
export interface SavedSettings {
  changes: { name: string; from: string; to: string }[]
  /** Takes it back; null where that is not kept any more. */
  undo: string | null
}

export interface SettingsProps extends Viewed, RowsProps {
  saved: SavedSettings | null
  /** What could not be done, where it belongs to no field. */
  message: string | null
  variables: VariablesProps
  /** Left out where a form comes back. */
  host?: HostReport
}

export const SettingsPage = (props: SettingsProps) => {
  const isAdmin = isAtLeast(props.viewer, 'admin')
  const now = props.variables.now
  return (
    <Page title={say('Settings')} current="settings" kind="settings" now={now} viewer={props.viewer}>
      <div class="head">
        <h1>{t('Settings')}</h1>
        <p>{t('Stored here first, then the environment, then the default.')}</p>
        <div class="row push">
          <Filter q={props.q} />
          <a class="button" href="/settings/log">
            <Icon name="terminal" />
            {t('Gateway log')}
          </a>
        </div>
      </div>
      <Said {...props} />
      <div class="with-toc">
        <Contents {...props} />
        <div class="stack-4">
          <Form {...props} />
          <VariablesPanel {...props.variables} />
          {props.host ? <HostPanel {...props.host} viewer={props.viewer} /> : ''}
          <StorageToCome />
          {isAdmin ? <BackupPanel /> : ''}
          {isAdmin ? <RestorePanel /> : ''}
        </div>
      </div>
    </Page>
  )
}

/** Filters as one types; without JavaScript the page comes back with what was found. */
const Filter = ({ q }: { q: string }) => (
  <search>
    <form class="inlay" action="/settings" data-settings-filter>
      <Icon name="search" />
      <input
        type="search"
        name="q"
        value={attr(q)}
        aria-label={t('Find a setting')}
        placeholder={t('Find a setting')}
        autocomplete="off"
        data-search
      />
      <kbd class="needs-js">/</kbd>
    </form>
  </search>
)

const Said = ({ problems, message, saved }: SettingsProps) =>
  problems.length > 0 ? (
    <Note kind="bad" icon="failed" alert title={say('Nothing was changed')}>
      <p>
        {plural(
          problems.length,
          'One value does not fit. It is marked below.',
          '{n} values do not fit. They are marked below.',
        )}
      </p>
    </Note>
  ) : message !== null ? (
    <Note kind="bad" icon="failed" id="form-message" alert title={say('Nothing was changed')}>
      <p safe>{message}</p>
    </Note>
  ) : saved ? (
    <Note kind="info" icon="success" title={say('Saved')}>
      <ul>
        {saved.changes.map(({ name, from, to }) => (
          <li class="any-wrap">
            <a class="mono" href={`#${attr(name)}`} safe>
              {name}
            </a>{' '}
            <span safe>{`${from} → ${to}`}</span>
          </li>
        ))}
      </ul>
      <p>{t('What changed is in force for the next run.')}</p>
      {saved.undo === null ? (
        ''
      ) : (
        <p class="row">
          <ActForm
            kind="plain"
            action="/settings"
            fields={{ undo: saved.undo }}
            icon="history"
            word={say('Undo')}
            label={say('Undo this change of settings')}
          />
        </p>
      )}
    </Note>
  ) : (
    ''
  )

const groupsOf = ({ settings }: RowsProps): OptionGroup[] => [...new Set(settings.map(({ group }) => group))]

const rest: [id: string, word: Text][] = [
  ['variables', 'Variables and secrets'],
  ['host', 'Confinement and limits'],
  ['storage', 'Storage'],
  ['backup', 'Backup'],
  ['restore', 'Restore'],
]

const Contents = (props: SettingsProps) => (
  <nav class="toc" aria-label={t('On this page')}>
    <ul>
      {groupsOf(props).map((group) => (
        <li>
          <a href={`#group-${group}`}>{t(groupWords[group])}</a>
        </li>
      ))}
      {rest.map(([id, word], index) => (
        <li class={index === 0 ? 'apart' : undefined}>
          <a href={`#${id}`}>{t(word)}</a>
        </li>
      ))}
    </ul>
  </nav>
)

const Form = (props: SettingsProps) => (
  <form class="stack-4" method="post" action="/settings" aria-label={t('Settings')} data-settings-form>
    {groupsOf(props).map((group) => (
      <Group group={group} {...props} />
    ))}
    <p class="panel body muted" data-settings-none hidden={props.settings.some((one) => isMatch(one, props.q))}>
      {t('No setting has these words.')} <a href="/settings">{t('Clear the filters')}</a>
    </p>
    <footer class="savebar row" data-savebar>
      <span role="status" data-unsaved />
      <button class="quiet needs-js" type="reset">
        {t('Discard')}
      </button>
      <button class="primary" type="submit">
        {t('Save')}
      </button>
    </footer>
  </form>
)

const Group = ({ group, ...props }: { group: OptionGroup } & SettingsProps) => {
  const own = props.settings.filter((setting) => setting.group === group)
  const found = own.filter((one) => isMatch(one, props.q))
  return (
    <section
      class="panel"
      id={`group-${group}`}
      aria-labelledby={`h-group-${group}`}
      data-settings-group
      hidden={found.length === 0}
    >
      <header>
        <h2 id={`h-group-${group}`}>{t(groupWords[group])}</h2>
        <span class="count">{found.length}</span>
      </header>
      <ul class="settings">
        {own.map((setting) => (
          <SettingRow setting={setting} {...props} />
        ))}
      </ul>
    </section>
  )
}
