/** Finds the table in a JSON result: an array of flat objects, at the top or one key below it. */
export interface Rows {
  /** '' at the top, else the key it was found under. */
  path: string
  columns: { name: string; numeric: boolean }[]
  rows: Record<string, unknown>[]
}

const columnsMax = 30
const rowsLookedAt = 200

export function findRows(data: unknown): Rows | null {
  if (Array.isArray(data)) return rowsOf('', data)
  if (typeof data !== 'object' || data === null) return null
  for (const [key, value] of Object.entries(data)) {
    const found = Array.isArray(value) ? rowsOf(key, value) : null
    if (found) return found
  }
  return null
}

function rowsOf(path: string, list: unknown[]): Rows | null {
  const sample = list.slice(0, rowsLookedAt)
  if (sample.length === 0 || !sample.every(isFlat)) return null
  const names = [...new Set(sample.flatMap((row) => Object.keys(row)))]
  if (names.length === 0 || names.length > columnsMax) return null
  const columns = names.map((name) => ({ name, numeric: sample.every((row) => isNumeric(row[name])) }))
  return { path, columns, rows: list.filter(isFlat) }
}

const isFlat = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => typeof one !== 'object' || one === null)

const isNumeric = (value: unknown) => typeof value === 'number' || value === null || value === undefined

/** A new array in the order of one column; what is missing comes last. */
export function sortRows({ rows }: Rows, column: string, descending: boolean): Record<string, unknown>[] {
  const sign = descending ? -1 : 1
  return rows.toSorted((a, b) => {
    const [x, y] = [a[column] ?? null, b[column] ?? null]
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y)
    return sign * String(x).localeCompare(String(y), 'en', { numeric: true })
  })
}

/** RFC 4180, in UTF-8. Text that a spreadsheet would take for a formula is marked as text. */
export function csvOf({ columns, rows }: Rows): string {
  const lines = [
    columns.map(({ name }) => csvCell(name)),
    ...rows.map((row) => columns.map(({ name }) => csvCell(row[name]))),
  ]
  return `${lines.map((cells) => cells.join(',')).join('\r\n')}\r\n`
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
