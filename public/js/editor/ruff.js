// Ruff in its worker: errors as one types, repairs, and the format of Python.

const quietMs = 250

/** What cannot be right; the rest is advice. */
const isError = (code) => !code || /^(E9|F82|F7|PLE|invalid-syntax)/.test(code)

export function startRuff({ monaco, model, files }) {
  const worker = new Worker(`${files}ruff.worker.js`, { type: 'module', name: 'ruff' })
  const waiting = new Map()
  let asked = 0
  let timer = null
  /** Marker → what repairs it. */
  let fixes = new Map()

  worker.onmessage = ({ data: { id, result, error } }) => {
    const { resolve, reject } = waiting.get(id)
    waiting.delete(id)
    error === undefined ? resolve(result) : reject(new Error(error))
  }

  const ask = (act, text) =>
    new Promise((resolve, reject) => {
      asked += 1
      waiting.set(asked, { resolve, reject })
      worker.postMessage({ id: asked, act, text })
    })

  async function check() {
    const version = model.getVersionId()
    const found = await ask('check', model.getValue()).catch(() => null)
    if (!found || model.isDisposed() || version !== model.getVersionId()) return
    fixes = new Map()
    const markers = found.map(toMarker)
    for (const [at, marker] of markers.entries()) if (found[at].fix) fixes.set(keyOf(marker), found[at].fix)
    monaco.editor.setModelMarkers(model, 'ruff', markers)
  }

  const toMarker = ({ code, message, tags, start_location: from, end_location: to }) => ({
    ...{ startLineNumber: from.row, startColumn: from.column, endLineNumber: to.row, endColumn: to.column },
    ...{ message, source: 'Ruff', code: code && code !== 'invalid-syntax' ? code : undefined },
    severity: isError(code) ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
    tags: tags?.includes('unnecessary') ? [monaco.MarkerTag.Unnecessary] : [],
  })

  const keyOf = ({ code, message, startLineNumber, startColumn }) =>
    [code, message, startLineNumber, startColumn].join(' ')

  const editsOf = ({ edits }) =>
    edits.map(({ content, location: from, end_location: to }) => ({
      range: new monaco.Range(from.row, from.column, to.row, to.column),
      text: content ?? '',
    }))

  model.fixOf = (marker) => {
    const fix = fixes.get(keyOf(marker))
    return fix && { title: fix.message ?? '', act: () => model.pushEditOperations([], editsOf(fix), () => null) }
  }

  monaco.languages.registerCodeActionProvider('python', {
    provideCodeActions(target, _range, { markers }) {
      const actions = markers.flatMap((marker) => {
        const fix = fixes.get(keyOf(marker))
        if (!fix) return []
        const edits = editsOf(fix).map((textEdit) => ({ resource: target.uri, versionId: undefined, textEdit }))
        const title = fix.message ?? marker.message
        return [{ title, kind: 'quickfix', diagnostics: [marker], isPreferred: true, edit: { edits } }]
      })
      return { actions, dispose() {} }
    },
  })

  monaco.languages.registerDocumentFormattingEditProvider('python', {
    displayName: 'Ruff',
    async provideDocumentFormattingEdits(target) {
      const text = target.getValue()
      // What has a syntax error stays as it is; the error is marked.
      const formatted = await ask('format', text).catch(() => text)
      return smallestEdit(monaco, target, text, formatted)
    },
  })

  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(check, quietMs)
  }
  model.onDidChangeContent(soon)
  check()
}

/** Only what differs is replaced, so that the cursor stays where it was. */
function smallestEdit(monaco, model, before, after) {
  if (before === after) return []
  const least = Math.min(before.length, after.length)
  let head = 0
  while (head < least && before[head] === after[head]) head++
  let tail = 0
  while (tail < least - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  const [from, to] = [model.getPositionAt(head), model.getPositionAt(before.length - tail)]
  const range = new monaco.Range(from.lineNumber, from.column, to.lineNumber, to.column)
  return [{ range, text: after.slice(head, after.length - tail) }]
}
