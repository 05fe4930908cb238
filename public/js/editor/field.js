// The plain text field: the editor of phones, and of every browser until Monaco is there.

/** What the Code tab asks of an editor; monaco.js has the same. */
export function createField(area) {
  return {
    get: () => area.value,
    set(text) {
      area.focus()
      area.select()
      // As if it was typed, so that it can be undone.
      if (!document.execCommand('insertText', false, text)) area.value = text
      area.dispatchEvent(new Event('input'))
      area.setSelectionRange(0, 0)
    },
    onInput: (act) => area.addEventListener('input', act),
    focus: () => area.focus(),
    goTo(line) {
      const lines = area.value.split('\n')
      const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0)
      area.focus()
      area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0))
      area.scrollTop = Math.max(0, (line - 5) * Number.parseFloat(getComputedStyle(area).lineHeight))
    },
    showError() {},
    format: null,
  }
}
