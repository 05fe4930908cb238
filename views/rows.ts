/** Finds the table in a JSON result: an array of objects, at the top or one key below it. */
export interface Rows {
  /** '' at the top, else the key it was found under. */
  path: string
  /** Every key that any of the rows has, in the order they come. */
  columns: { name: string; numeric: boolean }[]
  rows: Record<string, unknown>[]
}

const columnsMax = 500

/** Null when there is no table. All of the rows and columns or none: what has more columns is better read as a tree. */
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
  if (list.length === 0 || !list.every(isRow)) return null
  const names = new Set<string>()
  const withText = new Set<string>()
  for (const row of list) {
    for (const name of Object.keys(row)) {
      names.add(name)
      if (!isNumeric(row[name])) withText.add(name)
    }
    if (names.size > columnsMax) return null
  }
  if (names.size === 0) return null
  return { path, columns: [...names].map((name) => ({ name, numeric: !withText.has(name) })), rows: list }
}

const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNumeric = (value: unknown) => typeof value === 'number' || value === null || value === undefined

/** A value as the text of one cell: what is nested, as compact JSON; what is missing, as nothing. */
export const cellText = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** A new array in the order of one column; what is missing comes last. */
export function sortRows({ rows }: Rows, column: string, descending: boolean): Record<string, unknown>[] {
  const sign = descending ? -1 : 1
  return rows.toSorted((a, b) => {
    const [x, y] = [a[column] ?? null, b[column] ?? null]
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y)
    return sign * cellText(x).localeCompare(cellText(y), 'en', { numeric: true })
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
  const isFormula = typeof value === 'string' && /^[=+\-@\t\r]/.test(value)
  const text = isFormula ? `'${value}` : cellText(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
