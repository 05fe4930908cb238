// The gateway's own log: what is written arrives by its stream, and waits while somebody reads further up.
import { at } from './base.js'
import { plural, t } from './texts.js'

const rowsMax = 2000
const endPx = 40
const retryMs = 4000

export function start() {
  const panel = document.querySelector('[data-gateway-log]')
  const view = document.querySelector('[data-log-view]')
  view.scrollTop = view.scrollHeight
  if (!panel) return
  const find = (name) => panel.querySelector(`[data-${name}]`)
  const list = find('entries')
  const follower = find('follow')
  const more = find('more')
  const word = find('live-word')
  /** Rows that came while it was paused. */
  let waiting = []
  let follows = true
  let lastId = new URL(panel.dataset.gatewayLog, location.href).searchParams.get('after')

  const say = (state, text) => {
    word.dataset.live = state
    word.textContent = text
  }
  const showCount = () => {
    find('count').textContent = plural(list.children.length, '1 entry', '{n} entries')
    more.hidden = waiting.length === 0
    more.querySelector('span').textContent = plural(waiting.length, '1 new entry', '{n} new entries')
  }
  const show = () => {
    list.append(...waiting.splice(0))
    while (list.children.length > rowsMax) list.firstElementChild.remove()
    find('nothing')?.remove()
    view.scrollTop = view.scrollHeight
  }
  const setFollow = (wanted) => {
    follows = wanted
    follower.setAttribute('aria-pressed', String(wanted))
    if (wanted) show()
    showCount()
  }

  follower.addEventListener('click', () => setFollow(!follows))
  more.addEventListener('click', () => setFollow(true))
  view.addEventListener('scroll', () => {
    const isAtEnd = view.scrollHeight - view.scrollTop - view.clientHeight < endPx
    if (isAtEnd !== follows) setFollow(isAtEnd)
  })
  document.addEventListener('keydown', ({ key, target, ctrlKey, metaKey, altKey }) => {
    if (key === 'f' && !ctrlKey && !metaKey && !altKey && !target.closest('input, textarea, select'))
      setFollow(!follows)
  })

  const connect = () => {
    const address = new URL(at(panel.dataset.gatewayLog), location.href)
    address.searchParams.set('after', lastId)
    const source = new EventSource(address)
    source.addEventListener('open', () => say('yes', t('Live')))
    source.addEventListener('reset', () => location.reload())
    source.addEventListener('entries', ({ data, lastEventId }) => {
      lastId = lastEventId
      const rows = document.createElement('ol')
      rows.innerHTML = JSON.parse(data).html // the server's own, escaped there
      waiting = [...waiting, ...rows.children].slice(-rowsMax)
      if (follows) show()
      showCount()
    })
    source.addEventListener('error', () => {
      say('lost', t('Reconnecting'))
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, retryMs)
    })
  }
  connect()
}
