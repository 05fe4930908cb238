/**
 * Python packages made by the tests, and an index of them on loopback (PEP 503) that can be slow, broken, or lie.
 *
 *     const index = startIndex({ wheels: [makeWheel({ name: 'kiwi', version: '1.0' })] })
 *     … PIP_INDEX_URL=index.url …
 *     index.stop()
 */
import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32, gzipSync } from 'node:zlib'

export interface PackageFile {
  filename: string
  bytes: Uint8Array
  /** As in the index: normalised. */
  project: string
  requiresPython: string | null
}

interface WheelParts {
  name: string
  version: string
  /** Name of a module, or path such as `pkg/__init__.py`, and its source; by default one named like the package that says its version. */
  modules?: Record<string, string>
  /** `Requires-Dist`, such as `plum>=1` or `plum; extra == "jam"`. */
  requires?: string[]
  requiresPython?: string
  /** By default of any Python and platform. */
  tag?: string
  /** Name of a command → `module:function`. */
  consoleScripts?: Record<string, string>
  extras?: string[]
}

/** The same bytes for the same parts. */
export function makeWheel(parts: WheelParts): PackageFile {
  const {
    name,
    version,
    requires = [],
    requiresPython = null,
    tag = 'py3-none-any',
    consoleScripts,
    extras = [],
  } = parts
  const own = name.replace(/[-.]+/g, '_')
  const { modules = { [own]: `__version__ = ${JSON.stringify(version)}\n` } } = parts
  const info = `${own}-${version}.dist-info`
  const files: [string, string][] = Object.entries(modules).map(([path, text]) => [
    path.includes('.') ? path : `${path}.py`,
    text,
  ])
  files.push([`${info}/METADATA`, metadataOf({ name, version, requires, requiresPython, extras })])
  files.push([`${info}/WHEEL`, `Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: ${tag}\n`])
  if (consoleScripts) {
    const lines = Object.entries(consoleScripts).map(([command, place]) => `${command} = ${place}`)
    files.push([`${info}/entry_points.txt`, `[console_scripts]\n${lines.join('\n')}\n`])
  }
  const record = files.map(([path, text]) => `${path},sha256=${sha256(text, 'base64url')},${Buffer.byteLength(text)}`)
  files.push([`${info}/RECORD`, `${[...record, `${info}/RECORD,,`].join('\n')}\n`])
  return { filename: `${own}-${version}-${tag}.whl`, bytes: zip(files), project: normalised(name), requiresPython }
}

/** Source that writes the file `canary` when its code is run to build it (PEP 517), and needs nothing else for that. */
export function makeSdist({ name, version, canary }: { name: string; version: string; canary: string }): PackageFile {
  const code = `open(${JSON.stringify(canary)}, "w").write("ran")`
  return packSdist({ name, version, code, wheel: makeWheel({ name, version }) })
}

/** Source that runs `code` (Python) when it is built, and comes to `wheel`. */
export function packSdist({
  name,
  version,
  code,
  wheel,
}: {
  name: string
  version: string
  code: string
  wheel: PackageFile
}) {
  const own = name.replace(/[-.]+/g, '_')
  const folder = `${own}-${version}`
  const backend = [
    'import base64, os',
    code,
    'def build_wheel(directory, config_settings=None, metadata_directory=None):',
    `    content = base64.b64decode(${JSON.stringify(Buffer.from(wheel.bytes).toString('base64'))})`,
    `    open(os.path.join(directory, ${JSON.stringify(wheel.filename)}), "wb").write(content)`,
    `    return ${JSON.stringify(wheel.filename)}`,
  ]
  const project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
  const bytes = tarGz([
    [`${folder}/PKG-INFO`, metadataOf({ name, version, requires: [], requiresPython: null, extras: [] })],
    [`${folder}/pyproject.toml`, project],
    [`${folder}/backend.py`, `${backend.join('\n')}\n`],
  ])
  return { filename: `${folder}.tar.gz`, bytes, project: normalised(name), requiresPython: null }
}

export interface Index {
  /** `http://127.0.0.1:PORT/simple` */
  url: string
  port: number
  /** Paths that were asked for, in order, such as `/simple/kiwi/` and `/files/kiwi-1.0-py3-none-any.whl`. */
  requests(): string[]
  publish(...files: PackageFile[]): void
  /** Its first half comes, the rest when `release` is called. `asked`: when somebody has begun to fetch it. */
  hold(filename: string): { asked: Promise<void>; release(): void }
  /** `garbage`: its hash is right, but it is no package; `cut`: the connection ends in the middle. */
  breakFile(filename: string, how?: 'garbage' | 'cut'): void
  /** The index says another hash than the file has. */
  wrongHash(filename: string): void
  requireAuth(user: string, password: string): void
  /** Every answer has this status from now on. */
  answer(status: number): void
  stop(): void
}

/** Listens on 127.0.0.1, at a free port, until `stop`. */
export function startIndex({ wheels }: { wheels: PackageFile[] }): Index {
  const files = new Map(wheels.map((file) => [file.filename, file]))
  const lies = new Set<string>()
  const broken = new Map<string, 'garbage' | 'cut'>()
  const held = new Map<string, { begin(): void; released: Promise<void>; release(): void }>()
  const requests: string[] = []
  let authorization: string | null = null
  let status: number | null = null

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://index')
    requests.push(pathname)
    if (status) return refuse(response, status)
    if (authorization && request.headers.authorization !== authorization) return refuse(response, 401)
    const [, kind, name = ''] = pathname.split('/')
    const file = files.get(name)
    if (kind === 'simple') sendProject(response, name)
    else if (kind === 'files' && file) void sendFile(response, file)
    else refuse(response, 404)
  })
  server.listen(0, '127.0.0.1')
  const { port } = server.address() as AddressInfo

  function refuse(response: ServerResponse, code: number) {
    response.writeHead(code, code === 401 ? { 'www-authenticate': 'Basic realm="index"' } : {}).end('no')
  }

  function sendProject(response: ServerResponse, project: string) {
    const links = [...files.values()].filter((file) => file.project === project).map(linkTo)
    if (links.length === 0) return refuse(response, 404)
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(`<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`)
  }

  function linkTo(file: PackageFile): string {
    const hash = sha256(lies.has(file.filename) ? 'another' : bytesOf(file), 'hex')
    const asks = file.requiresPython ? ` data-requires-python="${Bun.escapeHTML(file.requiresPython)}"` : ''
    return `<a href="../../files/${file.filename}#sha256=${hash}"${asks}>${file.filename}</a>`
  }

  const bytesOf = ({ filename, bytes }: PackageFile): Uint8Array =>
    broken.get(filename) === 'garbage' ? Buffer.from('this is no package') : bytes

  async function sendFile(response: ServerResponse, file: PackageFile) {
    const bytes = bytesOf(file)
    const middle = bytes.byteLength >> 1
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.byteLength })
    await new Promise<unknown>((resolve) => response.write(bytes.subarray(0, middle), resolve))
    const hold = held.get(file.filename)
    hold?.begin()
    await hold?.released
    if (broken.get(file.filename) === 'cut') response.socket?.destroy()
    else response.end(bytes.subarray(middle))
  }

  return {
    url: `http://127.0.0.1:${port}/simple`,
    port,
    requests: () => [...requests],
    publish: (...more) => {
      for (const file of more) files.set(file.filename, file)
    },
    hold(filename) {
      const asked = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      const release = () => {
        held.delete(filename)
        released.resolve()
      }
      held.set(filename, { begin: asked.resolve, released: released.promise, release })
      return { asked: asked.promise, release }
    },
    breakFile: (filename, how = 'garbage') => void broken.set(filename, how),
    wrongHash: (filename) => void lies.add(filename),
    requireAuth: (user, password) => {
      authorization = `Basic ${btoa(`${user}:${password}`)}`
    },
    answer: (code) => {
      status = code
    },
    stop: () => {
      for (const { release } of held.values()) release()
      server.closeAllConnections()
      server.close()
    },
  }
}

/** As PEP 503 says. */
const normalised = (name: string) => name.replace(/[-_.]+/g, '-').toLowerCase()

const sha256 = (data: string | Uint8Array, encoding: 'hex' | 'base64url') =>
  createHash('sha256').update(data).digest(encoding)

interface Metadata {
  name: string
  version: string
  requires: string[]
  requiresPython: string | null
  extras: string[]
}

function metadataOf({ name, version, requires, requiresPython, extras }: Metadata): string {
  const lines = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`]
  if (requiresPython) lines.push(`Requires-Python: ${requiresPython}`)
  for (const extra of extras) lines.push(`Provides-Extra: ${extra}`)
  for (const one of requires) lines.push(`Requires-Dist: ${one}`)
  return `${lines.join('\n')}\n`
}

/** Stored, not deflated, and all of 1980: the same bytes each time. */
function zip(files: [string, string][]): Uint8Array {
  const parts: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [path, text] of files) {
    const [name, data] = [Buffer.from(path), Buffer.from(text)]
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0) // version that is needed; then flags, method, time: 0
    common.writeUInt16LE(0x21, 8) // 1 January 1980
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(name.length, 22)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((0o100644 << 16) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    parts.push(Buffer.from('PK\x03\x04'), common, name, data)
    central.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, name)
    offset += 30 + name.length + data.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(files.length, 4)
  end.writeUInt16LE(files.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06'), end])
}

function tarGz(files: [string, string][]): Uint8Array {
  const blocks: Buffer[] = []
  for (const [path, text] of files) {
    const data = Buffer.from(text)
    const header = Buffer.alloc(512)
    const size = data.length.toString(8).padStart(11, '0')
    for (const [at, value] of [
      [0, path],
      [100, '0000644'],
      [108, '0000000'],
      [116, '0000000'],
      [124, size],
    ] as const)
      header.write(value, at)
    header.write('00000000000', 136)
    header.write('        0', 148)
    header.write('ustar\x0000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    blocks.push(header, data, Buffer.alloc((512 - (data.length % 512)) % 512))
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}
