/** The settings page: what a posted form changes, and what is said when a value does not fit. */
import { SettingsPage, valueText } from '../../views/settings.tsx'
import { GatewayError } from '../errors.ts'
import type { SettingInfo, Settings } from '../settings/settings.ts'
import { html, seeOther } from './html.tsx'

type Own = Pick<Settings, 'list' | 'update'>

export const showSettings = (settings: Own, saved: boolean) =>
  html(<SettingsPage settings={settings.list()} values={{}} problems={[]} saved={saved} />)

/** 303 to the page when all values fit; 422 with the messages, and nothing changed, when one does not. */
export function saveSettings(settings: Own, posted: URLSearchParams): Response {
  try {
    settings.update(changesIn(settings.list(), posted))
    return seeOther('/settings?saved=1')
  } catch (error) {
    if (!(error instanceof GatewayError) || error.type !== 'validation') throw error
    const values = Object.fromEntries(posted)
    return html(<SettingsPage settings={settings.list()} values={values} problems={error.details} saved={false} />, {
      status: 422,
    })
  }
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
