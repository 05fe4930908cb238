/** What can be read off a script's file without running it. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { decodeUtf8 } from '../results/json.ts'
import type { RuntimeName } from './model.ts'

export const sourceBytesMax = 5 * 1024 * 1024
const descriptionLengthMax = 300

export type Source =
  | { kind: 'text'; text: string; hash: string; bytes: Uint8Array }
  | { kind: 'problem'; problem: string; hash: string }
  | { kind: 'gone' }

/** Reads a script's file; every way it can be unreadable is a sentence. `sizeBytes`: as it was listed. */
export async function readSource(path: string, sizeBytes: number): Promise<Source> {
  const tooLarge = `It is larger than ${sourceBytesMax / 1024 / 1024} MiB, the most a script may have.`
  if (sizeBytes > sourceBytesMax) return { kind: 'problem', problem: tooLarge, hash: '' }
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT'
      ? { kind: 'gone' }
      : { kind: 'problem', problem: `It cannot be read: ${message}.`, hash: '' }
  }
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (bytes.byteLength > sourceBytesMax) return { kind: 'problem', problem: tooLarge, hash }
  const text = decodeUtf8(bytes)
  if (text === null) return { kind: 'problem', problem: 'It is not UTF-8 text: save it with that encoding.', hash }
  return { kind: 'text', text, hash, bytes }
}

/** First line of the docstring (Python) or of the leading comment (JavaScript); empty when there is none. */
export function describeSource(runtime: RuntimeName, text: string): string {
  const comment = runtime === 'python' ? docstring(text) : leadingComment(text)
  const line = comment.split('\n').find((item) => item.trim() !== '') ?? ''
  return [...line.trim()].slice(0, descriptionLengthMax).join('')
}

function docstring(text: string): string {
  const match =
    /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*[rRuU]{0,2}(?:"""([\s\S]*?)"""|'''([\s\S]*?)'''|"([^"\\\n]*)"|'([^'\\\n]*)')/.exec(
      text,
    )
  return match?.slice(1).find((part) => part !== undefined) ?? ''
}

function leadingComment(text: string): string {
  const start = text.replace(/^#![^\n]*\n/, '').replace(/^(\s|['"]use strict['"];?)+/, '')
  const block = /^\/\*+([\s\S]*?)\*\//.exec(start)?.[1]
  if (block !== undefined) return block.replace(/^[ \t]*\*+ ?/gm, '').replace(/^\s*@[^\n]*$/gm, '')
  const lines = /^(?:\/\/[^\n]*\n?)+/.exec(start)?.[0] ?? ''
  return lines
    .split('\n')
    .map((line) => line.replace(/^\/\/+/, ''))
    .filter((line) => !/^\s*(@ts-|eslint)/.test(line))
    .join('\n')
}
