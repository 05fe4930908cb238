/** What a run gave, shown for what it is. Fragment: #result. */
import { bytes, count } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import { attr, query, safeUrl } from './attr.ts'
import { FileBody, Files, HtmlFrame } from './files.tsx'
import { highlight } from './highlight.ts'
import { Ago, CopyButton, Icon } from './parts.tsx'
import { ResultTable } from './result-table.tsx'
import { findRows } from './rows.ts'
import { RunLink } from './run-facts.tsx'
import { markup, say, type Text, t } from './texts.ts'
import { isLarge, JsonTree } from './tree.tsx'

export interface ResultView {
  /** table, tree, raw, markdown or text; empty: the best there is. */
  view: string
  sort: string
  descending: boolean
  /** The first row of the table, from 0. */
  from?: number
}

interface ResultProps {
  run: Run
  shown: ResultView
  /** While the run goes on: the last one of its script that gave a result. */
  previous?: { run: Run; now: number } | null
  /** The result as safe HTML, where it is a text that is Markdown. */
  markdown?: string | null
}

export const RunResult = ({ run, shown, previous = null, markdown = null }: ResultProps) => {
  const earlier = run.finished_at === null && run.result === null ? previous : null
  const from = earlier?.run ?? run
  return (
    <div id="run-result" class="stack-4">
      <ResultPanel run={from} shown={shown} markdown={markdown} earlier={earlier} />
      {from.files.length > 0 ? (
        <Files runId={from.id} files={from.files} all={from.files.length + (from.result?.type === 'file' ? 1 : 0)} />
      ) : (
        ''
      )}
      {from.files_expired_at && from.result ? <p class="muted">{expiredWords(from.files_expired_at)}</p> : ''}
    </div>
  )
}

const expiredWords = (at: string) =>
  t('Files of this run were removed by retention on {day}.', { day: at.slice(0, 10) })

interface PanelProps {
  run: Run
  shown: ResultView
  markdown: string | null
  /** It is the result of an earlier run, until this one ends. */
  earlier: { now: number } | null
}

function ResultPanel(props: PanelProps) {
  const { run } = props
  const { result } = run
  if (result === null) {
    const words = run.finished_at === null ? t('It appears here when the run ends.') : t('There is no result.')
    return (
      <Panel {...props} note="">
        <p class="body muted">{run.files_expired_at ? expiredWords(run.files_expired_at) : words}</p>
      </Panel>
    )
  }
  if (result.type === 'json') return <JsonResult {...props} data={result.data} />
  if (result.type === 'text') return <TextResult {...props} text={result.data} />
  return (
    <Panel {...props} note={`${result.content_type} · ${bytes(result.size)}`} download={result}>
      <FileBody file={result} />
    </Panel>
  )
}

interface FrameProps extends PanelProps {
  note: string
  download?: { url: string; filename: string }
  nav?: JSX.Element
  children: JSX.Element | JSX.Element[]
}

const Panel = ({ run, earlier, note, download, nav, children }: FrameProps) => (
  <section class="panel" id="result" aria-labelledby="h-result">
    <header>
      <h2 id="h-result">{t('Result')}</h2>
      {earlier ? (
        <small class="muted cut">
          {markup('of run {run}, {ago}, until this one ends', {
            run: <RunLink id={run.id} />,
            ago: <Ago at={run.finished_at ?? run.queued_at} now={earlier.now} />,
          })}
        </small>
      ) : (
        <small class="muted cut" safe>
          {run.result !== null && run.status !== 'success'
            ? `${say('what the script printed before it ended')} · ${note}`
            : note}
        </small>
      )}
      <span class="push" />
      {(nav ?? '') as 'safe'}
      {download ? (
        <a
          class="button quiet only small"
          href={safeUrl(download.url)}
          download={attr(download.filename)}
          aria-label={t('Download the result')}
          title={t('Download')}
        >
          <Icon name="download" />
        </a>
      ) : (
        ''
      )}
    </header>
    {children as 'safe'}
  </section>
)

const viewWords: Record<string, Text> = {
  table: 'Table',
  tree: 'Tree',
  raw: 'Raw',
  markdown: 'Markdown',
  page: 'Page|result',
  text: 'Text',
}

/** Small ones are all in the page and switch in place; of a large one only what is open is written. */
const Views = ({ run, views, open, isWhole }: { run: Run; views: string[]; open: string; isWhole: boolean }) => (
  <nav class="tabs" aria-label={t('Result view')} data-pick={isWhole}>
    {views.map((view) => {
      const href = `/executions/${run.id}${query({ view })}`
      return (
        <a
          href={`${href}#result`}
          {...(isWhole ? { 'data-pane': `as-${view}` } : swapResult(href))}
          aria-current={view === open ? 'true' : undefined}
        >
          {t(viewWords[view]!)}
        </a>
      )
    })}
  </nav>
)

/** The panel alone is changed, and what one has open above it stays. */
export const swapResult = (href: string) => ({
  ...{ 'hx-get': href, 'hx-select': '#result', 'hx-target': '#result', 'hx-swap': 'outerMorph' },
})

function JsonResult(props: PanelProps & { data: unknown }) {
  const { run, data, shown } = props
  const rows = findRows(data)
  const views = rows ? ['table', 'tree', 'raw'] : ['tree', 'raw']
  const open = views.includes(shown.view) ? shown.view : views[0]!
  const isWhole = !isLarge(data)
  const text = isWhole || open === 'raw' ? JSON.stringify(data, null, 2) : null
  const pane = (view: string, body: () => JSX.Element) =>
    isWhole || view === open ? (
      <div id={`as-${view}`} hidden={view !== open}>
        {body() as 'safe'}
      </div>
    ) : (
      ''
    )
  return (
    <Panel
      {...props}
      note={text === null ? 'JSON' : `JSON · ${bytes(Buffer.byteLength(text))}`}
      nav={<Views run={run} views={views} open={open} isWhole={isWhole} />}
      download={{ url: `/executions/${run.id}/result`, filename: `run-${run.id}.json` }}
    >
      {rows ? pane('table', () => <ResultTable run={run} rows={rows} shown={shown} />) : ''}
      {pane('tree', () => (
        <JsonTree data={data} runId={run.id} />
      ))}
      {pane('raw', () => (
        <Raw text={text ?? ''} language="json" />
      ))}
    </Panel>
  )
}

const rawCharsMax = 100_000

const Raw = ({ text, language }: { text: string; language?: 'json' }) => {
  const shown = text.slice(0, rawCharsMax)
  return (
    <>
      <div class="code bare">
        <pre tabindex="0" id="result-text" class="result-text">
          {'\n'}
          {(language ? highlight(shown, language) : Bun.escapeHTML(shown)) as 'safe'}
        </pre>
        <CopyButton from="result-text" label={say('Copy the result')} />
      </div>
      {shown.length < text.length ? (
        <div class="pager">
          <span>
            {t('The first {shown} characters of {all}. The download has them all.', {
              shown: count(rawCharsMax),
              all: count(text.length),
            })}
          </span>
        </div>
      ) : (
        ''
      )}
    </>
  )
}

/** All of a page. */
export const isHtml = (text: string) => /^\s*<(!doctype html|html)\b/i.test(text)

function TextResult(props: PanelProps & { text: string }) {
  const { run, text, shown, markdown } = props
  if (text === '')
    return (
      <Panel {...props} note="">
        <p class="body muted">{t('The script printed nothing.')}</p>
      </Panel>
    )
  const best = isHtml(text) ? 'page' : markdown === null ? null : 'markdown'
  const open = best === null || shown.view === 'text' ? 'text' : best
  return (
    <Panel
      {...props}
      note={`${say('Text')} · ${bytes(Buffer.byteLength(text))}`}
      nav={best === null ? undefined : <Views run={run} views={[best, 'text']} open={open} isWhole />}
      download={{ url: `/executions/${run.id}/result`, filename: `run-${run.id}.txt` }}
    >
      {best === 'page' ? (
        <div id="as-page" hidden={open !== 'page'}>
          <HtmlFrame url={`/executions/${run.id}/result.html`} title={say('Result')} />
        </div>
      ) : best === 'markdown' ? (
        <div id="as-markdown" class="body prose" hidden={open !== 'markdown'}>
          {markdown as 'safe'}
        </div>
      ) : (
        ''
      )}
      <div id="as-text" hidden={open !== 'text'}>
        <Raw text={text} />
      </div>
    </Panel>
  )
}
