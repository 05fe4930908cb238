// Starts Swagger UI on the page's own document, in the theme of the other pages.
const element = document.getElementById('swagger')
const root = document.documentElement
const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () =>
  root.classList.toggle('dark-mode', root.dataset.theme === 'dark' || (root.dataset.theme === 'system' && dark.matches))
dark.addEventListener('change', paint)
paint()
// Descriptions are Markdown, which may hold HTML; what authors of scripts write is text.
const textOnly = {
  wrapComponents: {
    Markdown:
      (Markdown, { React }) =>
      ({ source, ...rest }) =>
        React.createElement(Markdown, { ...rest, source: String(source ?? '').replace(/<(?=[a-z/!?])/gi, '&lt;') }),
  },
}
globalThis.SwaggerUIBundle({
  url: element.dataset.document,
  domNode: element,
  deepLinking: true,
  docExpansion: element.dataset.expand ?? 'list',
  // The list of all types, at the end: drawing it takes a fifth of the time, and who wants it unfolds it.
  defaultModelsExpandDepth: 0,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  plugins: [() => textOnly],
  syntaxHighlight: { activated: true, theme: 'nord' },
})
