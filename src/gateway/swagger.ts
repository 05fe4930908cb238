/** Swagger UI of the kept package, served by ourselves: it works with no internet. */
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import stylePath from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import scriptPath from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }
import { swaggerPage } from '../../views/swagger.tsx'
import type { Text } from '../../views/texts.ts'

/** In the executable they are beside this module; else where the package is. */
const files: Record<string, { path: string; type: string }> = {
  'swagger-ui.js': { path: resolve(import.meta.dir, scriptPath), type: 'text/javascript; charset=utf-8' },
  'swagger-ui.css': { path: resolve(import.meta.dir, stylePath), type: 'text/css; charset=utf-8' },
}

/** Swagger UI sets style attributes; everything else comes from us. */
const policy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

interface Shown {
  title: string
  documentUrl: string
  other: { href: string; text: Text }
  /** Whether nobody is asked who they are. */
  isOpenToAll: boolean
  /** Of one script: all of it is unfolded. */
  isOne?: boolean
}

/** Of all scripts, or of the one that the address names. */
export const scriptsSwagger = (script: string | null): Omit<Shown, 'isOpenToAll'> =>
  script === null
    ? { title: 'Scripts', documentUrl: '/scripts-openapi.json', other: { href: '/swagger', text: 'The whole API' } }
    : {
        title: script,
        documentUrl: `/api/scripts/${encodeURIComponent(script)}/openapi.json`,
        other: { href: '/scripts-swagger.html', text: 'All scripts' },
        isOne: true,
      }

export const swaggerResponse = (shown: Shown) =>
  new Response(String(swaggerPage(shown)), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
    },
  })

/** Answers `/assets/swagger/NAME`, compressed once; null when there is no such file. */
export function createSwaggerFiles() {
  const compressed = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()

  async function compress(path: string) {
    return new Uint8Array(await promisify(gzip)(await Bun.file(path).arrayBuffer()))
  }

  return async function serve(name: string, acceptEncoding: string): Promise<Response | null> {
    const file = Object.hasOwn(files, name) ? files[name] : undefined
    if (!file) return null
    const headers = { 'content-type': file.type, 'cache-control': 'public, max-age=86400', vary: 'accept-encoding' }
    if (!/\bgzip\b/.test(acceptEncoding)) return new Response(Bun.file(file.path), { headers })
    const body = compressed.get(name) ?? compress(file.path)
    compressed.set(name, body)
    return new Response(await body, { headers: { ...headers, 'content-encoding': 'gzip' } })
  }
}
