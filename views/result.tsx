/** What a run gave, shown for what it is. Fragment: #result. */
import { bytes, count } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import { attr, query, safeUrl } from './attr.ts'
import { FileBody, Files } from './files.tsx'
import { highlight } from './highlight.ts'
import { CopyButton, Icon } from './parts.tsx'
import { cellText, findRows, type Rows, sortRows } from './rows.ts'
import { JsonTree } from './tree.tsx'

export interface ResultView {
  /** table, tree or raw; empty: the best there is. */
  view: string
  sort: string
  descending: boolean
}

export const RunResult = ({ run, shown }: { run: Run; shown: ResultView }) => (
  <div id="run-result" class="stack-4">
    <ResultPanel run={run} shown={shown} />
    {run.files.length > 0 ? <Files files={run.files} /> : ''}
    {run.files_expired_at && run.result ? <p class="muted">{expiredWords(run.files_expired_at) as 'safe'}</p> : ''}
  </div>
)

const expiredWords = (at: string) => `Files of this run were removed by retention on ${at.slice(0, 10)}.`

function ResultPanel({ run, shown }: { run: Run; shown: ResultView }) {
  const { result, status } = run
  if (result === null) {
    const words = run.finished_at === null ? 'It appears here when the run ends.' : 'There is no result.'
    return (
      <Panel note="">
        <p class="body muted">{(run.files_expired_at ? expiredWords(run.files_expired_at) : words) as 'safe'}</p>
      </Panel>
    )
  }
  const before = status === 'success' ? '' : 'what the script printed before it ended · '
  if (result.type === 'json') return <JsonResult run={run} data={result.data} shown={shown} before={before} />
  if (result.type === 'text') return <TextResult run={run} text={result.data} before={before} />
  return (
    <Panel note={`${before}${result.content_type} · ${bytes(result.size)}`} download={result}>
      <FileBody file={result} />
    </Panel>
  )
}

const Panel = ({
  note,
  download,
  nav,
  children,
}: {
  note: string
  download?: { url: string; filename: string }
  nav?: JSX.Element
  children: JSX.Element | JSX.Element[]
}) => (
  <section class="panel" id="result" aria-labelledby="h-result">
    <header>
      <h2 id="h-result">Result</h2>
      <small class="muted cut" safe>
        {note}
      </small>
      <span class="push" />
      {(nav ?? '') as 'safe'}
      {download ? (
        <a
          class="button quiet only small"
          href={safeUrl(download.url)}
          download={attr(download.filename)}
          aria-label="Download the result"
          title="Download"
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

const viewWords: Record<string, string> = { table: 'Table', tree: 'Tree', raw: 'Raw' }

function JsonResult({ run, data, shown, before }: { run: Run; data: unknown; shown: ResultView; before: string }) {
  const rows = findRows(data)
  const views = rows ? ['table', 'tree', 'raw'] : ['tree', 'raw']
  const open = views.includes(shown.view) ? shown.view : views[0]!
  const text = JSON.stringify(data, null, 2)
  const nav = (
    <nav class="tabs" aria-label="Result view" data-pick>
      {views.map((view) => (
        <a
          href={`/executions/${run.id}${query({ view })}#result`}
          data-pane={`as-${view}`}
          aria-current={view === open ? 'true' : undefined}
        >
          {viewWords[view] as 'safe'}
        </a>
      ))}
    </nav>
  )
  return (
    <Panel
      note={`${before}JSON · ${bytes(Buffer.byteLength(text))}`}
      nav={nav}
      download={{ url: `/executions/${run.id}/result`, filename: `run-${run.id}.json` }}
    >
      {rows ? (
        <div id="as-table" hidden={open !== 'table'}>
          <ResultTable run={run} rows={rows} shown={shown} />
        </div>
      ) : (
        ''
      )}
      <div id="as-tree" hidden={open !== 'tree'}>
        <JsonTree data={data} />
      </div>
      <div id="as-raw" hidden={open !== 'raw'}>
        <Raw text={text} language="json" />
      </div>
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
        <CopyButton from="result-text" label="Copy the result" />
      </div>
      {shown.length < text.length ? (
        <div class="pager">
          <span>
            {
              `The first ${count(rawCharsMax)} characters of ${count(text.length)}. The download has them all.` as 'safe'
            }
          </span>
        </div>
      ) : (
        ''
      )}
    </>
  )
}

const TextResult = ({ run, text, before }: { run: Run; text: string; before: string }) =>
  text === '' ? (
    <Panel note={before}>
      <p class="body muted">The script printed nothing.</p>
    </Panel>
  ) : (
    <Panel
      note={`${before}Text · ${bytes(Buffer.byteLength(text))}`}
      download={{ url: `/executions/${run.id}/result`, filename: `run-${run.id}.txt` }}
    >
      <Raw text={text} />
    </Panel>
  )

const rowsMax = 200
const columnsMax = 30

const ResultTable = ({ run, rows, shown }: { run: Run; rows: Rows; shown: ResultView }) => {
  const column = rows.columns.some(({ name }) => name === shown.sort) ? shown.sort : null
  const columns = rows.columns.slice(0, columnsMax)
  const ordered = column === null ? rows.rows : sortRows(rows, column, shown.descending)
  return (
    <>
      <section class="scroll" tabindex="0" aria-label="Table, scrolls sideways">
        <table>
          <caption class="sr" safe>
            {rows.path || 'Result'}
          </caption>
          <thead>
            <tr>
              {columns.map((one) => (
                <SortHead run={run} column={one} shown={column === null ? { ...shown, sort: '' } : shown} />
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered.slice(0, rowsMax).map((row) => (
              <tr>
                {columns.map(({ name, numeric }) => (
                  <td class={numeric ? 'n' : undefined} safe>
                    {cell(row[name])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div class="pager">
        <span>
          {`${count(Math.min(rowsMax, ordered.length))} of ${count(ordered.length)} rows` as 'safe'}
          {columns.length < rows.columns.length
            ? (`, ${columns.length} of ${rows.columns.length} columns (the CSV has all)` as 'safe')
            : ''}
          {rows.path === '' ? (
            ''
          ) : (
            <>
              {' '}
              from <code safe>{rows.path}</code>
            </>
          )}
        </span>
        <a class="button small push" href={`/executions/${run.id}/result.csv`} download={`run-${run.id}.csv`}>
          <Icon name="download" />
          CSV
        </a>
      </div>
    </>
  )
}

const SortHead = ({ run, column, shown }: { run: Run; column: Rows['columns'][number]; shown: ResultView }) => {
  const isSorted = shown.sort === column.name
  const order = isSorted && !shown.descending ? 'desc' : ''
  return (
    <th
      class={column.numeric ? 'n' : undefined}
      aria-sort={isSorted ? (shown.descending ? 'descending' : 'ascending') : undefined}
    >
      <a href={`/executions/${run.id}${query({ view: 'table', sort: column.name, order })}#result`}>
        <span safe>{column.name}</span>
        {isSorted ? <Icon name={shown.descending ? 'down' : 'up'} /> : ''}
      </a>
    </th>
  )
}

const cellCharsMax = 300
const cell = (value: unknown) => {
  const text = value === null || value === undefined ? '–' : cellText(value)
  return text.length > cellCharsMax ? `${text.slice(0, cellCharsMax)}…` : text
}
