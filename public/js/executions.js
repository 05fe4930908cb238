// The list of all runs beyond HTML: which runs are chosen, what is asked before they are acted on, and the fields of a time range.
import { t } from './texts.js'

const chosen = new Set()
let last = null
/** The answer to what was sent is where one reads on. */
let isSent = false

const boxes = () => [...document.querySelectorAll('#runs-body input[name=run]')]

export function start() {
  document.addEventListener('click', onClick)
  document.addEventListener('change', onChange)
  document.addEventListener('keydown', onKey)
  document.addEventListener('submit', onSubmit, true) // before the form is sent
  document.addEventListener('htmx:after:swap', show)
  // A browser brings back what was chosen before a reload.
  for (const box of boxes()) if (box.checked) chosen.add(box.value)
  showRange()
  show()
}

function onChange({ target }) {
  if (target.matches('[data-range]')) return showRange()
  if (target.matches('[data-pick-all]')) for (const box of boxes()) choose(box, target.checked)
  else if (target.matches('#runs-body input[name=run]')) choose(target, target.checked)
  else return
  show()
}

function choose(box, isChosen) {
  box.checked = isChosen
  isChosen ? chosen.add(box.value) : chosen.delete(box.value)
}

function onClick(event) {
  const box = event.target.closest?.('#runs-body input[name=run]')
  if (box) {
    const all = boxes()
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b)
    if (event.shiftKey && from >= 0) for (const one of all.slice(from, to + 1)) choose(one, box.checked)
    last = box
  }
  if (event.target.closest?.('[data-unpick]')) {
    for (const one of boxes()) choose(one, false)
    chosen.clear()
    show()
  }
}

/** Escape lets all go. */
function onKey(event) {
  if (event.key !== 'Escape' || chosen.size === 0 || document.querySelector('dialog[open]')) return
  if (!event.target.matches?.('input:not([type=checkbox]), textarea, select'))
    document.querySelector('[data-unpick]')?.click()
}

/** What swaps bring is chosen as it was; what is gone is not any more. */
function show() {
  if (isSent) document.getElementById('bulk-note')?.focus()
  isSent = false
  const all = boxes()
  for (const id of chosen) if (!document.getElementById(`pick-${id}`)) chosen.delete(id)
  for (const box of all) box.checked = chosen.has(box.value)
  const bar = document.getElementById('bulk')
  if (!bar) return
  bar.dataset.selected = chosen.size
  bar.querySelector('[data-selected-text]').textContent = t('{n} selected', { n: chosen.size })
  const whole = document.querySelector('[data-pick-all]')
  whole.checked = chosen.size > 0 && chosen.size === all.length
  whole.indeterminate = chosen.size > 0 && chosen.size < all.length
}

/** Asks where the button says so, and then sends the form as it is. */
function onSubmit(event) {
  const form = event.target
  const ask = event.submitter?.dataset
  if (!form.matches('#bulk')) return
  if (!ask?.askYes || form.dataset.confirmed) {
    isSent = true
    return event.submitter?.setAttribute('aria-busy', 'true')
  }
  event.preventDefault()
  event.stopPropagation()
  const dialog = document.getElementById('confirm')
  const texts = {
    'h-confirm': chosen.size === 1 ? ask.askOne : ask.askMany.replace('{n}', chosen.size),
    'confirm-text': ask.askText,
    'confirm-no': ask.askNo,
    'confirm-yes': ask.askYes,
  }
  for (const [id, text] of Object.entries(texts)) document.getElementById(id).textContent = text
  document.getElementById('confirm-yes').onclick = () => {
    dialog.close()
    const field = document.createElement('input')
    Object.assign(field, { type: 'hidden', name: 'confirmed', value: 'yes' })
    form.append(field)
    form.dataset.confirmed = 'yes'
    form.requestSubmit(event.submitter)
  }
  dialog.showModal()
}

/** Two moments are asked for only where they count. */
function showRange() {
  const between = document.getElementById('between')
  const isOpen = document.querySelector('[data-range]')?.value === 'between'
  between?.toggleAttribute('data-between', isOpen)
  for (const field of between?.querySelectorAll('input') ?? []) field.disabled = !isOpen
}
