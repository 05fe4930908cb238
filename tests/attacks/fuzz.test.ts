/**
 * Every operation of the OpenAPI document, asked with values from a seed: fitting, strange and hostile. Whatever is asked, the
 * answer comes soon, has the shape of the contract, and is no fault of the gateway. A failure prints its seed: put it into `seeds`.
 */
import { expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorStatus } from '../../src/errors.ts'
import { createLog } from '../../src/log.ts'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { createRandom, hostileTexts, hostileValue, type Random, type Schema, valueFor } from './random.ts'

const seeds = [20_261_121, Math.floor(Math.random() * 2 ** 31)]
const requestsPerOperation = 9
const slowestMs = 10_000

const everyType = {
  text: { type: 'str', pattern: '^[a-z ]*$' },
  whole: { type: 'int', min: -5, max: 5 },
  real: { type: 'float', max: 1e6 },
  flag: { type: 'bool' },
  only: { type: 'bool', action: 'store_true' },
  one: { type: 'choice', choices: ['a', 'b', 3] },
  doc: { type: 'file' },
  data: { type: 'json' },
  link: { type: 'url' },
  secret: { type: 'str', secret: true, default: 'hidden' },
  several: { type: 'int', multiple: true },
  pictures: { type: 'image', multiple: true },
}
/** They end well whatever they are given: a script that fails is a 500 of its own. */
const scripts = {
  'python/every.py': `import json, sys\nARGS_MAP = json.loads(${JSON.stringify(JSON.stringify(everyType))})\nif __name__ == "__main__":\n    print(json.dumps(ARGS_MAP if "--_sys_get_schema" in sys.argv[1:2] else sys.argv[1:], ensure_ascii=True))\n`,
  'js/every.js': javascriptScript(everyType, 'console.log(JSON.stringify(args))'),
  'js/file.js': javascriptScript({ doc: { type: 'file', required: true } }, 'console.log(args.length)'),
  'python/group/plain.py': pythonScript({}, 'print("plain")'),
}

interface Parameter {
  name: string
  in: string
  schema?: Schema
}
interface Operation {
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
}

const logFile = join(tempFolder(), 'gateway.log')
const gateway = await startApp(scripts, {}, { log: createLog({ file: logFile, level: 'fatal' }) })

const restore = () => {
  for (const [path, content] of Object.entries(scripts)) writeFileSync(join(gateway.scriptsDir, path), content)
  return gateway.fetch('/api/scripts/scan', { method: 'POST' })
}

async function resetSettings() {
  const { body } = await gateway.json<{ items: { name: string; source: string }[] }>('/api/settings')
  const changed = body.items.filter(({ source }) => source === 'database').map(({ name }) => [name, null])
  await gateway.fetch('/api/settings', {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(changed)),
  })
}

function pathFor(path: string, random: Random): string {
  const known = ['1', '2', '3', '4', 'every', 'file', 'plain', 'python', 'js', 'a', 'text']
  const part = () =>
    encodeURIComponent((random.chance(0.75) ? random.pick(known) : random.pick(hostileTexts)).toWellFormed()) || '0'
  return path.replaceAll(/\{\w+\}/g, part)
}

function queryFor(parameters: Parameter[], random: Random): string {
  const query = new URLSearchParams()
  for (const { name, schema } of parameters.filter((one) => one.in === 'query'))
    if (random.chance(0.4)) query.append(name, asText(valueFor(schema, random)))
  if (random.chance(0.1)) query.append(random.pick(hostileTexts), asText(hostileValue(random)))
  return query.size > 0 ? `?${query}` : ''
}

const asText = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

function headersFor(parameters: Parameter[], random: Random): Record<string, string> {
  const sendable = (text: string) =>
    text
      .replaceAll(/[^\x20-\x7e]/g, '')
      .trim()
      .slice(0, 500)
  const headers: Record<string, string> = random.chance(0.5) ? { prefer: 'respond-async' } : {}
  for (const { name } of parameters.filter((one) => one.in === 'header'))
    if (random.chance(0.3)) headers[name.toLowerCase()] = sendable(random.pick(hostileTexts))
  return headers
}

/** In a type that the document names, or in another. */
function bodyFor({ requestBody }: Operation, random: Random): { body?: BodyInit; contentType?: string } {
  const contents = Object.entries(requestBody?.content ?? {})
  if (contents.length === 0)
    return random.chance(0.2) ? { body: asText(hostileValue(random)), contentType: 'application/json' } : {}
  const [type, { schema }] = random.pick(contents)
  if (random.chance(0.08))
    return {
      body: random.pick(hostileTexts).toWellFormed(),
      contentType: random.pick([type, 'text/html', 'application/xml', '', 'a/b; charset=utf-7']),
    }
  const value = valueFor(schema, random)
  if (type === 'application/json') return { body: JSON.stringify(value) ?? 'null', contentType: type }
  if (type === 'text/plain') return { body: asText(value).toWellFormed(), contentType: type }
  const pairs =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, one]) => [one].flat().map((item): [string, unknown] => [name, item]))
      : []
  if (type === 'multipart/form-data') {
    const form = new FormData()
    for (const [name, one] of pairs)
      if (random.chance(0.4)) form.append(name, new File([asText(one)], random.pick(hostileTexts)))
      else form.append(name, asText(one))
    return { body: form }
  }
  return { body: new URLSearchParams(pairs.map(([name, one]) => [name, asText(one)])).toString(), contentType: type }
}

/** What is wrong with an answer; null for nothing. */
async function faultOf(response: Response, method: string): Promise<string | null> {
  const { status, headers } = response
  if ((headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    await response.body?.cancel()
    return null
  }
  const text = await response.text()
  if (status < 400) return status >= 200 ? null : `status ${status}`
  if (method === 'HEAD') return null
  let body: { status?: unknown; code?: unknown; error?: { type?: string; message?: unknown; details?: unknown[] } }
  try {
    body = JSON.parse(text)
  } catch {
    return `an error that is no JSON: ${text.slice(0, 200)}`
  }
  const { type, message } = body.error ?? {}
  if (
    body.status !== 'error' ||
    body.code !== status ||
    !type ||
    !(type in errorStatus) ||
    typeof message !== 'string' ||
    message === ''
  )
    return `an error in another shape: ${text.slice(0, 300)}`
  if (type === 'system') return `a fault of the gateway: ${text.slice(0, 300)}`
  if (status >= 500 && !['script', 'timeout', 'resource', 'dependency', 'unavailable'].includes(type))
    return `${status} ${type}`
  return (status === 429 || status === 503) && !headers.get('retry-after') ? `${status} without Retry-After` : null
}

test.each(seeds)(
  'seed %i',
  async (seed) => {
    const random = createRandom(seed)
    const document = (await gateway.json<{ paths: Record<string, Record<string, Operation>> }>('/openapi.json')).body
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    )
    const faults: string[] = []
    const answered = new Map<string, Set<number>>()
    let slowest = { ms: 0, what: '' }

    async function ask({ path, method, operation }: (typeof operations)[number]) {
      const { parameters = [] } = operation
      const target = pathFor(path, random) + queryFor(parameters, random)
      const { body, contentType } = method === 'GET' ? {} : bodyFor(operation, random)
      const headers = { ...headersFor(parameters, random), ...(contentType ? { 'content-type': contentType } : {}) }
      const what = `${method} ${target.slice(0, 300)} ${typeof body === 'string' ? body.slice(0, 300) : (body ?? '')}`
      const startMs = performance.now()
      try {
        const response = await gateway.fetch(target, {
          method,
          headers,
          body,
          redirect: 'manual',
          signal: AbortSignal.timeout(slowestMs),
        })
        const fault = await faultOf(response, method)
        if (fault) faults.push(`${what} → ${response.status}: ${fault}`)
        const name = `${method} ${path}`
        answered.set(name, (answered.get(name) ?? new Set()).add(response.status))
        if (path === '/api/settings' && method !== 'GET' && response.ok) await resetSettings()
      } catch (error) {
        faults.push(`${what} → ${error}`)
      }
      const ms = performance.now() - startMs
      if (ms > slowest.ms) slowest = { ms, what }
    }

    // The order is the seed's too: what is deleted early is missed later.
    for (let round = 0; round < requestsPerOperation; round++) {
      await restore()
      for (const operation of random.shuffled(operations)) await ask(operation)
    }
    await resetSettings()
    await restore()

    if (faults.length > 0) console.error(`seed ${seed}\n${faults.join('\n')}`)
    expect(faults).toEqual([])
    expect(slowest.ms).toBeLessThan(slowestMs)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    // Not only refusals: many operations were also done.
    const done = [...answered.values()].filter((statuses) => [...statuses].some((status) => status < 300))
    expect(done.length).toBeGreaterThan(operations.length / 3)
    expect((await gateway.json('/health')).body).toMatchObject({ status: 'ok' })
    const { id } = await gateway.drop(`python/last_${seed}.py`, pythonScript({}, 'print("well")'))
    expect((await gateway.json(`/api/scripts/${id}/run`, { method: 'POST' })).body).toMatchObject({ status: 'success' })
  },
  60_000,
)
