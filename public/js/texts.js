// What people read, in their language. A text in English is its own key; a dictionary has it in another language.

let dictionary = () => undefined

/** `find`: answers the dictionary in force, or undefined for English. The server has one for each request. */
export const speakBy = (find) => {
  dictionary = find
}

/**
 * A text with its `{places}` filled in. What stands behind `|` in a key tells two meanings of one word apart and is not shown:
 * `Run|verb`. Values are put in as they are: for markup there is `t` of views/texts.ts.
 */
export function t(text, values) {
  const found = dictionary()?.[text] ?? english(text)
  if (!values) return found
  return found.replace(/\{(\w+)\}/g, (place, name) => (Object.hasOwn(values, name) ? String(values[name]) : place))
}

/** One or many, for languages that tell them apart. Both texts have the place `{n}`, or the first one has none. */
export const plural = (n, one, many, values) => t(n === 1 ? one : many, { n: shown(n), ...values })

/** 48,112, as in format.js, which needs this file. */
const shown = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

const english = (text) => {
  const end = text.indexOf('|')
  return end === -1 ? text : text.slice(0, end)
}

/** In a browser: the dictionary of the page's language, before anything is shown. */
export async function loadTexts() {
  if (document.documentElement.lang !== 'zh-CN') return
  const { zh } = await import('./texts-zh.js')
  speakBy(() => zh)
}
