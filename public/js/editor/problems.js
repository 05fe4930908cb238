// What is wrong with the text, as a list below it: read by everybody, reached by keyboard, repaired where that is known.
import { plural, t } from '../texts.js'

const shownMax = 20

export function showProblems({ monaco, editor, model }) {
  const list = document.getElementById('code-problems')
  const button = document.getElementById('code-count')
  const place = document.getElementById('code-place')
  const { Error: error, Hint: hint } = monaco.MarkerSeverity

  function show() {
    const markers = monaco.editor
      .getModelMarkers({ resource: model.uri })
      .filter(({ severity }) => severity !== hint)
      .sort((a, b) => b.severity - a.severity || a.startLineNumber - b.startLineNumber)
    const worst = markers.some(({ severity }) => severity === error) ? 'error' : 'warning'
    button.hidden = markers.length === 0
    button.dataset.worst = worst
    button.textContent = plural(markers.length, '1 problem', '{n} problems')
    list.hidden = markers.length === 0
    list.replaceChildren(...markers.slice(0, shownMax).map(row))
  }

  function row(marker) {
    const line = document.createElement('li')
    const isError = marker.severity === error
    line.dataset.worst = isError ? 'error' : 'warning'
    line.append(icon(isError ? 'failed' : 'warn'), link(marker), facts(marker))
    const fix = model.fixOf?.(marker)
    if (fix) {
      const repair = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet small' })
      repair.textContent = t('Fix|problem')
      repair.title = fix.title
      repair.onclick = () => {
        fix.act()
        editor.focus()
      }
      line.append(repair)
    }
    return line
  }

  const link = ({ message, startLineNumber, startColumn }) =>
    Object.assign(document.createElement('button'), {
      ...{ type: 'button', className: 'link', textContent: message.split('\n')[0] },
      onclick() {
        editor.revealLineInCenterIfOutsideViewport(startLineNumber)
        editor.setPosition({ lineNumber: startLineNumber, column: startColumn })
        editor.focus()
      },
    })

  function facts({ code, startLineNumber }) {
    const small = Object.assign(document.createElement('small'), { className: 'mono' })
    const name = typeof code === 'object' ? code?.value : code
    small.textContent = [name, t('line {n}', { n: startLineNumber })].filter(Boolean).join(', ')
    return small
  }

  const showPlace = ({ lineNumber, column }) => {
    place.textContent = t('Line {line}, column {column}', { line: lineNumber, column })
  }

  monaco.editor.onDidChangeMarkers((changed) => changed.some((uri) => String(uri) === String(model.uri)) && show())
  editor.onDidChangeCursorPosition(({ position }) => showPlace(position))
  showPlace(editor.getPosition())
  show()
}

/** As Icon of views/parts.tsx; the sprite's address is the one that the page uses. */
function icon(name) {
  const sprite = document.querySelector('svg.icon use').getAttribute('href').split('#')[0]
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', `${sprite}#${name}`)
  svg.append(use)
  return svg
}
