/** A set of packages: what is declared, and what of it is installed. */

import type { InstallationStatus, Readiness } from '../src/dependencies/model.ts'
import type { CheckItem, CheckView, DependenciesView, DependencyView } from '../src/dependencies/view-model.ts'
import { attr, query } from './attr.ts'
import { Icon, Note } from './parts.tsx'

export interface PackagesProps {
  view: DependenciesView
  /** Where changes are posted to, with what tells which set it is. */
  action: string
  hidden?: JSX.Element
  mayEdit: boolean
  /** Only after it was asked for. */
  check?: CheckView | null
  /** Address of the same page with a package to be changed. */
  editHref?(dependency: DependencyView): string
}

const readinessWords: Record<Readiness, { word: string; status: InstallationStatus | ''; icon: string }> = {
  none: { word: 'Declares nothing', status: '', icon: 'info' },
  ready: { word: 'Ready', status: 'success', icon: 'success' },
  missing: { word: 'Not installed', status: 'queued', icon: 'queued' },
  installing: { word: 'Installing', status: 'running', icon: 'running' },
  failed: { word: 'Failed', status: 'failed', icon: 'failed' },
  refused: { word: 'Refused', status: 'failed', icon: 'warn' },
}

export const readinessWord = (state: Readiness) => readinessWords[state].word

/** How a script stands with what it declares: always icon and word. */
export const ReadinessOf = ({ state, pill = false }: { state: Readiness; pill?: boolean }) => {
  const { word, status, icon } = readinessWords[state]
  return (
    <span class={pill ? 'status pill' : 'status'} data-status={status === '' ? undefined : status}>
      <Icon name={icon} />
      {word as 'safe'}
    </span>
  )
}

type Result = CheckItem['result']

const resultWords: Record<Result, { word: string; status: InstallationStatus }> = {
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
      {(isComing ? 'Installing' : word) as 'safe'}
    </span>
  )
}

/** What an update would bring, and what it would not; `latest` is the newest there is, allowed or not. */
const Newer = ({ item: { latest, result, ...declared } }: { item: CheckItem }) =>
  latest === null ? (
    ''
  ) : result === 'outdated' ? (
    <small safe>{`Update brings ${latest}`}</small>
  ) : result === 'installed' ? (
    <small safe>{`${latest} is out, and not allowed by ${declared.version}`}</small>
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
    return <p class="body muted">{view.source ? 'It declares no package.' : 'Nothing is declared.'}</p>
  return (
    <section class="scroll cards" tabindex="0" aria-label="Packages">
      <table class="plain-table">
        <caption class="sr">Declared packages</caption>
        <thead>
          <tr>
            <th>Package</th>
            <th>Wanted</th>
            <th>Installed</th>
            {check ? <th>Newest</th> : ''}
            <th>Status</th>
            {mayEdit ? (
              <th>
                <span class="sr">Actions</span>
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
      <td class="mono muted any-wrap" data-label="Wanted" safe>
        {wanted(dependency).replace(/^(;|$)/, 'any$1')}
      </td>
      <td class="mono" data-label="Installed" safe>
        {dependency.installed ?? '–'}
      </td>
      {check ? (
        <td class="mono" data-label="Newest" safe>
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
              aria-label={attr(`Change ${dependency.name}`)}
              title="Change"
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

const RemoveForm = ({ action, hidden, name }: PackagesProps & { name: string }) => (
  <form
    class="inline"
    method="post"
    action={attr(action)}
    data-confirm={attr(`Remove ${name}?`)}
    data-confirm-text="It is not declared any more, and the next run goes without it."
    data-confirm-yes="Remove"
    data-confirm-no="Keep it"
  >
    {(hidden ?? '') as 'safe'}
    <input type="hidden" name="act" value="remove" />
    <input type="hidden" name="name" value={attr(name)} />
    <button class="quiet danger only small" type="submit" aria-label={attr(`Remove ${name}`)} title="Remove">
      <Icon name="trash" />
    </button>
  </form>
)

/** What is refused in a declaration, each with its place. */
export const Problems = ({ view }: { view: DependenciesView }) =>
  view.problems.length === 0 ? (
    ''
  ) : (
    <Note kind="bad" icon="failed" title="Nothing of it is installed">
      <ul>
        {view.problems.map(({ path, message }) => (
          <li>
            <code safe>{placeOf(path)}</code> <span safe>{message}</span>
          </li>
        ))}
      </ul>
    </Note>
  )

/** `/line/3` as one says it. */
const placeOf = (path: string) => {
  const line = /^\/line\/(\d+)$/.exec(path)?.[1]
  return line === undefined ? path.replace(/^\//, '') || 'the file' : `line ${line}`
}

export const editQuery = ({ name, version }: DependencyView) => query({ package: name, version })
