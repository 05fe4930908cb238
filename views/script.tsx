/** One script: its form and its call, its source, its parameters. Fragments: #run-form, #recent. */
import { count } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import { query } from './attr.ts'
import { type Call, curlCall, javascriptCall, pythonCall } from './calls.ts'
import { type FormProps, RunForm } from './form.tsx'
import { highlight, type Language } from './highlight.ts'
import { Page } from './layout.tsx'
import { ParametersTable } from './parameters.tsx'
import { CopyButton, Icon, Note, Runtime, Spark, type SparkRun, State, scriptName, size } from './parts.tsx'
import { PolicyTab, type PolicyTabProps } from './policy.tsx'
import { Recent } from './recent.tsx'
import { VariablesPanel, type VariablesProps } from './variables.tsx'

export const scriptTabs = ['run', 'code', 'parameters', 'policy', 'variables'] as const
export type ScriptTab = (typeof scriptTabs)[number]
export const callLanguages = ['curl', 'python', 'javascript'] as const
export type CallLanguage = (typeof callLanguages)[number]

export interface ScriptProps extends FormProps {
  script: Script
  tab: ScriptTab
  call: CallLanguage
  /** The source, read only for its own tab; null when the file cannot be read. */
  source: string | null
  /** Read only for its own tab. */
  policy?: PolicyTabProps
  /** Read only for its own tab. */
  variables?: VariablesProps
  recent: Run[]
  spark: SparkRun[]
  runCount: number
  baseUrl: string
  now: number
}

export const ScriptPage = (props: ScriptProps) => (
  <Page title={scriptName(props.script)} current="scripts" kind="script" now={props.now}>
    <ScriptHead {...props} />
    <ScriptNotes script={props.script} />
    <Tabs {...props} />
    {props.tab === 'code' ? (
      <Code {...props} />
    ) : props.tab === 'parameters' ? (
      <ParametersTable params={props.params} source={props.script.schema_source} state={props.script.state} />
    ) : props.policy ? (
      <PolicyTab {...props.policy} />
    ) : props.variables ? (
      <VariablesPanel {...props.variables} />
    ) : (
      <RunTab {...props} />
    )}
  </Page>
)

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

const ScriptHead = ({ script, spark, tab }: ScriptProps) => (
  <>
    <div class="head">
      <Crumbs script={script} />
      <Runtime script={script} />
      <h1 safe>{scriptName(script)}</h1>
      <State state={script.state} />
      {script.description ? <p safe>{script.description}</p> : ''}
      {tab === 'run' ? (
        ''
      ) : (
        <div class="row push">
          <a class="button primary" href={`/scripts/${script.id}#run-form`}>
            <Icon name="play" />
            Run
          </a>
        </div>
      )}
    </div>
    <ul class="facts">
      <li>
        <Icon name="file" />
        <span class="mono" safe>
          {`${script.runtime}/${script.filename}`}
        </span>
      </li>
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

const ScriptNotes = ({ script }: { script: Script }) => (
  <>
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
        <form class="row" method="post" action={`/scripts/${script.id}/schema`}>
          <button class="small" type="submit" name="use" value="sidecar">
            Keep the sidecar
          </button>
          <button class="small" type="submit" name="use" value="script">
            Use the script’s
          </button>
        </form>
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

const Tabs = ({ script, tab, params, runCount }: ScriptProps) => (
  <nav class="tabs" aria-label="Script">
    <a href={`/scripts/${script.id}`} aria-current={tab === 'run' ? 'page' : undefined}>
      Run
    </a>
    <a href={`/scripts/${script.id}?tab=code`} aria-current={tab === 'code' ? 'page' : undefined}>
      Code
    </a>
    <a href={`/scripts/${script.id}?tab=parameters`} aria-current={tab === 'parameters' ? 'page' : undefined}>
      Parameters <span class="count">{params.length}</span>
    </a>
    <a href={`/scripts/${script.id}?tab=policy`} aria-current={tab === 'policy' ? 'page' : undefined}>
      Permissions
    </a>
    <a href={`/scripts/${script.id}?tab=variables`} aria-current={tab === 'variables' ? 'page' : undefined}>
      Variables
    </a>
    <a href={`/executions?script_id=${script.id}`}>
      History <span class="count">{count(runCount) as 'safe'}</span>
    </a>
  </nav>
)

const RunTab = (props: ScriptProps) => (
  <div class="split run">
    <RunForm {...props} />
    <div class="stack-4">
      <CallPanel {...props} />
      <Recent {...props} />
    </div>
  </div>
)

const languages: Record<CallLanguage, { word: string; language: Language; write: (call: Call) => string }> = {
  curl: { word: 'curl', language: 'shell', write: curlCall },
  python: { word: 'Python', language: 'python', write: pythonCall },
  javascript: { word: 'JavaScript', language: 'js', write: javascriptCall },
}

/** The three calls are all in the page; which one shows is in the address, and JavaScript switches without it. */
const CallPanel = ({ script, params, baseUrl, call }: ScriptProps) => {
  const url = `${baseUrl}/api/scripts/${script.slug}/run`
  return (
    <section class="panel" id="call" aria-label="Call it from elsewhere">
      <div class="bar">
        <span class="chip mono">POST</span>
        <code class="cut" id="call-url" safe>
          {url}
        </code>
        <CopyButton from="call-url" label="Copy the address" />
      </div>
      <div class="bar">
        <nav class="tabs" aria-label="Language" data-pick>
          {callLanguages.map((name) => (
            <a href={`?call=${name}#call`} data-pane={`call-${name}`} aria-current={name === call ? 'true' : undefined}>
              {languages[name].word as 'safe'}
            </a>
          ))}
        </nav>
        <a class="push muted" href="/scripts-swagger.html">
          <small>All endpoints</small>
        </a>
      </div>
      {callLanguages.map((name) => (
        <div class="code bare" id={`call-${name}`} hidden={name !== call}>
          <pre tabindex="0" id={`call-${name}-text`}>
            {highlight(languages[name].write({ url, params }), languages[name].language) as 'safe'}
          </pre>
          <CopyButton from={`call-${name}-text`} label={`Copy the ${languages[name].word} call`} />
        </div>
      ))}
    </section>
  )
}

const Code = ({ script, source }: ScriptProps) => (
  <section class="panel" aria-label="Source code">
    <div class="bar">
      <span class="mono cut" safe>
        {script.filename}
      </span>
      {source === null ? '' : <small class="muted">{size(Buffer.byteLength(source))}</small>}
      <span class="push" />
      {source === null ? '' : <CopyButton from="source" label="Copy the source" />}
    </div>
    {source === null ? (
      <p class="body muted">The file cannot be read.</p>
    ) : (
      <div class="code bare">
        <pre tabindex="0" id="source">
          {'\n'}
          {highlight(source, script.runtime === 'python' ? 'python' : 'js') as 'safe'}
        </pre>
      </div>
    )}
  </section>
)
