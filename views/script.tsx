/** The page of one script: what it is, its tabs, and the one that is open. */
import type { DependenciesView } from '../src/dependencies/view-model.ts'
import type { Run } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import { CodeTab, type CodeTabProps } from './code.tsx'
import { type FormProps, RunForm } from './form.tsx'
import { Page } from './layout.tsx'
import { type SparkRun, scriptName } from './parts.tsx'
import { Recent } from './recent.tsx'
import { type CallLanguage, CallPanel } from './script-calls.tsx'
import { ScriptHead, ScriptNotes, Tabs } from './script-head.tsx'
import { isSettingsTab, SettingsNav } from './script-settings.tsx'
import { say, type Text } from './texts.ts'
import { mayDo, type Viewed } from './viewer.ts'

/** What `?tab=` may be. */
export const scriptTabs = [
  ...(['run', 'code', 'parameters', 'dependencies', 'history', 'settings', 'api'] as const),
  ...(['policy', 'variables', 'access'] as const),
]
/** Those in `scriptTabs` are `?tab=`, the others have addresses of their own. */
export type ScriptTab = (typeof scriptTabs)[number] | 'schedules' | 'notifications'

export interface ScriptProps extends FormProps, Viewed {
  script: Script
  tab: ScriptTab
  call?: CallLanguage
  /** Read only for its own tab. */
  code?: CodeTabProps
  /** How its schedules stand, for its head and its tabs. */
  scheduled: { total: number; missed: number; nextAt: string | null }
  /** What stands below the tabs; left out for the tabs Run and Code. */
  content?: JSX.Element
  /** What it declares, and how that stands. */
  packages: DependenciesView
  recent: Run[]
  spark: SparkRun[]
  baseUrl: string
  now: number
}

const tabWords = {
  ...{
    code: 'Code',
    parameters: 'Parameters',
    dependencies: 'Dependencies',
    schedules: 'Schedules',
    history: 'History',
  },
  ...{ settings: 'Settings', policy: 'Limits and permissions', variables: 'Variables', notifications: 'Notifications' },
  ...{ access: 'Access', api: 'API' },
} as const satisfies Record<Exclude<ScriptTab, 'run'>, Text>

/** Tells the tabs of one script apart where a browser lists them. */
const titleOf = ({ script, tab }: ScriptProps) =>
  tab === 'run' ? scriptName(script) : `${say(tabWords[tab])} · ${scriptName(script)}`

export const ScriptPage = (props: ScriptProps) => (
  <Page title={titleOf(props)} current="scripts" kind="script" now={props.now} viewer={props.viewer}>
    <ScriptHead {...props} />
    <ScriptNotes {...props} />
    <Tabs {...props} />
    {isSettingsTab(props.tab) ? <SettingsNav {...props} /> : ''}
    {props.content ? (props.content as 'safe') : props.code ? <CodeTab {...props.code} /> : <RunTab {...props} />}
  </Page>
)

const RunTab = (props: ScriptProps) => (
  <div class="split run">
    <RunForm {...props} readOnly={!mayDo(props.viewer, 'run', props.script)} />
    <div class="stack-4">
      <CallPanel {...props} isBrief />
      <Recent {...props} mayRun={mayDo(props.viewer, 'run', props.script)} />
    </div>
  </div>
)
