/** The pages on made-up data: `bun tests/pages/preview.ts [PORT]`. Nothing runs; the streams are played from the sample. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logEventStream } from '../../src/logs/events.ts'
import { followEnded, installationEvents as namesOfEvents } from '../../src/logs/follow.ts'
import { recordPrefix } from '../../src/logs/log-format.ts'
import { createLogIndexes } from '../../src/logs/log-index.ts'
import { readRange } from '../../src/logs/log-range.ts'
import { searchLog } from '../../src/logs/log-search.ts'
import { languageOf } from '../../src/pages/language.ts'
import { createPages } from '../../src/pages/pages.tsx'
import type { LogLine } from '../../src/runs/model.ts'
import { inLanguage } from '../../views/texts.ts'
import { createFake, type Fake } from './fake.ts'
import { run, sampleLines } from './samples.ts'

export interface Preview {
  url: string
  fake: Fake
  /** Sends an event to whoever follows /api/events. */
  tell(event: string, data: unknown): void
  /** How often /api/events has been followed so far. */
  followed(): number
  /** Breaks every stream that is open; browsers come back. */
  cut(): void
  /** From now on, or no more, whoever asks for a run is refused with this status. */
  refuse(status: number | null): void
  /** Ends the running run 48000 as failed, for those who follow it. */
  end(): void
  stop(): void
}

export function startPreview({ port = 0, scripts }: { port?: number; scripts?: number } = {}): Preview {
  const fake = createFake({ scripts })
  const pages = createPages(() => fake)
  const followers = new Set<(text: string) => void>()
  const runFollowers = new Set<(text: string) => void>()
  const open = new Set<() => void>()
  let followed = 0
  let refusal: number | null = null
  const server = Bun.serve({
    port,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    fetch: (request) => {
      const { pathname, searchParams } = new URL(request.url)
      if (pathname === '/api/events') {
        followed += 1
        return stream(request, followers, [sse('ready', {})], open)
      }
      if (refusal !== null && pathname.startsWith('/api/runs/')) return new Response(null, { status: refusal })
      const id = /^\/api\/runs\/(\d+)\/events$/.exec(pathname)?.[1]
      if (id)
        return runEvents(
          request,
          Number(id),
          Number(request.headers.get('last-event-id') ?? searchParams.get('after') ?? 0),
        )
      const [, kind, of, what] = /^\/api\/(runs|installations)\/(\d+)\/(lines|search)$/.exec(pathname) ?? []
      if (what) return logs(`${kind}-${of}`, what, searchParams, () => linesOf(kind === 'runs', Number(of)))
      const installation = /^\/api\/installations\/(\d+)\/events$/.exec(pathname)?.[1]
      if (installation) return installationEvents(request, Number(installation), searchParams.get('after') ?? undefined)
      if (pathname.startsWith('/static/'))
        return new Response(picture, { headers: { 'content-type': 'image/svg+xml' } })
      return inLanguage(languageOf(request), () => pages.handle(request))
    },
  })

  const logs = createLogs()
  const linesOf = (isRun: boolean, id: number) =>
    isRun ? linesOfRun(id) : fake.packages.fake.dependencies.installations.follow(id).cursor(0).next(10_000)

  /** As the gateway gives them. */
  const installationEvents = (request: Request, id: number, after: string | undefined) =>
    logEventStream(
      { request, server: null, query: { after } },
      {
        follow: fake.packages.fake.dependencies.installations.follow(id),
        permission: { isGiven: () => true, onEnd: () => () => {} },
        names: namesOfEvents,
      },
    )

  function runEvents(request: Request, id: number, after: number) {
    const found = fake.runs.get(id)
    const lines = linesOfRun(id)
    const events: string[] = []
    for (let at = after; at < lines.length; at += 200) events.push(logEvent(lines.slice(at, at + 200)))
    if (found?.finished_at)
      return new Response([...events, sse('execution_finished', { status: found.status })].join(''), eventStream)
    return stream(request, runFollowers, events, open)
  }

  return {
    url: server.url.origin,
    fake,
    tell: (event, data) => {
      for (const send of followers) send(sse(event, data))
    },
    followed: () => followed,
    refuse: (status) => {
      refusal = status
    },
    cut: () => {
      for (const close of open) close()
    },
    end: () => {
      const ended = fake.runs.get(48_000)!
      Object.assign(
        ended,
        run(48_000, 1, 'failed', {
          reason: 'The script ended with exit code 1 after 1 min 22 s',
          stderr: 'ValueError: no such disk\n',
        }),
      )
      for (const send of runFollowers) send(sse('execution_finished', { status: 'failed' }))
    },
    stop: () => server.stop(true),
  }
}

/** Log files of the sample, made when somebody asks, and read as the gateway reads them. */
function createLogs() {
  const folder = mkdtempSync(join(tmpdir(), 'preview-logs-'))
  const indexes = createLogIndexes()
  return async (name: string, what: string, asked: URLSearchParams, lines: () => LogLine[]) => {
    const path = join(folder, `${name}.log`)
    const text = lines().map(({ ts, stream, line, continued }) => `${recordPrefix(ts, stream, continued)}${line}\n`)
    if (!existsSync(path) || name.startsWith('installations')) writeFileSync(path, text.join(''))
    const { segments } = followEnded({ status: '', started_at: '' }, { path, indexes })
    const number = (of: string) => (asked.has(of) ? Number(asked.get(of)) : undefined)
    const stream = (asked.get('stream') ?? undefined) as LogLine['stream'] | undefined
    const [from, before, count, after] = [
      number('from'),
      number('before'),
      number('count') ?? 500,
      number('after') ?? 0,
    ]
    if (what === 'search') return Response.json(await searchLog(segments, { text: asked.get('q')!, after, stream }))
    return Response.json(await readRange(segments, { from, before, count, stream }))
  }
}

const linesOfRun = (id: number) => (id === 50_000 ? manyLines : id === 50_004 ? oneLine : sampleLines)

const eventStream = { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } }
const sse = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
const logEvent = (lines: LogLine[]) => `id: ${lines.at(-1)!.seq}\n${sse('log_output', { lines })}`

function stream(
  request: Request,
  followers: Set<(text: string) => void>,
  first: string[],
  open: Set<() => void>,
): Response {
  const body = new ReadableStream<string>({
    start(controller) {
      const send = (text: string) => controller.enqueue(text)
      const close = () => {
        if (!open.delete(close)) return
        followers.delete(send)
        controller.close()
      }
      followers.add(send)
      open.add(close)
      for (const text of ['retry: 50\n\n', ...first]) send(text)
      request.signal.addEventListener('abort', close)
    },
  })
  return new Response(body.pipeThrough(new TextEncoderStream()), eventStream)
}

/** For looking at a long log. */
const manyLines: LogLine[] = Array.from({ length: 200_000 }, (_, i) => ({
  seq: i + 1,
  stream: i % 1000 === 999 ? 'stderr' : 'stdout',
  ts: '2026-11-21T03:18:04.102Z',
  line: `line ${i + 1} of a long log, with some text to search in: ${(i * 7919) % 1000}`,
}))

/** A result that was printed as one line: in so many records that its end alone does not show a beginning. */
const oneLine: LogLine[] = Array.from({ length: 600 }, (_, i) => ({
  seq: i + 1,
  stream: 'stdout',
  ts: '2026-11-21T03:18:04.102Z',
  line: `{"id":${i},"name":"item ${i}"},`,
  ...(i < 599 && { continued: true }),
}))

const report = `# Backup of 21 November

Everything was copied in **3 min 12 s**; see [the plan](https://example.com/plan).

| Folder | Files | Size |
| --- | ---: | ---: |
| photos | 12,480 | 84 GiB |
| mail | 3,201 | 2.1 GiB |

## What was left out

- \`cache/\`, as always
- two files that were open

\`\`\`
rsync -a --delete /srv/photos backup:/photos
\`\`\`
`

const pageOfItsOwn = `<!doctype html><html><head><style>body{font:15px sans-serif;margin:2rem;color:#223}</style></head>
<body><h1>A report</h1><p id="out">no script</p><script>out.textContent = 'origin ' + origin; try { parent.document; out.textContent += ', reached' } catch { out.textContent += ', confined' }</script></body></html>`

const manyRows = Array.from({ length: 3000 }, (_, id) => ({
  id,
  name: `item ${id}`,
  price: (id * 7919) % 1000,
  tags: ['a', 'b'],
}))

const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><rect width="640" height="360" fill="#3056cd"/><circle cx="320" cy="180" r="120" fill="#fbdd67"/></svg>`

/** The run whose log has 200,000 lines, and one that printed a text. */
export function addLongRun({ fake }: Preview) {
  const pictureFile = { url: '/static/x/sun.svg', filename: 'sun.svg', size: 240, content_type: 'image/svg+xml' }
  fake.allRuns.push(
    run(50_000, 5, 'success', { result: { type: 'file', ...pictureFile } }),
    run(50_001, 5, 'success', { result: { type: 'text', data: 'Hello, <b>world</b>\n' } }),
    run(50_002, 5, 'success', { result: { type: 'text', data: report } }),
    run(50_003, 5, 'success', { result: { type: 'text', data: pageOfItsOwn }, files: [{ ...pictureFile }] }),
    run(50_004, 5, 'success', { result: { type: 'json', data: manyRows } }),
  )
}

if (import.meta.main) {
  const preview = startPreview({ port: Number(process.argv[2] ?? 8099) })
  addLongRun(preview)
  console.log(preview.url)
}
