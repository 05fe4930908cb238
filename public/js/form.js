// The form of a script: messages at the field before it is sent, files that are dropped, progress of an upload.
import { bytes, count } from './format.js'
import { t } from './texts.js'
import { sendWithProgress } from './upload.js'

export function startForms(Alpine) {
  Alpine.data('reveal', reveal)
  Alpine.data('jsonField', jsonField)
  Alpine.data('repeat', repeat)
  Alpine.data('drop', drop)
  for (const form of document.querySelectorAll('[data-run-form]')) attach(form)
  addEventListener('pageshow', ({ persisted }) => {
    const isFree = !persisted && document.activeElement === document.body
    if (location.hash === '#run-form' && isFree) begin(document.getElementById('run-form'))
    for (const button of document.querySelectorAll('button[aria-busy]')) button.removeAttribute('aria-busy')
  })
}

function attach(form) {
  form.noValidate = true
  form.addEventListener('submit', (event) => onSubmit(form, event))
  form.addEventListener('formdata', (event) => clean(form, event.formData))
  form.addEventListener('input', (event) => {
    form.dataset.touched = 'yes'
    if (event.target.getAttribute('aria-invalid') === 'true') show(event.target)
  })
  form.addEventListener('reset', () => setTimeout(() => afterReset(form)))
}

/** After the browser has gone to that form itself, which takes the focus. Whoever came to run it begins at the first field that needs a value, else at the button. Who only looks gets no keyboard over the page. */
const begin = (form) => form?.querySelector(':is(input, select, textarea):invalid, [type=submit]:enabled')?.focus()

function onSubmit(form, event) {
  const button = form.querySelector('[type=submit]')
  if (button.getAttribute('aria-busy') === 'true') return event.preventDefault()
  const wrong = [...form.elements].filter((control) => control.name && !show(control))
  if (wrong.length > 0) {
    event.preventDefault()
    form.closest('details')?.setAttribute('open', '')
    wrong[0].closest('details')?.setAttribute('open', '')
    wrong[0].focus()
    return
  }
  button.setAttribute('aria-busy', 'true')
  if (
    form.querySelector('[type=file]') &&
    [...form.querySelectorAll('[type=file]')].some((input) => input.files.length > 0)
  ) {
    event.preventDefault()
    sendWithProgress(form)
  }
}

/** Puts the control's message where it belongs; true when there is none. */
function show(control) {
  if (control.name === ':without') return true // the box below a field, about which its line does not speak
  if (control.dataset.json !== undefined) control.setCustomValidity(jsonProblem(control.value))
  const message = messageOf(control)
  const field = control.closest('[data-field]')
  const line = field?.querySelector('.error')
  if (!line) return message === ''
  line.hidden = message === ''
  line.querySelector('span').textContent = message
  message === '' ? control.removeAttribute('aria-invalid') : control.setAttribute('aria-invalid', 'true')
  describe(control, line.id, message !== '')
  return message === ''
}

function describe(control, id, isWrong) {
  const ids = new Set((control.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean))
  isWrong ? ids.add(id) : ids.delete(id)
  ids.size > 0
    ? control.setAttribute('aria-describedby', [...ids].join(' '))
    : control.removeAttribute('aria-describedby')
}

function messageOf(control) {
  const { validity } = control
  if (!validity || validity.valid) return ''
  if (validity.valueMissing) return control.type === 'file' ? t('Choose a file.') : t('This is required.')
  if (validity.badInput) return t('This is not a number.')
  if (validity.rangeOverflow)
    return t('{value} is more than the maximum of {max}.', { value: number(control.value), max: number(control.max) })
  if (validity.rangeUnderflow)
    return t('{value} is less than the minimum of {min}.', { value: number(control.value), min: number(control.min) })
  if (validity.stepMismatch) return t('This takes a whole number.')
  if (validity.typeMismatch) return t('This takes an address such as https://example.com/.')
  if (validity.patternMismatch) return t('This does not match the pattern above.')
  return control.validationMessage
}

const number = (text) => {
  const [whole, fraction] = text.split('.')
  return fraction === undefined ? count(whole) : `${count(whole)}.${fraction}`
}

function jsonProblem(text) {
  if (text.trim() === '') return ''
  try {
    JSON.parse(text)
    return ''
  } catch (error) {
    return t('Not valid JSON: {problem}', { problem: error.message })
  }
}

/** What plain HTML cannot say: a switch is one value, and an empty optional field is left out. */
function clean(form, data) {
  for (const box of form.querySelectorAll('[role=switch]')) data.set(box.name, String(box.checked))
  const names = new Set([...form.elements].filter((control) => isLeftOut(control)).map((control) => control.name))
  for (const name of names) {
    const kept = data
      .getAll(name)
      .filter((value) => (typeof value === 'string' ? value !== '' : value.size > 0 || value.name !== ''))
    data.delete(name)
    for (const value of kept) data.append(name, value)
  }
}

const isLeftOut = (control) =>
  control.name !== '' &&
  (control.type === 'file' || (!control.required && !control.dataset.default && control.type !== 'checkbox'))

function afterReset(form) {
  for (const control of form.elements) if (control.getAttribute('aria-invalid') === 'true') show(control)
  for (const input of form.querySelectorAll('[type=file]')) input.dispatchEvent(new Event('change'))
  delete form.dataset.touched
}

// Fields

const reveal = () => ({
  shown: false,
  get type() {
    return this.shown ? 'text' : 'password'
  },
  toggle() {
    this.shown = !this.shown
  },
})

const jsonField = () => ({
  valid: false,
  init() {
    this.read(this.$el.querySelector('textarea'))
  },
  check(event) {
    this.read(event.target)
  },
  read(area) {
    this.valid = area.value.trim() !== '' && jsonProblem(area.value) === ''
    if (this.valid && area.getAttribute('aria-invalid') === 'true') show(area)
  },
})

const repeat = () => ({
  add(event) {
    const rows = [...this.$root.querySelectorAll('[data-repeat]')].filter((row) => !row.closest('noscript'))
    const row = rows.at(-1).cloneNode(true)
    const input = row.querySelector('input')
    input.value = ''
    input.removeAttribute('id')
    rows.at(-1).after(row)
    input.focus()
    event.preventDefault()
  },
  remove(event) {
    const row = event.target.closest('[data-repeat]')
    const rows = [...this.$root.querySelectorAll('[data-repeat]')].filter((one) => !one.closest('noscript'))
    if (rows.length > 1) row.remove()
    else row.querySelector('input').value = ''
  },
})

const drop = () => ({
  isOver: null,
  over(event) {
    event.preventDefault()
    this.isOver = 'yes'
  },
  leave() {
    this.isOver = null
  },
  take(event) {
    event.preventDefault()
    this.isOver = null
    const input = this.$refs.input
    const files = new DataTransfer()
    for (const file of [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1)) files.items.add(file)
    input.files = files.files
    this.show()
  },
  show() {
    const input = this.$refs.input
    const list = this.$root.querySelector('[data-chosen]')
    list.hidden = input.files.length === 0
    list.replaceChildren(...[...input.files].map((file) => fileRow(file, () => this.discard(file))))
    if (input.files.length > 0) show(input)
  },
  discard(file) {
    const input = this.$refs.input
    const files = new DataTransfer()
    for (const other of input.files) if (other !== file) files.items.add(other)
    input.files = files.files
    this.show()
    input.focus()
  },
})

function fileRow(file, discard) {
  const row = document.createElement('li')
  const thumb = Object.assign(document.createElement('span'), { className: 'thumb' })
  if (/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type)) {
    const image = Object.assign(document.createElement('img'), { alt: '', src: URL.createObjectURL(file) })
    image.onload = () => URL.revokeObjectURL(image.src)
    thumb.append(image)
  } else thumb.append(icon('file'))
  const name = Object.assign(document.createElement('span'), { className: 'cut', textContent: file.name })
  const size = Object.assign(document.createElement('small'), { textContent: bytes(file.size) })
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet only small' })
  button.setAttribute('aria-label', t('Remove {name}', { name: file.name }))
  button.append(icon('close'))
  button.addEventListener('click', discard)
  row.append(thumb, name, size, button)
  return row
}

/** A symbol of the sprite that the page already uses. */
function icon(name) {
  const sprite = document.querySelector('.icon use').getAttribute('href').split('#')[0]
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', `${sprite}#${name}`)
  svg.append(use)
  return svg
}
