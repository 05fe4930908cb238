/**
 * Every operation of the OpenAPI document, asked with values from a seed: fitting, strange and hostile. Whatever is asked, the
 * answer comes soon, has the shape of the contract, and is no fault of the gateway; and nobody does what is not for them. A failure
 * prints its seed: FUZZ_SEED=N repeats it; FUZZ_SEEDS=N asks with so many.
 */
import { expect, test } from 'bun:test'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorStatus } from '../../src/errors.ts'
import { type Role, rightOfRole, rights, roles } from '../../src/http/caller.ts'
import { createLog } from '../../src/log.ts'
import { isRight, isRole, type Need, needs } from '../access/needs.ts'
import { javascriptScript, pythonScript, startApp, type TestApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { operationsByPath } from '../harness/openapi.ts'
import { adminToken, bearer, makePerson } from '../harness/people.ts'
import { createRandom, hostileTexts, hostileValue, type Random, type Schema, valueFor } from './random.ts'

const { FUZZ_SEED: given, FUZZ_SEEDS: count = 1 } = process.env
const seeds = given ? [Number(given)] : Array.from({ length: Number(count) }, () => Math.floor(Math.random() * 2 ** 31))
/** By everybody, while AUTH is off; and by each of those who may not do everything. */
const [requestsPerOperation, requestsPerRole] = [7, 3]
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
const log = createLog({ file: logFile, level: 'fatal' })
const gateway = await startApp(scripts, {}, { log })
const closed = await startApp(scripts, { auth: 'on' }, { log, secrets: { adminToken } })

function restore() {
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

interface Told {
  /** By operation. */
  answered: Map<string, Set<number>>
  faults: string[]
  slowest: { ms: number; what: string }
}

type Named = { path: string; method: string; operation: Operation }

async function operationsOf(app: TestApp, headers: Record<string, string> = {}): Promise<Named[]> {
  return Object.entries(await operationsByPath<Operation>(app, headers)).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
}

/** One request; what is wrong with its answer is added to what is told. Answers its status, 0 for none. */
async function ask(
  app: TestApp,
  { path, method, operation }: Named,
  random: Random,
  told: Told,
  credential: Record<string, string> = {},
): Promise<{ status: number; what: string }> {
  const { parameters = [] } = operation
  const target = pathFor(path, random) + queryFor(parameters, random)
  const { body, contentType } = method === 'GET' ? {} : bodyFor(operation, random)
  const type: Record<string, string> = contentType ? { 'content-type': contentType } : {}
  const headers = { ...headersFor(parameters, random), ...type, ...credential }
  const what = `${method} ${target.slice(0, 300)} ${typeof body === 'string' ? body.slice(0, 300) : (body ?? '')}`
  const startMs = performance.now()
  let status = 0
  try {
    const signal = AbortSignal.timeout(slowestMs)
    const response = await app.fetch(target, { method, headers, body, redirect: 'manual', signal })
    status = response.status
    const fault = await faultOf(response, method)
    if (fault) told.faults.push(`${what} → ${status}: ${fault}`)
    const name = `${method} ${path}`
    told.answered.set(name, (told.answered.get(name) ?? new Set()).add(status))
  } catch (error) {
    told.faults.push(`${what} → ${error}`)
  }
  const ms = performance.now() - startMs
  if (ms > told.slowest.ms) told.slowest = { ms, what }
  return { status, what }
}

const nothing = (): Told => ({ answered: new Map(), faults: [], slowest: { ms: 0, what: '' } })

function expectWell(seed: number, { faults, slowest }: Told) {
  if (faults.length > 0) console.error(`seed ${seed}\n${faults.join('\n')}`)
  expect(faults).toEqual([])
  expect(slowest.ms).toBeLessThan(slowestMs)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
}

test.each(seeds)(
  'seed %i',
  async (seed) => {
    const random = createRandom(seed)
    const operations = await operationsOf(gateway)
    const told = nothing()

    // The order is the seed's too: what is deleted early is missed later.
    for (let round = 0; round < requestsPerOperation; round++) {
      await restore()
      for (const operation of random.shuffled(operations)) {
        const { status } = await ask(gateway, operation, random, told)
        if (operation.path === '/api/settings' && operation.method !== 'GET' && status < 300) await resetSettings()
      }
    }
    await resetSettings()
    await restore()

    expectWell(seed, told)
    // Not only refusals: many operations were also done.
    const done = [...told.answered.values()].filter((statuses) => [...statuses].some((status) => status < 300))
    expect(done.length).toBeGreaterThan(operations.length / 3)
    expect((await gateway.json('/health')).body).toMatchObject({ status: 'ok' })
    // What was declared for everybody would be for this one, too.
    for (const name of ['requirements.txt', 'python/requirements.txt'])
      rmSync(join(gateway.scriptsDir, name), { force: true })
    const { id } = await gateway.drop(`python/last_${seed}.py`, pythonScript({}, 'print("well")'))
    expect((await gateway.json(`/api/scripts/${id}/run`, { method: 'POST' })).body).toMatchObject({ status: 'success' })
  },
  60_000,
)

/** As the table of every route has it. */
function needOf({ method, path }: Named): Need {
  const route = path.replaceAll(/\{(\w+)\}/g, ':$1').replace(/^(\/api\/scripts)\/[^/]+\/run$/, '$1/:id/run')
  const need = needs[`${method} ${route}`] ?? needs[`ALL ${route}`]
  if (!need) throw new Error(`no need is known of ${method} ${route}`)
  return need
}

function mayCall(role: Role, need: Need): boolean {
  if (isRole(need)) return roles.indexOf(role) >= roles.indexOf(need)
  return !isRight(need) || rights.indexOf(rightOfRole[role]) >= rights.indexOf(need)
}

test.each(seeds.flatMap((seed) => [[seed, 'viewer'] as const, [seed, 'operator'] as const]))(
  'seed %i, by a token with the role %s: what is not for it is refused, and nothing of it happens',
  async (seed, role) => {
    const random = createRandom(seed)
    const operations = await operationsOf(closed, bearer(adminToken))
    const { token } = await makePerson(closed, { name: `${role}-${seed}`, role })
    const told = nothing()
    const wrong: string[] = []
    for (let round = 0; round < requestsPerRole; round++)
      for (const operation of random.shuffled(operations)) {
        const { status, what } = await ask(closed, operation, random, told, bearer(token))
        if (status < 400 && !mayCall(role, needOf(operation))) wrong.push(`${what} → ${status}`)
      }
    expect(wrong).toEqual([])
    expectWell(seed, told)
    // What is for it was done, and what is not was asked for.
    const statuses = (isFor: boolean) =>
      operations
        .filter((operation) => mayCall(role, needOf(operation)) === isFor)
        .flatMap(({ method, path }) => [...(told.answered.get(`${method} ${path}`) ?? [])])
    expect(statuses(true)).toContain(200)
    expect(statuses(false)).toContain(403)
    const files = await Promise.all(Object.keys(scripts).map((path) => Bun.file(join(closed.scriptsDir, path)).text()))
    expect(files).toEqual(Object.values(scripts))
  },
  60_000,
)
