/** The log of a run, or of an installation. The server writes its end; `public/js/log.js` takes over and shows all of it. */
import { afterReturn, ansiSegments } from '../public/js/ansi.js'
import { bytes, count } from '../public/js/format.js'
import type { LogLine } from '../src/logs/model.ts'
import type { Run } from '../src/runs/model.ts'
import { attr, query } from './attr.ts'
import { Icon } from './parts.tsx'
import { plural, type Text, t } from './texts.ts'

/** What has a log, as far as it is shown here. */
type Logged = Pick<Run, 'id' | 'finished_at' | 'log_lines' | 'log_expired_at'> & { log_bytes?: number }

interface LogProps {
  run: Logged
  lines: LogLine[]
  /** They are not the end of it, but what is before this line. */
  before?: number | null
  /** What it is of: says where the rest is, and which events tell of it. */
  kind?: keyof typeof places
}

const places = {
  run: {
    ...{ api: '/api/runs', page: '/executions', fragments: '/fragments/runs', event: 'execution', lines: 'log_output' },
    label: 'Output of run {id}',
  },
  installation: {
    label: 'Output of installation {id}',
    ...{ api: '/api/installations', page: '/dependencies/installations', fragments: '/fragments/installations' },
    ...{ event: 'installation', lines: 'installation_progress' },
  },
} as const satisfies Record<string, Record<string, string> & { label: Text }>

/** Why no line is shown. */
function emptyWords({ finished_at, log_expired_at, log_lines }: Logged) {
  if (finished_at === null) return t('Nothing printed yet.')
  if (log_expired_at !== null)
    return t('What it printed was removed by retention on {day}.', { day: log_expired_at.slice(0, 10) })
  return log_lines === 0
    ? t('It printed nothing.')
    : t('What it printed is not there any more: somebody removed its file.')
}

/** A finished log of so few lines takes only their room, and the result comes into view. */
const shortLinesMax = 26

export const LogPanel = ({ run, lines, before = null, kind = 'run' }: LogProps) => {
  const isOver = run.finished_at !== null
  const place = places[kind]
  const known = Math.max(run.log_lines, lines.at(-1)?.seq ?? 0) // one that goes on has not counted them yet
  return (
    <section
      class="panel log-panel"
      aria-label={t('Log')}
      id="log"
      x-data="log"
      data-kind={kind}
      data-id={String(run.id)}
      data-api={`${place.api}/${run.id}`}
      data-page={`${place.page}/${run.id}`}
      data-fragments={`${place.fragments}/${run.id}`}
      data-event={place.event}
      data-lines-event={place.lines}
      data-over={isOver ? 'yes' : undefined}
      data-short={isOver && run.log_lines <= shortLinesMax ? 'yes' : undefined}
      data-last-seq={String(lines.at(-1)?.seq ?? 0)}
      data-before={before === null ? undefined : String(before)}
    >
      <Bar run={run} kind={kind} />
      <Earlier run={run} lines={lines} kind={kind} />
      <div
        class="log"
        data-digits={digitsOf(known)}
        tabindex="0"
        role="log"
        aria-live="off"
        aria-label={t(place.label, { id: count(run.id) })}
        x-ref="view"
      >
        <div class="lines" x-ref="lines">
          <ol>
            {joinContinued(lines).map((line) => (
              <Line line={line} />
            ))}
          </ol>
          {lines.length === 0 ? (
            <p class="log-empty muted" data-log-empty>
              {emptyWords(run)}
            </p>
          ) : (
            ''
          )}
        </div>
      </div>
      <div class="log-foot">
        <span>
          <span data-log-count>{plural(known, '1 line', '{n} lines')}</span>
          <LogSize run={run} />
        </span>
        <a class="a1" href={`${place.api}/${run.id}/logs?stream=stderr`} data-log-errors hidden>
          stderr
        </a>
        <span class="push" data-log-state role="status">
          {isOver ? t('Ended at {time} UTC', { time: run.finished_at!.slice(11, 19) }) : ''}
        </span>
        <button class="small log-below" type="button" x-show="hasBelow" x-cloak x-on:click="toEnd">
          <Icon name="down" />
          <span x-text="belowText" />
        </button>
        {isOver ? (
          ''
        ) : (
          <button
            class="quiet small needs-js"
            type="button"
            title={t('Follow the log (f)')}
            data-log-follow
            x-on:click="toggleFollow"
            x-bind:aria-pressed="follow"
            aria-pressed={before === null ? 'true' : 'false'}
          >
            <Icon name="to-end" />
            {t('Follow')}
          </button>
        )}
      </div>
    </section>
  )
}

/** Known when it is over. Fragment: #log-size. */
export const LogSize = ({ run }: { run: Logged }) => (
  <span id="log-size">{run.finished_at !== null && run.log_bytes ? (` · ${bytes(run.log_bytes)}` as 'safe') : ''}</span>
)

/** As `public/js/log.js` keeps it up. */
const digitsOf = (lines: number) => (lines < 100_000 ? undefined : String(Math.min(8, String(lines).length)))

const linesEarlier = 250

/** Where nothing loads more by itself: links to what is before these lines, and after them. */
const Earlier = ({ run, lines, kind }: { run: Logged; lines: LogLine[]; kind: keyof typeof places }) => {
  const [first, last] = [lines[0]?.seq ?? 1, lines.at(-1)?.seq ?? 0]
  const isEnd = last >= run.log_lines
  if (first <= 1 && isEnd) return ''
  const href = (before?: number) => `${places[kind].page}/${run.id}${query({ log_before: before })}#log`
  return (
    <noscript>
      <nav class="log-parts" aria-label={t('Parts of the log')}>
        {first <= 1 ? '' : <a href={href(first)}>{t('Earlier lines')}</a>}
        {isEnd ? '' : <a href={href(Math.min(run.log_lines, last + linesEarlier) + 1)}>{t('Later lines')}</a>}
        {isEnd ? '' : <a href={href()}>{t('The end')}</a>}
        <a href={`${places[kind].api}/${run.id}/logs`}>{t('All of it as text')}</a>
      </nav>
    </noscript>
  )
}

/** `act`: a method of the log's behaviour. All four are ours, never what a script said. */
const IconButton = ({ icon, says, tip, act }: { icon: string; says: Text; tip: Text; act: string }) => (
  <button class="quiet only small needs-js" type="button" aria-label={t(says)} title={t(tip)} x-on:click={act}>
    <Icon name={icon} />
  </button>
)

const Bar = ({ run, kind }: { run: Logged; kind: keyof typeof places }) => (
  <div class="bar">
    <div class="inlay needs-js">
      <Icon name="search" />
      <input
        type="search"
        aria-label={t('Search in the log')}
        placeholder={t('Search the log')}
        autocomplete="off"
        x-on:input="search"
        x-on:keydown="searchKey"
        x-ref="query"
        data-search
      />
      <output class="muted">
        <small x-text="matchText" />
      </output>
    </div>
    <IconButton icon="up" says="Previous match" tip="Previous match (N)" act="previous" />
    <IconButton icon="down" says="Next match" tip="Next match (n)" act="next" />
    <span class="push" />
    <button
      class="quiet small needs-js"
      type="button"
      aria-pressed="false"
      x-on:click="toggleTimes"
      x-bind:aria-pressed="times"
    >
      <Icon name="clock" />
      {t('Time')}
    </button>
    <button
      class="quiet small needs-js"
      type="button"
      aria-pressed="false"
      x-on:click="toggleErrors"
      x-bind:aria-pressed="errorsOnly"
    >
      stderr
    </button>
    <button
      class="quiet small needs-js"
      type="button"
      aria-pressed="false"
      x-on:click="toggleWrap"
      x-bind:aria-pressed="wrap"
    >
      <Icon name="wrap" />
      {t('Wrap')}
    </button>
    <IconButton icon="to-top" says="To the first line" tip="To the first line (Home)" act="toTop" />
    <IconButton icon="to-end" says="To the last line" tip="To the last line (End)" act="toEnd" />
    <a
      class="button quiet only small"
      href={`${places[kind].api}/${run.id}/logs`}
      download={`${kind}-${run.id}.log`}
      aria-label={t('Download the log')}
      title={t('Download the log')}
    >
      <Icon name="download" />
    </a>
  </div>
)

const lineCharsMax = 4000

/** Records of one long line become one line again. */
function joinContinued(lines: LogLine[]): LogLine[] {
  const joined: LogLine[] = []
  const open = new Map<string, LogLine>()
  for (const record of lines) {
    const before = open.get(record.stream)
    const line = before ?? { ...record }
    if (before) before.line += record.line
    else joined.push(line)
    if (record.continued) open.set(record.stream, line)
    else open.delete(record.stream)
  }
  return joined
}

const classes: Record<string, string | undefined> = { stderr: 'err', system: 'sys' }

const Line = ({ line: { seq, stream, ts, line } }: { line: LogLine }) => (
  <li id={`L${seq}`} class={classes[stream]}>
    <a href={`#L${seq}`} tabindex="-1">
      {seq}
    </a>
    <span data-time={attr(ts.slice(11, 23))}>
      {ansiSegments(afterReturn(line).slice(0, lineCharsMax)).map(({ text, cls }) =>
        cls === '' ? (
          (Bun.escapeHTML(text) as 'safe')
        ) : (
          <span class={cls} safe>
            {text}
          </span>
        ),
      )}
    </span>
  </li>
)
