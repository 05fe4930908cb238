/** What scripts declare and how that stands, the global sets, the environments, the last installations. Fragment: #declaring. */
import { count } from '../public/js/format.js'
import type { DependenciesView, GlobalView } from '../src/dependencies/view-model.ts'
import type { Script } from '../src/scripts/model.ts'
import { attr } from './attr.ts'
import { Environments, type EnvironmentsProps } from './environments.tsx'
import { Installations, type NamedInstallation } from './installations.tsx'
import { Page } from './layout.tsx'
import { PackagesTable, Problems, ReadinessOf } from './packages.tsx'
import { AddPackage, type RefusedPackages } from './packages-form.tsx'
import { Ago, Icon, Note, Runtime, Status, scriptName } from './parts.tsx'
import { AllPackages, SourceWords } from './set-facts.tsx'
import type { Viewed } from './viewer.ts'

export interface DeclaringScript {
  script: Pick<Script, 'id' | 'alias' | 'filename' | 'runtime'>
  view: DependenciesView
  mayRun: boolean
}

export interface DependenciesProps extends Viewed {
  scripts: DeclaringScript[]
  globals: { view: GlobalView; mayEdit: boolean; refused: RefusedPackages | null }[]
  /** For who may see it. */
  cache: Omit<EnvironmentsProps, 'now'> | null
  installations: NamedInstallation[]
  /** Whether whoever looks may run, and edit, some of the scripts. */
  mayInstall: boolean
  mayUpdate: boolean
  /** What has just been done, as a sentence. */
  done: string | null
  /** What was refused, where it belongs to no form. */
  message: string | null
  now: number
}

export const DependenciesPage = (props: DependenciesProps) => (
  <Page title="Dependencies" current="dependencies" kind="dependencies" now={props.now} viewer={props.viewer}>
    <div class="head">
      <h1>Dependencies</h1>
      <p>{saying(props.scripts) as 'safe'}</p>
      <BatchForm {...props} />
    </div>
    {props.message ? (
      <Note kind="bad" icon="failed" id="form-message" alert title="Nothing was changed">
        <p safe>{props.message}</p>
      </Note>
    ) : props.done ? (
      <Note kind="info" icon="success" title="Done">
        <p safe>{props.done}</p>
      </Note>
    ) : (
      ''
    )}
    <DeclaringScripts {...props} />
    <div class="split even">
      {props.globals.map((one) => (
        <GlobalPanel {...one} />
      ))}
    </div>
    {props.cache ? <Environments {...props.cache} now={props.now} /> : ''}
    <Installations items={props.installations} now={props.now} />
  </Page>
)

function saying(scripts: DeclaringScript[]): string {
  const ready = scripts.filter(({ view }) => view.state === 'ready').length
  if (scripts.length === 0) return 'No script declares packages.'
  return `${scripts.length === 1 ? 'One script declares' : `${count(scripts.length)} scripts declare`} packages, ${ready === scripts.length ? 'all ready' : `${count(ready)} ready`}.`
}

const BatchForm = ({ scripts, mayInstall, mayUpdate }: DependenciesProps) =>
  scripts.length === 0 || !mayInstall ? (
    ''
  ) : (
    <form class="row push" method="post" action="/dependencies/install">
      <button type="submit" name="act" value="install">
        <Icon name="download" />
        Install what is missing
      </button>
      {mayUpdate ? (
        <button
          type="submit"
          name="act"
          value="update"
          title="Installs the newest versions that the declarations allow, and renews the locks"
        >
          <Icon name="refresh" />
          Update all
        </button>
      ) : (
        ''
      )}
    </form>
  )

const DeclaringScripts = ({ scripts, now }: DependenciesProps) =>
  scripts.length === 0 ? (
    <div class="panel" id="declaring">
      <div class="empty">
        <Icon name="box" />
        <h2>Nothing is declared yet</h2>
        <p>
          A script names the packages it needs on its page, in a <code>requirements.txt</code> or{' '}
          <code>package.json</code> beside it, or in its first lines. They are installed once for all scripts that need
          the same.
        </p>
      </div>
    </div>
  ) : (
    <div class="table-wrap" id="declaring">
      <table class="stack">
        <caption class="sr">Scripts that declare packages</caption>
        <thead>
          <tr>
            <th>Script</th>
            <th>Status</th>
            <th class="p1 p2">Declared in</th>
            <th class="p1">Lock</th>
            <th class="p1">Last installation</th>
            <th>
              <span class="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {scripts.map((row) => (
            <ScriptRow {...row} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  )

const lockWords = { none: 'none yet', current: 'in force', stale: 'to be renewed' } as const

const ScriptRow = ({ script, view, mayRun, now }: DeclaringScript & { now: number }) => {
  const name = scriptName(script)
  const { installation } = view
  return (
    <tr>
      <td class="c-name">
        <div class="name">
          <Runtime script={script} />
          <div>
            <a href={`/scripts/${script.id}?tab=dependencies`} safe>
              {name}
            </a>
            <small>{packagesIn(view) as 'safe'}</small>
          </div>
        </div>
      </td>
      <td class="line">
        <ReadinessOf state={view.state} />
        {view.reason ? (
          <small class="cut reason" title={attr(view.reason)} safe>
            {view.reason}
          </small>
        ) : (
          ''
        )}
      </td>
      <td class="p1 p2 any-wrap">{view.source ? <SourceWords source={view.source} /> : ''}</td>
      <td class="p1 muted">{(view.lock ? lockWords[view.lock.state] : '–') as 'safe'}</td>
      <td class="p1">
        {installation ? (
          <>
            <a class="plain-link" href={`/dependencies/installations/${installation.id}`}>
              <Status status={installation.status} />
            </a>
            <small>
              <Ago at={installation.finished_at ?? installation.queued_at} now={now} />
            </small>
          </>
        ) : (
          '–'
        )}
      </td>
      <td class="acts">
        {mayRun && (view.state === 'missing' || view.state === 'failed') ? (
          <form class="inline" method="post" action={`/scripts/${script.id}/dependencies/install`}>
            <button
              class="quiet only small"
              type="submit"
              aria-label={attr(`Install packages of ${name}`)}
              title="Install"
            >
              <Icon name="download" />
            </button>
          </form>
        ) : (
          ''
        )}
      </td>
    </tr>
  )
}

const packagesIn = ({ dependencies }: DependenciesView) =>
  dependencies.length === 1 ? '1 package' : `${count(dependencies.length)} packages`

const runtimeWords = { python: 'Python', js: 'JavaScript' } as const

const GlobalPanel = ({ view, mayEdit, refused }: DependenciesProps['globals'][number]) => {
  const { runtime } = view
  const hidden = <input type="hidden" name="runtime" value={runtime} />
  const common = { action: '/dependencies/packages', hidden, mayEdit }
  return (
    <section class="panel" id={`global-${runtime}`} aria-labelledby={`h-global-${runtime}`}>
      <header>
        <h2 id={`h-global-${runtime}`}>{`Global, ${runtimeWords[runtime]}` as 'safe'}</h2>
        <ReadinessOf state={view.state} />
        <small class="push muted">{usersOf(view) as 'safe'}</small>
      </header>
      {refused && refused.act !== 'add' ? (
        <p class="body error" safe>
          {refused.message}
        </p>
      ) : (
        ''
      )}
      <Problems view={view} />
      <PackagesTable view={view} {...common} />
      {view.installed.length > 0 ? (
        <div class="body">
          <AllPackages packages={view.installed} />
        </div>
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

const usersOf = ({ used_by }: GlobalView) =>
  used_by.length === 0
    ? 'every script declares its own'
    : used_by.length === 1
      ? 'for one script that declares nothing itself'
      : `for ${count(used_by.length)} scripts that declare nothing themselves`
