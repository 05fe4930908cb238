import { expect, test } from 'bun:test'
import { chmodSync, linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeStampOf, isFreshCode, stampOf } from '../../src/scripts/stamp.ts'
import { eventually, tempFolder } from '../harness/folder.ts'

const folder = tempFolder()
const file = join(folder, 'a.js')
const text = () => readFileSync(file, 'utf8')

/** Another file with the same size and times. */
function replace() {
  const { atime, mtime } = statSync(file)
  writeFileSync(`${file}.new`, text())
  utimesSync(`${file}.new`, atime, mtime)
  renameSync(`${file}.new`, file)
}

test.each<[string, () => void, boolean]>([
  ['that is written', () => writeFileSync(file, 'other'), true],
  ['that is written at the same length', () => writeFileSync(file, text().toUpperCase()), true],
  ['in whose place another one is put, as old and as long', replace, true],
  ['that may be read by others now', () => chmodSync(file, 0o604), true],
  ['that gets another name, too', () => linkSync(file, join(folder, 'b.js')), false],
  ['that loses one of its names', () => rmSync(join(folder, 'c.js')), false],
])('the stamp of a script %s', async (_, act, isNews) => {
  rmSync(join(folder, 'b.js'), { force: true })
  writeFileSync(file, 'text')
  linkSync(file, join(folder, 'c.js'))
  await eventually('its times can be told from later ones', () => Date.now() - statSync(file).ctimeMs > 20)
  const [before, entry] = [codeStampOf(statSync(file)), stampOf(statSync(file))]
  act()
  expect(codeStampOf(statSync(file)) !== before).toBe(isNews)
  expect(stampOf(statSync(file))).not.toBe(entry)
  expect(isFreshCode(statSync(file), statSync(file).mtimeMs + 20)).toBe(false)
  expect(isFreshCode(statSync(file), statSync(file).mtimeMs + 19)).toBe(true)
  rmSync(join(folder, 'c.js'), { force: true })
})
