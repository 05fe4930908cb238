/** docs/security.md names the test that tries each attack: each is there, under that name. */
import { expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dir, '../..')
const text = readFileSync(join(root, 'docs/security.md'), 'utf8')
const table = text.slice(text.indexOf('## The table of attacks'))
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Attack \||-)/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))

test('there are rows, each with an attack, what stops it and a test', () => {
  expect(rows.length).toBeGreaterThan(60)
  expect(rows.filter((cells) => cells.length !== 3 || cells.includes(''))).toEqual([])
})

test.each(rows.map(([attack = '', , where = '']) => [attack, where]))('%s: %s', (_, where) => {
  const [, file = '', name] = /^`([^`]+)`(?: › `(.+)`)?$/.exec(where) ?? []
  expect(existsSync(join(root, file)) && file !== '', where).toBe(true)
  const source = readFileSync(join(root, file), 'utf8')
  // Where a call begins with it, on its line or on the next.
  const calls = [...source.matchAll(/\((?:\n\s*)?(['"`])(.*)/g)].map(([, , rest = '']) => rest)
  if (name)
    expect(
      calls.some((rest) => rest.startsWith(name)),
      where,
    ).toBe(true)
})
