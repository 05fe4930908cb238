/** What one can go to, or do, from any page: scripts, pages, a run by its number, acts. Only what the visitor may. */
import { type GoGroup, type GoItem, GoList } from '../../views/go.tsx'
import { scriptName, statusWord } from '../../views/parts.tsx'
import { helpOf } from '../../views/settings-words.ts'
import { say, type Text } from '../../views/texts.ts'
import { isAtLeast, mayDo, type Viewer } from '../../views/viewer.ts'
import type { Script } from '../scripts/model.ts'
import { textOf } from './dashboard.ts'
import type { PageDeps } from './deps.ts'
import { html } from './html.tsx'

const scriptsMax = 8
const runnableMax = 3
const settingsMax = 6
const recentMax = 6

/** `q`: what was typed; `recent`: keys of what was chosen lately, the newest first. */
export function showGo(deps: PageDeps, search: URLSearchParams): Response {
  const q = (search.get('q') ?? '').slice(0, 200).trim().toLowerCase()
  const groups = q === '' ? atFirst(deps, (search.get('recent') ?? '').slice(0, 1000)) : found(deps, q)
  return html(<GoList groups={groups} />)
}

function atFirst(deps: PageDeps, recent: string): GoGroup[] {
  const keys = [...new Set(recent.split(','))].slice(0, recentMax)
  const { viewer } = deps
  const items = keys.flatMap((key) => itemOf(deps, key) ?? [])
  const isElsewhere = ({ key }: GoItem) => !items.some((one) => one.key === key)
  return [
    { title: say('Lately'), items },
    { title: say('Pages|places'), items: pagesFor(viewer).filter(isElsewhere) },
    { title: say('Do'), items: actsFor(viewer).filter(isElsewhere) },
  ]
}

/** What a key stands for; null: nothing that there is, or that the visitor may see. */
function itemOf(deps: PageDeps, key: string): GoItem | null {
  const id = /^(script|run|start)-(\d{1,15})$/.exec(key)
  if (id?.[1] === 'run') return runItem(deps, Number(id[2]))
  if (id) {
    const script = deps.scripts.find(id[2]!)?.script
    if (!script) return null
    return id[1] === 'script' ? scriptItem(script) : mayStart(deps.viewer, script) ? startItem(script) : null
  }
  const all = [...pagesFor(deps.viewer), ...actsFor(deps.viewer), ...settingsFor(deps)]
  return all.find((item) => item.key === key) ?? null
}

function found(deps: PageDeps, q: string): GoGroup[] {
  const words = q.split(/\s+/)
  const number = /^#?(\d{1,15})$/.exec(q.replaceAll(',', ''))
  const run = number && runItem(deps, Number(number[1]))
  const scripts = deps.scripts.list()
  const [starting, ...rest] = [...words]
  const isStart = rest.length > 0 && (starting === 'run' || starting === say('Run|verb'))
  const matching = best(scripts, words)
  const toStart = (isStart ? best(scripts, rest) : matching.slice(0, runnableMax)).filter((script) =>
    mayStart(deps.viewer, script),
  )
  const fits = (item: GoItem) => {
    const text = `${item.label} ${item.hint ?? ''} ${item.key}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const starts = { title: say('Do'), items: [...toStart.map(startItem), ...actsFor(deps.viewer).filter(fits)] }
  const rows = { title: say('Scripts'), items: matching.map(scriptItem) }
  return [
    ...(run ? [{ title: say('Runs'), items: [run] }] : []),
    ...(isStart ? [starts, rows] : [rows]),
    { title: say('Pages|places'), items: pagesFor(deps.viewer).filter(fits) },
    ...(isStart ? [] : [starts]),
    { title: say('Settings'), items: settingsFor(deps, words).slice(0, settingsMax) },
  ]
}

/** Those that have every word; first the ones whose name begins with what was typed, then by when they ran last. */
function best(scripts: Script[], words: string[]): Script[] {
  const rank = (script: Script): number => {
    const name = scriptName(script).toLowerCase()
    if (name === words.join(' ') || name === words.join('-')) return 0
    return name.startsWith(words[0]!) ? 1 : words.every((word) => name.includes(word)) ? 2 : 3
  }
  return scripts
    .filter((script) => {
      const text = textOf(script)
      return words.every((word) => text.includes(word))
    })
    .map((script) => ({ script, rank: rank(script), last: script.last_run?.id ?? 0 }))
    .sort((a, b) => a.rank - b.rank || b.last - a.last || a.script.id - b.script.id)
    .slice(0, scriptsMax)
    .map(({ script }) => script)
}

const scriptItem = (script: Script): GoItem => ({
  ...{ key: `script-${script.id}`, icon: 'code', label: scriptName(script), href: `/scripts/${script.id}` },
  hint: script.description || script.filename,
})

const mayStart = (viewer: Viewer | null, script: Script) => script.state === 'active' && mayDo(viewer, 'run', script)

/** At once what needs no values; of the others the form. */
function startItem(script: Script): GoItem {
  const takesValues = Object.keys(script.params).length > 0
  return {
    ...{ key: `start-${script.id}`, icon: 'play', label: say('Run {name}', { name: scriptName(script) }) },
    href: `/scripts/${script.id}#run-form`,
    ...(takesValues ? { hint: say('Opens its form') } : { post: `/scripts/${script.id}/execute` }),
  }
}

function runItem(deps: PageDeps, id: number): GoItem | null {
  const run = deps.runs.get(id)
  if (!run) return null
  const script = deps.scripts.find(String(run.script_id))?.script
  return {
    ...{ key: `run-${id}`, icon: run.status, label: say('Run #{n}', { n: id }), href: `/executions/${id}` },
    hint: `${script ? scriptName(script) : ''} · ${statusWord(run.status)}`,
  }
}

interface Known {
  key: string
  icon: string
  word: Text
  isFor?(viewer: Viewer | null): boolean
}

const isAdmin = (viewer: Viewer | null) => isAtLeast(viewer, 'admin')
const isEditor = (viewer: Viewer | null) => isAtLeast(viewer, 'editor')
const isPerson = (viewer: Viewer | null) => viewer?.kind === 'user'

/** By their addresses. */
const pages: Known[] = [
  { key: '/', icon: 'code', word: 'Scripts' },
  { key: '/executions', icon: 'history', word: 'Executions' },
  { key: '/schedules', icon: 'clock', word: 'Schedules' },
  { key: '/schedules?view=calendar', icon: 'calendar', word: 'Calendar of schedules' },
  { key: '/dependencies', icon: 'box', word: 'Dependencies' },
  { key: '/templates', icon: 'files', word: 'Templates' },
  { key: '/notifications', icon: 'bell', word: 'Notifications', isFor: isAdmin },
  { key: '/settings', icon: 'sliders', word: 'Settings', isFor: isAdmin },
  { key: '/settings/log', icon: 'terminal', word: 'Gateway log', isFor: isAdmin },
  { key: '/users', icon: 'user', word: 'Users', isFor: isAdmin },
  { key: '/audit', icon: 'history', word: 'Audit log', isFor: isAdmin },
  { key: '/settings#backup', icon: 'box', word: 'Backup', isFor: isAdmin },
  { key: '/account', icon: 'key', word: 'Account and tokens', isFor: isPerson },
  { key: '/scripts-swagger.html', icon: 'terminal', word: 'API of the scripts' },
  { key: '/swagger', icon: 'terminal', word: 'API of the gateway' },
]

const pagesFor = (viewer: Viewer | null): GoItem[] =>
  pages
    .filter(({ isFor }) => isFor?.(viewer) ?? true)
    .map(({ key, icon, word }) => ({ key, icon, label: say(word), href: key }))

const acts: (Known & Pick<GoItem, 'href' | 'post' | 'act'>)[] = [
  { key: 'new', icon: 'plus', word: 'New script', href: '/scripts/new', isFor: isEditor },
  { key: 'upload', icon: 'upload', word: 'Upload files', href: '/scripts/new?from=upload', isFor: isEditor },
  { key: 'import', icon: 'upload', word: 'Import', href: '/import', isFor: isEditor },
  { key: 'light', icon: 'theme', word: 'Theme: light', href: '/', act: 'theme:light' },
  { key: 'dark', icon: 'theme', word: 'Theme: dark', href: '/', act: 'theme:dark' },
  { key: 'system', icon: 'theme', word: 'Theme: system', href: '/', act: 'theme:system' },
  { key: 'keys', icon: 'info', word: 'Keyboard shortcuts', href: '/', act: 'open:keys' },
  {
    ...{ key: 'sign-out', icon: 'right', word: 'Sign out', href: '/account', post: '/sign-out' },
    isFor: (viewer) => viewer !== null && viewer.sessionId !== null,
  },
]

const actsFor = (viewer: Viewer | null): GoItem[] =>
  acts
    .filter(({ isFor }) => isFor?.(viewer) ?? true)
    .map(({ key, icon, word, href, post, act }) => ({ key, icon, label: say(word), href, post, act }))

/** Those with all the words: in their names, as in the environment and the documentation, and in what they do, in either language. */
function settingsFor({ viewer, settings }: PageDeps, words: string[] = []): GoItem[] {
  if (!isAdmin(viewer)) return []
  const has = (text: string) => words.every((word) => text.toLowerCase().includes(word))
  return settings
    .list()
    .filter((setting) => has(`setting-${setting.name} ${setting.help} ${helpOf(setting)}`))
    .map((setting) => ({
      ...{ key: `setting-${setting.name}`, icon: 'sliders', label: setting.name.toUpperCase() },
      ...{ href: `/settings#${setting.name}`, hint: helpOf(setting) },
    }))
}
