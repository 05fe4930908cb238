/** The top of a script's page: what it is, what is wrong with it, and its tabs. */
import type { Script } from '../src/scripts/model.ts'
import { ActForm } from './actions.tsx'
import { query } from './attr.ts'
import { PackagesNote } from './packages-note.tsx'
import { Icon, Note, Runtime, Spark, State, scriptName } from './parts.tsx'
import { MissedBadge, Until } from './schedule-words.tsx'
import type { ScriptProps, ScriptTab } from './script.tsx'
import { isSettingsTab } from './script-settings.tsx'
import { markup, say, type Text, t } from './texts.ts'
import { isAtLeast, mayDo } from './viewer.ts'

/** Scripts / images / resize-images */
export const Crumbs = ({ script }: { script: Pick<Script, 'id' | 'alias' | 'filename' | 'group'> }) => (
  <ol class="crumbs" aria-label={t('Breadcrumb')}>
    <li>
      <a href="/">{t('Scripts')}</a>
    </li>
    {script.group === '' ? (
      ''
    ) : (
      <li>
        <a href={`/${query({ q: script.group })}`} safe>
          {script.group}
        </a>
      </li>
    )}
    <li>
      <a href={`/scripts/${script.id}`} safe>
        {scriptName(script)}
      </a>
    </li>
  </ol>
)

export const ScriptHead = ({ script, spark, tab, viewer, scheduled, now }: ScriptProps) => (
  <>
    <div class="head">
      <Crumbs script={script} />
      <Runtime script={script} />
      <h1 safe>{scriptName(script)}</h1>
      <State state={script.state} />
      {script.description ? <p safe>{script.description}</p> : ''}
      <div class="row push">
        {mayDo(viewer, 'edit', script) ? (
          <a
            class="button quiet only-wide"
            href={`/api/scripts/${script.id}/export`}
            download=""
            title={t('Everything that belongs to it, as one file')}
          >
            <Icon name="download" />
            {t('Export')}
          </a>
        ) : (
          ''
        )}
        {tab !== 'run' && script.state === 'active' && mayDo(viewer, 'run', script) ? (
          <a class="button primary" href={`/scripts/${script.id}#run-form`}>
            <Icon name="play" />
            {t('Run|verb')}
          </a>
        ) : (
          ''
        )}
      </div>
    </div>
    <ul class="facts">
      <li>
        <Icon name="file" />
        <span class="mono" safe>
          {`${script.runtime}/${script.filename}`}
        </span>
      </li>
      {scheduled.nextAt === null ? (
        ''
      ) : (
        <li>
          <Icon name="clock" />
          <a href={`/scripts/${script.id}/schedules`}>
            {markup('Next run {when}', { when: <Until at={scheduled.nextAt} now={now} /> })}
          </a>
        </li>
      )}
      {spark.length > 0 ? (
        <li>
          <Spark runs={spark} />
        </li>
      ) : (
        ''
      )}
      {script.tags.length > 0 ? (
        <li class="chips">
          {script.tags.map((tag) => (
            <a class="chip" href={`/${query({ tag })}`} safe>
              {tag}
            </a>
          ))}
        </li>
      ) : (
        ''
      )}
    </ul>
  </>
)

/** What keeps it from running, or what one should know, with what to do about it. */
export const ScriptNotes = ({ script, viewer, packages, tab }: ScriptProps) => {
  const mayEdit = mayDo(viewer, 'edit', script)
  return (
    <>
      {tab === 'dependencies' ? '' : <PackagesNote script={script} view={packages} viewer={viewer} />}
      {script.state === 'error' ? <Broken script={script} mayEdit={mayEdit} /> : ''}
      {script.state === 'missing' ? <Missing script={script} mayEdit={mayEdit} /> : ''}
      {script.state === 'inactive' && tab === 'run' ? (
        <Note kind="info" icon="pause" title={say('It is inactive')}>
          <p>{t('It cannot be called, and its schedules start nothing.')}</p>
          {mayEdit ? (
            <div class="row">
              <a class="button small" href={`/scripts/${script.id}?tab=settings`}>
                {t('Switch it on in its settings')}
              </a>
            </div>
          ) : (
            ''
          )}
        </Note>
      ) : (
        ''
      )}
      {script.schema_differs ? (
        <Note kind="warn" icon="warn" title={say('The sidecar differs from what the script says')}>
          <p>
            {t('The sidecar was edited by hand, so it is in force. The script’s own answer would be written over it.')}
          </p>
          {mayEdit ? <ChooseSchema id={script.id} tab={tab} /> : ''}
        </Note>
      ) : (
        ''
      )}
      {script.warnings.length > 0 ? (
        <Note
          kind="warn"
          icon="warn"
          title={
            script.warnings.length === 1
              ? say('One thing to know')
              : say('{n} things to know', { n: script.warnings.length })
          }
        >
          {script.warnings.map((warning) => <p safe>{warning}</p>).join('') as 'safe'}
        </Note>
      ) : (
        ''
      )}
    </>
  )
}

const Broken = ({ script, mayEdit }: { script: Script; mayEdit: boolean }) => (
  <Note kind="bad" icon="failed" alert title={say('This script cannot run')}>
    <p safe>{script.error ?? say('Its schema could not be read.')}</p>
    <p>{t('It is read again when its file, its sidecar or its policy changes.')}</p>
    {mayEdit ? (
      <div class="row">
        <a class="button small" href={`/scripts/${script.id}?tab=code`}>
          <Icon name="code" />
          {t('Look at its code')}
        </a>
        <a class="button small" href={`/scripts/${script.id}?tab=parameters&edit=form`}>
          <Icon name="sliders" />
          {t('Describe its parameters by hand')}
        </a>
        <ActForm
          action={`/scripts/${script.id}/rescan`}
          icon="refresh"
          label={say('Read it again')}
          word={say('Read it again')}
          kind="plain"
        />
      </div>
    ) : (
      <p>{t('Somebody who may edit it can mend it.')}</p>
    )}
  </Note>
)

const Missing = ({ script, mayEdit }: { script: Script; mayEdit: boolean }) => (
  <Note kind="warn" icon="warn" title={say('The file is gone')}>
    <p>
      {markup('Its history is kept. Put {file} back and the script is active again.', {
        file: <code safe>{`${script.runtime}/${script.filename}`}</code>,
      })}
    </p>
    {mayEdit ? (
      <div class="row">
        <a class="button small" href={`/scripts/${script.id}/versions`}>
          <Icon name="history" />
          {t('Put a version back')}
        </a>
        <a class="button small" href={`/scripts/${script.id}?tab=settings#danger`}>
          <Icon name="trash" />
          {t('Or delete it for good')}
        </a>
      </div>
    ) : (
      ''
    )}
  </Note>
)

const ChooseSchema = ({ id, tab }: { id: number; tab: ScriptTab }) => (
  <form class="row" method="post" action={`/scripts/${id}/schema`}>
    <button class="small" type="submit" name="use" value="sidecar">
      {t('Keep the sidecar')}
    </button>
    <button class="small" type="submit" name="use" value="script">
      {t('Use the script’s')}
    </button>
    {tab === 'parameters' ? (
      ''
    ) : (
      <a class="button quiet small" href={`/scripts/${id}?tab=parameters`}>
        <Icon name="diff" />
        {t('Compare')}
      </a>
    )}
  </form>
)

interface Tab {
  name: ScriptTab
  word: Text
  path?: string
  count?: number
}

/** Code and settings are for who may edit them. A phone scrolls the bar to the one that is open. */
export const Tabs = ({ script, tab, params, packages, viewer, scheduled }: ScriptProps) => {
  const mayEdit = mayDo(viewer, 'edit', script)
  const tabs: Tab[] = [
    { name: 'run', word: mayDo(viewer, 'run', script) ? 'Run|verb' : 'Overview' },
    ...(mayEdit ? [{ name: 'code', word: 'Code' } satisfies Tab] : []),
    { name: 'parameters', word: 'Parameters', count: params.length },
    { name: 'dependencies', word: 'Dependencies', count: packages.dependencies.length },
    { name: 'schedules', word: 'Schedules', path: '/schedules', count: scheduled.total },
    { name: 'history', word: 'History' },
    ...(mayEdit || isAtLeast(viewer, 'admin') ? [{ name: 'settings', word: 'Settings' } satisfies Tab] : []),
    { name: 'api', word: 'API' },
  ]
  const open = isSettingsTab(tab) ? 'settings' : tab
  return (
    <nav class="tabs" aria-label={t('Script')} data-tabs data-script={String(script.id)}>
      {tabs.map(({ name, word, path, count: number = 0 }) => (
        <a
          href={`/scripts/${script.id}${path ?? (name === 'run' ? '' : `?tab=${name}`)}`}
          aria-current={open === name ? 'page' : undefined}
        >
          {t(word)}
          {number > 0 ? <span class="count">{number}</span> : ''}
          {name === 'schedules' ? <MissedBadge missed={scheduled.missed} /> : ''}
        </a>
      ))}
    </nav>
  )
}
