/** Both documents: valid by a public validator, with the real types, and pages that need no internet. */
import { beforeAll, describe, expect, test } from 'bun:test'
import { compileErrors, validate } from '@readme/openapi-parser'
import { javascriptScript, startApp } from '../harness/app.ts'

const params = {
  width: { type: 'int', required: true, min: 1, max: 8000, help: 'Pixels <b>"wide"</b>' },
  ratio: { type: 'float', default: 1.5 },
  label: { type: 'str', pattern: '^[a-z]+$' },
  on: { type: 'bool', default: true },
  flag: { type: 'bool', action: 'store_true' },
  format: { type: 'choice', choices: ['png', 'jpeg'], default: 'png' },
  dpi: { type: 'choice', choices: [72, 300] },
  mixed: { type: 'choice', choices: ['auto', 1], help: 'A word or a number' },
  sides: { type: 'choice', choices: ['left', 'right'], multiple: true },
  only: { type: 'choice', choices: ['one'] },
  meta: { type: 'json' },
  page: { type: 'url' },
  names: { type: 'str', multiple: true },
  token: { type: 'str', secret: true, default: 'never-show-this' },
  colour: { type: 'colour' },
}
const gateway = await startApp({
  'js/images/resize.js': javascriptScript(params, ''),
  'js/picture.js': javascriptScript(
    { doc: { type: 'image', required: true, help: 'A picture' }, title: { type: 'str' } },
    '',
  ),
  'js/files.js': javascriptScript({ docs: { type: 'file', multiple: true } }, ''),
  'js/nothing.js': javascriptScript({}, ''),
  'js/żółw & "quotes".js': javascriptScript({ 'dotted.name': { type: 'str' } }, ''),
  'js/same.js': javascriptScript({}, ''),
  'python/same.py': 'if __name__ == "__main__":\n    print("{}") # --_sys_get_schema\n',
  'js/broken.js': 'no entry point',
})

interface Schema {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  [key: string]: unknown
}
interface Operation {
  summary: string
  tags: string[]
  operationId?: string
  description: string
  parameters: { name: string; in: string; required?: boolean; schema?: Schema; description?: string }[]
  requestBody: { required: boolean; content: Record<string, { schema: Schema }> }
  responses: Record<string, { headers?: object; content?: object }>
}
interface Document {
  openapi: string
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}
const documentAt = async (path: string) => (await gateway.json<Document>(path)).body
const addresses = ['/openapi.json', '/scripts-openapi.json']
let scripts: Document
let whole: Document
beforeAll(async () => {
  scripts = await documentAt('/scripts-openapi.json')
  whole = await documentAt('/openapi.json')
})
const resize = () => scripts.paths['/api/scripts/resize/run']!

describe('documents', () => {
  test.each(addresses)('%s is valid OpenAPI 3.1', async (address) => {
    const document = await documentAt(address)
    expect(document.openapi).toBe('3.1.0')
    const result = await validate(structuredClone(document) as unknown as Parameters<typeof validate>[0])
    expect(result.valid ? '' : compileErrors(result)).toBe('')
  })

  test('every script that can be called, and no other, under its slug', () => {
    const slugs = gateway.app.scripts().filter(({ state }) => state === 'active')
    expect(Object.keys(scripts.paths).sort()).toEqual(
      slugs.map(({ slug }) => `/api/scripts/${encodeURIComponent(slug)}/run`).sort(),
    )
    for (const path of Object.keys(scripts.paths)) expect(whole.paths[path]).toEqual(scripts.paths[path]!)
  })

  test('the whole one has the fixed routes of runs, settings and system, and no pages', () => {
    const paths = Object.keys(whole.paths)
    for (const path of [
      '/api/runs',
      '/api/runs/{id}',
      '/api/runs/{id}/cancel',
      '/api/runs/{id}/logs',
      '/api/settings',
      '/health',
    ])
      expect(paths).toContain(path)
    expect(paths.filter((path) => !/^\/(api|health|ready|metrics)/.test(path))).toEqual([])
  })

  test('each operation says what it answers, in which form', () => {
    const operations = Object.entries(whole.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { responses }]) => ({ name: `${method} ${path}`, responses })),
    )
    const good = (responses: Operation['responses'] = {}) =>
      Object.entries(responses).some(([code, { content }]) => code.startsWith('2') && (content || code === '204'))
    expect(operations.filter(({ responses }) => !good(responses)).map(({ name }) => name)).toEqual([])
  })

  /** Itself, or what its name stands for. */
  const resolved = (schema: Schema): Schema =>
    typeof schema.$ref === 'string' ? whole.components.schemas[schema.$ref.split('/').at(-1)!]! : schema

  const answered = [
    ['/health', 'get'],
    ['/ready', 'get'],
    ['/api/logs/gateway', 'get'],
    ['/api/settings', 'get'],
  ] as const
  test.each(answered)('the schema of %s is that of its answer', async (path, method) => {
    const { body } = await gateway.json<Record<string, unknown>>(path)
    const content = whole.paths[path]![method]!.responses['200']!.content as Record<string, { schema: Schema }>
    const schema = resolved(content['application/json']!.schema)
    expect(Object.keys(body).sort()).toEqual(Object.keys(schema.properties!).sort())
    const [item] = (body.items as object[] | undefined) ?? []
    const members = schema.properties!.items && resolved(schema.properties!.items.items!).properties
    if (item && members) expect(Object.keys(item).sort()).toEqual(Object.keys(members).sort())
  })

  test('every tag has its place in the list of tags', () => {
    const tags = Object.values(whole.paths).flatMap((item) => Object.values(item).flatMap(({ tags }) => tags))
    expect([...new Set(tags)].sort()).toEqual(whole.tags.map(({ name }) => name).sort())
  })

  test('each operation has an id of its own', () => {
    const ids = Object.values(whole.paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId))
    expect(ids).not.toContain(undefined)
    expect(new Set(ids).size).toBe(ids.length)
  })

  /** Every schema, and what else is in there, with its place. */
  function* nodes(node: unknown, place = ''): Generator<[string, Schema]> {
    if (typeof node !== 'object' || node === null) return
    if (!Array.isArray(node)) yield [place, node as Schema]
    for (const [key, value] of Object.entries(node)) yield* nodes(value, `${place}/${key}`)
  }
  const ownNodes = () => nodes({ paths: whole.paths, schemas: whole.components.schemas })

  test('an object that is in two places has a name there', () => {
    const places = new Map<string, string[]>()
    for (const [place, schema] of ownNodes()) {
      if (schema.type !== 'object' || Object.keys(schema.properties ?? {}).length < 3) continue
      // The forms of one script's body are its own.
      if (/^\/paths\/\/api\/scripts\/[^{]*\/run\//.test(place)) continue
      const text = JSON.stringify(schema)
      places.set(text, [...(places.get(text) ?? []), place])
    }
    expect([...places.values()].filter((several) => several.length > 1)).toEqual([])
    expect(places.size).toBeGreaterThan(80)
  })

  test('choices are one enum, and what may be null has a type that says so', () => {
    const wrong = (anyOf: Schema[]) =>
      anyOf.every((one) => 'const' in one) || (anyOf.length === 2 && anyOf[1]!.type === 'null' && 'type' in anyOf[0]!)
    const found = [...ownNodes()].filter(([, { anyOf }]) => anyOf && wrong(anyOf)).map(([place]) => place)
    expect(found).toEqual([])
  })

  test('a choice in an address says what it is about', () => {
    const level = whole.paths['/api/logs/gateway']!.get!.parameters.find(({ name }) => name === 'level')
    expect(level?.schema).toMatchObject({ type: 'string', description: 'This one and worse' })
    expect(level?.schema?.enum).toContain('fatal')
  })

  test('nothing is called something that is not there, and no name is left where its schema was', () => {
    const names = Object.keys(whole.components.schemas)
    const refs = [...ownNodes()].flatMap(([, { $ref }]) => (typeof $ref === 'string' ? [$ref.split('/').at(-1)!] : []))
    expect([...new Set(refs)].filter((name) => !names.includes(name))).toEqual([])
    expect([...ownNodes()].filter(([, { title }]) => typeof title === 'string').map(([place]) => place)).toEqual([])
    expect(names).toContain('RunPage')
  })
})

describe('a script', () => {
  const expected: Record<string, object> = {
    width: { type: 'integer', minimum: 1, maximum: 8000, description: 'Pixels <b>"wide"</b>' },
    ratio: { type: 'number', default: 1.5 },
    label: { type: 'string', pattern: '^[a-z]+$' },
    on: { type: 'boolean', default: true },
    flag: { type: 'boolean' },
    names: { type: 'array', items: { type: 'string' } },
    page: { type: 'string' },
    token: { type: 'string', writeOnly: true },
    colour: { type: 'string' },
  }
  const contentTypes = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']
  test.each(contentTypes)('has its real types in %s', (contentType) => {
    const { schema } = resize().post!.requestBody.content[contentType]!
    expect(schema.properties).toMatchObject(expected)
    expect(Object.keys(schema.properties!)).toEqual(Object.keys(params))
    expect([schema.required, schema.additionalProperties]).toEqual([['width'], false])
  })

  const choices: Record<string, Schema> = {
    format: { type: 'string', enum: ['png', 'jpeg'], default: 'png' },
    dpi: { type: 'number', enum: [72, 300] },
    mixed: { enum: ['auto', 1], description: 'A word or a number' },
    sides: { type: 'array', items: { type: 'string', enum: ['left', 'right'] }, maxItems: 1000 },
    only: { type: 'string', enum: ['one'] },
  }
  test.each(Object.entries(choices))('says the choices of %s as one enum, in body and query', (name, schema) => {
    const { get, post } = resize()
    const { properties } = post!.requestBody.content['application/json']!.schema
    expect(properties![name]).toEqual(schema)
    const { description: _, ...withoutHelp } = schema
    expect(get!.parameters.find((parameter) => parameter.name === name)!.schema).toEqual(withoutHelp)
  })

  test('has them as query parameters too, with help', () => {
    const query = resize().get!.parameters.filter((parameter) => parameter.in === 'query')
    expect(query.map(({ name }) => name)).toEqual(Object.keys(params))
    const width = query[0]!
    expect([width.required, width.description]).toEqual([true, 'Pixels <b>"wide"</b>'])
    expect(width.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 8000 })
    const headers = resize().post!.parameters.filter((parameter) => parameter.in === 'header')
    expect(headers.map(({ name }) => name)).toEqual(['Prefer', 'Idempotency-Key'])
  })

  test('does not show the default of a secret', () => {
    expect(JSON.stringify(whole)).not.toContain('never-show-this')
  })

  test('with a required file has no GET; the file is binary in multipart, and a text in JSON', () => {
    const { get, post } = scripts.paths['/api/scripts/picture/run']!
    expect(get).toBeUndefined()
    const { content } = post!.requestBody
    expect(content['multipart/form-data']!.schema.properties!.doc).toMatchObject({ type: 'string', format: 'binary' })
    expect(content['application/json']!.schema.properties!.doc).toMatchObject({
      type: 'string',
      format: 'uri-reference',
    })
    const files = scripts.paths['/api/scripts/files/run']!.post!.requestBody.content['multipart/form-data']!.schema
    expect(files.properties!.docs).toMatchObject({ type: 'array', items: { type: 'string', format: 'binary' } })
    expect(scripts.paths['/api/scripts/files/run']!.get).toBeDefined()
  })

  test('has its results and every error of the contract that it can answer', () => {
    const codes = Object.keys(resize().post!.responses)
    for (const code of ['200', '202', '400', '403', '409', '413', '422', '429', '500', '503', '504', '507'])
      expect(codes).toContain(code)
    expect(resize().post!.responses['202']!.headers).toHaveProperty('Location')
    expect(resize().post!.responses['429']!.headers).toHaveProperty('Retry-After')
  })
})

describe('pages', () => {
  test.each(['/swagger', '/scripts-swagger.html'])(
    '%s loads nothing from elsewhere, and all that it loads is there',
    async (path) => {
      const response = await gateway.fetch(path)
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      const html = await response.text()
      const links = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!)
      expect(links.length).toBeGreaterThan(2)
      expect(links.filter((link) => /^(https?:)?\/\//.test(link))).toEqual([])
      for (const link of links.filter((one) => /^\//.test(one)))
        expect([link, (await gateway.fetch(link)).status]).toEqual([link, 200])
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
    },
  )

  test('the assets are compressed, and others are a 404', async () => {
    const response = await gateway.fetch('/assets/swagger/swagger-ui.js', { headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    for (const name of ['nothing.js', '..%2f..%2fpackage.json', '__proto__'])
      expect((await gateway.fetch(`/assets/swagger/${name}`)).status).toBe(404)
  })
})
