/** A script's schema, written by hand and given back, over HTTP on a real gateway. */
import { describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ArgsMap, Script } from '../../src/scripts/model.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { type ApiError, jsonInit } from './api.ts'

const own: ArgsMap = { width: { type: 'int', max: 10 }, token: { type: 'str', secret: true } }
const app = await startApp({
  'js/asked.js': javascriptScript(
    own as unknown as Record<string, Record<string, unknown>>,
    'console.log(args.join(" "))',
  ),
  'js/mute.js': 'module.exports = 1',
  'js/mute._map.json': '{"name": {"type": "str"}}',
})
const at = (path: string) => join(app.scriptsDir, 'js', path)

interface View extends Partial<ApiError> {
  args_map: ArgsMap
  source: string | null
  differs: boolean
  sidecar: string | null
  etag: string | null
}

const get = async (slug: string) => (await app.json<View>(`/api/scripts/${slug}/schema`)).body
const put = (slug: string, body: unknown, headers: Record<string, string> = {}) =>
  app.json<View>(`/api/scripts/${slug}/schema`, {
    ...jsonInit('PUT', body),
    headers: { 'content-type': 'application/json', ...headers },
  })
const remove = (slug: string, headers: Record<string, string> = {}) =>
  app.fetch(`/api/scripts/${slug}/schema`, { method: 'DELETE', headers })
const script = async (slug: string) => (await app.json<Script>(`/api/scripts/${slug}`)).body

test('what is written is in the sidecar and in force at once, and nobody is asked to choose', async () => {
  const before = await get('asked')
  expect(before).toMatchObject({ args_map: own, source: 'script', sidecar: '.asked._map.json' })
  const params = { token: { type: 'str', secret: true, default: 'x' }, width: { type: 'int', max: 20, help: 'wide' } }
  const { status, body, headers } = await put('asked', { params }, { 'if-match': before.etag! })
  expect([status, body.args_map, body.source, body.differs]).toEqual([200, params, 'sidecar', false])
  expect(body.etag).toBe(headers.get('etag'))
  expect(JSON.parse(readFileSync(at('.asked._map.json'), 'utf8'))).toEqual(params)
  const run = await app.json<{ data: string }>('/api/scripts/asked/run', jsonInit('POST', { width: 15 }))
  expect([run.status, run.body.data.trim()]).toEqual([200, '--token x --width 15'])
})

test('by hand it stays when the script changes; back to its own, it follows it again', async () => {
  await put('asked', { params: { width: { type: 'int' } } })
  const changed = { height: { type: 'int' } }
  await app.drop('js/asked.js', javascriptScript(changed, 'console.log(1)'))
  expect(await get('asked')).toMatchObject({ args_map: { width: { type: 'int' } }, source: 'sidecar', differs: true })
  expect((await remove('asked')).status).toBe(204)
  expect(await get('asked')).toMatchObject({ args_map: changed, source: 'script', differs: false })
  const next = { depth: { type: 'int' } }
  await app.drop('js/asked.js', javascriptScript(next, 'console.log(1)'))
  expect(await get('asked')).toMatchObject({ args_map: next, source: 'script' })
})

test('a sidecar keeps the name that it has; without one, a script that cannot be asked has no schema', async () => {
  const params = { name: { type: 'str', required: true } }
  expect((await put('mute', { params })).body).toMatchObject({ args_map: params, sidecar: 'mute._map.json' })
  expect(existsSync(at('.mute._map.json'))).toBe(false)
  expect((await remove('mute')).status).toBe(204)
  expect([existsSync(at('mute._map.json')), (await script('mute')).state]).toEqual([false, 'error'])
  expect((await remove('mute')).status).toBe(204)
  await put('mute', { params: {} }, { 'if-none-match': '*' })
  expect([existsSync(at('.mute._map.json')), (await script('mute')).state]).toEqual([true, 'active'])
})

describe('refused, and nothing is changed', () => {
  test.each<[string, unknown, Record<string, string>, number, string[]]>([
    ['a type that is none', { params: { a: { type: 5 } } }, {}, 422, ['/params/a/type']],
    ['bounds that cross', { params: { a: { type: 'int', min: 3, max: 2 } } }, {}, 422, ['/params/a/min']],
    [
      'two with one flag',
      { params: { a: { type: 'str' }, b: { type: 'str', flag: '--a' } } },
      {},
      422,
      ['/params/b/flag'],
    ],
    ['a list', { params: [] }, {}, 422, ['/params']],
    ['nothing', {}, {}, 422, ['/params']],
    ['something else', { params: {}, use: 'script' }, {}, 422, ['/use']],
    ['another file than was read', { params: {} }, { 'if-match': '"abc"' }, 409, []],
    ['one that should be new', { params: {} }, { 'if-none-match': '*' }, 409, []],
  ])('%s', async (_, body, headers, status, paths) => {
    const before = await get('asked')
    const answer = await put('asked', body, headers)
    expect(answer.status).toBe(status)
    expect((answer.body.error?.details ?? []).map(({ path }) => path)).toEqual(paths)
    expect((await get('asked')).etag).toBe(before.etag)
  })

  test('a link that leads out of the scripts folder', async () => {
    const outside = join(tempFolder(), 'map.json')
    writeFileSync(outside, '{}')
    mkdirSync(at('linked'), { recursive: true })
    symlinkSync(outside, at('linked/.x._map.json'))
    await app.drop('js/linked/x.js', 'module.exports = 1')
    const answer = await put('x', { params: { a: { type: 'str' } } })
    expect([answer.status, readFileSync(outside, 'utf8')]).toEqual([403, '{}'])
    rmSync(at('linked'), { recursive: true })
  })
})
