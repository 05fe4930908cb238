/** Forms that change what is declared: one package more, or all of them. */
import type { DependenciesView } from '../src/dependencies/view-model.ts'
import type { Problem } from '../src/errors.ts'
import { attr } from './attr.ts'
import { type PackagesProps, wanted } from './packages.tsx'
import { Icon } from './parts.tsx'
import { gap, markup, t } from './texts.ts'

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

/** At a field of the form below: nobody needs it twice. */
export const isSaidAtField = ({ act, problems }: RefusedPackages) =>
  act === 'add' && problems.some(({ path }) => path === '/name' || path === '/version')

export interface AddProps extends Pick<PackagesProps, 'action' | 'fields'> {
  runtime: DependenciesView['runtime']
  /** For the ids of its fields: several forms may be on a page. */
  id: string
  refused: RefusedPackages | null
  /** To be changed. */
  start?: { name: string; version: string }
  /** A choice of places; left out where there is one. */
  places?: JSX.Element
}

const examples = { python: 'requests', js: '@scope/name' } as const

export const AddPackage = ({ action, fields, runtime, id, refused, start, places }: AddProps) => {
  const again = refused?.act === 'add' ? refused : null
  const errorAt = (path: string) => again?.problems.find((one) => one.path === path)?.message ?? null
  const [nameError, versionError] = [errorAt('/name'), errorAt('/version')]
  return (
    <form
      class="row grow top-align"
      method="post"
      action={attr(action)}
      aria-label={t('Add a package')}
      id={`${id}-form`}
    >
      <HiddenFields fields={fields} />
      <div class="field grow">
        <label for={`${id}-name`}>{t('Package')}</label>
        <input
          id={`${id}-name`}
          name="name"
          class="mono"
          required
          maxlength="214"
          placeholder={examples[runtime]}
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
        <label for={`${id}-version`}>{t('Version')}</label>
        <input
          id={`${id}-version`}
          name="version"
          class="mono"
          maxlength="500"
          placeholder={t('any, or {version}', { version: runtime === 'python' ? '>=2.25,<3' : '^1.0.0' })}
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
        {start ? t('Save') : t('Add')}
      </button>
    </form>
  )
}

const HiddenFields = ({ fields = {} }: Pick<PackagesProps, 'fields'>) => (
  <>
    {Object.entries(fields).map(([name, value]) => (
      <input type="hidden" name={attr(name)} value={attr(value)} />
    ))}
  </>
)

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
export const ReplaceForm = ({ view, action, fields, refused }: PackagesProps & { refused: RefusedPackages | null }) => {
  const again = refused?.act === 'replace' ? refused : null
  if (view.dependencies.some(({ marker }) => marker !== null))
    return (
      <p class="help">{t('Some packages are for some platforms only: to change all at once, edit the file itself.')}</p>
    )
  const lines = view.dependencies.map((one) => `${one.name} ${wanted(one)}`.trim())
  return (
    <details open={again !== null}>
      <summary>{t('Edit all at once')}</summary>
      <form class="fields" method="post" action={attr(action)} aria-label={t('All packages')}>
        <HiddenFields fields={fields} />
        <div class="field">
          <label for="all-packages">{t('Packages, one a line')}</label>
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
            {markup('Such as {one} or {other}.', {
              one: <code>{view.runtime === 'python' ? 'requests &gt;=2.25,&lt;3' : 'left-pad ^1.3.0'}</code>,
              other: <code>{view.runtime === 'python' ? 'qrcode[pil]' : '@scope/name'}</code>,
            })}
            {gap()}
            {t('What is not here is not declared any more.')}
          </p>
        </div>
        <button class="start" type="submit" name="act" value="replace">
          {t('Save all')}
        </button>
      </form>
    </details>
  )
}

/** Where a form may write to. */
export const Places = ({ id }: { id: string }) => (
  <div class="field">
    <label for={`${id}-scope`}>{t('For')}</label>
    <select id={`${id}-scope`} name="scope">
      <option value="script">{t('This script')}</option>
      <option value="folder">{t('Its folder')}</option>
      <option value="global">{t('Every script')}</option>
    </select>
  </div>
)
