// The settings: found as one types, checked at the field, and what is not saved yet is told.
import { bytes } from './format.js'
import { plural } from './texts.js'

export function start() {
  const form = document.querySelector('[data-settings-form]')
  startFilter()
  startForm(form)
  markPlace()
}

// What is looked for

function startFilter() {
  const search = document.querySelector('[data-settings-filter]')
  search.addEventListener('submit', (event) => event.preventDefault())
  search.addEventListener('input', () => {
    const words = search.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean)
    let found = 0
    for (const group of document.querySelectorAll('[data-settings-group]')) {
      const title = group.querySelector('h2').textContent
      let inGroup = 0
      for (const row of group.querySelectorAll('[data-setting]')) {
        const text = `${title} ${row.textContent}`.toLowerCase()
        row.hidden = !words.every((word) => text.includes(word))
        if (!row.hidden) inGroup += 1
      }
      group.hidden = inGroup === 0
      group.querySelector('.count').textContent = inGroup
      found += inGroup
    }
    document.querySelector('[data-settings-none]').hidden = found > 0
  })
}

// What is changed

function startForm(form) {
  form.noValidate = true // a field that is filtered away could not say what is wrong
  let isLeaving = false
  const fields = [...form.elements].filter(({ name }) => name)
  const bar = form.querySelector('[data-savebar]')

  const update = () => {
    for (const field of fields) {
      const row = field.closest('[data-setting]')
      row.toggleAttribute(
        'data-changed',
        fields.some((one) => row.contains(one) && isChanged(one)),
      )
      const shown = row.querySelector('[data-bytes]')
      if (shown && field.type === 'number') shown.textContent = bytes(Number(field.value) || 0)
      if (field.type === 'checkbox') row.toggleAttribute('data-back', field.checked)
    }
    const number = form.querySelectorAll('[data-changed]').length
    bar.toggleAttribute('data-dirty', number > 0)
    bar.querySelector('[data-unsaved]').textContent =
      number === 0 ? '' : plural(number, '1 unsaved change', '{n} unsaved changes')
  }
  form.addEventListener('input', update)
  form.addEventListener('change', (event) => check(event.target))
  form.addEventListener('reset', () =>
    setTimeout(() => {
      update()
      fields.forEach(check)
    }),
  )
  form.addEventListener('submit', (event) => {
    const wrong = fields.filter((field) => !check(field))[0]
    if (!wrong) {
      isLeaving = true
      return
    }
    event.preventDefault()
    wrong.closest('[data-setting]').hidden = false
    wrong.closest('[data-settings-group]').hidden = false
    wrong.focus()
  })
  addEventListener('beforeunload', (event) => {
    if (!isLeaving && bar.hasAttribute('data-dirty')) event.preventDefault()
  })
  form.querySelector('[aria-invalid="true"]')?.focus()
  update()
}

function isChanged(field) {
  if (field.type === 'checkbox') return field.checked
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected)
  return field.value !== field.defaultValue
}

/** Says what is wrong at the field. One that goes back to what is below it is not looked at. */
function check(field) {
  const error = document.getElementById(`e-${field.name}`)
  if (!error) return true
  const isRight = field.closest('[data-setting]').hasAttribute('data-back') || field.validity.valid
  isRight ? field.removeAttribute('aria-invalid') : field.setAttribute('aria-invalid', 'true')
  error.hidden = isRight
  error.querySelector('span').textContent = isRight ? '' : field.validationMessage
  return isRight
}

// Where one is

function markPlace() {
  const links = new Map()
  for (const link of document.querySelectorAll('.toc a')) {
    const target = document.querySelector(link.hash)
    if (target) links.set(target, link)
  }
  const seen = new Set()
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target) : seen.delete(target)
      const first = [...links.keys()].find((target) => seen.has(target))
      for (const [target, link] of links)
        target === first ? link.setAttribute('aria-current', 'location') : link.removeAttribute('aria-current')
    },
    { rootMargin: '-56px 0px -40% 0px' },
  )
  for (const target of links.keys()) watch.observe(target)
}
