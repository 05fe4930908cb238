/** What settings are called and mean in the language of the page. */
import { bytes, count } from '../public/js/format.js'
import type { OptionGroup } from '../src/options/options.ts'
import type { SettingInfo } from '../src/settings/settings.ts'
import { optionHelp } from './texts/zh/options.ts'
import { currentLanguage, type Language, say, type Text } from './texts.ts'

export const groupWords = {
  gateway: 'Gateway',
  access: 'Access',
  runs: 'Runs',
  isolation: 'Confinement',
  files: 'Files that come in',
  dependencies: 'Packages',
  storage: 'Storage and history',
  schedules: 'Schedules',
  notify: 'Notifications',
} satisfies Record<OptionGroup, Text>

const helps: Partial<Record<Language, Record<string, string>>> = { 'zh-CN': optionHelp }

/** What it does; plain text. */
export const helpOf = ({ name, help }: Pick<SettingInfo, 'name' | 'help'>): string =>
  helps[currentLanguage()]?.[name] ?? help

const units: [RegExp, Text][] = [
  [/_bytes(_|$)/, 'bytes'],
  [/_sec(_|$)/, 's'],
  [/_min$/, 'min'],
  [/_days$/, 'days'],
  [/_hours$/, 'hours'],
  [/^rate_limit_/, 'a minute'],
]

type Named = Pick<SettingInfo, 'name' | 'type'>

/** Of a number; null where it counts something, or is none. */
export const unitOf = ({ name, type }: Named): Text | null =>
  type === 'int' || type === 'float' ? (units.find(([pattern]) => pattern.test(name))?.[1] ?? null) : null

export const isBytes = (setting: Named) => unitOf(setting) === 'bytes'

/** A list is one value per line. */
export const valueText = (value: unknown): string => (Array.isArray(value) ? value.join('\n') : String(value ?? ''))

/** As one reads it: 2 GiB, Yes, `a, b`; plain text. */
export function valueWords(setting: Named, value: unknown): string {
  if (setting.type === 'bool') return value === true ? say('Yes') : say('No')
  if (isBytes(setting)) return bytes(Number(value))
  const text = Array.isArray(value) ? value.join(', ') : valueText(value)
  const unit = unitOf(setting)
  return text === '' ? say('empty') : unit ? `${text} ${say(unit)}` : text
}

/** "1 to 10,080"; null where there is no bound. */
export function rangeWords(setting: SettingInfo): string | null {
  const { min, max } = setting
  if (min === null || max === null) return null
  const shown = (n: number) => (isBytes(setting) ? bytes(n) : n < 1 ? String(n) : count(n))
  return say('{min} to {max}', { min: shown(min), max: shown(max) })
}

/** Whether it has all these words, in either language. */
export function isMatch(setting: SettingInfo, q: string): boolean {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const { name, env, help, group } = setting
  const text = `${name} ${env} ${help} ${helpOf(setting)} ${say(groupWords[group])}`.toLowerCase()
  return words.every((word) => text.includes(word))
}
