// Monaco in the colours of the pages, which are tokens: read as they are now, and again when the theme changes.

const names = ['surface', 'text', 'muted', 'faint', 'line', 'line-strong', 'raised', 'sunken', 'accent', 'bad', 'warn']
const syntax = { key: 'keyword', str: 'string', num: 'number', fn: 'function', com: 'comment' }

/** `editor`: Monaco's. */
export function followTheme(editor) {
  const show = () => {
    const colours = readColours()
    const isDark = luminance(colours.surface) < 0.5
    editor.defineTheme('gateway', {
      base: isDark ? 'vs-dark' : 'vs',
      inherit: true,
      rules: rulesOf(colours),
      colors: {
        'editor.background': colours.surface,
        'editor.foreground': colours.text,
        'editorLineNumber.foreground': colours.faint,
        'editorLineNumber.dimmedForeground': colours.faint, // of the empty line at the end, which was too pale to read
        'editorLineNumber.activeForeground': colours.text,
        'editor.lineHighlightBackground': `${colours.text}0b`,
        'editor.lineHighlightBorder': '#00000000',
        'editor.selectionBackground': `${colours.accent}47`,
        'editorCursor.foreground': colours.text,
        'editorIndentGuide.background1': colours.line,
        'editorIndentGuide.activeBackground1': colours['line-strong'],
        'editorWidget.background': colours.raised,
        'editorWidget.border': colours.line,
        'menu.background': colours.raised,
        'menu.foreground': colours.text,
        'menu.border': colours['line-strong'],
        'menu.separatorBackground': colours.line,
        'menu.selectionBackground': `${colours.accent}2e`,
        'menu.selectionForeground': colours.text,
        'quickInput.background': colours.raised,
        'quickInputList.focusBackground': `${colours.accent}2e`,
        'quickInputList.focusForeground': colours.text,
        'widget.border': colours['line-strong'],
        focusBorder: colours.accent,
        'editorSuggestWidget.background': colours.raised,
        'editorSuggestWidget.border': colours.line,
        'editorSuggestWidget.selectedBackground': `${colours.accent}33`,
        'editorSuggestWidget.selectedForeground': colours.text,
        'editorSuggestWidget.highlightForeground': colours.accent,
        'editorSuggestWidget.focusHighlightForeground': colours.accent,
        'editorHoverWidget.background': colours.raised,
        'editorHoverWidget.border': colours.line,
        'input.background': colours.surface,
        'input.border': colours['line-strong'],
        'list.hoverBackground': `${colours.text}0e`,
        'editorError.foreground': colours.bad,
        'editorWarning.foreground': colours.warn,
        'textLink.foreground': colours.accent,
        'scrollbar.shadow': '#00000000',
        'editorOverviewRuler.border': '#00000000',
      },
    })
    editor.setTheme('gateway')
  }
  show()
  new MutationObserver(show).observe(document.documentElement, { attributeFilter: ['data-theme'] })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show)
}

function rulesOf(colours) {
  const rules = Object.entries(syntax).map(([name, token]) => ({ token, foreground: colours[`syn-${name}`].slice(1) }))
  const [key, string, , fn, comment] = rules
  return [
    { token: '', foreground: colours.text.slice(1) },
    ...rules,
    { ...comment, fontStyle: 'italic' },
    { token: 'identifier', foreground: colours.text.slice(1) },
    { token: 'delimiter', foreground: colours.text.slice(1) },
    { token: 'type.identifier', foreground: fn.foreground },
    { token: 'tag', foreground: fn.foreground },
    { token: 'string.escape', foreground: string.foreground },
    { token: 'regexp', foreground: string.foreground },
    { token: 'keyword.flow', foreground: key.foreground },
  ]
}

function readColours() {
  const probe = document.createElement('span')
  probe.hidden = true
  document.body.append(probe)
  const all = [...names, ...Object.keys(syntax).map((name) => `syn-${name}`)]
  const colours = Object.fromEntries(
    all.map((name) => {
      probe.style.color = `var(--${name})`
      return [name, hexOf(getComputedStyle(probe).color)]
    }),
  )
  probe.remove()
  return colours
}

const hexOf = (rgb) =>
  `#${rgb
    .match(/[\d.]+/g)
    .slice(0, 3)
    .map((part) => Math.round(Number(part)).toString(16).padStart(2, '0'))
    .join('')}`

const luminance = (hex) =>
  [1, 3, 5].reduce((sum, from) => sum + Number.parseInt(hex.slice(from, from + 2), 16), 0) / (3 * 255)
