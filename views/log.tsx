/** The log of a run, or of an installation. The server writes its end; `public/js/log.js` takes over and shows all of it. */
import { afterReturn, ansiSegments } from '../public/js/ansi.js'
import { count } from '../public/js/format.js'
import type { LogLine } from '../src/logs/model.ts'
import type { Run } from '../src/runs/model.ts'
import { Icon } from './parts.tsx'

/** What has a log, as far as it is shown here. */
type Logged = Pick<Run, 'id' | 'finished_at' | 'log_lines' | 'log_expired_at'>

interface LogProps {
  run: Logged
  lines: LogLine[]
  /** What it is of: says where the rest is, and which events tell of it. */
  kind?: keyof typeof places
}

const places = {
  run: { api: '/api/runs', page: '/executions', fragments: '/fragments/runs', event: 'execution', lines: 'log_output' },
  installation: {
    ...{ api: '/api/installations', page: '/dependencies/installations', fragments: '/fragments/installations' },
    ...{ event: 'installation', lines: 'installation_progress' },
  },
} as const

/** Why no line is shown. */
function emptyWords({ finished_at, log_expired_at, log_lines }: Logged): string {
  if (finished_at === null) return 'Nothing printed yet.'
  if (log_expired_at !== null) return `What it printed was removed by retention on ${log_expired_at.slice(0, 10)}.`
  return log_lines === 0 ? 'It printed nothing.' : 'What it printed is not there any more: somebody removed its file.'
}

/** A finished log of so few lines takes only their room, and the result comes into view. */
const shortLinesMax = 20

export const LogPanel = ({ run, lines, kind = 'run' }: LogProps) => {
  const isOver = run.finished_at !== null
  const place = places[kind]
  const known = Math.max(run.log_lines, lines.at(-1)?.seq ?? 0) // one that goes on has not counted them yet
  return (
    <section
      class="panel log-panel"
      aria-label="Log"
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
    >
      <Bar run={run} kind={kind} />
      <div
        class="log"
        tabindex="0"
        role="log"
        aria-live="off"
        aria-label={`Output of ${kind} ${count(run.id)}`}
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
              {emptyWords(run) as 'safe'}
            </p>
          ) : (
            ''
          )}
        </div>
      </div>
      <div class="log-foot">
        <span data-log-count>{`${count(known)} ${known === 1 ? 'line' : 'lines'}` as 'safe'}</span>
        <a class="a1" href={`${place.api}/${run.id}/logs?stream=stderr`} data-log-errors hidden>
          stderr
        </a>
        <span class="push" data-log-state>
          {(isOver ? `Ended at ${run.finished_at!.slice(11, 19)} UTC` : '') as 'safe'}
        </span>
        <button
          class="quiet small needs-js"
          type="button"
          x-on:click="toggleFollow"
          x-bind:aria-pressed="follow"
          aria-pressed="true"
        >
          <Icon name="to-end" />
          Follow
        </button>
      </div>
    </section>
  )
}

/** `act`: a method of the log's behaviour. All four are ours, never what a script said. */
const IconButton = ({ icon, label, title, act }: { icon: string; label: string; title: string; act: string }) => (
  <button class="quiet only small needs-js" type="button" aria-label={label} title={title} x-on:click={act}>
    <Icon name={icon} />
  </button>
)

const Bar = ({ run, kind }: { run: Logged; kind: keyof typeof places }) => (
  <div class="bar">
    <div class="inlay needs-js">
      <Icon name="search" />
      <input
        type="search"
        aria-label="Search in the log"
        placeholder="Search the log"
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
    <IconButton icon="up" label="Previous match" title="Previous match (N)" act="previous" />
    <IconButton icon="down" label="Next match" title="Next match (n)" act="next" />
    <span class="push" />
    <button
      class="quiet small needs-js"
      type="button"
      aria-pressed="false"
      x-on:click="toggleTimes"
      x-bind:aria-pressed="times"
    >
      <Icon name="clock" />
      Time
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
      Wrap
    </button>
    <IconButton icon="to-top" label="To the first line" title="To the first line" act="toTop" />
    <IconButton icon="to-end" label="To the last line" title="To the last line (End)" act="toEnd" />
    <a
      class="button quiet only small"
      href={`${places[kind].api}/${run.id}/logs`}
      download={`${kind}-${run.id}.log`}
      aria-label="Download the log"
      title="Download the log"
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
    <span>
      <time safe>{ts.slice(11, 23)}</time>
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
