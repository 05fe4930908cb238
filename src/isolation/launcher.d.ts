/** The source of launcher.js, imported as text. */
declare const source: string
export default source
