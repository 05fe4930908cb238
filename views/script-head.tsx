/** The top of a script's page: what it is, what is wrong with it, and its tabs. */
import { count } from '../public/js/format.js'
import type { Script } from '../src/scripts/model.ts'
import { query } from './attr.ts'
import { PackagesNote } from './packages-note.tsx'
import { Icon, Note, Runtime, Spark, State, scriptName } from './parts.tsx'
import { MissedBadge, Until } from './schedule-words.tsx'
import type { ScriptProps, ScriptTab } from './script.tsx'
import { isAtLeast, mayDo } from './viewer.ts'

/** Scripts / images / resize-images */
export const Crumbs = ({ script }: { script: Pick<Script, 'id' | 'alias' | 'filename' | 'group'> }) => (
  <ol class="crumbs" aria-label="Breadcrumb">
    <li>
      <a href="/">Scripts</a>
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
            class="button quiet"
            href={`/api/scripts/${script.id}/export`}
            download=""
            title="Everything that belongs to it, as one file"
          >
            <Icon name="download" />
            Export
          </a>
        ) : (
          ''
        )}
        {tab !== 'run' && mayDo(viewer, 'run', script) ? (
          <a class="button primary" href={`/scripts/${script.id}#run-form`}>
            <Icon name="play" />
            Run
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
            Next run <Until at={scheduled.nextAt} now={now} />
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

export const ScriptNotes = ({ script, viewer, packages, tab }: ScriptProps) => (
  <>
    {tab === 'dependencies' ? '' : <PackagesNote script={script} view={packages} viewer={viewer} />}
    {script.state === 'error' ? (
      <Note kind="bad" icon="failed" alert title="This script cannot run">
        <p safe>{script.error ?? 'Its schema could not be read.'}</p>
        <p>It is read again when its file, its sidecar or its policy changes.</p>
      </Note>
    ) : (
      ''
    )}
    {script.state === 'missing' ? (
      <Note kind="warn" icon="warn" title="The file is gone">
        <p>
          Its history is kept. Put <code safe>{`${script.runtime}/${script.filename}`}</code> back and the script is
          active again.
        </p>
      </Note>
    ) : (
      ''
    )}
    {script.schema_differs ? (
      <Note kind="warn" icon="warn" title="The sidecar differs from what the script says">
        <p>The sidecar was edited by hand, so it is in force. The script’s own answer would be written over it.</p>
        {mayDo(viewer, 'edit', script) ? <ChooseSchema id={script.id} /> : ''}
      </Note>
    ) : (
      ''
    )}
    {script.warnings.length > 0 ? (
      <Note
        kind="warn"
        icon="warn"
        title={script.warnings.length === 1 ? 'One thing to know' : `${script.warnings.length} things to know`}
      >
        {script.warnings.map((warning) => <p safe>{warning}</p>).join('') as 'safe'}
      </Note>
    ) : (
      ''
    )}
  </>
)

const ChooseSchema = ({ id }: { id: number }) => (
  <form class="row" method="post" action={`/scripts/${id}/schema`}>
    <button class="small" type="submit" name="use" value="sidecar">
      Keep the sidecar
    </button>
    <button class="small" type="submit" name="use" value="script">
      Use the script’s
    </button>
  </form>
)

/** Code, policy and variables are for who may edit them, who may do what for administrators. */
export const Tabs = ({ script, tab, params, packages, runCount, viewer, scheduled }: ScriptProps) => {
  const mayEdit = mayDo(viewer, 'edit', script)
  const tabs: [name: ScriptTab, word: string, isShown: boolean, path?: string][] = [
    ['run', mayDo(viewer, 'run', script) ? 'Run' : 'Overview', true],
    ['code', 'Code', mayEdit],
    ['parameters', 'Parameters', true],
    ['dependencies', 'Dependencies', true],
    ['schedules', 'Schedules', true, '/schedules'],
    ['policy', 'Permissions', mayEdit],
    ['variables', 'Variables', mayEdit],
    ['notifications', 'Notifications', mayEdit, '/notifications'],
    ['access', 'Access', isAtLeast(viewer, 'admin')],
  ]
  return (
    <nav class="tabs" aria-label="Script">
      {tabs
        .filter(([, , isShown]) => isShown)
        .map(([name, word, , path]) => (
          <a
            href={`/scripts/${script.id}${path ?? (name === 'run' ? '' : `?tab=${name}`)}`}
            aria-current={tab === name ? 'page' : undefined}
          >
            {word as 'safe'}
            {name === 'parameters' ? <span class="count">{params.length}</span> : ''}
            {name === 'dependencies' && packages.dependencies.length > 0 ? (
              <span class="count">{packages.dependencies.length}</span>
            ) : (
              ''
            )}
            {name === 'schedules' && scheduled.total > 0 ? <span class="count">{scheduled.total}</span> : ''}
            {name === 'schedules' ? <MissedBadge missed={scheduled.missed} /> : ''}
          </a>
        ))}
      <a href={`/executions?script_id=${script.id}`}>
        History <span class="count">{count(runCount) as 'safe'}</span>
      </a>
    </nav>
  )
}
