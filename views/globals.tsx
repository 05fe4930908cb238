/** The packages of every script that declares nothing itself, one panel for each runtime. Fragment: #global-RUNTIME. */
import { count } from '../public/js/format.js'
import type { GlobalView } from '../src/dependencies/view-model.ts'
import { PackagesTable, Problems, ReadinessOf } from './packages.tsx'
import { AddPackage, type RefusedPackages } from './packages-form.tsx'
import { Ago, Icon, Note } from './parts.tsx'
import { AllPackages } from './set-facts.tsx'

export interface GlobalProps {
  view: GlobalView
  mayEdit: boolean
  refused: RefusedPackages | null
  now: number
}

const runtimeWords = { python: 'Python', js: 'JavaScript' } as const

export const GlobalPanel = ({ view, mayEdit, refused, now }: GlobalProps) => {
  const { runtime } = view
  const hidden = <input type="hidden" name="runtime" value={runtime} />
  const common = { action: '/dependencies/packages', hidden, mayEdit }
  return (
    <section class="panel" id={`global-${runtime}`} aria-labelledby={`h-global-${runtime}`}>
      <div class="panel plain" id={`global-${runtime}-state`}>
        <header>
          <h2 id={`h-global-${runtime}`}>{`Global, ${runtimeWords[runtime]}` as 'safe'}</h2>
          <ReadinessOf state={view.state} />
          <LastInstallation view={view} now={now} />
          <span class="push" />
          {mayEdit && (view.state === 'missing' || view.state === 'failed') ? <Install view={view} /> : ''}
        </header>
        <Problems view={view} />
        <Failure view={view} />
        <PackagesTable view={view} {...common} />
        <Users view={view} />
        {view.installed.length > 0 ? (
          <div class="body">
            <AllPackages packages={view.installed} />
          </div>
        ) : (
          ''
        )}
      </div>
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
          <AddPackage {...common} runtime={runtime} id={`global-${runtime}`} refused={refused} />
        </footer>
      ) : (
        ''
      )}
    </section>
  )
}

const LastInstallation = ({ view: { installation }, now }: Pick<GlobalProps, 'view' | 'now'>) =>
  installation === null ? (
    ''
  ) : (
    <small class="row muted">
      {installation.finished_at === null ? '' : <Ago at={installation.finished_at} now={now} />}
      <a href={`/dependencies/installations/${installation.id}`}>Log</a>
    </small>
  )

/** With nothing to add, what is declared is installed. */
const Install = ({ view: { runtime, state } }: Pick<GlobalProps, 'view'>) => (
  <form class="inline" method="post" action="/dependencies/packages">
    <input type="hidden" name="runtime" value={runtime} />
    <button class="small primary" type="submit" name="act" value="install">
      <Icon name="download" />
      {state === 'failed' ? 'Try again' : 'Install'}
    </button>
  </form>
)

const Failure = ({ view: { state, reason, problems } }: Pick<GlobalProps, 'view'>) =>
  state === 'failed' || (state === 'refused' && problems.length === 0) ? (
    <Note
      kind="bad"
      icon="failed"
      title={state === 'failed' ? 'It could not be installed' : 'Nothing of it is installed'}
    >
      <p class="lines" safe>
        {reason ?? 'No reason is known.'}
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
      {
        (used_by.length === 0
          ? 'No script needs it: each declares its own.'
          : used_by.length === 1
            ? 'For the one script that declares nothing itself.'
            : `For the ${count(used_by.length)} scripts that declare nothing themselves.`) as 'safe'
      }
    </p>
  )
