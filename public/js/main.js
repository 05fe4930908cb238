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
if (/^(dashboard|new-script)$/.test(document.body.dataset.page ?? ''))
  import('./new-script.js').then(({ startNewScript }) => startNewScript())
Alpine.start()
const code = document.getElementById('code-form')
if (code) import('./editor/start.js').then(({ startEditor }) => startEditor(code))
const own = {
  script: './script.js',
  settings: './settings.js',
  executions: './executions.js',
  'gateway-log': './gateway-log.js',
}[document.body.dataset.page]
if (own) import(own).then(({ start }) => start())
