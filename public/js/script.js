// The page of a script: tabs that scroll, the language of its calls, tags that are typed.
import { t } from './texts.js'
import { showHere } from './ui.js'

export function start() {
  for (const tabs of document.querySelectorAll('[data-tabs]')) showHere(tabs)
  document.addEventListener('click', keepChoice)
  document.addEventListener('input', ({ target }) => {
    if (target.form?.dataset.edits !== undefined) target.form.dataset.touched = 'yes'
  })
  // What is open stays open when the server draws the form anew.
  document.addEventListener(
    'toggle',
    ({ target }) => {
      if (target.dataset.keepsOpen !== undefined) target.querySelector('input').value = target.open ? '1' : ''
    },
    true,
  )
  for (const field of document.querySelectorAll('[data-tags]')) startTags(field)
}

/** The server shows it next time: nothing jumps. */
function keepChoice({ target }) {
  const link = target.closest?.('[data-keep] a')
  if (link)
    // biome-ignore lint/suspicious/noDocumentCookie: Safari and Firefox have no Cookie Store, and both words are ours
    document.cookie = `${link.parentNode.dataset.keep}=${link.dataset.value};path=/;max-age=31536000;samesite=lax`
}

const shownMax = 8

/** The text with commas becomes chips; what is posted stays that text. */
function startTags(field) {
  const kept = field.querySelector('input')
  const known = [...field.querySelectorAll('option')].map(({ value, label }) => ({ value, label }))
  const box = Object.assign(document.createElement('div'), { className: 'tokens' })
  const input = kept.cloneNode()
  const list = Object.assign(document.createElement('ul'), {
    className: 'tag-list',
    id: `${kept.id}-list`,
    hidden: true,
  })
  let tags = kept.value
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean)
  let active = -1

  kept.type = 'hidden'
  kept.removeAttribute('id')
  for (const name of ['name', 'list', 'value']) input.removeAttribute(name)
  input.value = ''
  for (const [name, value] of Object.entries({
    role: 'combobox',
    'aria-expanded': 'false',
    'aria-controls': list.id,
    'aria-autocomplete': 'list',
  }))
    input.setAttribute(name, value)
  if (input.getAttribute('aria-invalid')) box.dataset.invalid = ''
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', t('Tags in use'))
  box.append(input)
  field.append(box, list)
  draw()
  if (document.activeElement === kept || input.autofocus) input.focus()

  function draw() {
    for (const chip of box.querySelectorAll('.chip')) chip.remove()
    for (const tag of tags) {
      const chip = field.querySelector('[data-tag]').content.firstElementChild.cloneNode(true)
      chip.firstElementChild.textContent = tag
      const button = chip.querySelector('button')
      button.setAttribute('aria-label', t('Remove {name}', { name: tag }))
      button.addEventListener('click', () => remove(tag))
      input.before(chip)
    }
    kept.value = tags.join(', ')
    input.placeholder = tags.length === 0 ? t('Add a tag') : ''
  }

  const touched = () => {
    kept.form.dataset.touched = 'yes'
  }
  const isThere = (tag) => tags.some((one) => one.toLowerCase() === tag.toLowerCase())

  function add(text) {
    const fresh = text
      .split(/[,，]/)
      .map((tag) => tag.trim())
      .filter(Boolean)
    for (const tag of fresh) if (!isThere(tag)) tags = [...tags, tag]
    input.value = ''
    draw()
    suggest(false)
    touched()
  }

  function remove(tag) {
    tags = tags.filter((one) => one !== tag)
    draw()
    input.focus()
    touched()
  }

  function suggest(isOpen) {
    const wanted = input.value.trim().toLowerCase()
    const fitting = known
      .filter(({ value }) => !isThere(value) && value.toLowerCase().includes(wanted))
      .slice(0, shownMax)
    active = -1
    list.replaceChildren(...fitting.map(({ value, label }, index) => option(value, label, index)))
    list.hidden = !isOpen || fitting.length === 0
    input.setAttribute('aria-expanded', String(!list.hidden))
    input.removeAttribute('aria-activedescendant')
  }

  function option(value, label, index) {
    const row = Object.assign(document.createElement('li'), { id: `${list.id}-${index}`, role: 'option' })
    row.setAttribute('role', 'option')
    row.setAttribute('aria-selected', 'false')
    row.dataset.value = value
    row.append(value, Object.assign(document.createElement('small'), { textContent: label }))
    return row
  }

  function move(by) {
    if (list.hidden) suggest(true)
    const rows = [...list.children]
    if (rows.length === 0) return
    active = (active + by + rows.length) % rows.length
    for (const [index, row] of rows.entries()) row.setAttribute('aria-selected', String(index === active))
    rows[active].scrollIntoView({ block: 'nearest' })
    input.setAttribute('aria-activedescendant', rows[active].id)
  }

  input.addEventListener('input', () => (/[,，]/.test(input.value) ? add(input.value) : suggest(true)))
  input.addEventListener('focus', () => suggest(true))
  input.addEventListener('blur', () => {
    if (input.value.trim()) add(input.value)
    suggest(false)
  })
  input.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) move(step)
    else if (event.key === 'Enter' && (active >= 0 || input.value.trim()))
      add(list.children[active]?.dataset.value ?? input.value)
    else if (event.key === 'Escape' && !list.hidden) suggest(false)
    else if (event.key === 'Backspace' && input.value === '' && tags.length > 0) return remove(tags.at(-1))
    else return
    event.preventDefault()
    event.stopPropagation()
  })
  // Before the field is left.
  list.addEventListener('mousedown', (event) => {
    event.preventDefault()
    const row = event.target.closest('li')
    if (row) add(row.dataset.value)
    suggest(true)
  })
  box.addEventListener('click', ({ target }) => target === box && input.focus())
}
