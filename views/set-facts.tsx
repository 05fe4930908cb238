/** Where a set of packages comes from and what it became. Fragment: #packages-facts. */
import type { Installation, InstalledPackage, Scope } from '../src/dependencies/model.ts'
import type { DependenciesView, EnvironmentView, ExportFormat, Source } from '../src/dependencies/view-model.ts'
import { Ago, FilePath, Icon, Status, size } from './parts.tsx'
import { plural, type Text, t } from './texts.ts'

export interface SetFactsProps {
  view: DependenciesView
  /** For who may see it. */
  environment: EnvironmentView | null
  now: number
}

const scopeWords: Record<Scope, Text> = {
  inline: 'in the script itself',
  script: 'beside the script',
  folder: 'of its folder',
  named: 'in the folder named like it',
  group: 'of a folder above it',
  global: 'of every script that declares nothing itself',
}

export const SourceWords = ({ source }: { source: Source }) => (
  <>
    <FilePath path={source.file} />
    {t(', ')}
    {t(scopeWords[source.scope])}
  </>
)

export const SetFacts = ({ view, environment, now }: SetFactsProps) => (
  <section class="panel" id="packages-facts" aria-labelledby="h-facts">
    <header>
      <h2 id="h-facts">{t('Environment')}</h2>
    </header>
    <div class="body">
      <dl class="facts-list">
        <dt>{t('From|a file')}</dt>
        <dd>{view.source ? <SourceWords source={view.source} /> : t('Nothing is declared anywhere.')}</dd>
        {view.shadowed.length > 0 ? (
          <>
            <dt>{t('Not in force')}</dt>
            <dd>
              {view.shadowed.map((source) => (
                <p>
                  <SourceWords source={source} />
                </p>
              ))}
            </dd>
          </>
        ) : (
          ''
        )}
        <LockFact view={view} />
        {view.environment === null ? (
          ''
        ) : (
          <>
            <dt>{t('Folder')}</dt>
            <dd class="mono" safe>
              {view.environment}
            </dd>
          </>
        )}
        {environment ? <Surroundings environment={environment} now={now} /> : ''}
        {view.installation ? <LastInstallation installation={view.installation} now={now} /> : ''}
      </dl>
      <AllPackages packages={view.installed} />
      {environment ? <Variables variables={environment.variables} /> : ''}
    </div>
    <ExportLinks view={view} />
  </section>
)

const lockWords = {
  none: 'none yet: the next installation writes it',
  current: 'in force',
  stale: 'of another declaration or platform: the next installation renews it',
} satisfies Record<string, Text>

const LockFact = ({ view: { lock } }: { view: DependenciesView }) =>
  lock === null ? (
    ''
  ) : (
    <>
      <dt>{t('Lock')}</dt>
      <dd>
        {lock.state === 'none' ? (
          ''
        ) : (
          <>
            <FilePath path={lock.file} />
            {t(', ')}
          </>
        )}
        {t(lockWords[lock.state])}
      </dd>
    </>
  )

const Surroundings = ({ environment, now }: { environment: EnvironmentView; now: number }) => (
  <>
    <dt>{t('Interpreter')}</dt>
    <dd>
      <span safe>{environment.interpreter}</span>
      <small class="mono muted block" safe>
        {environment.executable}
      </small>
    </dd>
    {environment.bytes === null ? (
      ''
    ) : (
      <>
        <dt>{t('Size')}</dt>
        <dd>{size(environment.bytes)}</dd>
      </>
    )}
    {environment.built_at === null ? (
      ''
    ) : (
      <>
        <dt>{t('Built')}</dt>
        <dd>
          <Ago at={environment.built_at} now={now} />
          {environment.installer === null ? '' : t(' by {name}', { name: environment.installer })}
        </dd>
      </>
    )}
  </>
)

const LastInstallation = ({ installation, now }: { installation: Installation; now: number }) => (
  <>
    <dt>{t('Last installation')}</dt>
    <dd class="row">
      <a class="plain-link" href={`/dependencies/installations/${installation.id}`}>
        <Status status={installation.status} />
      </a>
      <Ago at={installation.finished_at ?? installation.started_at ?? installation.queued_at} now={now} />
    </dd>
  </>
)

export const AllPackages = ({ packages }: { packages: InstalledPackage[] }) =>
  packages.length === 0 ? (
    ''
  ) : (
    <details>
      <summary>{plural(packages.length, 'One package', 'All {n} packages')}</summary>
      <ul class="chips">
        {packages.map(({ name, version }) => (
          <li class="chip mono" safe>{`${name} ${version}`}</li>
        ))}
      </ul>
    </details>
  )

const Variables = ({ variables }: { variables: Record<string, string> }) => (
  <details>
    <summary>{t('Variables that a run is given')}</summary>
    <dl class="facts-list">
      {Object.entries(variables).map(([name, value]) => (
        <>
          <dt class="mono" safe>
            {name}
          </dt>
          <dd class="mono" safe>
            {value}
          </dd>
        </>
      ))}
    </dl>
  </details>
)

const formats: Record<DependenciesView['runtime'], [ExportFormat, string | null][]> = {
  python: [
    ['requirements', 'requirements.txt'],
    ['pep723', 'PEP 723'],
    ['lock', null],
  ],
  js: [
    ['package.json', 'package.json'],
    ['lock', null],
  ],
}

const ExportLinks = ({ view }: { view: DependenciesView }) => {
  if (view.source === null || view.script_id === null) return ''
  const hasLock = view.lock !== null && view.lock.state !== 'none'
  return (
    <footer>
      {formats[view.runtime]
        .filter(([format]) => format !== 'lock' || hasLock)
        .map(([format, word]) => (
          <a
            class="button quiet small"
            href={`/api/scripts/${view.script_id}/dependencies/export?format=${format}`}
            download=""
          >
            <Icon name="download" />
            {word === null ? t('Lock') : (word as 'safe')}
          </a>
        ))}
    </footer>
  )
}
