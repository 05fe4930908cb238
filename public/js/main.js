// What the pages do beyond HTML. Every behaviour attaches by attribute; a page without JavaScript still works.
import Alpine from '../vendor/alpine.js'
import htmx from '../vendor/htmx.js'
import { startDashboard } from './dashboard.js'
import { startDoor } from './door.js'
import { startForms } from './form.js'
import { startKeyboard } from './keyboard.js'
import { startLive } from './live.js'
import { startSchedules } from './schedule.js'
import { loadTexts } from './texts.js'
import { startUi } from './ui.js'

/** What only the pages of a kind do. */
const own = {
  script: () => import('./script.js'),
  settings: () => import('./settings.js'),
  executions: () => import('./executions.js'),
  'gateway-log': () => import('./gateway-log.js'),
}

start()

/** Waits in here, not above: what is imported later takes modules from this file, and would wait for its end in turn. */
async function start() {
  await loadTexts()
  startUi()
  startKeyboard()
  startForms(Alpine)
  startDoor()
  // A seventh of all scripts, and only pages of runs and installations have one.
  if (document.querySelector('[x-data="log"]')) (await import('./log.js')).startLog(Alpine, htmx)
  startDashboard(htmx)
  startLive(htmx)
  startSchedules()
  const { page = '' } = document.body.dataset
  if (/^(dashboard|new-script)$/.test(page)) import('./new-script.js').then(({ startNewScript }) => startNewScript())
  Alpine.start()
  const code = document.getElementById('code-form')
  if (code) import('./editor/start.js').then(({ startEditor }) => startEditor(code))
  if (Object.hasOwn(own, page)) own[page]().then(({ start }) => start())
}
