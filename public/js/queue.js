// While a run waits for its slot: its place in the queue moves, and when its turn comes its own stream begins.
import { at } from './base.js'

const quietMs = 700
const retryMs = 3000

/** Calls `onBegun` once, when the run waits no more. Until then the page needs no other stream. */
export function followQueue(id, htmx, onBegun) {
  let timer = null
  let isOver = false
  let source = null

  function connect() {
    source = new EventSource(at('/api/events'))
    // What happened before, or while the stream was broken, has not been told.
    for (const name of ['ready', 'reset']) source.addEventListener(name, lookSoon)
    source.addEventListener('runs', (event) => {
      const run = JSON.parse(event.data)
      if (run.id === id && run.status !== 'queued') end()
      else lookSoon()
    })
    // What it waits for may be there: it lines up, and that is told by nothing else.
    source.addEventListener('dependencies', lookSoon)
    // The browser comes back by itself, except after an answer that is an error.
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED && !isOver) setTimeout(connect, retryMs)
    })
  }

  /** However much happens, at most one look in quietMs. */
  function lookSoon() {
    if (isOver) return
    timer ??= setTimeout(look, quietMs)
  }

  async function look() {
    await htmx.ajax('GET', at(`/fragments/runs/${id}/place`), { target: '#run-facts', swap: 'none' }).catch(() => {})
    timer = null
    if (document.getElementById('run-status').dataset.statusName !== 'queued') end()
    // Right after a start the gateway does not know the place yet, and nobody tells when it does.
    else if (!document.getElementById('run-place')?.dataset.place) lookSoon()
  }

  function end() {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    source.close()
    onBegun()
  }

  connect()
}
