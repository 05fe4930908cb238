/** Serves the files of the code editor, which are large: compressed beforehand, and read from the disk each time. */
import { join } from 'node:path'
import { readEditorVersion } from '../../public/assets.macro.ts' with { type: 'macro' }
import { type Encoding, encodingFor } from '../http/compress.ts'
import { type EditorFile, editorFiles, encodings, makeEditorFiles } from './editor-bundle.ts'
import { embedded } from './editor-embedded.ts'

const version = readEditorVersion()

/** Workers have a policy of their own: it is the one of their file, not of the page. */
const workerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"

export function createEditorAssets() {
  let made: Promise<string> | null = null

  /** In a checkout: has the files made, if they are not. */
  async function folder(): Promise<string> {
    made ??= makeEditorFiles(version, 'checkout')
    try {
      return await made
    } catch (error) {
      made = null
      throw error
    }
  }

  /** Where a file is, in an encoding. */
  const pathOf = async (name: EditorFile, encoding: Encoding) =>
    embedded === null ? join(await folder(), name + encodings[encoding]) : (embedded[name + encodings[encoding]] ?? '')

  /** Answers `/assets/editor/VERSION/NAME`; null when there is no such file. An old version gets today's file, unkept. */
  return async function serve(wanted: string, name: string, acceptEncoding: string): Promise<Response | null> {
    if (!isEditorFile(name)) return null
    const accepted = encodingFor(acceptEncoding)
    const encoding = accepted ?? 'gzip'
    const file = Bun.file(await pathOf(name, encoding))
    const headers: Record<string, string> = {
      'content-type': types[name.slice(name.lastIndexOf('.') + 1)]!,
      'cache-control': wanted === version ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
    }
    if (name.endsWith('.worker.js')) headers['content-security-policy'] = workerPolicy
    if (!accepted) return new Response(file.stream().pipeThrough(new DecompressionStream('gzip')), { headers })
    return new Response(file, { headers: { ...headers, 'content-encoding': encoding } })
  }
}

const isEditorFile = (name: string): name is EditorFile => editorFiles.some((one) => one === name)

const types: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
  ttf: 'font/ttf',
  wasm: 'application/wasm',
}
