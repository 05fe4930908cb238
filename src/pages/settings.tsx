/** The settings page: what a posted form changes, what is said when a value does not fit, and taking a change back. */
import { type SavedSettings, SettingsPage, type SettingsProps } from '../../views/settings.tsx'
import { valueText, valueWords } from '../../views/settings-words.ts'
import { StoragePage } from '../../views/storage.tsx'
import { say } from '../../views/texts.ts'
import type { Viewer } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import type { HostReport } from '../host.ts'
import { hasLogin, maskLogin } from '../options/login.ts'
import type { Retention } from '../retention/retention.ts'
import type { SettingInfo, Settings } from '../settings/settings.ts'
import { globalScope } from '../variables/model.ts'
import { html, seeOther } from './html.tsx'
import type { Changes, UndoableChange } from './settings-undo.ts'
import { type PageVariables, saveVariable, variablesProps } from './variables.tsx'

interface Deps {
  viewer: Viewer | null
  settings: Pick<Settings, 'list' | 'update' | 'get'>
  variables: PageVariables
  storage: Pick<Retention, 'status' | 'clean'>
  host(): HostReport
}

type Said = Partial<Pick<SettingsProps, 'values' | 'problems' | 'saved' | 'message' | 'q'>>

/** What the page shows in any case; what a form was refused for is said on top of it. */
const baseProps = ({ settings, viewer }: Deps, said: Said) => ({
  ...{ settings: settings.list(), viewer, values: {}, problems: [], saved: null, message: null, q: '' },
  ...said,
})

export function showSettings(deps: Deps, search: URLSearchParams, changes: Changes, now: number): Response {
  const { variables, host } = deps
  const shown = variablesProps(variables, { scope: globalScope, saved: search.get('saved') === 'variables', now })
  const said = { saved: savedBy(changes, search.get('saved')), q: (search.get('q') ?? '').trim().slice(0, 100) }
  return html(<SettingsPage {...baseProps(deps, said)} variables={shown} host={host()} />)
}

/** As the address names it; one that is not known any more has nothing to tell. */
function savedBy(changes: Changes, token: string | null): SavedSettings | null {
  const change = token === null ? undefined : changes.get(token)
  return change && token ? { changes: change.told, undo: token } : null
}

/** 303 to the page, which says so; what is refused comes back as it was typed, secrets aside. */
export function postGlobalVariable(deps: Deps, form: URLSearchParams, now: number): Response {
  const refused = saveVariable(deps.variables, globalScope, form)
  if (!refused) return seeOther('/settings?saved=variables#variables')
  const shown = variablesProps(deps.variables, { scope: globalScope, refused, now })
  return html(<SettingsPage {...baseProps(deps, {})} variables={shown} />, { status: refused.status })
}

/** 303 to the page when all values fit; 422 with the messages, and nothing changed, when one does not. */
export function saveSettings(deps: Deps, posted: URLSearchParams, changes: Changes, now: number): Response {
  const refuse = (status: number, said: Said) => {
    const shown = variablesProps(deps.variables, { scope: globalScope, now })
    return html(<SettingsPage {...baseProps(deps, said)} variables={shown} />, { status })
  }
  const token = posted.get('undo')
  const wanted = token === null ? changesIn(deps.settings.list(), posted) : wayBack(deps, changes.get(token))
  if (wanted === null)
    return refuse(409, {
      message: say('It was changed again meanwhile, or the gateway started anew: change it by hand.'),
    })
  if (Object.keys(wanted).length === 0) return seeOther('/settings')
  try {
    return seeOther(`/settings?saved=${changes.keep(change(deps, wanted))}`)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.type !== 'validation') throw error
    const values = Object.fromEntries(
      [...posted].map(([name, text]) => [name, hasLogin(text) ? maskLogin(text) : text]),
    )
    return refuse(422, { values, problems: error.details })
  }
}

/** Changes them, and answers how they were: as they were stored, which may be more than is shown. */
function change({ settings }: Deps, wanted: Record<string, unknown>): UndoableChange {
  const before = settings.list().filter(({ name }) => Object.hasOwn(wanted, name))
  const back = Object.fromEntries(
    before.map(({ name, source }) => [name, source === 'database' ? settings.get(name) : null]),
  )
  const after = new Map(settings.update(wanted).map((setting) => [setting.name, setting]))
  return {
    back,
    made: before.map(({ name }) => [name, valueText(after.get(name)!.value)]),
    told: before.map((setting) => ({
      name: setting.name,
      from: valueWords(setting, setting.value),
      to: valueWords(setting, after.get(setting.name)!.value),
    })),
  }
}

/** null where somebody has changed one of them since. */
function wayBack({ settings }: Deps, made: UndoableChange | undefined): Record<string, unknown> | null {
  const now = new Map(settings.list().map(({ name, value }) => [name, valueText(value)]))
  return made?.made.every(([name, value]) => now.get(name) === value) ? made.back : null
}

export const showStorage = async ({ storage, viewer }: Deps, now: number): Promise<Response> =>
  html(<StoragePage status={await storage.status()} now={now} viewer={viewer} />)

/** What is done by then is on the page; what takes longer goes on, and the page says so. */
const cleanUpWaitMs = 2000

export async function cleanUp({ storage }: Deps): Promise<Response> {
  await Promise.race([storage.clean(), Bun.sleep(cleanUpWaitMs)])
  return seeOther('/settings/storage')
}

/** Only what differs: a value that stays must not move from the environment into the database. */
function changesIn(settings: SettingInfo[], posted: URLSearchParams): Record<string, unknown> {
  const changes: Record<string, unknown> = {}
  for (const { name, value } of settings) {
    const text = posted.get(name)?.replaceAll('\r\n', '\n').trim()
    if (posted.get(`reset:${name}`) === '1') changes[name] = null
    else if (text !== undefined && text !== valueText(value)) changes[name] = text
  }
  return changes
}
