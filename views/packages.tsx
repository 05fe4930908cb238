/** A set of packages: what is declared, what of it is installed, and forms to change it. Fragment: #packages. */

import type { InstallationStatus, Readiness } from '../src/dependencies/model.ts'
import type { CheckItem, CheckView, DependenciesView, DependencyView } from '../src/dependencies/view-model.ts'
import type { Problem } from '../src/errors.ts'
import { attr, query } from './attr.ts'
import { Icon, Note } from './parts.tsx'

/** What was posted and refused. */
export interface RefusedPackages {
  act: string
  name: string
  version: string
  /** Of the whole set. */
  text: string | null
  message: string
  problems: Problem[]
}

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

/** As somebody would write it down: `>=2.25; python_version < "3.9"`, or an address. */
export const wanted = ({ version, marker, url }: Pick<DependencyView, 'version' | 'marker' | 'url'>) =>
  [url === null ? version : `@ ${url}`, marker === null ? '' : `; ${marker}`].join('')

export const PackagesTable = (props: PackagesProps) => {
  const { view, check, mayEdit } = props
  const checked = new Map(check?.items.map((item) => [item.name, item]))
  if (view.dependencies.length === 0)
    return <p class="body muted">{view.source ? 'It declares no package.' : 'Nothing is declared.'}</p>
  return (
    <section class="scroll" tabindex="0" aria-label="Packages, scrolls sideways">
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
      <td class="mono any-wrap">
        <b safe>{dependency.name}</b>
      </td>
      <td class="mono muted any-wrap" safe>
        {wanted(dependency).replace(/^(;|$)/, 'any$1')}
      </td>
      <td class="mono" safe>
        {dependency.installed ?? '–'}
      </td>
      {check ? (
        <td class="mono" safe>
          {item?.latest ?? '–'}
        </td>
      ) : (
        ''
      )}
      <td>
        <ResultOf result={item?.result ?? dependency.state} isInstalling={view.state === 'installing'} />
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

export interface AddProps extends Pick<PackagesProps, 'action' | 'hidden'> {
  runtime: DependenciesView['runtime']
  /** For the ids of its fields: several forms may be on a page. */
  id: string
  refused: RefusedPackages | null
  /** To be changed. */
  start?: { name: string; version: string }
  /** A choice of places; left out where there is one. */
  places?: JSX.Element
}

export const AddPackage = ({ action, hidden, runtime, id, refused, start, places }: AddProps) => {
  const again = refused?.act === 'add' ? refused : null
  const errorAt = (path: string) => again?.problems.find((one) => one.path === path)?.message ?? null
  const [nameError, versionError] = [errorAt('/name'), errorAt('/version')]
  return (
    <form class="row grow top-align" method="post" action={attr(action)} aria-label="Add a package" id={`${id}-form`}>
      {(hidden ?? '') as 'safe'}
      <div class="field grow">
        <label for={`${id}-name`}>Package</label>
        <input
          id={`${id}-name`}
          name="name"
          class="mono"
          required
          maxlength="214"
          placeholder={runtime === 'python' ? 'requests' : '@scope/name'}
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          value={attr(again?.name ?? start?.name ?? '')}
          aria-invalid={nameError === null ? undefined : 'true'}
          aria-describedby={nameError === null ? undefined : `${id}-name-error`}
        />
        <FieldError id={`${id}-name-error`} message={nameError} />
      </div>
      <div class="field grow">
        <label for={`${id}-version`}>Version</label>
        <input
          id={`${id}-version`}
          name="version"
          class="mono"
          maxlength="500"
          placeholder={runtime === 'python' ? 'any, or >=2.25,<3' : 'any, or ^1.0.0'}
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          value={attr(again?.version ?? start?.version ?? '')}
          aria-invalid={versionError === null ? undefined : 'true'}
          aria-describedby={versionError === null ? undefined : `${id}-version-error`}
        />
        <FieldError id={`${id}-version-error`} message={versionError} />
      </div>
      {(places ?? '') as 'safe'}
      <button class="end" type="submit" name="act" value="add">
        <Icon name="plus" />
        {start ? 'Save' : 'Add'}
      </button>
    </form>
  )
}

const FieldError = ({ id, message }: { id: string; message: string | null }) =>
  message === null ? (
    ''
  ) : (
    <p class="error" id={id}>
      <Icon name="warn" />
      <span safe>{message}</span>
    </p>
  )

/** One line each, to be changed as a whole. */
export const ReplaceForm = ({ view, action, hidden, refused }: PackagesProps & { refused: RefusedPackages | null }) => {
  const again = refused?.act === 'replace' ? refused : null
  if (view.dependencies.some(({ marker }) => marker !== null))
    return <p class="help">Some packages are for some platforms only: to change all at once, edit the file itself.</p>
  const lines = view.dependencies.map((one) => `${one.name} ${wanted(one)}`.trim())
  return (
    <details open={again !== null}>
      <summary>Edit all at once</summary>
      <form class="fields" method="post" action={attr(action)} aria-label="All packages">
        {(hidden ?? '') as 'safe'}
        <div class="field">
          <label for="all-packages">Packages, one a line</label>
          <textarea
            id="all-packages"
            name="text"
            class="mono"
            rows="6"
            spellcheck="false"
            autocapitalize="off"
            aria-invalid={again ? 'true' : undefined}
            aria-describedby="all-packages-help"
          >
            {'\n'}
            {Bun.escapeHTML(again?.text ?? lines.join('\n')) as 'safe'}
          </textarea>
          <p class="help" id="all-packages-help">
            {view.runtime === 'python' ? (
              <>
                Such as <code>requests &gt;=2.25,&lt;3</code> or <code>qrcode[pil]</code>.
              </>
            ) : (
              <>
                Such as <code>left-pad ^1.3.0</code> or <code>@scope/name</code>.
              </>
            )}{' '}
            What is not here is not declared any more.
          </p>
        </div>
        <button class="start" type="submit" name="act" value="replace">
          Save all
        </button>
      </form>
    </details>
  )
}

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

/** Where a form may write to. */
export const Places = ({ id }: { id: string }) => (
  <div class="field">
    <label for={`${id}-scope`}>For</label>
    <select id={`${id}-scope`} name="scope">
      <option value="script">This script</option>
      <option value="folder">Its folder</option>
      <option value="global">Every script</option>
    </select>
  </div>
)

export const editQuery = ({ name, version }: DependencyView) => query({ package: name, version })
