/** Routes follow the files: changed under load, broken, repaired, gone and back. */
import { describe, expect, test } from 'bun:test'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { javascriptScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { type Answer, post } from './formats.ts'

const version = (number: number) =>
  javascriptScript({ [`v${number}`]: { type: 'int' } }, `console.log(JSON.stringify({ version: ${number}, args }))`)
const gateway = await startApp({
  'js/edited.js': version(1),
  'js/steady.js': javascriptScript({}, "console.log('ok')"),
})
const stateOf = (filename: string) => gateway.app.scripts().find((script) => script.filename === filename)?.state
const fileOf = (name: string) => join(gateway.scriptsDir, 'js', name)
const becomes = (filename: string, state: string) =>
  eventually(`${filename} is ${state}`, () => stateOf(filename) === state)
const documented = async (slug: string) =>
  (await gateway.json<{ paths: Record<string, unknown> }>('/scripts-openapi.json')).body.paths[
    `/api/scripts/${slug}/run`
  ]

test('a file that is dropped can be called within a second, and is documented', async () => {
  const before = performance.now()
  expect((await post(gateway, 'fresh', {})).status).toBe(404)
  await gateway.drop('js/fresh.js', javascriptScript({ a: { type: 'int' } }, 'console.log(JSON.stringify(args))'))
  expect((await post(gateway, 'fresh', { a: 1 })).body.data).toEqual(['--a', '1'])
  expect(performance.now() - before).toBeLessThan(1000)
  expect(JSON.stringify(await documented('fresh'))).toContain('"a"')
})

test('fifty requests during an edit: none is lost, each is answered by the old schema or the new', async () => {
  const call = (number: number) => post(gateway, 'edited', { [`v${number}`]: number })
  const isSettled = ({ status, body }: { status: number; body: Answer }, number: number) =>
    status === 200
      ? expect(body.data).toMatchObject({ args: [`--v${number}`, String(number)] })
      : expect([status, body.error.details?.[0]?.path]).toEqual([422, `/v${number}`])
  const old = Array.from({ length: 25 }, () => call(1))
  const edited = gateway.drop('js/edited.js', version(2))
  const rest = Array.from({ length: 25 }, (_, index) => call((index % 2) + 1))
  await edited
  for (const answer of await Promise.all(old)) isSettled(answer, 1)
  for (const [index, answer] of (await Promise.all(rest)).entries()) isSettled(answer, (index % 2) + 1)
  expect((await call(2)).body.data).toEqual({ version: 2, args: ['--v2', '2'] })
  expect((await call(1)).status).toBe(422)
  expect(JSON.stringify(await documented('edited'))).toContain('"v2"')
})

describe('one script’s life', () => {
  test('broken: 409 with the reason, undocumented, others untouched; repaired: the same id', async () => {
    const { id } = await gateway.drop('js/life.js', version(1))
    await gateway.drop('js/life.js', 'export default {{{')
    await becomes('life.js', 'error')
    const { status, body } = await post(gateway, 'life', {})
    expect([status, body.error.type, body.script_id]).toEqual([409, 'conflict', id])
    expect(await documented('life')).toBeUndefined()
    expect((await post(gateway, 'steady', {})).status).toBe(200)
    const repaired = await gateway.drop('js/life.js', version(3))
    await becomes('life.js', 'active')
    expect(repaired.id).toBe(id)
    expect((await post(gateway, 'life', { v3: 3 })).body.data).toEqual({ version: 3, args: ['--v3', '3'] })
  })

  test('gone: 409, its history stays; back: the same id, and callable', async () => {
    const { id, slug } = gateway.app.scripts().find(({ filename }) => filename === 'life.js')!
    rmSync(fileOf('life.js'))
    await becomes('life.js', 'missing')
    expect((await post(gateway, slug, {})).status).toBe(409)
    const runs = await gateway.json<{ total: number }>(`/api/runs?script_id=${id}`)
    expect(runs.body.total).toBeGreaterThan(0)
    writeFileSync(fileOf('life.js'), version(4))
    await becomes('life.js', 'active')
    await eventually('it is new', async () => (await post(gateway, String(id), { v4: 4 })).status === 200)
    expect(gateway.app.scripts().find(({ filename }) => filename === 'life.js')!.id).toBe(id)
  })

  test('replaced by a rename, as editors do: never missing to a caller', async () => {
    const answers: number[] = []
    for (let number = 5; number < 10; number++) {
      writeFileSync(fileOf('.life.js.swp'), version(number))
      renameSync(fileOf('.life.js.swp'), fileOf('life.js'))
      answers.push((await post(gateway, 'life', {})).status)
      await eventually(
        `version ${number}`,
        async () => (await post(gateway, 'life', { [`v${number}`]: 1 })).status === 200,
      )
    }
    expect(answers).toEqual([200, 200, 200, 200, 200])
  })
})
