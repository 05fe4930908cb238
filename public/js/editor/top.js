// What stands around the editor is what the file is now: its state, what is wrong with it, how many parameters it has.
import htmx from '../../vendor/htmx.js'

const parts = ['[data-tabs]', '#code-outcome', '#code-size']

/** Reads the page again and shows all of it but the editor. */
export async function freshenTop() {
  const answer = await fetch(location.pathname + location.search, { headers: { accept: 'text/html' } }).catch(
    () => null,
  )
  if (!answer?.ok || answer.redirected) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const [was, is] = [aboveTabs(document), aboveTabs(page)]
  if (is.length === 0) return
  if (markupOf(was) !== markupOf(is)) {
    was[0].before(...is)
    for (const old of was) old.remove()
    for (const part of is) htmx.process(part)
  }
  for (const selector of parts) {
    const [old, now] = [document.querySelector(selector), page.querySelector(selector)]
    if (old && now && old.outerHTML !== now.outerHTML) old.replaceWith(now)
  }
}

/** The head of the page, and the notes below it. */
function aboveTabs(page) {
  const tabs = page.querySelector('[data-tabs]')
  return tabs ? [...tabs.parentElement.children].filter((part) => part.compareDocumentPosition(tabs) & 4) : []
}

const markupOf = (elements) => elements.map(({ outerHTML }) => outerHTML).join('')
