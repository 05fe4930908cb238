/** The tab with a script's packages. Fragments: #packages, #packages-facts. */
import type { CheckView, DependenciesView, EnvironmentView, ImportHint } from '../src/dependencies/view-model.ts'
import type { LogLine } from '../src/logs/model.ts'
import { ActForm, Elapsed } from './actions.tsx'
import { CancelInstallation } from './installation.tsx'
import { editQuery, PackagesTable, Problems, ReadinessOf, UndoRemove } from './packages.tsx'
import { AddPackage, isSaidAtField, Places, type RefusedPackages, ReplaceForm } from './packages-form.tsx'
import { Icon, Note } from './parts.tsx'
import { SetFacts } from './set-facts.tsx'
import { say, t } from './texts.ts'

export interface DependenciesTabProps {
  scriptId: number
  view: DependenciesView
  environment: EnvironmentView | null
  /** Only after it was asked for. */
  check: CheckView | null
  mayEdit: boolean
  mayRun: boolean
  refused: RefusedPackages | null
  /** The last lines of the installation that goes on. */
  tail: LogLine[]
  /** What has just been done, as a sentence. */
  done: string | null
  /** What was removed just now, to be declared again. */
  removed: { name: string; version: string } | null
  /** In the form, to be changed. */
  start?: { name: string; version: string }
  now: number
}

export const DependenciesTab = (props: DependenciesTabProps) => {
  const { scriptId, view, mayEdit, refused, start } = props
  const action = `/scripts/${scriptId}/dependencies`
  const runtime = view.runtime
  return (
    <div class="split side">
      <div class="stack-4">
        <TabNotes {...props} />
        <section class="panel" aria-labelledby="h-packages">
          <PackagesState {...props} />
          {mayEdit ? (
            <footer class="stack-4">
              <AddPackage {...{ action, runtime, refused, start }} id="add" places={<Places id="add" />} />
              <ReplaceForm {...{ view, action, mayEdit, refused }} />
            </footer>
          ) : (
            ''
          )}
        </section>
      </div>
      <SetFacts {...props} />
    </div>
  )
}

/** What changes when something is installed: without the forms, in which somebody may be typing. */
export const PackagesState = (props: DependenciesTabProps) => {
  const { scriptId, view, check, mayEdit } = props
  const address = `/scripts/${scriptId}?tab=dependencies`
  return (
    <div id="packages">
      <div class="bar">
        <h2 class="sr" id="h-packages">
          {t('Packages')}
        </h2>
        <ReadinessOf state={view.state} />
        <Since {...props} />
        <span class="push" />
        <Buttons {...props} />
      </div>
      <Failure view={view} />
      <Tail {...props} />
      <PackagesTable
        {...{ view, check, mayEdit }}
        action={`/scripts/${scriptId}/dependencies`}
        editHref={(one) => `${address}${editQuery(one).replace('?', '&amp;')}#add-name`}
      />
    </div>
  )
}

const Since = ({ view, now }: DependenciesTabProps) =>
  view.state === 'installing' && view.installation ? (
    <small class="muted">
      <Elapsed since={view.installation.started_at ?? view.installation.queued_at} now={now} />
    </small>
  ) : (
    ''
  )

/** What the installer says, looked at again while it goes on; the whole log is a page of its own. */
const Tail = ({ scriptId, view, tail }: DependenciesTabProps) =>
  view.state !== 'installing' ? (
    ''
  ) : (
    <ol
      class="install-tail"
      id="install-tail"
      aria-label={t('Last lines of the installation')}
      hx-get={`/scripts/${scriptId}?tab=dependencies`}
      hx-trigger="every 1500ms"
      hx-select="#install-tail"
      hx-swap="outerMorph"
    >
      {tail.length === 0 ? (
        <li class="muted">{t('Waiting')} …</li>
      ) : (
        tail.map(({ line, stream }) => (
          <li class={stream === 'stderr' ? 'bad' : undefined} safe>
            {Bun.stripANSI(line)}
          </li>
        ))
      )}
    </ol>
  )

const Buttons = ({ scriptId, view, mayEdit, mayRun }: DependenciesTabProps) => {
  const isGoing = view.state === 'installing'
  const canInstall = view.state === 'missing' || view.state === 'failed'
  const has = view.dependencies.length > 0 && view.state !== 'refused'
  return (
    <>
      {isGoing && view.installation ? (
        <>
          <a class="button quiet small" href={`/dependencies/installations/${view.installation.id}`}>
            <Icon name="terminal" />
            {t('Log')}
          </a>
          {mayRun ? <CancelInstallation id={view.installation.id} small /> : ''}
        </>
      ) : (
        ''
      )}
      {mayRun && canInstall ? (
        <ActForm
          kind="primary"
          action={`/scripts/${scriptId}/dependencies/install`}
          icon="download"
          word={view.state === 'failed' ? say('Try again') : say('Install')}
        />
      ) : (
        ''
      )}
      {mayEdit && has && !isGoing ? (
        <>
          <ActForm
            kind="plain"
            action={`/scripts/${scriptId}/dependencies`}
            fields={{ act: 'update' }}
            icon="refresh"
            word={say('Update')}
            title={say('Installs the newest versions that the declaration allows, and renews the lock')}
          />
          <a
            class="button small quiet"
            href={`/scripts/${scriptId}?tab=dependencies&amp;check=1`}
            title={t('Asks where the packages come from')}
          >
            <Icon name="search" />
            {t('Check for newer')}
          </a>
        </>
      ) : (
        ''
      )}
    </>
  )
}

const Failure = ({ view }: { view: DependenciesView }) =>
  view.state === 'failed' || (view.state === 'refused' && view.problems.length === 0) ? (
    <div class="body">
      <Note
        kind="bad"
        icon="failed"
        title={view.state === 'failed' ? say('The packages could not be installed') : say('Nothing of it is installed')}
      >
        <p class="lines" safe>
          {view.reason ?? say('No reason is known.')}
        </p>
        {view.installation ? (
          <p>
            <a href={`/dependencies/installations/${view.installation.id}`}>{t('See what the installer said')}</a>
          </p>
        ) : (
          ''
        )}
      </Note>
    </div>
  ) : (
    ''
  )

const TabNotes = ({ scriptId, view, check, refused, done, removed, mayEdit }: DependenciesTabProps) => (
  <>
    {refused ? (
      isSaidAtField(refused) ? (
        ''
      ) : (
        <Note kind="bad" icon="failed" id="form-message" alert title={say('Nothing was changed')}>
          <p safe>{refused.message}</p>
        </Note>
      )
    ) : done ? (
      <Note kind="info" icon="success" title={say('Done')}>
        <p safe>{done}</p>
        {removed && mayEdit ? <UndoRemove action={`/scripts/${scriptId}/dependencies`} removed={removed} /> : ''}
      </Note>
    ) : (
      ''
    )}
    <Problems view={view} />
    <Hints hints={view.hints} scriptId={scriptId} mayEdit={mayEdit} />
    {check ? <CheckNotes check={check} /> : ''}
  </>
)

const CheckNotes = ({ check }: { check: CheckView }) => (
  <>
    {check.problem === null ? (
      ''
    ) : (
      <Note kind="warn" icon="warn" title={say('Nobody could be asked for newer versions')}>
        <p safe>{check.problem}</p>
      </Note>
    )}
    {check.conflicts.length === 0 ? (
      ''
    ) : (
      <Note kind="warn" icon="warn" title={say('Installed packages do not agree')}>
        <ul>
          {check.conflicts.map((sentence) => (
            <li safe>{sentence}</li>
          ))}
        </ul>
      </Note>
    )}
  </>
)

/** What is imported and not declared; what a script can do without is not worth a warning. */
const Hints = ({ hints, scriptId, mayEdit }: { hints: ImportHint[]; scriptId: number; mayEdit: boolean }) => {
  const needed = hints.filter(({ is_optional }) => !is_optional)
  if (needed.length === 0) return ''
  const isAllFound = needed.every(({ is_found }) => is_found)
  return (
    <Note
      kind={isAllFound ? 'info' : 'warn'}
      icon={isAllFound ? 'info' : 'warn'}
      title={say('It imports what it does not declare')}
    >
      <ul class="stack-1">
        {needed.map((hint) => (
          <li class="row">
            <span>
              <code safe>{hint.module}</code>
              {t(', ')}
              <span>{t('{file} line {line}', { file: hint.file, line: hint.line })}</span>
              {hint.is_found ? t(', which this machine happens to have') : ''}
            </span>
            {mayEdit ? <AddHint scriptId={scriptId} name={hint.package} /> : <code safe>{hint.package}</code>}
          </li>
        ))}
      </ul>
    </Note>
  )
}

export const AddHint = ({ scriptId, name }: { scriptId: number; name: string }) => (
  <ActForm
    kind="plain"
    action={`/scripts/${scriptId}/dependencies`}
    fields={{ name, act: 'add' }}
    icon="plus"
    word={say('Add {name}', { name })}
    wraps
  />
)
