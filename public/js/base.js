// Below which path the gateway is shown: a proxy may give it one, and then the page says so.
const base = document.documentElement.dataset.base ?? ''

/** The address that the browser asks for. */
export const at = (path) => base + path

/** The parts of an address of ours: of /scripts/5 they are scripts and 5. */
export const partsOf = (path) => path.slice(path.startsWith(`${base}/`) ? base.length + 1 : 1).split('/')
