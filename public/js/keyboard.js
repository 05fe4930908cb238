// Single keys, at rest while one types.

export function startKeyboard() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey) return onControl(event)
    if (event.altKey || isTyping(event.target)) return
    if (document.querySelector('dialog[open]')) return
    const act = actions[event.key]
    if (act?.(event)) event.preventDefault()
  })
}

const isTyping = (target) =>
  target.matches?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]')

function onControl(event) {
  const form = document.querySelector('[data-run-form]')
  if (event.key !== 'Enter' || !form) return
  event.preventDefault()
  form.requestSubmit()
}

const actions = {
  '/': () => {
    const box = document.querySelector('main [data-search]')
    box?.focus()
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
  r: () => {
    const button = selected()?.querySelector('[data-run-row]')
    button?.click()
    return Boolean(button)
  },
}

const rows = () => [...document.querySelectorAll('tbody tr')].filter((row) => row.querySelector('[data-open-row]'))
const selected = () => document.querySelector('tbody tr[aria-selected="true"]')
/** Arrows scroll the page until a row has been chosen. */
const isInTable = (event) => selected() !== null || event.target.closest?.('tbody') !== null

function move(by) {
  const all = rows()
  if (all.length === 0) return false
  const at = all.indexOf(selected())
  const next = all[Math.min(all.length - 1, Math.max(0, at === -1 ? 0 : at + by))]
  selected()?.removeAttribute('aria-selected')
  next.setAttribute('aria-selected', 'true')
  const link = next.querySelector('[data-open-row]')
  link.focus({ preventScroll: true })
  next.scrollIntoView({ block: 'nearest' })
  return true
}
