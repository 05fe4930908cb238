/** Every spelling of the way out, at every door that takes a path or a name from outside. Over raw sockets: `fetch` tidies up. */
import { describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { javascriptScript, startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'

const canary = 'what nobody outside may read'
const read = `import { readFileSync } from 'node:fs'\n${javascriptScript({ doc: { type: 'file' }, ms: { type: 'int' } }, "const at = args.indexOf('--doc'); if (at < 0) await Bun.sleep(60_000); else console.log(readFileSync(args[at + 1], 'utf8'))")}`
const leave = javascriptScript({}, "await Bun.write(process.env.OUTPUT_DIR + '/ok.txt', 'served')")
const gateway = await startApp(
  { 'js/read.js': read, 'js/group/inner.js': read, 'js/leave.js': leave },
  { run_slots: 1 },
)
const left = await gateway.json<{ files: { url: string }[] }>('/api/scripts/leave/run', { method: 'POST' })
/** `/static/…/`, of a file that is served. */
const served = new URL('.', left.body.files[0]!.url).pathname
const home = dirname(gateway.dataDir)
writeFileSync(join(home, 'secret.txt'), canary)
writeFileSync(join(gateway.dataDir, 'secret.txt'), canary)
const shared = join(home, 'shared')
mkdirSync(join(shared, 'deep'), { recursive: true })
writeFileSync(join(shared, 'ok.txt'), 'shared')

/** Ways up, in front of a target; each several levels, as nobody knows how deep the door is. */
const ways = [
  '../',
  '..\\',
  './../',
  '.../../',
  '....//',
  '%2e%2e/',
  '%2E%2e%2F',
  '.%2e/',
  '..%2f',
  '..%5c',
  '%252e%252e%252f',
  '..%252f',
  '..%c0%af',
  '..%e0%80%af',
  '%u002e%u002e/',
  '..;/',
  '..%00/',
  '..\u2215',
  '\uff0e\uff0e/',
  '\u2025/',
  '..%ef%bc%8f',
  '..//',
  '..%0a/',
  '.. /',
  '../ ',
  './/../',
]
const absolute = [
  `${home}/secret.txt`,
  `/${home}/secret.txt`,
  `file://${home}/secret.txt`,
  `//localhost${home}/secret.txt`,
]
const spellings = [
  ...ways.flatMap((way) => [1, 2, 4].map((levels) => `${way.repeat(levels)}secret.txt`)),
  ...ways.map((way) => `x/${way.repeat(3)}secret.txt`),
  ...absolute,
]

interface Answer {
  status: number
  text: string
}

/** Sends the bytes as they are; answers when the gateway has closed. */
function raw(target: string, method = 'GET', body = '', contentType = 'application/json'): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  const chunks: Uint8Array[] = []
  socket.on('error', reject)
  socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
  socket.on('close', () => {
    const text = Buffer.concat(chunks).toString()
    resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text })
  })
  socket.write(
    `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  return promise
}

const post = (path: string, value: unknown) => raw(path, 'POST', JSON.stringify(value))

/** `name`: of the field's file, written into the form as it is. */
const upload = (name: string, fields: Record<string, string> = {}, content = 'export default {}') => {
  const parts = Object.entries(fields).map(
    ([field, value]) => `--b\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  )
  const file = `--b\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n\r\n${content}\r\n--b--\r\n`
  return raw('/api/scripts/upload', 'POST', parts.join('') + file, 'multipart/form-data; boundary=b')
}

type Door = [door: string, ask: (spelling: string) => Promise<Answer>]

/** In a request line, what no address can hold is sent as UTF-8. */
const inTarget = (text: string) => encodeURI(text).replaceAll('%25', '%')

const readers: Door[] = [
  ['/static/*', (spelling) => raw(`/static/${inTarget(spelling)}`)],
  ['/static/* below a script', (spelling) => raw(`${served}${inTarget(spelling)}`)],
  ['/assets/swagger/:name', (spelling) => raw(`/assets/swagger/${inTarget(spelling)}`)],
  ['/assets/*', (spelling) => raw(`/assets/${inTarget(spelling)}`)],
  ['/api/templates/:name', (spelling) => raw(`/api/templates/${inTarget(spelling)}`)],
  ['/api/scripts/:id/content', (spelling) => raw(`/api/scripts/${inTarget(spelling)}/content`)],
  ['/api/runs/:id/logs', (spelling) => raw(`/api/runs/${inTarget(spelling)}/logs`)],
  ['/scripts/:id', (spelling) => raw(`/scripts/${inTarget(spelling)}`)],
  ['a file parameter', (spelling) => post('/api/scripts/read/run', { doc: spelling })],
  [
    'a file parameter below an allowed folder',
    (spelling) => post('/api/scripts/read/run', { doc: `${shared}/${spelling}` }),
  ],
  [
    'a file parameter below an allowed folder, decoded',
    (spelling) => post('/api/scripts/read/run', { doc: `${shared}/${decoded(spelling)}` }),
  ],
]

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

describe('nothing outside is read through', () => {
  test('(what may be read is)', async () => {
    await gateway.json('/api/settings', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        local_file_access_patterns: [`${shared}/**`, `${gateway.dataDir}/**`, `${gateway.scriptsDir}/**`],
      }),
    })
    expect((await raw(`${served}ok.txt`)).text).toEndWith('served')
    expect((await post('/api/scripts/read/run', { doc: `${shared}/deep/../ok.txt` })).text).toContain('shared')
  })

  test.each(readers)(
    '%s',
    async (_, ask) => {
      const wrong: string[] = []
      for (const spelling of spellings) {
        const { status, text } = await ask(spelling)
        if (text.includes(canary) || status < 300 || status >= 500) wrong.push(`${JSON.stringify(spelling)}: ${status}`)
      }
      expect(wrong).toEqual([])
    },
    20_000,
  )
})

/** Everything that is in the gateway's home, the data folder's own aside. */
const everything = () =>
  readdirSync(home, { recursive: true })
    .map(String)
    .filter((name) => !name.startsWith('data/'))
    .sort()

const writers: Door[] = [
  [
    'the name of a new script',
    (spelling) => post('/api/scripts', { runtime: 'js', filename: `${spelling}.js`, content: 'export default {}' }),
  ],
  [
    'the group of a new script',
    (spelling) => post('/api/scripts', { runtime: 'js', filename: `${spelling}/x.js`, content: 'export default {}' }),
  ],
  ['the name of an uploaded file', (spelling) => upload(`${spelling}.js`)],
  ['the group of an upload', (spelling) => upload('x.js', { group: spelling })],
]

describe('nothing is written outside through', () => {
  test.each(writers)(
    '%s',
    async (_, ask) => {
      const before = everything()
      const wrong: string[] = []
      for (const spelling of [...spellings, ...spellings.map(decoded)]) {
        const { status } = await ask(spelling)
        if (status < 200 || status >= 500) wrong.push(`${JSON.stringify(spelling)}: ${status}`)
      }
      // A name that only looks like a way up (`%2e%2e`) is a name: what was made with it lies in the scripts folder.
      const made = everything().filter((name) => !before.includes(name) && !name.startsWith('scripts_repo/js/'))
      expect([wrong, made]).toEqual([[], []])
    },
    20_000,
  )

  test('the name of an uploaded parameter', async () => {
    const before = everything()
    for (const spelling of [...spellings, ...spellings.map(decoded)].filter((name) => !/["\r\n\0]/.test(name))) {
      const form = `--b\r\nContent-Disposition: form-data; name="doc"; filename="${spelling}"\r\n\r\nmine\r\n--b--\r\n`
      const { status, text } = await raw(
        '/api/scripts/read/run?async=1',
        'POST',
        form,
        'multipart/form-data; boundary=b',
      )
      expect([spelling, status, text.includes(canary)]).toEqual([spelling, 202, false])
    }
    expect(everything()).toEqual(before)
    await gateway.json('/api/scripts/read/terminate', { method: 'POST' }) // most of them still wait
  }, 20_000)
})

describe('a local file that was allowed is the one that is handed over:', () => {
  const swaps: [string, (folder: string) => void][] = [
    [
      'a link takes its place',
      (folder) => {
        renameSync(join(folder, 'a.txt'), join(folder, 'gone'))
        symlinkSync(join(gateway.dataDir, 'secret.txt'), join(folder, 'a.txt'))
      },
    ],
    [
      'a link takes the place of its folder',
      (folder) => {
        renameSync(folder, `${folder}-gone`)
        const elsewhere = tempFolder()
        writeFileSync(join(elsewhere, 'a.txt'), canary)
        symlinkSync(elsewhere, folder)
      },
    ],
    ['it goes', (folder) => renameSync(join(folder, 'a.txt'), join(folder, 'gone'))],
  ]
  test.each(swaps)('%s while the run waits', async (what, swap) => {
    const folder = join(shared, what.replaceAll(' ', '-'))
    mkdirSync(folder)
    writeFileSync(join(folder, 'a.txt'), 'allowed')
    const start = async (body: unknown) =>
      (
        (await (
          await gateway.fetch('/api/scripts/read/run?async=1', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          })
        ).json()) as { run_id: number }
      ).run_id
    const busy = await start({ ms: 1 })
    const waiting = await start({ doc: join(folder, 'a.txt') })
    swap(folder)
    await gateway.json(`/api/runs/${busy}/cancel`, { method: 'POST' })
    const run = await gateway.finished(waiting)
    expect(run).toMatchObject({ status: 'failed', error: { type: 'forbidden' }, result: null })
    expect(run.reason).toContain('has taken its place')
    expect(await (await gateway.fetch(`/api/runs/${waiting}/logs`)).text()).not.toContain(canary)
  })

  test('and one that waited in peace is', async () => {
    const { run_id } = (
      await gateway.json<{ run_id: number }>('/api/scripts/read/run?async=1', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ doc: join(shared, 'ok.txt') }),
      })
    ).body
    expect((await gateway.finished(run_id)).result).toMatchObject({ data: 'shared\n' })
  })
})
