// Monaco in the place of the text field: the same text, the same form.
import { at } from '../base.js'
import { t } from '../texts.js'
import { followTheme } from './theme.js'

const lineHeight = 19
const heightMin = 192

/** Answers what field.js does. Throws when Monaco cannot be loaded: the field is still there. */
export async function createMonaco(form, area) {
  const { vendor, language, file } = form.dataset
  const files = at(vendor)
  self.MonacoEnvironment = {
    getWorker: (_, label) => {
      const name = label === 'typescript' || label === 'javascript' ? 'ts' : 'editor'
      return new Worker(`${files}${name}.worker.js`, { type: 'module', name: label })
    },
  }
  // Its own words: it looks them up while it is read.
  if (document.documentElement.lang === 'zh-CN') await import(`${files}monaco-zh.js`)
  const [monaco] = await Promise.all([import(`${files}monaco.js`), loadStyle(`${files}monaco.css`)])
  followTheme(monaco.editor)
  const path = `file:///${file}`
  const start = performance.now()
  const host = document.createElement('div')
  host.className = 'monaco-host'
  area.after(host)
  const hadFocus = document.activeElement === area
  const cursor = area.selectionStart
  const model = monaco.editor.createModel(area.value, language, monaco.Uri.parse(path))
  model.updateOptions({ bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false } })
  const editor = monaco.editor.create(host, { ...options, model, ...bySize(), ariaLabel: labelOf(form) })
  fitHeight(editor, host)
  keepInSight(editor, host)
  const behaviour = await import(language === 'python' ? './python.js' : './javascript.js')
  behaviour.start({ monaco, model, files, params: JSON.parse(form.dataset.params) })
  const { showProblems } = await import('./problems.js')
  showProblems({ monaco, editor, model })
  if (hadFocus) {
    editor.setPosition(model.getPositionAt(cursor))
    editor.focus()
  }
  form.dataset.startMs = String(Math.round(performance.now() - start))

  return {
    get: () => model.getValue(monaco.editor.EndOfLinePreference.LF),
    set(text) {
      model.pushStackElement()
      model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null)
      model.pushStackElement()
    },
    onInput: (act) => model.onDidChangeContent(act),
    focus: () => editor.focus(),
    goTo(line) {
      editor.revealLineInCenter(line)
      editor.setPosition({ lineNumber: line, column: model.getLineFirstNonWhitespaceColumn(line) || 1 })
      editor.focus()
    },
    /** What the script said when it was asked: at its line, until that is changed. */
    showError(line, message) {
      const at = Math.min(line ?? 0, model.getLineCount())
      const marker = at > 0 && {
        ...{ startLineNumber: at, endLineNumber: at, severity: monaco.MarkerSeverity.Error, source: 'ScriptGateway' },
        ...{ startColumn: model.getLineFirstNonWhitespaceColumn(at) || 1, endColumn: model.getLineMaxColumn(at) },
        message: message.split('\n').at(-1),
      }
      monaco.editor.setModelMarkers(model, 'gateway', marker ? [marker] : [])
    },
    format: () => editor.getAction('editor.action.formatDocument').run(),
    nextProblem: () => editor.getAction('editor.action.marker.next').run(),
  }
}

const options = {
  ...{ theme: 'gateway', automaticLayout: true, fontSize: 12, lineHeight, padding: { top: 8, bottom: 8 } },
  ...{ minimap: { enabled: false }, scrollBeyondLastLine: false, stickyScroll: { enabled: false } },
  // Keys of the page rest while one types in a text field, and this is one.
  ...{ editContext: false, fixedOverflowWidgets: true, renderLineHighlight: 'line', roundedSelection: false },
  ...{ guides: { indentation: true }, lineNumbersMinChars: 4 },
  // Beside the page its menu would have none of the colours.
  useShadowDOM: false,
  // The page scrolls on where the text ends.
  scrollbar: {
    alwaysConsumeMouseWheel: false,
    verticalScrollbarSize: 10,
    horizontalScrollbarSize: 10,
    useShadows: false,
  },
  unicodeHighlight: { nonBasicASCII: false, includeComments: false, includeStrings: false },
  ...{ suggest: { showStatusBar: false }, occurrencesHighlight: 'singleFile', renderWhitespace: 'selection' },
  ...{ overviewRulerLanes: 2, overviewRulerBorder: false, hideCursorInOverviewRuler: true, folding: true },
}

function bySize() {
  const isNarrow = matchMedia('(width < 640px)').matches
  const fontFamily = getComputedStyle(document.documentElement).getPropertyValue('--mono').trim()
  return { fontFamily, wordWrap: isNarrow ? 'on' : 'off', lineNumbers: isNarrow ? 'off' : 'on', folding: !isNarrow }
}

const labelOf = (form) => t('Source code of {file}; Ctrl M lets Tab move the focus', { file: form.dataset.file })

/** As high as its text, within the window. */
function fitHeight(editor, host) {
  const fit = () => {
    const most = Math.max(320, innerHeight - 144)
    const height = Math.min(most, Math.max(heightMin, editor.getContentHeight()))
    if (host.clientHeight !== height) host.style.height = `${height}px`
  }
  fit()
  editor.onDidContentSizeChange(fit)
  addEventListener('resize', fit)
}

/** The editor may be higher than what is in sight of it: the page follows the cursor. */
function keepInSight(editor, host) {
  const head = document.querySelector('.top')?.offsetHeight ?? 0
  const bar = document.querySelector('.code-bar')?.offsetHeight ?? 0
  editor.onDidChangeCursorPosition(() => {
    if (!editor.hasTextFocus()) return
    requestAnimationFrame(() => {
      const place = editor.getScrolledVisiblePosition(editor.getPosition())
      if (!place) return
      const top = host.getBoundingClientRect().top + place.top
      const below = top + 3 * lineHeight - innerHeight
      const above = top - lineHeight - head - bar
      if (below > 0) scrollBy(0, below)
      else if (above < 0) scrollBy(0, above)
    })
  })
}

const loadStyle = (href) =>
  new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement('link'), {
      rel: 'stylesheet',
      href,
      onload: resolve,
      onerror: reject,
    })
    document.head.append(link)
  })
