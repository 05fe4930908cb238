// The log panel of a run or an installation: shows the part that one looks at, follows what comes, searches, points at lines.
import { at } from './base.js'
import { count } from './format.js'
import { LogWindow } from './log-model.js'
import { LogSearch } from './log-search.js'
import { LogView } from './log-view.js'
import { followQueue } from './queue.js'
import { plural, t } from './texts.js'

const retryMs = [1000, 2000, 5000, 10_000]
const endPx = 30
const nearPx = 1500
const searchQuietMs = 120
/** A flood is drawn some ten times a second. */
const drawQuietMs = 80
const holdMs = 250
const linesAsked = 250
const linesMax = 600
const linesFollowed = 250
const answersToFill = 8
/** As in `views/log.tsx`. */
const shortLinesMax = 26

export function startLog(Alpine, htmx) {
  Alpine.data('log', () => logPanel(htmx))
}

function logPanel(htmx) {
  // Not reactive: a proxy around all of it would be slow.
  const model = new LogWindow()
  let view = null
  let search = null
  let stream = null
  let scroller = null
  let panel = null
  let isOver = false
  let failures = 0
  /** What has come and is not drawn yet. */
  let pending = []
  let pendingFrom = 0
  let drawTimer = null
  /** The last line that the stream has brought, and the last one whose stream was counted. */
  let streamed = 0
  let counted = 0
  let errors = 0
  /** Each time other lines are asked for: the answer to an earlier question is late. */
  let turn = 0
  let isAsking = false
  let lastTop = 0
  let heldUntil = 0
  /** On the way to the first line or the last one. */
  let isGoing = false
  let pausedAt = 0
  let searchTimer = null
  let isFirstLook = true
  let isLookDue = false
  /** A line that the address names and that has not come yet. */
  let awaited = 0

  return {
    follow: true,
    times: false,
    wrap: false,
    errorsOnly: false,
    match: -1,
    matchText: '',
    belowText: '',
    hasBelow: false,

    async init() {
      panel = this.$root
      scroller = this.$refs.view
      scroller.dataset.on = ''
      isOver = panel.dataset.over === 'yes'
      search = new LogSearch(
        (q, after, only) => this.ask('search', { q, after, ...(only ? { stream: only } : {}) }),
        () => this.found(),
      )
      this.scrollToEnd()
      scroller.addEventListener('scroll', () => this.onScroll(), { passive: true })
      addEventListener('hashchange', () => this.goToHash())
      document.addEventListener('keydown', (event) => this.onKey(event))
      document.addEventListener('click', (event) => {
        if (event.target.closest?.('[data-log-last-error]')) this.toLastError()
      })
      const isQueued = document.getElementById('run-status')?.dataset.statusName === 'queued'
      if (isQueued && panel.dataset.kind === 'run')
        return followQueue(Number(panel.dataset.id), htmx, () => this.connect())
      if (panel.dataset.lastSeq === '0' && isOver) return
      if (panel.dataset.before) {
        this.pause()
        await this.open({ before: panel.dataset.before })
      } else if (!(await this.goToHash())) await this.openEnd()
      if (!isOver) this.connect()
    },

    // What the server has

    async ask(what, values) {
      const address = at(`${panel.dataset.api}/${what}?${new URLSearchParams(values)}`)
      const answer = await fetch(address, { cache: 'no-store' }).catch(() => null)
      if (answer && [401, 403].includes(answer.status)) this.leave(answer.status === 401)
      return answer?.ok ? answer.json() : null
    },

    async lines(values) {
      const found = await this.ask('lines', {
        count: linesAsked,
        ...values,
        ...(model.stream ? { stream: model.stream } : {}),
      })
      if (!found) return null
      model.know(found)
      if (found.last >= counted) [counted, errors] = [found.last, found.errors]
      return found
    },

    /** Other lines in place of those that are here. False where they did not come, or nobody waits for them any more. */
    async open(values) {
      turn += 1
      const own = turn
      const found = await this.lines(values)
      if (!found || own !== turn) return false
      turn += 1 // what was asked for meanwhile belonged to the lines that go
      model.set(found.items, found.items.length === 0 ? 0 : undefined)
      if (values.from === undefined && values.before === undefined) model.end = Math.max(model.end, found.last)
      this.show()
      return true
    },

    async openEnd() {
      if (!(await this.open({}))) return
      this.scrollToEnd()
      await this.fill()
    },

    /** One long line is many records: where it is all that has come, the room of those before would look like an empty log. */
    async fill() {
      for (let asked = 0; asked < answersToFill && this.follow && model.hasBefore && view.showsRoom(); asked++) {
        await this.more(true)
        if (this.follow) this.scrollToEnd()
      }
    },

    async openAt(seq) {
      return this.open({ from: Math.max(1, seq - linesAsked / 2) })
    },

    /** The lines before or after those that are here. */
    async more(isBefore) {
      const own = turn
      isAsking = true
      const found = await this.lines(isBefore ? { before: model.after + 1 } : { from: model.end + 1 })
      isAsking = false
      if (!found || own !== turn) return
      if (isBefore) {
        model.prepend(found.items, found.items.length === 0 ? 0 : undefined)
        model.keepStart(linesMax)
      } else {
        model.append(found.items)
        if (found.items.length === 0) model.end = Math.max(model.end, found.last)
        model.keepEnd(linesMax)
      }
      this.show()
      this.look()
    },

    /** Sees to it that a line is here. */
    async reveal(seq) {
      this.pause()
      if (model.lineAt(seq)) turn += 1
      else if (!(await this.openAt(seq))) return null
      return model.lineAt(seq) ?? model.lines[model.indexBefore(seq) + 1] ?? null
    },

    // The stream

    connect() {
      const after = Math.max(streamed, model.last)
      streamed = after
      stream = new EventSource(at(`${panel.dataset.api}/events?after=${after}`))
      stream.addEventListener('open', () => {
        failures = 0
        if (!isOver) this.say('Live', 'yes')
      })
      const { event: name, linesEvent } = panel.dataset
      stream.addEventListener(linesEvent, (event) => this.take(JSON.parse(event.data).lines))
      stream.addEventListener(`${name}_started`, () => this.refresh())
      stream.addEventListener(`${name}_finished`, () => this.finish())
      stream.addEventListener('error', () => this.onLost())
    },

    onLost() {
      if (isOver && stream.readyState === EventSource.CLOSED) return this.finish()
      this.say('Reconnecting', 'lost')
      // The browser comes back by itself, except after an answer that is an error.
      if (stream.readyState === EventSource.CLOSED) this.comeBack()
    },

    /** A stream does not say which error: what it is of does. */
    async comeBack() {
      const answer = await fetch(at(panel.dataset.api), { cache: 'no-store' }).catch(() => null)
      if (answer && [401, 403, 404].includes(answer.status)) return this.leave(answer.status === 401)
      const wait = retryMs[Math.min(failures, retryMs.length - 1)]
      failures += 1
      setTimeout(() => this.connect(), wait)
    },

    /** Nothing comes any more, so nothing goes on either. */
    leave(isSignedOut) {
      if (isSignedOut) this.say('Your session has ended.')
      else
        this.say(
          panel.dataset.kind === 'run'
            ? 'This run is not shown to you any more.'
            : 'This installation is not shown to you any more.',
        )
      for (const time of document.querySelectorAll('time[data-since]')) delete time.dataset.since
      delete document.getElementById('run-status')?.dataset.started
      if (!isSignedOut) return
      const link = document.createElement('a')
      link.href = at(`/sign-in?next=${panel.dataset.page}`)
      link.textContent = t('Sign in again')
      panel.querySelector('[data-log-state]').append(' ', link)
    },

    finish() {
      stream.close()
      const wasOver = isOver
      isOver = true
      this.draw()
      if (view) this.fill()
      if (wasOver) return
      this.endFollowing()
      this.say('Ended at {time} UTC', '', { time: new Date().toISOString().slice(11, 19) })
      // As the server shows a short log that is over: the result comes into view.
      if (model.last <= shortLinesMax) panel.dataset.short = 'yes'
      this.refresh()
    },

    /** Nothing comes any more that could be followed. */
    endFollowing() {
      const button = panel.querySelector('[data-log-follow]')
      if (button === document.activeElement) scroller.focus({ preventScroll: true })
      button?.remove()
    },

    /** The facts, the note and the result as the server writes them. */
    refresh() {
      if (isOver && panel.dataset.over === 'yes') return
      htmx.ajax('GET', at(panel.dataset.fragments), { target: '#run-facts', swap: 'none' })
    },

    take(lines) {
      for (const line of lines) {
        if (line.seq <= streamed) continue
        streamed = line.seq
        if (line.seq > counted) {
          counted = line.seq
          if (line.stream === 'stderr') errors += 1
        }
        if (pending.length === 0) pendingFrom = line.seq
        pending.push(line)
      }
      model.last = Math.max(model.last, streamed)
      // Of a flood, and while nobody looks, only the end will be seen.
      if (this.follow && pending.length > 4 * linesFollowed) {
        pending = pending.slice(-linesFollowed)
        pendingFrom = pending[0].seq
      }
      drawTimer ??= setTimeout(() => requestAnimationFrame(() => this.draw()), drawQuietMs)
    },

    draw() {
      clearTimeout(drawTimer)
      drawTimer = null
      const own = model.stream === null ? pending : pending.filter((line) => line.stream === model.stream)
      const isNext = model.end >= pendingFrom - 1
      if (own.length > 0 && (this.follow || (isNext && model.lines.length < linesMax))) {
        isNext ? model.append(own) : model.set(own)
        model.end = Math.max(model.end, streamed)
        if (this.follow) model.keepEnd(linesFollowed)
        this.show()
      } else if (isNext && own.length === 0) model.end = Math.max(model.end, streamed)
      if (pending.length > 0) this.tellBelow()
      pending = []
      this.showCounts()
      search.goOn()
      if (this.follow) this.scrollToEnd()
      else if (awaited > 0 && awaited <= model.last) this.goToHash()
    },

    show() {
      view ??= new LogView(scroller, this.$refs.lines, model)
      view.sync()
      this.showCounts()
      if (search.query !== '') this.showMarks()
    },

    showCounts() {
      if (model.last >= 100_000) scroller.dataset.digits = Math.min(8, String(model.last).length)
      panel.querySelector('[data-log-count]').textContent = plural(model.places.all, '1 line', '{n} lines')
      const link = panel.querySelector('[data-log-errors]')
      link.hidden = errors === 0
      link.textContent = t('{n} on stderr', { n: count(errors) })
    },

    say(text, live = '', values) {
      const state = panel.querySelector('[data-log-state]')
      state.textContent = t(text, values)
      state.dataset.live = live
    },

    // Where one looks

    onScroll() {
      if (isGoing) return
      if (performance.now() < heldUntil && scroller.scrollTop !== lastTop) return this.putTo(lastTop)
      const top = scroller.scrollTop
      const isAtEnd = scroller.scrollHeight - top - scroller.clientHeight < endPx
      if (this.follow && top < lastTop && !isAtEnd) this.pause()
      lastTop = top
      if (isLookDue || this.follow) return
      isLookDue = true
      requestAnimationFrame(() => {
        isLookDue = false
        this.look()
      })
    },

    /** Sees to it that what is looked at is here, and something before and after it. */
    async look() {
      if (!view || isAsking || this.follow) return
      const { beyond, abovePx, belowPx } = view.looked()
      if (beyond !== null) {
        isAsking = true
        const seq = model.seqAt(beyond)
        const isOpen = await this.openAt(seq)
        isAsking = false
        if (!isOpen) return
        // One may be somewhere else by now.
        if (view.looked().beyond !== null) view.putTop(model.lines[Math.max(0, model.indexBefore(seq))])
        return this.look()
      }
      if (abovePx < nearPx && model.hasBefore) this.more(true)
      else if (belowPx < nearPx && model.hasAfter) this.more(false)
    },

    pause() {
      if (this.follow) pausedAt = model.last
      this.follow = false
    },
    tellBelow() {
      const below = this.follow ? 0 : model.last - pausedAt
      this.hasBelow = below > 0
      this.belowText = plural(below, '1 new line below', '{n} new lines below')
    },
    scrollToEnd() {
      this.putTo(scroller.scrollHeight)
    },
    putTo(top) {
      scroller.scrollTop = top
      lastTop = scroller.scrollTop
    },
    /** Where somebody went by a key or a button. A movement that was still going on does not take him away again. */
    hold(top) {
      this.putTo(top)
      heldUntil = performance.now() + holdMs
    },
    toggleFollow() {
      this.follow ? this.pause() : this.toEnd()
    },
    async toTop() {
      this.pause()
      isGoing = true
      if (model.hasBefore) await this.open({ from: 1 })
      isGoing = false
      this.hold(0)
    },
    async toEnd() {
      this.follow = true
      this.tellBelow()
      isGoing = true
      if (model.hasAfter || !view) await this.openEnd()
      isGoing = false
      if (this.follow) this.hold(scroller.scrollHeight)
    },
    /** False where the address names no line, or one that is not there yet. */
    async goToHash() {
      const seq = Number(/^#L(\d+)$/.exec(location.hash)?.[1] ?? 0)
      awaited = 0
      if (seq === 0) return false
      const line = await this.reveal(seq)
      if (seq > model.last) awaited = seq
      if (!line || awaited > 0) return false
      view.point(line.seq)
      view.show(line)
      return true
    },
    async toLastError() {
      const found = await this.ask('lines', { stream: 'stderr', count: 1 })
      const line = found?.items[0] && (await this.reveal(found.items[0].seq))
      if (!line) return
      view.point(line.seq)
      view.show(line)
      scroller.focus()
    },

    // How it looks

    toggleTimes() {
      this.times = !this.times
      scroller.toggleAttribute('data-times', this.times)
    },
    toggleWrap() {
      this.wrap = !this.wrap
      const top = view?.topLine()
      scroller.toggleAttribute('data-wrap', this.wrap)
      view?.remeasure()
      if (this.follow) this.scrollToEnd()
      else if (top) view.putTop(top)
    },
    async toggleErrors() {
      this.errorsOnly = !this.errorsOnly
      model.stream = this.errorsOnly ? 'stderr' : null
      const top = view?.topLine()
      if (this.follow || !top) await this.openEnd()
      else {
        await this.open({ from: this.errorsOnly ? top.seq : Math.max(1, top.seq - linesAsked / 2) })
        if (model.lines.length === 0) await this.open({})
        view.putTop(model.lines[Math.max(0, model.indexBefore(top.seq))] ?? top)
        this.look()
      }
      if (this.$refs.query.value !== '') this.find()
    },

    // Searching

    search() {
      clearTimeout(searchTimer)
      searchTimer = setTimeout(() => this.find(), searchQuietMs)
    },
    find() {
      this.match = -1
      isFirstLook = true
      search.start(this.$refs.query.value, model.stream)
    },
    /** More of it has been looked through. */
    found() {
      this.tellMatch()
      if (this.match !== -1) return
      if (search.total > 0) this.match = 0
      // What is found later, in lines that have come since, pulls nobody away.
      isFirstLook && search.total > 0 ? this.showMatch() : this.showMarks()
      if (search.isComplete) isFirstLook = false
    },
    step(by) {
      if (search.total === 0) return
      this.match = (this.match + by + search.total) % search.total
      this.showMatch()
    },
    next() {
      this.step(1)
    },
    previous() {
      this.step(-1)
    },
    async showMatch() {
      this.tellMatch()
      const line = await this.reveal(search.at(this.match).seq)
      if (!line) return
      this.showMarks()
      view.show(line)
    },
    showMarks() {
      const at = this.match === -1 ? null : search.at(this.match)
      const line = at && model.lineAt(at.seq)
      view?.mark(search.query, line ? { line, nth: at.nth } : null)
    },
    tellMatch() {
      const all = count(search.total) + (search.isComplete ? '' : '+')
      this.matchText = search.query === '' ? '' : `${count(this.match + 1)} / ${all}`
    },
    searchKey(event) {
      if (event.key === 'Enter') {
        event.preventDefault()
        this.step(event.shiftKey ? -1 : 1)
      } else if (event.key === 'Escape') {
        this.$refs.query.value = ''
        this.find()
        scroller.focus()
      }
    },
    onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target.matches?.('input, textarea, select')) return
      if (event.key === 'f') this.toggleFollow()
      else if (event.key === 'n') this.next()
      else if (event.key === 'N') this.previous()
      else if (!scroller.contains(event.target)) return
      else if (event.key === 'End' || event.key === 'Home') {
        event.preventDefault() // the browser's own way there goes on while other lines are put in
        event.key === 'End' ? this.toEnd() : this.toTop()
      }
    },
  }
}
