/** An environment is built in one folder and renamed to another: what names the first is written anew. */
import { lstatSync, readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isOwnFolder, readOwnFile } from './own-file.ts'

/** A script larger than this is no wrapper of an installer's. */
const scriptBytesMax = 1024 * 1024
/** What Linux reads of a first line, with `#!` and the line's end. */
const shebangBytesMax = 127

/** In `bin/` and pyvenv.cfg of `dir`. Both absolute. */
export function relocate(dir: string, finalDir: string) {
  rewrite(dir, 'pyvenv.cfg', finalDir)
  if (!isOwnFolder(dir, 'bin')) return
  for (const name of readdirSync(join(dir, 'bin'))) rewrite(dir, `bin/${name}`, finalDir)
}

function rewrite(dir: string, path: string, finalDir: string) {
  const bytes = readOwnFile(dir, path, scriptBytesMax)
  if (!bytes?.includes(dir)) return
  const text = bytes.toString('latin1')
  if (text.includes('\0')) return // a program: its paths are not ours to change
  const [from, to] = [dir, finalDir].map((one) => Buffer.from(one).toString('latin1')) as [string, string]
  replaceFile(join(dir, path), Buffer.from(withShebang(text, from, to).replaceAll(from, to), 'latin1'))
}

/** A first line that Linux would cut, or split at a space, becomes one for the shell, as pip writes it. */
function withShebang(text: string, from: string, to: string): string {
  const [line = ''] = text.split('\n', 1)
  if (!line.startsWith(`#!${from}/`)) return text
  const program = line.slice(2).replaceAll(from, to)
  if (!program.includes(' ') && program.length + 3 <= shebangBytesMax) return text
  return `#!/bin/sh\n'''exec' "${program}" "$0" "$@"\n' '''${text.slice(line.length)}`
}

/** A new file in the old one's place: nothing is written through a link. */
function replaceFile(path: string, bytes: Buffer) {
  const { mode } = lstatSync(path)
  const fresh = `${path}.${crypto.randomUUID()}`
  writeFileSync(fresh, bytes, { mode: mode & 0o777, flag: 'wx' })
  try {
    renameSync(fresh, path)
  } catch (error) {
    unlinkSync(fresh)
    throw error
  }
}
