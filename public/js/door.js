// The setup code from the address, text that is saved as a file, and waiting for a gateway that starts anew.
import { at } from './base.js'

export function startDoor() {
  const field = document.querySelector('[data-from-fragment]')
  if (field) {
    fillFromFragment(field)
    // The link, opened where the page is already, loads nothing.
    addEventListener('hashchange', () => fillFromFragment(field))
    keepOverLanguages(field)
  }
  const link = document.querySelector('[data-when-ready]')
  if (link) goWhenReady(link)
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-save]')
    if (button) save(document.getElementById(button.dataset.save), button.dataset.saveAs)
  })
}

/** The printed link holds the code behind its #, which no server ever sees; nor should the history of the browser. */
function fillFromFragment(field) {
  const code = location.hash.slice(1)
  if (code === '') return
  history.replaceState(null, '', location.pathname + location.search)
  field.value = code
  field.form.elements.name.focus()
}

/** The page comes again in another language: browsers take the fragment along, wherever the answer sends them. */
function keepOverLanguages(field) {
  const form = document.querySelector('form.languages')
  form?.addEventListener('submit', () => {
    const address = new URL(form.action)
    address.hash = field.value
    form.action = address.href
  })
}

function save(source, name) {
  const text = `${source.textContent.trim().replaceAll(/[ \t]*\n\s*/g, '\n')}\n`
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href))
}

const askAgainMs = 1000

/** While it stops and starts, the gateway answers 503, a proxy before it 502, or nobody anything. */
async function goWhenReady(link) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, askAgainMs))
    const response = await fetch(at(link.dataset.whenReady), { cache: 'no-store' }).catch(() => null)
    if (response && response.status < 500) return location.replace(link.href)
  }
}
