/** A result that is a list of objects, as a table: sorted, and a page of it at a time. */
import { count } from '../public/js/format.js'
import type { Run } from '../src/runs/model.ts'
import { query } from './attr.ts'
import { Icon } from './parts.tsx'
import { type ResultView, swapResult } from './result.tsx'
import { cellText, type Rows, sortRows } from './rows.ts'
import { markup, say, t } from './texts.ts'

interface TableProps {
  run: Run
  rows: Rows
  shown: ResultView
}

const rowsMax = 200
const columnsMax = 30

export const ResultTable = ({ run, rows, shown }: TableProps) => {
  const column = rows.columns.some(({ name }) => name === shown.sort) ? shown.sort : null
  const columns = rows.columns.slice(0, columnsMax)
  const ordered = column === null ? rows.rows : sortRows(rows, column, shown.descending)
  const asked = shown.from ?? 0
  const from = asked < ordered.length ? asked : 0
  return (
    <>
      <section class="scroll" tabindex="0" aria-label={t('Table, scrolls sideways')}>
        <table>
          <caption class="sr" safe>
            {rows.path || say('Result')}
          </caption>
          <thead>
            <tr>
              {columns.map((one) => (
                <SortHead run={run} column={one} shown={column === null ? { ...shown, sort: '' } : shown} />
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered.slice(from, from + rowsMax).map((row) => (
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
          <Shown from={from} total={ordered.length} />
          {columns.length < rows.columns.length
            ? t(', {shown} of {all} columns (the CSV has all)', { shown: columns.length, all: rows.columns.length })
            : ''}
          {rows.path === '' ? '' : markup(' from {path}', { path: <code safe>{rows.path}</code> })}
        </span>
        <Pager run={run} shown={shown} from={from} total={ordered.length} />
        <a class="button small push" href={`/executions/${run.id}/result.csv`} download={`run-${run.id}.csv`}>
          <Icon name="download" />
          CSV
        </a>
      </div>
    </>
  )
}

const Shown = ({ from, total }: { from: number; total: number }) => {
  const all = count(total)
  if (total <= rowsMax) return <>{t('{n} of {all} rows', { n: all, all })}</>
  const to = Math.min(from + rowsMax, total)
  return <>{t('{from} to {to} of {all} rows', { from: count(from + 1), to: count(to), all })}</>
}

const Pager = ({ run, shown, from, total }: { run: Run; shown: ResultView; from: number; total: number }) => {
  if (total <= rowsMax) return ''
  const href = (first: number) =>
    `/executions/${run.id}${query({ view: 'table', sort: shown.sort, order: shown.descending ? 'desc' : '', from: first || '' })}`
  const [before, after] = [href(Math.max(0, from - rowsMax)), href(from + rowsMax)]
  return (
    <nav class="row" aria-label={t('Pages')}>
      {from > 0 ? (
        <a class="button small" href={`${before}#result`} {...swapResult(before)}>
          {t('Previous')}
        </a>
      ) : (
        ''
      )}
      {from + rowsMax < total ? (
        <a class="button small" href={`${after}#result`} {...swapResult(after)}>
          {t('Next')}
        </a>
      ) : (
        ''
      )}
    </nav>
  )
}

const SortHead = ({ run, column, shown }: { run: Run; column: Rows['columns'][number]; shown: ResultView }) => {
  const isSorted = shown.sort === column.name
  const order = isSorted && !shown.descending ? 'desc' : ''
  const href = `/executions/${run.id}${query({ view: 'table', sort: column.name, order })}`
  return (
    <th
      class={column.numeric ? 'n' : undefined}
      aria-sort={isSorted ? (shown.descending ? 'descending' : 'ascending') : undefined}
    >
      <a href={`${href}#result`} {...swapResult(href)}>
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
