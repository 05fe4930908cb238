// Below which path the gateway is shown: a proxy may give it one, and then the page says so.
const base = document.documentElement.dataset.base ?? ''

/** The address that the browser asks for. */
export const at = (path) => base + path
