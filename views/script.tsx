import type { DependenciesView } from '../src/dependencies/view-model.ts'
import type { Run } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import { type Call, curlCall, javascriptCall, pythonCall } from './calls.ts'
import { CodeTab, type CodeTabProps } from './code.tsx'
import { DependenciesTab, type DependenciesTabProps } from './dependencies-tab.tsx'
import { type FormProps, RunForm } from './form.tsx'
import { highlight, type Language } from './highlight.ts'
import { Page } from './layout.tsx'
import { ParametersTable } from './parameters.tsx'
import { CopyButton, type SparkRun, scriptName } from './parts.tsx'
import { PolicyTab, type PolicyTabProps } from './policy.tsx'
import { Recent } from './recent.tsx'
import { type ScriptAccessProps, ScriptAccessTab } from './script-access.tsx'
import { ScriptHead, ScriptNotes, Tabs } from './script-head.tsx'
import { VariablesPanel, type VariablesProps } from './variables.tsx'
import { mayDo, type Viewed } from './viewer.ts'

export const scriptTabs = ['run', 'code', 'parameters', 'dependencies', 'policy', 'variables', 'access'] as const
/** Those in `scriptTabs` are `?tab=`, the others have addresses of their own. */
export type ScriptTab = (typeof scriptTabs)[number] | 'schedules' | 'notifications'
export const callLanguages = ['curl', 'python', 'javascript'] as const
export type CallLanguage = (typeof callLanguages)[number]

export interface ScriptProps extends FormProps, Viewed {
  script: Script
  tab: ScriptTab
  call: CallLanguage
  /** Read only for its own tab. */
  code?: CodeTabProps
  /** Read only for its own tab. */
  policy?: PolicyTabProps
  /** Read only for its own tab. */
  variables?: VariablesProps
  /** Read only for its own tab. */
  access?: ScriptAccessProps
  /** Read only for its own tab. */
  dependencies?: DependenciesTabProps
  /** How its schedules stand, for its head and its tabs. */
  scheduled: { total: number; missed: number; nextAt: string | null }
  /** What an address of its own shows below the tabs. */
  content?: JSX.Element
  /** What it declares, and how that stands. */
  packages: DependenciesView
  recent: Run[]
  spark: SparkRun[]
  runCount: number
  baseUrl: string
  now: number
}

export const ScriptPage = (props: ScriptProps) => (
  <Page title={scriptName(props.script)} current="scripts" kind="script" now={props.now} viewer={props.viewer}>
    <ScriptHead {...props} />
    <ScriptNotes {...props} />
    <Tabs {...props} />
    {props.content ? (
      (props.content as 'safe')
    ) : props.code ? (
      <CodeTab {...props.code} />
    ) : props.tab === 'parameters' ? (
      <ParametersTable params={props.params} source={props.script.schema_source} state={props.script.state} />
    ) : props.dependencies ? (
      <DependenciesTab {...props.dependencies} />
    ) : props.policy ? (
      <PolicyTab {...props.policy} />
    ) : props.variables ? (
      <VariablesPanel {...props.variables} />
    ) : props.access ? (
      <ScriptAccessTab {...props.access} />
    ) : (
      <RunTab {...props} />
    )}
  </Page>
)

const RunTab = (props: ScriptProps) => (
  <div class="split run">
    <RunForm {...props} readOnly={!mayDo(props.viewer, 'run', props.script)} />
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
const CallPanel = ({ script, params, baseUrl, call, viewer }: ScriptProps) => {
  const token = viewer?.kind === 'off' ? null : undefined
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
            {highlight(languages[name].write({ url, params, token }), languages[name].language) as 'safe'}
          </pre>
          <CopyButton from={`call-${name}-text`} label={`Copy the ${languages[name].word} call`} />
        </div>
      ))}
      {viewer?.kind === 'user' ? (
        <p class="body help">
          <code>TOKEN</code> is an API token; <a href="/account#tokens">your account</a> makes them.
        </p>
      ) : (
        ''
      )}
    </section>
  )
}
