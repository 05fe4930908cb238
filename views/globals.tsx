/** The packages of every script that declares nothing itself, one panel for each runtime. Fragment: #global-RUNTIME. */
import type { GlobalView } from '../src/dependencies/view-model.ts'
import { ActForm } from './actions.tsx'
import { PackagesTable, Problems, ReadinessOf, runtimeWords } from './packages.tsx'
import { AddPackage, type RefusedPackages } from './packages-form.tsx'
import { Ago, Note } from './parts.tsx'
import { AllPackages } from './set-facts.tsx'
import { plural, say, t } from './texts.ts'

export interface GlobalProps {
  view: GlobalView
  mayEdit: boolean
  refused: RefusedPackages | null
  now: number
}

export const GlobalPanel = ({ view, mayEdit, refused, now }: GlobalProps) => {
  const { runtime } = view
  return (
    <section class="panel" id={`global-${runtime}`} aria-labelledby={`h-global-${runtime}`}>
      <GlobalState {...{ view, mayEdit, now }} />
      {refused && refused.act !== 'add' ? (
        <p class="body error" safe>
          {refused.message}
        </p>
      ) : (
        ''
      )}
      {mayEdit ? (
        <footer class="stack-4">
          {refused?.act === 'add' && refused.problems.length === 0 ? (
            <p class="error" safe>
              {refused.message}
            </p>
          ) : (
            ''
          )}
          <AddPackage {...placeOf(runtime)} runtime={runtime} id={`global-${runtime}`} refused={refused} />
        </footer>
      ) : (
        ''
      )}
    </section>
  )
}

/** What changes when something is installed: without the form, in which somebody may be typing. Fragment: #global-RUNTIME-state. */
export const GlobalState = ({ view, mayEdit, now }: Omit<GlobalProps, 'refused'>) => {
  const { runtime } = view
  return (
    <div class="panel plain" id={`global-${runtime}-state`}>
      <header>
        <h2 id={`h-global-${runtime}`}>{t('Global, {runtime}', { runtime: runtimeWords[runtime] })}</h2>
        <ReadinessOf state={view.state} />
        <LastInstallation view={view} now={now} />
        <span class="push" />
        {mayEdit && (view.state === 'missing' || view.state === 'failed') ? <Install view={view} /> : ''}
      </header>
      <Problems view={view} />
      <Failure view={view} />
      <PackagesTable view={view} {...placeOf(runtime)} mayEdit={mayEdit} />
      <Users view={view} />
      {view.installed.length > 0 ? (
        <div class="body">
          <AllPackages packages={view.installed} />
        </div>
      ) : (
        ''
      )}
    </div>
  )
}

const placeOf = (runtime: GlobalProps['view']['runtime']) => ({ action: '/dependencies/packages', fields: { runtime } })

const LastInstallation = ({ view: { installation }, now }: Pick<GlobalProps, 'view' | 'now'>) =>
  installation === null ? (
    ''
  ) : (
    <small class="row muted">
      {installation.finished_at === null ? '' : <Ago at={installation.finished_at} now={now} />}
      <a href={`/dependencies/installations/${installation.id}`}>{t('Log')}</a>
    </small>
  )

/** With nothing to add, what is declared is installed. */
const Install = ({ view: { runtime, state } }: Pick<GlobalProps, 'view'>) => (
  <ActForm
    kind="primary"
    action="/dependencies/packages"
    fields={{ runtime, act: 'install' }}
    icon="download"
    word={state === 'failed' ? say('Try again') : say('Install')}
  />
)

const Failure = ({ view: { state, reason, problems } }: Pick<GlobalProps, 'view'>) =>
  state === 'failed' || (state === 'refused' && problems.length === 0) ? (
    <Note
      kind="bad"
      icon="failed"
      title={state === 'failed' ? say('It could not be installed') : say('Nothing of it is installed')}
    >
      <p class="lines" safe>
        {reason ?? say('No reason is known.')}
      </p>
    </Note>
  ) : (
    ''
  )

/** Nothing where nothing is declared: then it is for nobody. */
const Users = ({ view: { dependencies, used_by } }: Pick<GlobalProps, 'view'>) =>
  dependencies.length === 0 ? (
    ''
  ) : (
    <p class="body help">
      {used_by.length === 0
        ? t('No script needs it: each declares its own.')
        : plural(
            used_by.length,
            'For the one script that declares nothing itself.',
            'For the {n} scripts that declare nothing themselves.',
          )}
    </p>
  )
