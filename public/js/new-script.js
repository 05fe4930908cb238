// New scripts: names checked while they are typed, files and folders dropped on the page, and what became of them.
import { at } from './base.js'
import { plural, t } from './texts.js'

const quietMs = 300
const uploadTo = '/scripts/new/upload'
/** Nobody means these when they send a folder. */
const leftOut = /(^|\/)(node_modules|\.git|\.venv|venv|__pycache__)\//

export function startNewScript() {
  const form = document.querySelector('[data-upload-scripts]')
  if (document.getElementById('new-script')) startNames()
  // Who may make scripts is shown the way to them.
  if (!form && !document.querySelector('a[href$="/scripts/new"]') && document.body.dataset.page !== 'new-script') return
  startDrop()
  form?.addEventListener('change', ({ target }) => {
    if (target.type === 'file') showChosen(target)
  })
  form?.addEventListener('submit', (event) => {
    const chosen = [...form.querySelectorAll('[type=file]')].flatMap((input) => [...input.files])
    if (chosen.length === 0) return
    event.preventDefault()
    const files = chosen.map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    const { runtime, group, overwrite } = Object.fromEntries(new FormData(form))
    upload(files, { runtime, group, overwrite })
  })
}

/** What stands in the field in place of the browser's own words. */
function showChosen({ files, labels }) {
  const [first] = files
  const name = first ? first.webkitRelativePath.split('/')[0] || first.name : ''
  labels[0].querySelector('.chosen').textContent =
    files.length > 1 ? `${name} · ${plural(files.length, '1 file', '{n} files')}` : name
}

// The name of a new script

function startNames() {
  let timer
  let asked = 0
  document.addEventListener('input', ({ target }) => {
    if (target.id !== 'filename' && target.id !== 'group') return
    clearTimeout(timer)
    timer = setTimeout(check, quietMs)
  })

  async function check() {
    const own = ++asked
    const name = document.getElementById('filename')
    const query = new URLSearchParams({
      runtime: name.dataset.checkName,
      filename: name.value,
      group: document.getElementById('group').value,
    })
    const answer = await fetch(at(`/fragments/scripts/name?${query}`)).catch(() => null)
    if (!answer?.ok || own !== asked) return
    const told = parse(await answer.text()).getElementById('filename-error')
    const line = document.getElementById('filename-error')
    line.hidden = told.hidden
    line.querySelector('span').textContent = told.textContent.trim()
    told.hidden ? name.removeAttribute('aria-invalid') : name.setAttribute('aria-invalid', 'true')
  }
}

const parse = (markup) => new DOMParser().parseFromString(markup, 'text/html')

// Files that are dropped

function startDrop() {
  let depth = 0
  const shade = document.createElement('div')
  shade.className = 'drop-all'
  shade.textContent = t('Drop scripts or folders to add them')
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files')
  const leave = () => {
    depth = 0
    shade.remove()
  }
  document.addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    depth += 1
    document.body.append(shade)
  })
  document.addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault())
  document.addEventListener('dragleave', (event) => {
    if (hasFiles(event) && --depth <= 0) leave()
  })
  document.addEventListener('drop', async (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    leave()
    const files = await filesOf(event.dataTransfer)
    if (files.length > 0) upload(files, {})
  })
}

async function filesOf({ items, files }) {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry?.() ?? [])
  if (entries.length === 0) return [...files].map((file) => ({ file, path: file.name }))
  return (await Promise.all(entries.map((entry) => filesIn(entry, '')))).flat()
}

async function filesIn(entry, folder) {
  const path = folder + entry.name
  if (entry.isFile) return [{ file: await new Promise((done, fail) => entry.file(done, fail)), path }]
  if (leftOut.test(`${path}/`)) return []
  const reader = entry.createReader()
  const all = []
  // A folder is read in pieces, until one is empty.
  for (let some; some?.length !== 0; all.push(...some))
    some = await new Promise((done, fail) => reader.readEntries(done, fail))
  return (await Promise.all(all.map((one) => filesIn(one, `${path}/`)))).flat()
}

// Sending them, and what came of it

function upload(files, fields) {
  const wanted = files.filter(({ path }) => !leftOut.test(path))
  const dialog = openDialog(wanted)
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) if (value) body.append(name, value)
  for (const { file, path } of wanted) body.append('files', file, path)
  const request = new XMLHttpRequest()
  const bar = dialog.querySelector('progress')
  request.upload.onprogress = ({ loaded, total }) => {
    bar.value = loaded / total
  }
  request.onload = () => {
    const outcome = parse(request.responseText).getElementById('upload-outcome')
    // One script alone is answered with its page.
    if (!outcome && request.status === 200) return location.assign(request.responseURL)
    if (!outcome) return fail(dialog, t('The gateway refused these files. Load the page again.'))
    showOutcome(dialog, outcome, wanted, fields)
  }
  request.onerror = () => fail(dialog, t('The upload was cut off. Check the connection and send the files again.'))
  dialog.addEventListener('close', () => request.abort(), { once: true })
  request.open('POST', at(uploadTo))
  request.send(body)
}

function openDialog(files) {
  const dialog = document.createElement('dialog')
  dialog.className = 'upload-dialog'
  dialog.setAttribute('aria-labelledby', 'h-uploading')
  dialog.innerHTML =
    '<header><h2 id="h-uploading"></h2></header><div class="content"><progress max="1" value="0" aria-labelledby="h-uploading"></progress></div><footer><button type="button" data-close></button></footer>'
  dialog.querySelector('h2').textContent = plural(files.length, 'Sending 1 file', 'Sending {n} files')
  dialog.querySelector('[data-close]').textContent = document.querySelector('#keys [data-close]').textContent
  dialog.addEventListener('close', () => {
    dialog.remove()
    if (dialog.dataset.stored) location.assign(at('/'))
  })
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}

function fail(dialog, text) {
  const line = document.createElement('p')
  line.setAttribute('role', 'alert')
  line.textContent = text
  dialog.querySelector('.content').replaceChildren(line)
}

function showOutcome(dialog, outcome, files, fields) {
  const title = outcome.querySelector('h2')
  title.id = 'h-uploading'
  if (outcome.dataset.stored) dialog.dataset.stored = 'yes'
  dialog.querySelector(':scope > header')?.remove()
  dialog.querySelector('.content').replaceWith(outcome)
  const more = outcome.querySelector('footer')
  if (more) dialog.querySelector(':scope > footer').append(...more.children)
  more?.remove()
  title.focus()
  dialog.addEventListener('click', ({ target }) => {
    const again = target.closest('[data-upload-again]')?.dataset.uploadAgain
    if (!again) return
    const refused = [...outcome.querySelectorAll('[data-as="refused"] code')].map((one) => one.textContent)
    const inGroup = (path) => (fields.group ? `${fields.group.replace(/\/+$/, '')}/${path}` : path).normalize('NFC')
    dialog.close()
    if (again === 'overwrite') upload(files, { ...fields, overwrite: '1' })
    else
      upload(
        files.filter(({ path }) => !refused.includes(inGroup(path))),
        fields,
      )
  })
}
