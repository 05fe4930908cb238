/** The gateway's own log as a page: its end, what was before, and what is written while one looks. */
import { GatewayLogPage, LogEntries } from '../../views/gateway-log.tsx'
import { currentLanguage, inLanguage } from '../../views/texts.ts'
import { eventStream, type SseEvent, whileAllowed } from '../http/sse.ts'
import type { LogLevel } from '../system/log-reader.ts'
import type { PageDeps } from './deps.ts'
import { oneOf } from './form.ts'
import { html } from './html.tsx'

const linesShown = 200
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies LogLevel[]

function askedIn(search: URLSearchParams) {
  const level = oneOf(levels, search.get('level'))
  return { level, q: (search.get('q') ?? '').trim().slice(0, 200) }
}

export async function showGatewayLog(
  { gatewayLog, settings, viewer }: PageDeps,
  search: URLSearchParams,
  now: number,
): Promise<Response> {
  const asked = askedIn(search)
  const before = search.get('before') ?? undefined
  const { level, q } = asked
  const shown = await gatewayLog.last({ lines: linesShown, level: level ?? undefined, q, before })
  const written = settings.get('log_level')
  return html(<GatewayLogPage {...{ ...asked, ...shown, written, viewer, now }} isLive={before === undefined} />)
}

/** Server-Sent Events whose data is the entries as the page shows them; their id resumes. */
export function followGatewayLog(
  { gatewayLog, permission }: PageDeps,
  request: Request,
  search: URLSearchParams,
): Response {
  const { level, q } = askedIn(search)
  const after = request.headers.get('last-event-id') ?? search.get('after') ?? undefined
  const language = currentLanguage()
  async function* events(signal: AbortSignal): AsyncGenerator<SseEvent | null> {
    yield null // the answer begins with its first byte
    for await (const batch of gatewayLog.follow({ level: level ?? undefined, q, after }, signal)) {
      if (batch?.isReset) yield { event: 'reset', data: {} }
      yield batch && {
        id: batch.position,
        event: 'entries',
        data: { html: inLanguage(language, () => String(<LogEntries items={batch.items} />)) },
      }
    }
  }
  return eventStream(request, (signal) => whileAllowed(events, signal, permission()))
}
