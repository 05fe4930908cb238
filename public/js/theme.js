// Runs before the first paint, so that a chosen theme never flashes.
;(() => {
  let theme = 'system'
  try {
    theme = localStorage.getItem('theme') ?? theme
  } catch {
    // Storage may be forbidden: the system's theme it is.
  }
  document.documentElement.dataset.theme = theme
  document.documentElement.dataset.js = ''
})()
