/** Rows as a table in Markdown, readable in a terminal too. */
import { isKept, type Row } from './model.ts'

const head = ['what', 'baseline', 'measured', 'compared', 'promised', '']

export function toTable(rows: Row[]): string {
  const lines = [head, ...rows.map(cells)]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const text = lines.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
  text.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  return text.join('\n')
}

function cells(row: Row): string[] {
  const { what, baseline, against, measured, unit, compared, promised } = row
  const kept = isKept(row)
  return [
    what,
    baseline === null ? '-' : `${amount(baseline, unit)} (${against})`,
    amount(measured, unit),
    compared.how === 'itself' ? '' : `${amount(compared.value, compared.unit)} ${compared.how}`,
    promised === null ? '-' : 'atMost' in promised ? `≤ ${promised.atMost}` : `≥ ${promised.atLeast}`,
    kept === null ? '' : kept ? 'kept' : 'MISSED',
  ]
}

function amount(value: number, unit: Row['unit']): string {
  if (unit === 'ratio') return value.toFixed(3)
  if (unit === 'processes') return String(value)
  return `${value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)} ${unit}`
}
