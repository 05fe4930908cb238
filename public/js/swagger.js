// Starts Swagger UI on the page's own document, in the theme of the other pages.
const element = document.getElementById('swagger')
const root = document.documentElement
const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () =>
  root.classList.toggle('dark-mode', root.dataset.theme === 'dark' || (root.dataset.theme === 'system' && dark.matches))
dark.addEventListener('change', paint)
paint()
globalThis.SwaggerUIBundle({
  url: element.dataset.document,
  domNode: element,
  deepLinking: true,
  docExpansion: 'list',
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  syntaxHighlight: { activated: true, theme: 'nord' },
})
