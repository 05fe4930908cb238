// One event stream a page; what it tells is fetched again as fragments, a little later and together.
import { at } from './base.js'
import { freshHandlers } from './fresh.js'
import { plural, t } from './texts.js'
import { toast } from './ui.js'

const quietMs = 400
const retryMs = 5000
const idsMax = 100

/** A form was sent whose answer is the next page: loading this one again would take that one's place. */
let isLeaving = false

export function startLive(htmx) {
  document.addEventListener('submit', (event) =>
    setTimeout(() => {
      if (!event.defaultPrevented && event.target.method !== 'dialog') isLeaving = true
    }),
  )
  const page = pages[document.body.dataset.page]
  const parts = [page ? page(htmx) : {}, freshHandlers(collect)]
  const handlers = parts.flatMap(({ missed: _, ...events }) => Object.entries(events))
  const missed = () => {
    for (const part of parts) part.missed?.()
  }
  if (handlers.length > 0) connect(handlers, missed)
}

/** `missed`: brings up to date what may have changed while nothing was told. */
function connect(handlers, missed, wasLost = false) {
  const source = new EventSource(at('/api/events'))
  for (const [name, handle] of handlers) source.addEventListener(name, (event) => handle(JSON.parse(event.data)))
  source.addEventListener('ready', () => {
    if (wasLost) missed()
    wasLost = false
  })
  // The browser comes back by itself, except after an answer that is an error.
  source.addEventListener('error', () => {
    wasLost = true
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(handlers, missed, true), retryMs)
  })
}

/** Calls `act` with the ids that came in, at most once in quietMs, and not again before it is done. */
function collect(act) {
  const ids = new Set()
  let timer = null
  const start = () => {
    timer = setTimeout(async () => {
      const taken = [...ids].slice(0, idsMax)
      ids.clear()
      try {
        await act(taken)
      } finally {
        timer = null
        if (ids.size > 0) start()
      }
    }, quietMs)
  }
  return (id) => {
    ids.add(id)
    if (timer === null) start()
  }
}

const pages = {
  dashboard(htmx) {
    const isShown = (id) => document.getElementById(`script-${id}`) !== null
    const fresh = new Set()
    const rows = collect((ids) => {
      if (!document.getElementById('rail')) return
      const search = new URLSearchParams(location.search)
      search.set('ids', ids.filter(isShown).join(','))
      return htmx.ajax('GET', at(`/fragments/live?${search}`), { target: '#rail', swap: 'none' })
    })
    const changed = (id) => {
      if (!document.getElementById('filters')) return location.reload()
      rows(id)
      if (!isShown(id)) showNewScripts(fresh.add(id).size)
    }
    return {
      missed: () => numbersOf('#script-rows > tr').concat(0).forEach(rows),
      runs: ({ script_id }) => rows(script_id),
      // Of those that are further below nobody knows whether they are new.
      scripts: ({ ids }) => ids.filter((id) => isShown(id) || id > newestScript()).forEach(changed),
    }
  },

  script(htmx) {
    const own = Number(document.querySelector('[data-script]')?.dataset.script)
    const recent = collect(() => {
      if (!document.getElementById('recent')) return
      htmx.ajax('GET', location.pathname, { target: '#recent', select: '#recent', swap: 'outerMorph' })
    })
    const changed = () => {
      if (document.getElementById('code-form')) return document.dispatchEvent(new Event('script-changed'))
      if (document.querySelector('form[data-touched]'))
        toast(t('This script has changed.'), { word: t('Load it again'), act: () => location.reload() })
      else if (!isLeaving) location.reload()
    }
    const packages = collect(() => {
      refresh('packages-note', location.pathname)
      for (const id of ['packages', 'packages-facts']) refresh(id, `${location.pathname}?tab=dependencies`)
    })
    const rows = collect((ids) => {
      const shown = ids.filter((id) => document.getElementById(`run-${id}`))
      if (shown.length > 0)
        htmx.ajax('GET', at(`/fragments/executions?ids=${shown.join(',')}`), { target: '#runs', swap: 'none' })
    })
    const arrived = new Set()
    const history = document.getElementById('history')
    const happened = ({ id, status }) => {
      if (!history) return recent(own)
      const newest = Number(document.getElementById('runs')?.dataset.newest ?? 0)
      if (document.getElementById(`run-${id}`)) rows(id)
      else if (id > newest && isWanted(own, status)) showArrivals(arrived.add(id).size)
    }
    const refresh = (id, address) =>
      document.getElementById(id) &&
      htmx.ajax('GET', address, { target: `#${id}`, select: `#${id}`, swap: 'outerMorph' })
    return {
      missed() {
        packages(own)
        history ? numbersOf('#runs-body > tr').forEach(rows) : recent(own)
      },
      dependencies: ({ script_ids }) => script_ids.includes(own) && packages(own),
      runs: (run) => run.script_id === own && happened(run),
      scripts: ({ ids }) => ids.includes(own) && changed(),
    }
  },

  dependencies(htmx) {
    const changed = collect(() =>
      htmx.ajax('GET', at('/fragments/dependencies') + location.search, { target: '#declaring', swap: 'none' }),
    )
    return { missed: () => changed(0), dependencies: ({ installation }) => changed(installation.id) }
  },

  executions(htmx) {
    const refresh = collect((ids) => {
      const { newest, longest } = document.getElementById('runs').dataset
      const shown = new Set([...ids.filter((id) => document.getElementById(`run-${id}`)), ...waiting()])
      const search = new URLSearchParams(location.search)
      const isFirst = !search.get('before') && !search.get('after') && (search.get('sort') ?? 'newest') === 'newest'
      const hasNew = isFirst && ids.some((id) => id > Number(newest))
      if (shown.size === 0 && !hasNew) return
      search.set('ids', [...shown].join(','))
      search.set('longest', longest ?? 1)
      if (hasNew) search.set('since', newest)
      if (!document.getElementById('bulk')) search.set('select', 'no')
      return htmx.ajax('GET', at(`/fragments/executions?${search}`), { target: '#results', swap: 'none' })
    })
    return {
      missed: () => [Number.MAX_SAFE_INTEGER, ...numbersOf('#runs-body > tr')].forEach(refresh),
      dependencies: () => waiting().slice(0, 1).forEach(refresh),
      runs: ({ id, status }) => (status === 'deleted' ? document.getElementById(`run-${id}`)?.remove() : refresh(id)),
    }
  },
}

/** Of the rows that are here, as their ids end. */
const numbersOf = (rows) => [...document.querySelectorAll(rows)].flatMap(({ id }) => Number(/\d+$/.exec(id)?.[0] ?? []))

/** Numbers are given in order. */
const newestScript = () => Number(document.getElementById('counts')?.dataset.newest ?? 0)

/** They wait behind a link, as new runs do; in an address of its own they are the ones asked for. */
function showNewScripts(number) {
  const bar = document.getElementById('new-scripts')
  if (!bar) return location.reload()
  bar.querySelector('a').href = location.href
  bar.querySelector('span').textContent = plural(number, '1 new script', '{n} new scripts')
  bar.hidden = false
}

/** The rows whose place in the queue may be another one now. */
const waiting = () =>
  [...document.querySelectorAll('#runs-body tr:has([data-status="queued"])')].map(({ id }) => Number(id.slice(4)))

/** Whether the filters in the address let a run through. */
function isWanted(scriptId, status) {
  const asked = new URLSearchParams(location.search)
  const [script, state] = [asked.get('script_id'), asked.get('status')]
  return (!script || Number(script) === scriptId) && (!state || state === status)
}

/** Nothing moves under the reader: new runs wait behind a link. */
function showArrivals(number) {
  const bar = document.getElementById('arrivals')
  if (!bar) return location.reload()
  const link = bar.querySelector('[data-arrivals]')
  link.href = withoutPage(location.href)
  bar.querySelector('[data-arrivals-text]').textContent = plural(number, '1 new run', '{n} new runs')
  bar.hidden = false
}

function withoutPage(href) {
  const url = new URL(href)
  url.searchParams.delete('before')
  url.searchParams.delete('after')
  return url.pathname + url.search
}
