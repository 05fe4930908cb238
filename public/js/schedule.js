// Schedules and what is like them: rows that change in place, toasts that go by themselves, and fields that say what is wrong.
import { swapIn } from './fresh.js'

const toastMs = 10_000

export function startSchedules() {
  document.addEventListener('submit', onSubmit)
  document.addEventListener('click', ({ target }) => target.closest?.('[data-load-again]') && location.reload())
  expire()
  const form = document.querySelector('[data-schedule-form]')
  if (!form) return
  const watch = new MutationObserver(() => marks(form))
  watch.observe(form, { subtree: true, childList: true, attributes: true, attributeFilter: ['hidden'] })
}

/** After it was asked whether it is meant. What is refused is told as without us: by a page of its own. */
async function onSubmit(event) {
  const form = event.target
  if (event.defaultPrevented || form.dataset.inPlace === undefined) return
  event.preventDefault()
  const button = form.querySelector('button')
  if (button.getAttribute('aria-busy')) return
  button.setAttribute('aria-busy', 'true')
  const body = new URLSearchParams(new FormData(form))
  const answer = await fetch(form.action, { method: 'POST', body, headers: { 'hx-request': 'true' } }).catch(() => null)
  if (!answer?.ok) return form.submit()
  const text = await answer.text()
  button.removeAttribute('aria-busy')
  delete form.dataset.confirmed
  await swapIn(text)
  form.closest('[data-toast]')?.remove()
  expire()
}

/** What was done is said once: not after a reload, and not for ever. */
function expire() {
  const url = new URL(location.href)
  if (url.searchParams.has('done')) {
    for (const name of ['done', 'of']) url.searchParams.delete(name)
    history.replaceState(history.state, '', url)
  }
  for (const toast of document.querySelectorAll('[data-toast]:not([data-timed])')) {
    toast.dataset.timed = ''
    const go = () => (toast.matches(':hover, :focus-within') ? setTimeout(go, toastMs) : toast.remove())
    setTimeout(go, toastMs)
  }
}

/** The lines are swapped, the fields are not: somebody is typing there. */
function marks(form) {
  for (const line of form.querySelectorAll('.error[id^="s-"]')) {
    const control = document.getElementById(line.id.replace(/-error$/, ''))
    if (!control) continue
    const isMarked = control.getAttribute('aria-invalid') === 'true'
    if (!line.hidden && !isMarked) control.setAttribute('aria-invalid', 'true')
    if (line.hidden && isMarked) control.removeAttribute('aria-invalid')
  }
}
