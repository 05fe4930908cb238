// The table of scripts beyond HTML: what is chosen, menus of rows, acts that leave the page where it is, more rows as one scrolls.
import { at } from './base.js'
import { plural, t } from './texts.js'
import { toast } from './ui.js'

/** How far below what is seen rows are fetched. */
const aheadPx = 900
const undoMs = 12_000

export function startDashboard(htmx) {
  if (document.body.dataset.page !== 'dashboard') return
  const rows = new Rows(htmx)
  document.addEventListener('submit', (event) => event.target.dataset.act !== undefined && onSubmit(event, rows))
  document.addEventListener('click', onClick)
  document.addEventListener('change', countChosen)
  document.addEventListener('reset', () => setTimeout(countChosen))
  document.addEventListener('keydown', onMenuKey)
  document.addEventListener('htmx:after:swap', () => {
    countChosen()
    rows.watch()
  })
  countChosen()
  rows.watch()
}

class Rows {
  #htmx
  #seen = new IntersectionObserver(
    (entries) =>
      entries.some((entry) => entry.isIntersecting) && document.querySelector('[data-more-scripts]')?.click(),
    { rootMargin: `0px 0px ${aheadPx}px` },
  )
  #watched = null

  constructor(htmx) {
    this.#htmx = htmx
  }

  /** The row that leads to more. */
  watch() {
    const more = document.getElementById('more-scripts')
    if (more === this.#watched) return
    this.#seen.disconnect()
    this.#watched = more
    if (more) this.#seen.observe(more)
  }

  /** There are other rows. */
  reload() {
    document.getElementById('filters')?.requestSubmit()
  }

  refresh(ids) {
    keepFocus(ids)
    const search = new URLSearchParams(location.search)
    search.set('ids', ids.filter((id) => document.getElementById(`script-${id}`)).join(','))
    return this.#htmx.ajax('GET', at(`/fragments/live?${search}`), { target: '#rail', swap: 'none' })
  }
}

/** A row that goes gives the focus to the next one. */
function keepFocus(ids) {
  const row = document.activeElement?.closest?.('#script-rows tr') ?? document.querySelector('tr[aria-selected="true"]')
  if (!row || !ids.some((id) => row.id === `script-${id}`)) return
  const next = row.nextElementSibling ?? row.previousElementSibling
  document.addEventListener(
    'htmx:after:swap',
    () => row.isConnected || next?.querySelector('[data-open-row]')?.focus({ preventScroll: true }),
    { once: true },
  )
}

// What is chosen

const boxes = () => [...document.querySelectorAll('#script-rows input[type=checkbox]')]
let lastBox = null

function countChosen() {
  const all = boxes()
  const chosen = all.filter((box) => box.checked).length
  const count = document.querySelector('[data-bulk-count]')
  if (count) count.textContent = plural(chosen, '1 selected', '{n} selected')
  const every = document.querySelector('[data-select-all]')
  if (!every) return
  every.checked = chosen > 0 && chosen === all.length
  every.indeterminate = chosen > 0 && chosen < all.length
}

function onClick(event) {
  const find = (selector) => event.target.closest?.(selector)
  const menu = find('[data-row-menu]')
  if (menu && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault()
    return openMenu(menu)
  }
  const switcher = find('[data-selecting]')
  if (switcher) {
    const isOn = document.body.toggleAttribute('data-choosing')
    switcher.setAttribute('aria-pressed', String(isOn))
    if (!isOn) document.getElementById('bulk')?.reset()
    return
  }
  const every = find('[data-select-all]')
  if (every) {
    for (const box of boxes()) box.checked = every.checked
    return countChosen()
  }
  const box = find('#script-rows input[type=checkbox]')
  if (!box) return
  // With Shift, all between this one and the one before it.
  const all = boxes()
  const [from, to] = [all.indexOf(lastBox), all.indexOf(box)].sort((a, b) => a - b)
  if (event.shiftKey && from >= 0) for (const one of all.slice(from, to)) one.checked = box.checked
  lastBox = box
  countChosen()
}

// Menus of rows

async function openMenu(opener) {
  const menu = document.getElementById('row-menu')
  opener.setAttribute('aria-busy', 'true')
  const answer = await fetch(at(`/fragments/scripts/${opener.dataset.rowMenu}/menu`)).catch(() => null)
  opener.removeAttribute('aria-busy')
  if (!answer?.ok) return location.assign(opener.href)
  menu.innerHTML = await answer.text()
  menu.showPopover({ source: opener })
  place(menu, opener)
  menu.querySelector('a, button')?.focus()
}

/** Where the browser cannot hang it on its opener itself. */
function place(menu, opener) {
  if (CSS.supports('position-area: block-end')) return
  const { right, bottom } = opener.getBoundingClientRect()
  menu.style.setProperty('top', `${Math.min(bottom, innerHeight - menu.offsetHeight - 8)}px`)
  menu.style.setProperty('left', `${Math.max(8, right - menu.offsetWidth)}px`)
}

function onMenuKey(event) {
  const menu = event.target.closest?.('#row-menu')
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!menu || !by) return
  event.preventDefault()
  const items = [...menu.querySelectorAll('a, button')]
  items[(items.indexOf(document.activeElement) + by + items.length) % items.length].focus()
}

// Acts

async function onSubmit(event, rows) {
  event.preventDefault()
  const { target: form, submitter } = event
  const fields = new URLSearchParams(new FormData(form, submitter))
  document.querySelector('.menu:popover-open')?.hidePopover()
  if (submitter?.dataset.ask && !(await isAgreed(submitter.dataset.ask, fields))) return
  if (submitter?.dataset.ask) fields.set('act', 'delete')
  const answer = await act(form.getAttribute('action'), fields, submitter, rows)
  // Not its id: the boxes are called so.
  if (answer?.refused.length === 0 && form.matches('#bulk')) form.reset()
}

/** Asks first, with what would go. */
async function isAgreed(address, fields) {
  const answer = await fetch(`${at(address)}?${fields}`, { headers: { accept: 'application/json' } }).catch(() => null)
  if (!answer?.ok) return showRefused([{ name: t('That did not work.'), message: await messageOf(answer) }])
  const asked = await answer.json()
  const dialog = document.getElementById('confirm')
  const [yes, no] = ['confirm-yes', 'confirm-no'].map((id) => document.getElementById(id))
  document.getElementById('h-confirm').textContent = asked.title
  document.getElementById('confirm-text').textContent = asked.text
  yes.textContent = asked.yes
  no.textContent = asked.no
  dialog.showModal()
  no.focus()
  return new Promise((resolve) => {
    yes.onclick = () => {
      resolve(true)
      dialog.close()
    }
    dialog.addEventListener('close', () => resolve(false), { once: true })
  })
}

/** `address`: as a form has it, with the base path. */
async function act(address, fields, button, rows) {
  button?.setAttribute('aria-busy', 'true')
  const init = { method: 'POST', headers: { accept: 'application/json' }, body: fields }
  const answer = await fetch(address, init).catch(() => null)
  button?.removeAttribute('aria-busy')
  if (!answer?.ok) return showRefused([{ name: t('That did not work.'), message: await messageOf(answer) }])
  const done = await answer.json()
  showRefused(done.refused)
  if (done.isBack) rows.reload()
  else if (done.ids.length > 0) rows.refresh(done.ids)
  if (done.said) toast(done.said, done.undo && undoOf(done.undo, rows))
  return done
}

const undoOf = ({ action, fields }, rows) => ({
  ...{ word: t('Undo'), ms: undoMs },
  act: () => act(at(action), new URLSearchParams(fields), null, rows),
})

/** Errors are no toast: they stay above the table until the next act. */
function showRefused(refused) {
  const note = document.getElementById('refused')
  if (!note) return null
  note.hidden = refused.length === 0
  note.replaceChildren(
    ...refused.map(({ name, message }) => {
      const line = document.createElement('p')
      const bold = document.createElement('b')
      bold.textContent = name
      line.append(bold, ` ${message}`)
      return line
    }),
  )
  if (refused.length > 0) note.scrollIntoView({ block: 'nearest' })
  return null
}

/** What a refused act's page says. */
async function messageOf(answer) {
  const fallback = t('The page may be out of date: load it again.')
  if (!answer) return fallback
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  return page.querySelector('main p')?.textContent ?? fallback
}
