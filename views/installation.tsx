/** One installation: its log, what it is to install, what came of it. Fragments: #run-status #run-actions #run-facts #run-note #run-details. */
import { clock, durationWords } from '../public/js/format.js'
import type { Installation, InstallationTrigger } from '../src/dependencies/model.ts'
import type { LogLine } from '../src/logs/model.ts'
import { ActForm, Elapsed } from './actions.tsx'
import { Page } from './layout.tsx'
import { LogPanel } from './log.tsx'
import { Ago, FilePath, Icon, Note, Partial, Status, size, statusWord } from './parts.tsx'
import { AllPackages } from './set-facts.tsx'
import { say, type Text, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export interface InstallationProps extends Viewed {
  installation: Installation
  /** The script it was begun for, where that is to be seen. */
  script: { id: number; name: string } | null
  /** The end of its log. */
  lines: LogLine[]
  /** They are what is before this line instead. */
  before?: number | null
  mayCancel: boolean
  mayInstall: boolean
  now: number
}

export const InstallationPage = (props: InstallationProps) => {
  const { installation, lines, before, viewer, now } = props
  return (
    <Page title={titleOf(props)} current="dependencies" kind="installation" now={now} viewer={viewer}>
      <div class="head">
        <ol class="crumbs" aria-label={t('Breadcrumb')}>
          <li>
            <a href="/dependencies">{t('Dependencies')}</a>
          </li>
          <li>
            <a href={`/dependencies/installations/${installation.id}`}>
              {t('Installation {id}', { id: installation.id })}
            </a>
          </li>
        </ol>
        <h1 safe>{nameOf(props)}</h1>
        <StatusPill installation={installation} />
        <Actions {...props} />
      </div>
      <Facts {...props} />
      <EndNote installation={installation} />
      <div class="split side">
        <LogPanel run={{ ...installation, log_expired_at: null }} lines={lines} before={before} kind="installation" />
        <Details installation={installation} />
      </div>
    </Page>
  )
}

/** Everything that changes when it starts or ends; each takes the place of the element with its id. */
export const InstallationFragments = (props: InstallationProps) => (
  <>
    <Partial id="run-status">
      <StatusPill installation={props.installation} />
    </Partial>
    <Partial id="run-actions">
      <Actions {...props} />
    </Partial>
    <Partial id="run-facts">
      <Facts {...props} />
    </Partial>
    <Partial id="run-note">
      <EndNote installation={props.installation} />
    </Partial>
    <Partial id="run-details">
      <Details installation={props.installation} />
    </Partial>
  </>
)

const runtimeWords = { python: 'Python', js: 'JavaScript' } as const

const nameOf = ({ installation, script }: Pick<InstallationProps, 'installation' | 'script'>) =>
  script
    ? say('Packages of {name}', { name: script.name })
    : say('{runtime} packages', { runtime: runtimeWords[installation.runtime] })

const titleOf = (props: InstallationProps) => {
  const { status, started_at, finished_at } = props.installation
  const elapsed = started_at !== null && finished_at === null ? `${clock(props.now - Date.parse(started_at))} ` : ''
  return `${elapsed}${statusWord(status).toLowerCase()} · ${nameOf(props)}`
}

const StatusPill = ({ installation }: { installation: Installation }) => (
  <span
    id="run-status"
    role="status"
    data-status-name={installation.status}
    data-started={installation.started_at ?? undefined}
    data-finished={installation.finished_at ? 'yes' : undefined}
  >
    <Status status={installation.status} pill />
  </span>
)

const Actions = ({ installation, script, mayCancel, mayInstall }: InstallationProps) => (
  <div class="row push" id="run-actions">
    {script ? (
      <a class="button quiet" href={`/scripts/${script.id}?tab=dependencies`}>
        <Icon name="code" />
        {t('Script')}
      </a>
    ) : (
      ''
    )}
    {installation.finished_at === null ? (
      mayCancel ? (
        <CancelInstallation id={installation.id} />
      ) : (
        ''
      )
    ) : mayInstall ? (
      <InstallAgain installation={installation} script={script} />
    ) : (
      ''
    )}
  </div>
)

const InstallAgain = ({ installation, script }: Pick<InstallationProps, 'installation' | 'script'>) => (
  <ActForm
    kind="plain"
    isSmall={false}
    action={script ? `/scripts/${script.id}/dependencies/install` : '/dependencies/packages'}
    fields={script ? {} : { runtime: installation.runtime, act: 'install' }}
    icon="refresh"
    word={say('Install again')}
  />
)

/** Asks first where there is JavaScript. */
export const CancelInstallation = ({ id, small = false }: { id: number; small?: boolean }) => (
  <ActForm
    kind="danger"
    isSmall={small}
    action={`/dependencies/installations/${id}/cancel`}
    icon="stop"
    word={say('Stop')}
    data={{ 'data-stay': '' }}
    confirm={{
      question: say('Stop this installation?'),
      text: say('Nothing of it is kept. Runs that wait for it are refused.'),
      yes: say('Stop it'),
      no: say('Let it go on'),
    }}
  />
)

const triggerWords: Record<InstallationTrigger, { icon: string; word: Text }> = {
  discovery: { icon: 'search', word: 'A declaration was found or changed' },
  run: { icon: 'play', word: 'A run needs it' },
  request: { icon: 'user', word: 'Asked for' },
}

const Facts = ({ installation, now }: InstallationProps) => {
  const { started_at, finished_at, queued_at, duration_ms, trigger, started_by, update } = installation
  return (
    <ul class="facts" id="run-facts">
      <li>
        <Icon name="clock" />
        {started_at === null ? (
          <span>
            {finished_at === null ? (
              <>
                {t('Waiting')} <Elapsed since={queued_at} now={now} />
              </>
            ) : (
              t('Never started')
            )}
          </span>
        ) : (
          <b>
            {finished_at === null ? (
              <Elapsed since={started_at} now={now} />
            ) : (
              (durationWords(duration_ms ?? 0) as 'safe')
            )}
          </b>
        )}
      </li>
      <li>
        <Icon name={triggerWords[trigger].icon} />
        {t(triggerWords[trigger].word)}
        {started_by === null ? '' : t(' by {name}', { name: started_by })}
      </li>
      {update ? <li>{t('Renews the lock')}</li> : ''}
      <li>
        <Icon name="calendar" />
        <Ago at={started_at ?? queued_at} now={now} />
      </li>
    </ul>
  )
}

/** Empty while there is nothing to say, so that it can be swapped in. */
const EndNote = ({ installation: { status, reason } }: { installation: Installation }) => (
  <div id="run-note" aria-live="polite">
    {reason === null || status === 'success' ? (
      ''
    ) : (
      <Note
        kind={status === 'failed' ? 'bad' : 'warn'}
        icon={status}
        title={status === 'failed' ? say('The packages could not be installed') : statusWord(status)}
      >
        <p class="lines" safe>
          {reason}
        </p>
      </Note>
    )}
  </div>
)

const Details = ({ installation }: { installation: Installation }) => {
  const { requirements, packages, file, environment, bytes } = installation
  return (
    <section class="panel" id="run-details" aria-labelledby="h-details">
      <header>
        <h2 id="h-details">{t('Details')}</h2>
      </header>
      <div class="body">
        <dl class="facts-list">
          {file === '' ? (
            ''
          ) : (
            <>
              <dt>{t('Declared in')}</dt>
              <dd>
                <FilePath path={file} />
              </dd>
            </>
          )}
          <dt>{t('Declared')}</dt>
          <dd class="chips">
            {requirements.map((line) => (
              <span class="chip mono any-wrap" safe>
                {line}
              </span>
            ))}
          </dd>
          <dt>{t('Folder')}</dt>
          <dd class="mono" safe>
            {environment}
          </dd>
          {bytes === null ? (
            ''
          ) : (
            <>
              <dt>{t('Size')}</dt>
              <dd>{size(bytes)}</dd>
            </>
          )}
        </dl>
        <AllPackages packages={packages} />
      </div>
    </section>
  )
}
