// Theme, dialogs, copying, panes, and times that go on.
import { ago, clock, until } from './format.js'
import { t } from './texts.js'

const themes = ['system', 'light', 'dark']

export function startUi() {
  document.addEventListener('click', onClick)
  document.addEventListener('submit', onSubmit)
  document.addEventListener('change', onChange)
  showTheme(document.documentElement.dataset.theme)
  setInterval(tick, 1000)
  showHere(document.querySelector('.top nav'))
  passFolds()
  document.querySelector('[autofocus]')?.focus()
  // What was refused, at its field if it has one.
  ;(document.querySelector('main [aria-invalid="true"]') ?? document.getElementById('form-message'))?.focus()
}

/** What is always open where there is room is no stop on the way by Tab there. */
function passFolds() {
  if (!CSS.supports('selector(::details-content)')) return
  const wide = matchMedia('(width >= 1000px)')
  const pass = () => {
    for (const head of document.querySelectorAll('.fold > summary')) head.tabIndex = wide.matches ? -1 : 0
  }
  pass()
  wide.addEventListener('change', pass)
}

/** On a phone the bar is wider than the page: what is open is in its middle. */
export function showHere(bar) {
  const open = bar?.querySelector('[aria-current]')
  if (open) bar.scrollLeft = open.offsetLeft - bar.offsetLeft - (bar.clientWidth - open.offsetWidth) / 2
}

function onClick(event) {
  const find = (selector) => event.target.closest?.(selector)
  const opener = find('[data-open]')
  if (opener) return document.getElementById(opener.dataset.open)?.showModal()
  const closer = find('[data-close]')
  if (closer) return closer.closest('dialog').close()
  if (find('[data-theme-switch]')) return nextTheme()
  const copier = find('[data-copy]')
  if (copier) return copy(copier)
  const pick = find('[data-pick] a')
  if (pick && !event.ctrlKey && !event.metaKey && !event.shiftKey) pickPane(pick, event)
}

// Theme

const nextTheme = () => setTheme(themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length])

export function setTheme(theme) {
  document.documentElement.dataset.theme = theme
  try {
    localStorage.setItem('theme', theme)
  } catch {
    // Not kept, then.
  }
  showTheme(theme)
}

function showTheme(theme) {
  for (const button of document.querySelectorAll('[data-theme-switch]')) {
    button.title = t(`Theme: ${theme}`)
    button.setAttribute('aria-label', button.title)
  }
}

// Copying

async function copy(button) {
  const source = document.getElementById(button.dataset.copy)
  const text = (source.content ?? source).textContent.trim()
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    copyBySelection(text)
  }
  toast(t('Copied'))
}

// Pages served over plain HTTP have no clipboard API.
function copyBySelection(text) {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'sr'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

const toastMs = 4000

/** `action`: `{ word, act }`, and `ms` for one that goes away by itself. */
export function toast(text, action) {
  const note = document.createElement('div')
  note.className = 'toast'
  note.append(text)
  if (action) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'quiet small'
    button.textContent = action.word
    button.addEventListener('click', () => {
      note.remove()
      action.act()
    })
    note.append(button)
  }
  document.getElementById('toasts').append(note)
  const ms = action ? action.ms : toastMs
  // It stays under the pointer, and while its button has the focus.
  const leave = () => (note.matches(':hover, :focus-within') ? setTimeout(leave, toastMs) : note.remove())
  if (ms) setTimeout(leave, ms)
}

// Panes: the server shows one of them by the address, here they switch in place.

function pickPane(link, event) {
  const nav = link.closest('[data-pick]')
  event.preventDefault()
  for (const other of nav.querySelectorAll('a')) {
    const isOpen = other === link
    isOpen ? other.setAttribute('aria-current', 'true') : other.removeAttribute('aria-current')
    const pane = document.getElementById(other.dataset.pane)
    if (pane) pane.hidden = !isOpen
  }
}

// Forms that ask first

function onSubmit(event) {
  const form = event.target
  if (!form.dataset.confirm || form.dataset.confirmed) return
  event.preventDefault()
  const dialog = document.getElementById('confirm')
  document.getElementById('h-confirm').textContent = form.dataset.confirm
  document.getElementById('confirm-text').textContent = form.dataset.confirmText
  document.getElementById('confirm-no').textContent = form.dataset.confirmNo
  const yes = document.getElementById('confirm-yes')
  yes.textContent = form.dataset.confirmYes
  yes.onclick = () => {
    dialog.close()
    if (form.dataset.stay !== undefined) return send(form)
    form.dataset.confirmed = 'yes'
    form.requestSubmit(event.submitter)
  }
  dialog.showModal()
}

/** The page stays where it is: what changes arrives by its event stream. */
async function send(form) {
  const button = form.querySelector('button')
  button?.setAttribute('aria-busy', 'true')
  const answer = await fetch(form.action, { method: 'POST' }).catch(() => null)
  if (!answer?.ok) toast(t('That did not work. The page may be out of date: load it again.'))
  button?.removeAttribute('aria-busy')
}

function onChange(event) {
  const form = event.target.closest?.('[data-autosubmit]')
  if (form) form.requestSubmit()
}

// Times

/** How far the server's clock is ahead of ours, in ms. */
const serverAheadMs = Number(document.documentElement.dataset.now ?? Date.now()) - Date.now()
export const serverNow = () => Date.now() + serverAheadMs

let ticks = 0

function tick() {
  for (const time of document.querySelectorAll('time[data-since]'))
    time.textContent = clock(serverNow() - Date.parse(time.dateTime))
  ticks += 1
  if (ticks % 10 === 0)
    for (const time of document.querySelectorAll('time[data-ago]'))
      time.textContent = ago(serverNow() - Date.parse(time.dateTime))
  for (const time of document.querySelectorAll('time[data-until]'))
    time.textContent = until(Date.parse(time.dateTime) - serverNow())
  showInTitle()
}

/** "1:24 running · name": what the tab says while the run goes on, and when it is over. */
function showInTitle() {
  const status = document.getElementById('run-status')
  if (!status) return
  const { statusName, started, finished } = status.dataset
  const elapsed = started && !finished ? `${clock(serverNow() - Date.parse(started))} ` : ''
  const rest = document.title.slice(document.title.indexOf(' · '))
  const title = `${elapsed}${statusName}${rest}`
  if (document.title !== title) document.title = title
}
