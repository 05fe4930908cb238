// The Code tab: what is typed, saved, refused, changed by others, and never lost. The editor itself is field.js or monaco.js.
import { at } from '../base.js'
import { ago } from '../format.js'
import { t } from '../texts.js'
import { toast } from '../ui.js'
import { createDraft, tidyDrafts } from './draft.js'
import { createField } from './field.js'
import { freshenTop } from './top.js'

const busyAfterMs = 200

export function startEditor(form) {
  const { script, user, typed } = form.dataset
  const area = document.getElementById('code-text')
  const notes = document.getElementById('code-notes')
  const difference = document.getElementById('code-difference')
  const state = document.getElementById('code-state')
  const draft = createDraft(`${at(`/scripts/${script}`)} ${user}`)
  const title = document.title
  let editor = createField(area)
  /** What the file has, as far as we know; null where the page came back with what was typed. */
  let known = typed === undefined ? area.defaultValue : null
  let etag = document.getElementById('code-etag').getAttribute('value')
  /** Of what somebody else saved meanwhile. */
  let theirs = null
  let saving = null

  const isDirty = () => editor.get() !== known

  function showState(text) {
    const dirty = isDirty()
    form.toggleAttribute('data-dirty', dirty)
    state.textContent = text ?? (dirty ? t('Not saved') : '')
    const wanted = dirty ? `● ${title}` : title
    if (document.title !== wanted) document.title = wanted
  }

  function onInput() {
    if (isDirty()) draft.keep(editor.get(), etag)
    else draft.drop()
    showState()
  }

  // What is asked of the gateway

  /** Posts what is typed; answers the response when it is one for us, else says why not. */
  async function post(path, act) {
    const { eol } = form.elements
    const body = new URLSearchParams({ content: editor.get(), etag, eol: eol.value, act, part: '1' })
    const response = await fetch(at(path), { method: 'POST', body }).catch(() => null)
    if (response?.headers.get('x-part') === 'code') return response
    if (!response) say(t('The gateway does not answer. What you typed is kept in this browser: save again later.'))
    else if (response.status === 401 || /\/(sign-in|login|setup)\b/.test(response.url))
      say(t('You are signed out. Sign in again in another tab, then save: what you typed is kept.'))
    else say(t('It was not saved: the gateway answered {status}.', { status: response.status }))
    return null
  }

  function say(text, ...actions) {
    const note = document.createElement('div')
    note.className = 'note warn'
    note.setAttribute('role', 'alert')
    const words = document.createElement('p')
    words.textContent = text
    note.append(words)
    if (actions.length > 0) {
      const row = document.createElement('div')
      row.className = 'row'
      for (const { word, act } of actions) {
        const button = document.createElement('button')
        Object.assign(button, { type: 'button', className: 'small', textContent: word, onclick: act })
        row.append(button)
      }
      note.append(row)
    }
    notes.replaceChildren(note)
  }

  function save(act) {
    saving ??= saveNow(act).finally(() => {
      saving = null
    })
    return saving
  }

  async function saveNow(act) {
    const button = form.querySelector(`button[value="${act}"]`)
    const busy = setTimeout(() => button?.setAttribute('aria-busy', 'true'), busyAfterMs)
    try {
      const text = editor.get()
      const response = await post(`/scripts/${script}/code`, 'save')
      if (!response) return
      const markup = await response.text()
      if (!response.ok) return refuse(response, markup)
      etag = etagOf(response)
      theirs = null
      known = text
      notes.replaceChildren()
      difference.replaceChildren()
      document.getElementById('code-outcome').outerHTML = markup
      if (isDirty()) draft.keep(editor.get(), etag)
      else draft.drop()
      showState(isDirty() ? undefined : t('Saved'))
      showError()
      if (act === 'run' && !isDirty()) location.href = at(`/scripts/${script}`)
    } finally {
      clearTimeout(busy)
      button?.removeAttribute('aria-busy')
    }
  }

  function refuse(response, markup) {
    notes.innerHTML = markup
    if (document.getElementById('code-conflict')) theirs = etagOf(response)
    notes.firstElementChild?.scrollIntoView({ block: 'nearest' })
  }

  const etagOf = (response) => (response.headers.get('etag') ?? '').replace(/^W\//, '').replaceAll('"', '')

  /** The line that the script itself says is wrong. */
  function showError() {
    const outcome = document.getElementById('code-outcome')
    const line = Number(outcome?.dataset.line)
    editor.showError(line || null, outcome?.querySelector('.code-error, .code-warning')?.textContent.trim() ?? '')
  }

  async function compare() {
    const response = await post(`/scripts/${script}/code/difference`, 'compare')
    if (!response) return
    difference.innerHTML = await response.text()
    const shown = document.getElementById('code-diff')
    shown?.scrollIntoView({ block: 'nearest' })
    shown?.focus({ preventScroll: true })
  }

  async function readTheirs() {
    const response = await fetch(at(`/api/scripts/${script}/content`), { cache: 'no-store' }).catch(() => null)
    return response?.ok ? { text: (await response.text()).replaceAll('\r\n', '\n'), etag: etagOf(response) } : null
  }

  /** Yours is one press on Undo away, and one Ctrl+Z. */
  async function loadTheirs(said) {
    const mine = editor.get()
    const found = await readTheirs()
    if (!found) return say(t('The file could not be read.'))
    const wasDirty = isDirty()
    known = found.text
    etag = found.etag
    theirs = null
    editor.set(found.text)
    notes.replaceChildren()
    difference.replaceChildren()
    showState()
    const undo = { word: t('Undo'), act: () => editor.set(mine) }
    toast(said, wasDirty ? undo : undefined)
  }

  /** Somebody, or a scan, told that the script is another one: perhaps it was us. */
  async function onChanged() {
    await saving
    freshenTop().then(showError)
    const found = await readTheirs()
    if (!found || found.etag === etag) return
    if (found.text === editor.get()) {
      known = found.text
      etag = found.etag
      return onInput()
    }
    if (!isDirty()) return loadTheirs(t('The file was changed elsewhere: this is how it is now.'))
    const response = await post(`/scripts/${script}/code/difference`, 'check')
    if (response) refuse(response, await response.text())
  }

  // What is pressed

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const button = event.submitter
    if (button?.dataset.codeAct === 'mine' && theirs) etag = theirs
    if (button?.value === 'compare') compare()
    else save(button?.value ?? 'save')
  })

  const acts = {
    theirs: () => loadTheirs(t('Theirs is loaded.')),
    undiff() {
      difference.replaceChildren()
      editor.focus()
    },
    format: () => editor.format?.(),
    problem: () => editor.nextProblem?.(),
    line: (button) => editor.goTo(Number(button.dataset.line)),
    full: () => openMonaco(),
  }
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-code-act]')
    if (!button || !acts[button.dataset.codeAct]) return
    event.preventDefault()
    acts[button.dataset.codeAct](button)
  })
  document.addEventListener(
    'keydown',
    (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 's') return
      event.preventDefault()
      save('save')
    },
    { capture: true },
  )
  addEventListener('beforeunload', (event) => isDirty() && event.preventDefault())
  addEventListener('pagehide', draft.write)
  document.addEventListener('visibilitychange', () => document.hidden && draft.write())
  document.addEventListener('script-changed', onChanged)

  // What is there from before

  function restore() {
    const found = draft.read()
    if (!found || typeof found.text !== 'string' || found.text === area.value) return
    if (area.value !== area.defaultValue) return
    area.value = found.text
    const when = ago(Date.now() - found.at)
    const back = () => {
      editor.set(known)
      notes.replaceChildren()
    }
    const discard = { word: t('Discard them'), act: back }
    if (found.etag === etag)
      return say(t('Your changes from {when} were not saved. Here they are again.', { when }), discard)
    etag = found.etag // so that saving finds out what has become of the file since
    const show = { word: t('Show the difference'), act: compare }
    say(t('Your changes from {when} were not saved, and the file is another one by now.', { when }), show, discard)
  }

  async function openMonaco() {
    try {
      const { createMonaco } = await import('./monaco.js')
      editor = await createMonaco(form, area)
    } catch (error) {
      console.error(error)
      return // The field goes on.
    }
    editor.onInput(onInput)
    showError()
    for (const button of form.querySelectorAll('[data-code-act="format"]')) button.hidden = false
    document.getElementById('code-tab-keys').hidden = false
    for (const button of form.querySelectorAll('[data-code-act="full"]')) button.hidden = true
    form.dataset.ready = ''
  }

  tidyDrafts()
  if (known !== null) restore()
  editor.onInput(onInput)
  showState(isDirty() ? undefined : state.textContent)
  if (matchMedia('(any-pointer: fine), (any-pointer: none)').matches) openMonaco()
  else for (const button of form.querySelectorAll('[data-code-act="full"]')) button.hidden = false
}
