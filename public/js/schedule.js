// The form of a schedule: fields say that they are wrong as soon as the preview says why.

export function startSchedules() {
  const form = document.querySelector('[data-schedule-form]')
  if (!form) return
  const watch = new MutationObserver(() => marks(form))
  watch.observe(form, { subtree: true, childList: true, attributes: true, attributeFilter: ['hidden'] })
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
