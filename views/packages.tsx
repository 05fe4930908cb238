/** A set of packages: what is declared, and what of it is installed. */
import type { InstallationStatus, Readiness } from '../src/dependencies/model.ts'
import type { CheckItem, CheckView, DependenciesView, DependencyView } from '../src/dependencies/view-model.ts'
import { ActForm } from './actions.tsx'
import { query } from './attr.ts'
import { Icon, Note } from './parts.tsx'
import { say, type Text, t } from './texts.ts'

export interface PackagesProps {
  view: DependenciesView
  /** Where changes are posted to, with what tells which set it is. */
  action: string
  fields?: Record<string, string>
  mayEdit: boolean
  /** Only after it was asked for. */
  check?: CheckView | null
  /** Address of the same page with a package to be changed. */
  editHref?(dependency: DependencyView): string
}

export const runtimeWords = { python: 'Python', js: 'JavaScript' } as const

const readinessWords: Record<Readiness, { word: Text; status: InstallationStatus | ''; icon: string }> = {
  none: { word: 'Declares nothing', status: '', icon: 'info' },
  ready: { word: 'Ready', status: 'success', icon: 'success' },
  missing: { word: 'Not installed', status: 'queued', icon: 'queued' },
  installing: { word: 'Installing', status: 'running', icon: 'running' },
  failed: { word: 'Failed', status: 'failed', icon: 'failed' },
  refused: { word: 'Refused', status: 'failed', icon: 'warn' },
}

export const readinessWord = (state: Readiness) => t(readinessWords[state].word)

/** How a script stands with what it declares: always icon and word. */
export const ReadinessOf = ({ state, pill = false }: { state: Readiness; pill?: boolean }) => {
  const { word, status, icon } = readinessWords[state]
  return (
    <span class={pill ? 'status pill' : 'status'} data-status={status === '' ? undefined : status}>
      <Icon name={icon} />
      {t(word)}
    </span>
  )
}

type Result = CheckItem['result']

const resultWords: Record<Result, { word: Text; status: InstallationStatus }> = {
  installed: { word: 'Installed', status: 'success' },
  missing: { word: 'Missing', status: 'queued' },
  conflict: { word: 'Another version', status: 'failed' },
  skipped: { word: 'Not on this platform', status: 'cancelled' },
  outdated: { word: 'There is a newer one', status: 'timeout' },
}

const ResultOf = ({ result, isInstalling }: { result: Result; isInstalling: boolean }) => {
  const { word, status } = resultWords[result]
  const isComing = isInstalling && result === 'missing'
  return (
    <span class="status" data-status={isComing ? 'running' : status}>
      <Icon name={isComing ? 'running' : status} />
      {t(isComing ? 'Installing' : word)}
    </span>
  )
}

/** What an update would bring, and what it would not; `latest` is the newest there is, allowed or not. */
const Newer = ({ item: { latest, result, ...declared } }: { item: CheckItem }) =>
  latest === null ? (
    ''
  ) : result === 'outdated' ? (
    <small>{t('Update brings {version}', { version: latest })}</small>
  ) : result === 'installed' ? (
    <small>{t('{version} is out, and not allowed by {wanted}', { version: latest, wanted: declared.version })}</small>
  ) : (
    ''
  )

/** As somebody would write it down: `>=2.25; python_version < "3.9"`, or an address. */
export const wanted = ({ version, marker, url }: Pick<DependencyView, 'version' | 'marker' | 'url'>) =>
  [url === null ? version : `@ ${url}`, marker === null ? '' : `; ${marker}`].join('')

export const PackagesTable = (props: PackagesProps) => {
  const { view, check, mayEdit } = props
  const checked = new Map(check?.items.map((item) => [item.name, item]))
  if (view.dependencies.length === 0)
    return <p class="body muted">{view.source ? t('It declares no package.') : t('Nothing is declared.')}</p>
  return (
    <section
      class="scroll cards"
      tabindex="0"
      aria-label={t('{runtime} packages', { runtime: runtimeWords[view.runtime] })}
    >
      <table class="plain-table">
        <caption class="sr">{t('Declared packages')}</caption>
        <thead>
          <tr>
            <th>{t('Package')}</th>
            <th>{t('Wanted')}</th>
            <th>{t('Installed')}</th>
            {check ? <th>{t('Newest')}</th> : ''}
            <th>{t('Status')}</th>
            {mayEdit ? (
              <th>
                <span class="sr">{t('Actions')}</span>
              </th>
            ) : (
              ''
            )}
          </tr>
        </thead>
        <tbody>
          {view.dependencies.map((one) => (
            <Row {...props} dependency={one} item={checked.get(one.name) ?? null} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

const Row = (props: PackagesProps & { dependency: DependencyView; item: CheckItem | null }) => {
  const { dependency, item, view, check, mayEdit } = props
  return (
    <tr>
      <td class="c-name mono any-wrap">
        <b safe>{dependency.name}</b>
      </td>
      <td class="mono muted any-wrap" data-label={t('Wanted')} safe>
        {wanted(dependency).replace(/^(;|$)/, `${say('any')}$1`)}
      </td>
      <td class="mono" data-label={t('Installed')} safe>
        {dependency.installed ?? '–'}
      </td>
      {check ? (
        <td class="mono" data-label={t('Newest')} safe>
          {item?.latest ?? '–'}
        </td>
      ) : (
        ''
      )}
      <td>
        <ResultOf result={item?.result ?? dependency.state} isInstalling={view.state === 'installing'} />
        {item ? <Newer item={item} /> : ''}
      </td>
      {mayEdit ? (
        <td class="acts">
          {props.editHref ? (
            <a
              class="button quiet only small"
              href={props.editHref(dependency)}
              aria-label={t('Change {name}', { name: dependency.name })}
              title={t('Change')}
            >
              <Icon name="pencil" />
            </a>
          ) : (
            ''
          )}
          <RemoveForm {...props} name={dependency.name} />
        </td>
      ) : (
        ''
      )}
    </tr>
  )
}

/** Declares again what was removed just now. */
export const UndoRemove = ({
  action,
  fields,
  removed: { name, version },
}: Pick<PackagesProps, 'action' | 'fields'> & { removed: { name: string; version: string } }) => (
  <p class="row">
    <ActForm
      kind="plain"
      action={action}
      fields={{ ...fields, act: 'add', name, version }}
      icon="history"
      word={say('Undo')}
      label={say('Declare {name} again', { name })}
    />
  </p>
)

const RemoveForm = ({ action, fields, name }: PackagesProps & { name: string }) => (
  <ActForm
    kind="danger"
    action={action}
    icon="trash"
    fields={{ ...fields, act: 'remove', name }}
    title={say('Remove')}
    label={say('Remove {name}', { name })}
    confirm={{
      question: say('Remove {name}?', { name }),
      text: say('It is not declared any more, and the next run goes without it.'),
      yes: say('Remove'),
      no: say('Keep it'),
    }}
  />
)

/** What is refused in a declaration, each with its place. */
export const Problems = ({ view }: { view: DependenciesView }) =>
  view.problems.length === 0 ? (
    ''
  ) : (
    <Note kind="bad" icon="failed" title={say('Nothing of it is installed')}>
      <ul>
        {view.problems.map(({ path, message }) => (
          <li>
            <Place path={path} /> <span safe>{message}</span>
          </li>
        ))}
      </ul>
    </Note>
  )

/** `/line/3` as one says it. */
const Place = ({ path }: { path: string }) => {
  const line = /^\/line\/(\d+)$/.exec(path)?.[1]
  if (line !== undefined) return <span class="muted">{t('line {line}', { line })}</span>
  return <code safe>{path.replace(/^\//, '') || say('the file')}</code>
}

export const editQuery = ({ name, version }: DependencyView) => query({ package: name, version })
