// "Go to": what is found while one types, chosen by arrows and Enter. Loaded when it is first opened.
import { at } from './base.js'
import { setTheme } from './ui.js'

const [dialog, input, list, status] = ['go', 'go-input', 'go-list', 'go-status'].map((id) =>
  document.getElementById(id),
)
const kept = 8
let current = null
let asking = null

input.addEventListener('input', ask)
input.addEventListener('keydown', onKey)
list.addEventListener('click', onClick)
// Beside the dialog, which fills its frame.
dialog.addEventListener('click', (event) => event.target === dialog && dialog.close())

export function openGo() {
  if (dialog.open) return dialog.close()
  input.value = ''
  dialog.showModal()
  input.focus()
  ask()
}

/** What was found before stays until the answer is there. */
async function ask() {
  asking?.abort()
  asking = new AbortController()
  const { signal } = asking
  const asked = new URLSearchParams(input.value.trim() === '' ? { recent: recent().join(',') } : { q: input.value })
  try {
    const answer = await fetch(at(`/fragments/go?${asked}`), { signal })
    const text = answer.ok ? await answer.text() : ''
    if (signal.aborted) return
    list.innerHTML = text
    status.textContent = list.querySelector('[data-go-status]')?.textContent ?? ''
    list.scrollTop = 0
    mark(options()[0])
  } catch (error) {
    if (error.name !== 'AbortError') list.replaceChildren()
  }
}

const options = () => [...list.querySelectorAll('[role=option]')]

function mark(option) {
  current?.setAttribute('aria-selected', 'false')
  current = option ?? null
  current?.setAttribute('aria-selected', 'true')
  current ? input.setAttribute('aria-activedescendant', current.id) : input.removeAttribute('aria-activedescendant')
  current?.scrollIntoView({ block: 'nearest' })
}

function onKey(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (by) {
    event.preventDefault()
    const all = options()
    return mark(all[(all.indexOf(current) + by + all.length) % all.length])
  }
  if (event.key !== 'Enter' || event.isComposing || !current) return
  event.preventDefault()
  choose(current, event.ctrlKey || event.metaKey)
}

function onClick(event) {
  const option = event.target.closest('[role=option]')
  if (!option) return
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey
  if (elsewhere) return remember(option.dataset.key)
  event.preventDefault()
  choose(option, false)
}

function choose({ href, dataset }, elsewhere) {
  remember(dataset.key)
  if (dataset.post) return post(dataset.post)
  if (elsewhere) return open(href)
  dialog.close()
  const [act, what] = (dataset.actName ?? '').split(':')
  if (act === 'theme') setTheme(what)
  else if (act === 'open') document.getElementById(what)?.showModal()
  else location.assign(href)
}

function post(action) {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = at(action)
  document.body.append(form)
  form.submit()
}

// What was chosen lately: keys alone, so that the gateway says who may see them.

function recent() {
  try {
    return JSON.parse(localStorage.getItem('go') ?? '[]').filter((key) => typeof key === 'string')
  } catch {
    return []
  }
}

function remember(key) {
  try {
    localStorage.setItem('go', JSON.stringify([key, ...recent().filter((one) => one !== key)].slice(0, kept)))
  } catch {
    // Not kept, then.
  }
}
