// A form with files is sent by script, so that its progress can be shown; the answers are the ones of a plain post.
import { t } from './texts.js'
import { toast } from './ui.js'

export function sendWithProgress(form) {
  const bar = form.querySelector('progress')
  const button = form.querySelector('[type=submit]')
  const request = new XMLHttpRequest()
  const done = () => {
    if (bar) bar.hidden = true
    button.removeAttribute('aria-busy')
  }
  request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
    if (!bar || !lengthComputable) return
    bar.hidden = false
    bar.value = (100 * loaded) / total
  }
  request.onload = () => {
    // The post is answered with 303, which the browser has followed by now.
    if (request.status === 200) return location.assign(request.responseURL)
    done()
    showRefused(form, request.responseText)
  }
  request.onerror = () => {
    done()
    toast(t('The upload was cut off. Check the connection and run it again.'))
  }
  request.open('POST', form.getAttribute('action')) // not `form.action`: a parameter may be called so
  request.send(new FormData(form))
}

/** Takes the messages out of the refused page; the fields here keep their values and files. */
function showRefused(form, markup) {
  const answer = new DOMParser().parseFromString(markup, 'text/html')
  const lines = [...form.querySelectorAll('.error')]
  let first = null
  for (const line of lines) {
    const told = answer.getElementById(line.id)
    if (!told) continue
    line.hidden = told.hidden
    line.querySelector('span').textContent = told.textContent.trim()
    if (!line.hidden) first ??= line.closest('[data-field]').querySelector('input:not([type=hidden]), select, textarea')
  }
  first?.setAttribute('aria-invalid', 'true')
  first?.focus()
  const message = answer.querySelector('#form-message strong, .empty p')
  if (message && !first) toast(message.textContent)
}
