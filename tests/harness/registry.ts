/** A small npm registry on loopback, with packages that the test makes, and with the ways in which registries fail. */
import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pack } from 'tar-stream'

export interface PackageSpec {
  name: string
  version: string
  /** Paths below the package → contents. Without any it has an `index.js` that exports `name@version`. */
  files?: Record<string, string>
  /** Further fields of package.json. */
  fields?: Record<string, unknown>
}

/**
 * What goes wrong with a package: `slow` is answered when `release` is called, `cut` ends in the middle, `integrity` is of other
 * bytes; a number is answered as a status; an address is redirected to.
 */
export type Fault = 'slow' | 'cut' | 'integrity' | number | { redirect: string }

export interface Registry {
  /** Without a slash at the end. */
  url: string
  add(...packages: PackageSpec[]): Promise<void>
  /** From now on; `tarball` alone, or its metadata too. null: it is well again. */
  fail(name: string, fault: Fault | null, of?: 'metadata' | 'tarball'): void
  /** Answers what was held by `slow`, and holds nothing any more. */
  release(): void
  /** Method and path, in order. */
  requests: string[]
  /** Resolves when this was requested; at once where it was before. */
  asked(request: string): Promise<void>
  /** `Authorization` headers that were sent, in order. */
  credentials: string[]
  stop(): void
}

interface Published {
  manifest: Record<string, unknown>
  tarball: Buffer
}

/** What it asks for: everything else is answered with 401. */
interface Closed {
  token?: string
  /** USER:PASSWORD */
  login?: string
}

/** `stop` is for whoever starts it: afterAll, which may be called beside the tests and not within one. */
export async function startRegistry({ token, login }: Closed = {}): Promise<Registry> {
  const wanted = token ? `Bearer ${token}` : login ? `Basic ${Buffer.from(login).toString('base64')}` : null
  const packages = new Map<string, Map<string, Published>>()
  const faults = new Map<string, Fault>()
  const requests: string[] = []
  const credentials: string[] = []
  const held: (() => void)[] = []
  const waiting = new Set<() => void>()
  let url = ''

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://registry').pathname).slice(1)
    requests.push(`${request.method} /${path}`)
    const { authorization } = request.headers
    if (authorization) credentials.push(authorization)
    for (const look of waiting) look()
    if (wanted !== null && authorization !== wanted) return answer(response, 401, { error: 'unauthorized' })
    const [name = '', file] = path.split('/-/')
    const fault = faults.get(`${file ? 'tarball' : 'metadata'} ${name}`)
    if (fault === 'slow') return void held.push(() => serve(response, name, file))
    if (typeof fault === 'number') return answer(response, fault, { error: `status ${fault}` })
    if (typeof fault === 'object') return void response.writeHead(302, { location: fault.redirect }).end()
    serve(response, name, file, fault)
  })

  function serve(response: ServerResponse, name: string, file?: string, fault?: Fault) {
    const versions = packages.get(name)
    if (!versions) return answer(response, 404, { error: 'not found' })
    if (!file) return send(response, Buffer.from(JSON.stringify(metadataOf(name, versions))), fault)
    const version = file.slice(`${baseOf(name)}-`.length, -'.tgz'.length)
    const tarball = versions.get(version)?.tarball
    return tarball ? send(response, tarball, fault) : answer(response, 404, { error: 'not found' })
  }

  function metadataOf(name: string, versions: Map<string, Published>) {
    const isWrong = faults.get(`metadata ${name}`) === 'integrity' || faults.get(`tarball ${name}`) === 'integrity'
    const entries = [...versions].map(([version, { manifest, tarball }]) => {
      const bytes = isWrong ? Buffer.from('other bytes') : tarball
      const dist = {
        tarball: `${url}/${name}/-/${baseOf(name)}-${version}.tgz`,
        integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
        shasum: createHash('sha1').update(bytes).digest('hex'),
      }
      return [version, { ...manifest, dist }] as const
    })
    const latest = [...versions.keys()].sort(Bun.semver.order).at(-1)
    return { name, 'dist-tags': { latest }, versions: Object.fromEntries(entries) }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const release = () => {
    for (const [of, fault] of faults) if (fault === 'slow') faults.delete(of)
    for (const go of held.splice(0)) go()
  }
  const stop = () => {
    server.close()
    server.closeAllConnections()
  }

  return {
    ...{ url, requests, credentials, release, stop },
    asked: (request) =>
      new Promise((resolve) => {
        const look = () => requests.includes(request) && waiting.delete(look) && resolve()
        waiting.add(look)
        look()
      }),
    add: async (...added) => {
      for (const { name, version, files, fields = {} } of added) {
        const manifest = { name, version, ...fields }
        const contents = files ?? { 'index.js': `module.exports = ${JSON.stringify(`${name}@${version}`)}\n` }
        const tarball = await tarballOf({ 'package.json': JSON.stringify(manifest), ...contents })
        const hasScripts = 'scripts' in fields
        const versions = packages.get(name) ?? new Map<string, Published>()
        versions.set(version, { manifest: { ...manifest, ...(hasScripts && { hasInstallScript: true }) }, tarball })
        packages.set(name, versions)
      }
    },
    fail: (name, fault, of = 'metadata') => {
      if (fault === null) faults.delete(`${of} ${name}`)
      else faults.set(`${of} ${name}`, fault)
    },
  }
}

/** `@scope/name` is `name` in file names. */
const baseOf = (name: string) => name.slice(name.indexOf('/') + 1)

const answer = (response: ServerResponse, status: number, body: unknown) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

function send(response: ServerResponse, bytes: Buffer, fault?: Fault) {
  response.writeHead(200, { 'content-length': bytes.length })
  if (fault !== 'cut') return void response.end(bytes)
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.destroy())
}

async function tarballOf(files: Record<string, string>): Promise<Buffer> {
  const archive = pack()
  const mode = (path: string) => (path.startsWith('bin/') ? 0o755 : 0o644)
  for (const [path, text] of Object.entries(files))
    archive.entry({ name: `package/${path}`, mode: mode(path), mtime: new Date(0) }, text)
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.from(Bun.gzipSync(Buffer.concat(chunks)))
}
