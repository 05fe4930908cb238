/** The settings page: what a posted form changes, and what is said when a value does not fit. */
import { SettingsPage, valueText } from '../../views/settings.tsx'
import type { Viewer } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import type { HostReport } from '../host.ts'
import { hasLogin, maskLogin } from '../options/login.ts'
import type { Retention } from '../retention/retention.ts'
import type { SettingInfo, Settings } from '../settings/settings.ts'
import { globalScope } from '../variables/model.ts'
import { html, seeOther } from './html.tsx'
import { type PageVariables, saveVariable, variablesProps } from './variables.tsx'

type Own = Pick<Settings, 'list' | 'update'>

interface Deps {
  viewer: Viewer | null
  settings: Own
  variables: PageVariables
  storage: Pick<Retention, 'status' | 'clean'>
  host(): HostReport
}

export async function showSettings(
  { settings, variables, storage, host, viewer }: Deps,
  search: URLSearchParams,
  now: number,
) {
  const shown = variablesProps(variables, { scope: globalScope, saved: search.get('saved') === 'variables', now })
  const page = { settings: settings.list(), values: {}, problems: [], saved: search.get('saved') === '1' }
  return html(
    <SettingsPage {...page} viewer={viewer} variables={shown} host={host()} storage={await storage.status()} />,
  )
}

/** 303 to the page, which says so; what is refused comes back as it was typed, secrets aside. */
export function postGlobalVariable(
  { settings, variables, viewer }: Deps,
  form: URLSearchParams,
  now: number,
): Response {
  const refused = saveVariable(variables, globalScope, form)
  if (!refused) return seeOther('/settings?saved=variables#variables')
  const shown = variablesProps(variables, { scope: globalScope, refused, now })
  const page = { settings: settings.list(), values: {}, problems: [], saved: false, variables: shown, viewer }
  return html(<SettingsPage {...page} />, {
    status: refused.status,
  })
}

/** 303 to the page when all values fit; 422 with the messages, and nothing changed, when one does not. */
export function saveSettings({ settings, variables, viewer }: Deps, posted: URLSearchParams, now: number): Response {
  try {
    settings.update(changesIn(settings.list(), posted))
    return seeOther('/settings?saved=1')
  } catch (error) {
    if (!(error instanceof GatewayError) || error.type !== 'validation') throw error
    const values = Object.fromEntries(
      [...posted].map(([name, text]) => [name, hasLogin(text) ? maskLogin(text) : text]),
    )
    const shown = variablesProps(variables, { scope: globalScope, now })
    const page = { settings: settings.list(), values, problems: error.details, saved: false, variables: shown, viewer }
    return html(<SettingsPage {...page} />, { status: 422 })
  }
}

/** What is done by then is on the page; what takes longer goes on, and the page says so. */
const cleanUpWaitMs = 2000

export async function cleanUp({ storage }: Deps): Promise<Response> {
  await Promise.race([storage.clean(), Bun.sleep(cleanUpWaitMs)])
  return seeOther('/settings#storage')
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
