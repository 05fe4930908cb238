// Single keys, at rest while one types.

export function startKeyboard() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey) return onControl(event)
    if (event.altKey || isTyping(event.target)) return onTyping(event)
    if (document.querySelector('dialog[open], :popover-open')) return
    const act = actions[event.key]
    if (act?.(event)) event.preventDefault()
  })
  document.addEventListener('click', (event) => event.target.closest?.('[data-go]') && openGo())
  // What comes from the server knows nothing of the row that one is at.
  document.addEventListener('htmx:after:swap', () => mark(document.getElementById(chosen)))
  keepPlace()
  document.addEventListener('focusin', ({ target }) => {
    const row = target.closest?.('tbody tr[id]')
    if (row?.querySelector('[data-open-row]')) mark(row)
  })
}

/** Where the server takes away what has the focus, such as Stop when a run ends, one goes on at the head of the page. */
function keepPlace() {
  let held = null
  document.addEventListener('htmx:before:swap', () => {
    held = document.activeElement
  })
  document.addEventListener('htmx:after:swap', () =>
    setTimeout(() => {
      if (!held || held.isConnected || document.activeElement !== document.body) return
      const head = document.querySelector('main h1')
      head?.setAttribute('tabindex', '-1')
      head?.focus({ preventScroll: true })
    }),
  )
}

const isTyping = (target) =>
  target.matches?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]')

/** Escape leaves the search, and clears it before that; arrows lead from it to what was found. */
function onTyping(event) {
  if (!event.target.matches?.('[data-search]')) return
  if (event.key === 'Escape' && event.target.value === '') event.target.blur()
  else if (event.key === 'ArrowDown' && rows().length > 0) {
    event.preventDefault()
    reach(rows()[0])
  }
}

function onControl(event) {
  if (event.key.toLowerCase() === 'k' && !event.shiftKey && document.getElementById('go')) {
    event.preventDefault()
    return openGo()
  }
  const form = document.querySelector('[data-run-form]')
  if (event.key !== 'Enter' || !form || document.querySelector('dialog[open]')) return
  event.preventDefault()
  form.requestSubmit()
}

const openGo = () => import('./go.js').then((go) => go.openGo())

const press = (selector) => () => {
  const found = selected()?.querySelector(selector)
  found?.click()
  return Boolean(found)
}

const actions = {
  '/': () => {
    const box = document.querySelector('main [data-search]')
    box?.select()
    return box !== null
  },
  '?': () => {
    document.getElementById('keys')?.showModal()
    return true
  },
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: (event) => isInTable(event) && move(1),
  ArrowUp: (event) => isInTable(event) && move(-1),
  Escape: () => {
    const clear =
      document.querySelector('tbody input:checked') && document.querySelector('#bulk :is([type=reset], [data-unpick])')
    clear?.click()
    return Boolean(clear)
  },
  r: press('[data-run-row]'),
  e: press('[data-edit-row]'),
  x: press('td input[type=checkbox]'),
}

/** The id of the row that one is at. */
let chosen = ''

const rows = () => [...document.querySelectorAll('tbody tr')].filter((row) => row.querySelector('[data-open-row]'))
const selected = () => document.querySelector('tbody tr[aria-selected="true"]')
/** Arrows scroll the page until a row has been chosen. */
const isInTable = (event) => selected() !== null || event.target.closest?.('tbody') !== null

function move(by) {
  const all = rows()
  if (all.length === 0) return false
  const at = all.indexOf(selected())
  reach(all[Math.min(all.length - 1, Math.max(0, at === -1 ? 0 : at + by))])
  return true
}

function reach(row) {
  mark(row)
  row.querySelector('[data-open-row]').focus({ preventScroll: true })
  row.scrollIntoView({ block: 'nearest' })
}

function mark(row) {
  if (!row) return
  if (selected() !== row) selected()?.removeAttribute('aria-selected')
  chosen = row.id
  row.setAttribute('aria-selected', 'true')
}
