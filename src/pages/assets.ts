/** Serves the browser's own files from memory: hashed addresses, kept for ever, compressed once. */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { readAssets, readAssetsVersion } from '../../public/assets.macro.ts' with { type: 'macro' }

const files = new Map(Object.entries(readAssets()))
const version = readAssetsVersion()
const bytesMinToCompress = 512

type Encoding = 'br' | 'gzip'

/** Answers `/assets/VERSION/PATH`; null when there is no such file. An old version gets today's file, unkept. */
export function createAssets() {
  const compressed = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()

  function compress(path: string, text: string, encoding: Encoding) {
    const key = `${encoding} ${path}`
    const known = compressed.get(key)
    if (known) return known
    const fresh = compressors[encoding](text).then((bytes) => new Uint8Array(bytes))
    compressed.set(key, fresh)
    return fresh
  }

  return async function serve(wanted: string, path: string, acceptEncoding: string): Promise<Response | null> {
    const text = files.get(path)
    if (text === undefined) return null
    const headers: Record<string, string> = {
      'content-type': types[path.slice(path.lastIndexOf('.') + 1)] ?? 'text/plain; charset=utf-8',
      'cache-control': wanted === version ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
    }
    const encoding = text.length < bytesMinToCompress ? undefined : chooseEncoding(acceptEncoding)
    if (!encoding) return new Response(text, { headers })
    const body = await compress(path, text, encoding)
    return new Response(body, { headers: { ...headers, 'content-encoding': encoding } })
  }
}

const chooseEncoding = (accepted: string): Encoding | undefined =>
  /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined

const compressors: Record<Encoding, (text: string) => Promise<Buffer>> = {
  br: (text) => promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (text) => promisify(gzip)(text),
}

const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
}
