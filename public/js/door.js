// The setup code from the address, and text that is saved as a file.

export function startDoor() {
  const field = document.querySelector('[data-from-fragment]')
  if (field) {
    fillFromFragment(field)
    // The link, opened where the page is already, loads nothing.
    addEventListener('hashchange', () => fillFromFragment(field))
  }
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

function save(source, name) {
  const text = `${source.textContent.trim().replaceAll(/[ \t]*\n\s*/g, '\n')}\n`
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href))
}
