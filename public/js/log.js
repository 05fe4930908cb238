// The log panel of a run or an installation: follows its event stream, pauses, searches, points at lines.
import { at } from './base.js'
import { count } from './format.js'
import { LogModel } from './log-model.js'
import { LogView } from './log-view.js'
import { followQueue } from './queue.js'

const retryMs = [1000, 2000, 5000, 10_000]
const endPx = 30
const searchQuietMs = 120

export function startLog(Alpine, htmx) {
  Alpine.data('log', () => logPanel(htmx))
}

function logPanel(htmx) {
  // Not reactive: a proxy around a hundred thousand lines would be slow.
  const model = new LogModel()
  let view = null
  let stream = null
  let scroller = null
  let panel = null
  let isOver = false
  let failures = 0
  let changedFrom = -1
  let lastTop = 0
  let searchTimer = null
  let matches = []

  return {
    follow: true,
    times: false,
    wrap: false,
    errorsOnly: false,
    match: -1,
    matchText: '',

    init() {
      panel = this.$root
      scroller = this.$refs.view
      isOver = panel.dataset.over === 'yes'
      scroller.scrollTop = scroller.scrollHeight
      scroller.addEventListener('scroll', () => this.onScroll(), { passive: true })
      addEventListener('hashchange', () => this.goToHash())
      document.addEventListener('keydown', (event) => this.onKey(event))
      document.addEventListener('click', (event) => {
        if (event.target.closest?.('[data-log-last-error]')) this.toLastError()
      })
      this.follow = !/^#L\d+$/.test(location.hash)
      const isQueued = document.getElementById('run-status')?.dataset.statusName === 'queued'
      if (isQueued && panel.dataset.kind === 'run') followQueue(Number(panel.dataset.id), htmx, () => this.connect())
      else this.connect()
    },

    // The stream

    connect() {
      stream = new EventSource(at(`${panel.dataset.api}/events?after=${model.lastSeq}`))
      stream.addEventListener('open', () => {
        failures = 0
        this.say(isOver ? null : 'Live')
      })
      const { event: name, linesEvent } = panel.dataset
      stream.addEventListener(linesEvent, (event) => this.take(JSON.parse(event.data).lines))
      stream.addEventListener(`${name}_started`, () => this.refresh())
      stream.addEventListener(`${name}_finished`, () => this.finish())
      stream.addEventListener('error', () => this.onLost())
    },

    onLost() {
      if (isOver && stream.readyState === EventSource.CLOSED) return this.finish()
      this.say('Reconnecting')
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
      this.say(isSignedOut ? 'Your session has ended.' : `This ${panel.dataset.kind} is not shown to you any more.`)
      for (const time of document.querySelectorAll('time[data-since]')) delete time.dataset.since
      delete document.getElementById('run-status')?.dataset.started
      if (!isSignedOut) return
      const link = document.createElement('a')
      link.href = at(`/sign-in?next=${panel.dataset.page}`)
      link.textContent = 'Sign in again'
      panel.querySelector('[data-log-state]').append(' ', link)
    },

    finish() {
      stream.close()
      const wasOver = isOver
      isOver = true
      this.takeOver()
      this.draw()
      if (wasOver) return
      this.say(`Ended at ${new Date().toISOString().slice(11, 19)} UTC`)
      this.refresh()
    },

    /** The facts, the note and the result as the server writes them. */
    refresh() {
      if (isOver && panel.dataset.over === 'yes') return
      htmx.ajax('GET', at(panel.dataset.fragments), { target: '#run-facts', swap: 'none' })
    },

    /** Many events may come in one frame: they are drawn together. */
    take(lines) {
      const first = model.add(lines)
      if (first === -1) return
      if (changedFrom === -1) requestAnimationFrame(() => this.draw())
      changedFrom = changedFrom === -1 ? first : Math.min(changedFrom, first)
      if (model.lastSeq >= Number(panel.dataset.lastSeq)) this.takeOver()
    },

    /** What the server wrote stays until all of it has come here. */
    takeOver() {
      if (view || model.lines.length === 0) return
      view = new LogView(scroller, this.$refs.lines, model)
      view.onDrawn = () => this.follow && this.scrollToEnd()
      if (this.errorsOnly) view.filter(isError)
      if (!this.goToHash() && this.follow) this.scrollToEnd()
    },

    draw() {
      if (changedFrom === -1) return
      const from = changedFrom
      changedFrom = -1
      if (!view) return
      view.update(from)
      this.showCounts()
      if (matches.length > 0 || this.$refs.query.value !== '') this.findAgain()
      if (this.follow) this.scrollToEnd()
      else if (location.hash.startsWith('#L')) this.goToHashOnce()
    },

    showCounts() {
      panel.querySelector('[data-log-count]').textContent =
        `${count(model.lines.length)} ${model.lines.length === 1 ? 'line' : 'lines'}`
      const errors = panel.querySelector('[data-log-errors]')
      errors.hidden = model.errors === 0
      errors.textContent = `${count(model.errors)} on stderr`
    },

    say(text) {
      if (text === null) return
      const state = panel.querySelector('[data-log-state]')
      state.textContent = text
      state.dataset.live = text === 'Live' ? 'yes' : text === 'Reconnecting' ? 'lost' : ''
    },

    // Where one looks

    onScroll() {
      const top = scroller.scrollTop
      const isAtEnd = scroller.scrollHeight - top - scroller.clientHeight < endPx
      if (this.follow && top < lastTop && !isAtEnd) this.follow = false
      lastTop = top
    },
    scrollToEnd() {
      scroller.scrollTop = scroller.scrollHeight
      lastTop = scroller.scrollTop
    },
    toggleFollow() {
      this.follow = !this.follow
      if (this.follow) this.scrollToEnd()
    },
    toTop() {
      this.follow = false
      scroller.scrollTop = 0
    },
    toEnd() {
      this.follow = true
      this.scrollToEnd()
    },
    goToHash() {
      const seq = Number(/^#L(\d+)$/.exec(location.hash)?.[1] ?? 0)
      const index = seq === 0 ? -1 : model.indexOf(seq)
      if (index === -1 || !view) return false
      this.follow = false
      view.show(index, true)
      return true
    },
    /** A line that had not come yet when the page was opened at it. */
    goToHashOnce() {
      if (this.reached) return
      this.reached = this.goToHash()
    },
    toLastError() {
      const index = model.lines.findLastIndex(({ stream: name }) => name === 'stderr')
      if (index === -1 || !view) return
      this.follow = false
      view.show(index, true)
      scroller.focus()
    },

    // How it looks

    toggleTimes() {
      this.times = !this.times
      scroller.toggleAttribute('data-times', this.times)
    },
    toggleWrap() {
      this.wrap = !this.wrap
      scroller.toggleAttribute('data-wrap', this.wrap)
      view?.remeasure()
      if (this.follow) this.scrollToEnd()
    },
    toggleErrors() {
      this.errorsOnly = !this.errorsOnly
      view?.filter(this.errorsOnly ? isError : () => true)
      if (this.$refs.query.value !== '') this.find()
      if (this.follow) this.scrollToEnd()
    },

    // Searching

    search() {
      clearTimeout(searchTimer)
      searchTimer = setTimeout(() => this.find(), searchQuietMs)
    },
    find() {
      matches = model.search(this.$refs.query.value, this.errorsOnly ? isError : () => true)
      this.match = matches.length > 0 ? 0 : -1
      this.showMatch()
    },
    /** New lines came: the match one is at stays. */
    findAgain() {
      const known = matches.length
      matches = model.search(this.$refs.query.value, this.errorsOnly ? isError : () => true)
      if (matches.length === known) return
      if (this.match === -1) this.match = 0
      this.tellMatch()
      view.mark(matches, matches[this.match] ?? null)
    },
    step(by) {
      if (matches.length === 0) return
      this.match = (this.match + by + matches.length) % matches.length
      this.showMatch()
    },
    next() {
      this.step(1)
    },
    previous() {
      this.step(-1)
    },
    showMatch() {
      this.tellMatch()
      if (!view) return
      const match = matches[this.match] ?? null
      view.mark(matches, match)
      if (!match) return
      this.follow = false
      view.show(match.index, false)
    },
    tellMatch() {
      const isAsked = this.$refs.query.value !== ''
      this.matchText = isAsked ? `${this.match + 1} / ${count(matches.length)}` : ''
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
      else if (event.key === 'End' && scroller.contains(event.target)) this.toEnd()
    },
  }
}

const isError = ({ stream }) => stream === 'stderr'
