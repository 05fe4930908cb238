/** A script that was deleted by a slip comes back as it was, its runs aside; and nothing is half there, whenever the gateway dies. */
import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { migrations } from '../../src/db/migrations.ts'
import { openDatabase } from '../../src/db/open.ts'
import { rowsFromText, rowsToText } from '../../src/db/rows.ts'
import { silentLog } from '../../src/log.ts'
import type { KeptScript } from '../../src/scripts/deleted.ts'
import { createDeletedRows, goneTables, keptTables } from '../../src/scripts/deleted-rows.ts'
import type { Script } from '../../src/scripts/model.ts'
import { stampOf } from '../../src/scripts/stamp.ts'
import { javascriptScript, startApp } from '../harness/app.ts'
import { tempFolder } from '../harness/folder.ts'
import { unconfined } from '../harness/isolation.ts'
import { adminToken, bearer, makePerson } from '../harness/people.ts'

const code = javascriptScript({ word: { type: 'str' } }, 'console.log(1)')
const policy = JSON.stringify({ limits: { timeout_min: 7 } })
const gateway = await startApp(
  { 'js/tools/nightly.js': code, 'js/tools/.nightly.policy.json': policy, 'js/tools/other.js': code },
  { auth: 'on' },
  { secrets: { adminToken }, isolation: unconfined },
)
const anna = await makePerson(gateway, { name: 'anna', role: 'editor' })
const bert = await makePerson(gateway, { name: 'bert', role: 'editor' })

const as = (token: string) => {
  const headers = { accept: 'application/json', ...bearer(token) }
  return {
    get: (path: string) => gateway.fetch(path, { headers }),
    send: (method: string, path: string, body: object) =>
      gateway.fetch(path, {
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    post: (path: string, fields: Record<string, string>) =>
      gateway
        .fetch(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
        .then(async (response) => ({ status: response.status, ...((await response.json()) as Answer) })),
  }
}
interface Answer {
  undo: { action: string; fields: [string, string][] } | null
  ids: number[]
  refused: { message: string }[]
}
const [admin, hers, his] = [adminToken, anna.token, bert.token].map(as)
const idOf = (slug: string) => gateway.app.scripts().find((script) => script.slug === slug)!.id
const file = (name: string) => join(gateway.scriptsDir, 'js/tools', name)
const bin = (dataDir = gateway.dataDir) =>
  existsSync(join(dataDir, 'deleted')) ? readdirSync(join(dataDir, 'deleted')) : []

/** All that is said of a script, but its runs, and when it was last looked at. */
async function told(id: number) {
  const parts = ['', '/content', '/schedules', '/variables', '/notifications', '/versions', '/access', '/policy']
  const texts = await Promise.all(parts.map(async (part) => (await admin!.get(`/api/scripts/${id}${part}`)).text()))
  return texts.map((text) => text.replace(/"(updated_at|last_run|next_runs)":("[^"]*"|null|\[[^\]]*\]|\{[^}]*\})/g, ''))
}

test('each table with something of a script is kept, goes for good, or stays', () => {
  const client = new Database(':memory:')
  for (const migration of migrations) client.run(migration)
  const tables = client
    .query(
      `SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'script_id'`,
    )
    .values()
    .flat()
  const staying = ['installations', 'deliveries']
  expect(tables.sort()).toEqual([...keptTables, ...goneTables, ...staying].sort())
})

describe('deleted on a page', () => {
  const id = idOf('nightly')

  test('it comes back for whoever deleted it: files, settings, rights, variables, schedules, rules and versions; no runs', async () => {
    const channel = (await (
      await admin!.send('POST', '/api/channels', {
        name: 'ops',
        kind: 'ntfy',
        config: { url: 'https://ntfy.example', topic: 'x' },
      })
    ).json()) as { id: number }
    const made = await Promise.all([
      admin!.send('PUT', `/api/scripts/${id}/variables/KEY`, { value: 'canary', secret: true }),
      admin!.send('POST', `/api/scripts/${id}/schedules`, { cron_expression: '@daily', params: { word: 'x' } }),
      admin!.send('POST', `/api/scripts/${id}/notifications`, { channel_id: channel.id, events: ['failure'] }),
      admin!.send('PATCH', `/api/scripts/${id}`, { alias: 'Every night', tags: ['night'] }),
      admin!.send('PUT', `/api/scripts/${id}/access`, {
        restricted: true,
        grants: [{ user_id: anna.id, right: 'edit' }],
      }),
    ])
    expect(await Promise.all(made.filter(({ ok }) => !ok).map((answer) => answer.text()))).toEqual([])
    chmodSync(file('nightly.js'), 0o755)
    await admin!.send('POST', `/api/scripts/${id}/rescan`, {})
    const run = (await (await hers!.send('POST', `/api/scripts/${id}/run`, {})).json()) as { run_id: number }
    const before = await told(id)
    for (const one of ['Every night', 'KEY', '@daily', 'failure', '"restricted":true', 'timeout_min'])
      expect(before.join()).toContain(one)

    const gone = await hers!.post(`/scripts/${id}/delete`, {})
    expect(gone.undo).toEqual({ action: '/scripts/restore', fields: [['id', String(id)]] })
    expect([(await admin!.get(`/api/scripts/${id}`)).status, existsSync(file('.nightly.policy.json'))]).toEqual([
      404,
      false,
    ])
    for (const other of [his!, admin!])
      expect((await other.post('/scripts/restore', { id: String(id) })).refused[0]?.message).toContain('too long ago')

    expect((await hers!.post('/scripts/restore', { id: String(id) })).ids).toEqual([id])
    expect(await told(id)).toEqual(before)
    expect([readFileSync(file('nightly.js'), 'utf8'), statSync(file('nightly.js')).mode & 0o777]).toEqual([code, 0o755])
    expect([
      (await his!.get(`/api/scripts/${id}`)).status,
      (await admin!.get(`/api/runs/${run.run_id}`)).status,
    ]).toEqual([404, 404]) // he does not see what is restricted
    expect((await hers!.send('POST', `/api/scripts/${id}/run`, {})).status).toBe(200)
    expect(bin()).toEqual([])
    expect((await hers!.post('/scripts/restore', { id: String(id) })).refused[0]?.message).toContain('too long ago')
  })

  test('it does not come back over what has its name by now, and does when that is out of the way', async () => {
    await hers!.post(`/scripts/${id}/delete`, {})
    const made = await admin!.send('POST', '/api/scripts', {
      runtime: 'js',
      filename: 'tools/nightly.js',
      content: code,
    })
    expect(made.status).toBe(201)
    const { id: other } = (await made.json()) as Script
    const refused = await hers!.post('/scripts/restore', { id: String(id) })
    expect(refused.refused[0]?.message).toContain('another "tools/nightly.js" by now')
    await admin!.send('DELETE', `/api/scripts/${other}`, {})
    mkdirSync(file('.nightly.policy.json'))
    expect((await hers!.post('/scripts/restore', { id: String(id) })).refused[0]?.message).toContain(
      'another ".nightly.policy',
    )
    rmSync(file('.nightly.policy.json'), { recursive: true })
    expect((await hers!.post('/scripts/restore', { id: String(id) })).ids).toEqual([id])
    expect((await admin!.get(`/api/scripts/${id}`)).status).toBe(200)
  })
})

describe('what could get lost or got', () => {
  const id = idOf('other')

  test('it comes back into its own folder, not where a link in its place leads; and once, when two ask at once', async () => {
    chmodSync(file('other.js'), 0o600)
    await hers!.post(`/scripts/${id}/delete`, {})
    renameSync(join(gateway.scriptsDir, 'js/tools'), join(gateway.scriptsDir, 'js/moved'))
    mkdirSync(join(gateway.scriptsDir, 'js/elsewhere'))
    symlinkSync(join(gateway.scriptsDir, 'js/elsewhere'), join(gateway.scriptsDir, 'js/tools'))
    const refused = await hers!.post('/scripts/restore', { id: String(id) })
    expect([refused.refused[0]?.message.includes('leads elsewhere'), readdirSync(file(''))]).toEqual([true, []])
    rmSync(join(gateway.scriptsDir, 'js/tools'))
    renameSync(join(gateway.scriptsDir, 'js/moved'), join(gateway.scriptsDir, 'js/tools'))
    const both = await Promise.all([1, 2].map(() => hers!.post('/scripts/restore', { id: String(id) })))
    expect(both.flatMap(({ ids }) => ids)).toEqual([id])
    expect(both.flatMap(({ refused }) => refused.map(({ message }) => message)).join()).toContain('too long ago')
    expect(statSync(file('other.js')).mode & 0o777).toBe(0o600)
  })

  test('a deletion that is refused half way leaves its file', async () => {
    mkdirSync(file('.other.policy.json')) // where a file of its should be
    expect((await gateway.fetch(`/scripts/${id}/delete`, { method: 'POST', headers: bearer(anna.token) })).status).toBe(
      409,
    )
    rmSync(file('.other.policy.json'), { recursive: true })
    expect([readFileSync(file('other.js'), 'utf8'), bin()]).toEqual([code, []])
    expect((await hers!.send('POST', `/api/scripts/${id}/rescan`, {})).status).toBe(200)
  })

  test('who may not edit it any more does not bring it back, and nothing of it is there', async () => {
    await hers!.post(`/scripts/${id}/delete`, {})
    const nightly = idOf('nightly') // all that is beside it is hers, so that its place would be
    const role = (name: string) => admin!.send('PATCH', `/api/users/${anna.id}`, { role: name })
    const grants = { restricted: true, grants: [{ user_id: anna.id, right: 'edit' }] }
    expect((await admin!.send('PUT', `/api/scripts/${nightly}/access`, grants)).status).toBe(200)
    await role('viewer')
    const refused = await hers!.post('/scripts/restore', { id: String(id) })
    expect([refused.refused[0]?.message, existsSync(file('other.js'))]).toEqual([
      'You may not edit this script any more.',
      false,
    ])
    await role('editor')
    expect((await hers!.post('/scripts/restore', { id: String(id) })).ids).toEqual([id])

    // And who may edit it, and nothing else of its folder, does.
    for (const [script, user] of [
      [nightly, bert],
      [id, anna],
    ] as const)
      await admin!.send('PUT', `/api/scripts/${script}/access`, {
        restricted: true,
        grants: [{ user_id: user.id, right: 'edit' }],
      })
    await role('viewer')
    expect((await hers!.post(`/scripts/${id}/delete`, {})).ids).toEqual([id])
    expect((await hers!.post('/scripts/restore', { id: String(id) })).ids).toEqual([id])
  })

  test('deleted over the API it is gone, and nothing is kept, also where nothing could be', async () => {
    rmSync(join(gateway.dataDir, 'deleted'), { recursive: true })
    writeFileSync(join(gateway.dataDir, 'deleted'), '')
    expect((await admin!.send('DELETE', `/api/scripts/${id}`, {})).status).toBe(204)
    rmSync(join(gateway.dataDir, 'deleted'))
    expect([(await admin!.post('/scripts/restore', { id: String(id) })).ids, bin()]).toEqual([[], []])
  })
})

describe('a gateway that died', () => {
  const folder = tempFolder()
  const [dataDir, scriptsDir] = [join(folder, 'data'), join(folder, 'scripts')]
  const open = async () => {
    const app = await createApp(
      { environment: { auth: 'off', deps_auto_install: false }, dataDir, scriptsDir },
      { log: silentLog(), isolation: unconfined },
    )
    await app.ready
    return app
  }
  const place = (name: string) => join(dataDir, 'deleted', name)
  const path = (slug: string) => join(scriptsDir, 'js', `${slug}.js`)
  let app: Awaited<ReturnType<typeof open>> | undefined
  afterAll(() => app?.close(0))

  test('carries out at its next start what it had begun, and keeps nothing else', async () => {
    const slugs = ['returning', 'entered', 'going', 'doomed', 'anew', 'begun', 'gone', 'staying']
    mkdirSync(join(scriptsDir, 'js'), { recursive: true })
    for (const slug of slugs) await Bun.write(path(slug), code)
    app = await open()
    const ids = Object.fromEntries(app.scripts().map(({ slug, id }) => [slug, id])) as Record<string, number>
    const ask = (method: string, to: string, body?: object) => {
      const headers = { 'content-type': 'application/json', accept: 'application/json' }
      return app!.handle(
        new Request(`http://localhost:8001${to}`, { method, headers, body: body && JSON.stringify(body) }),
      )
    }
    for (const slug of ['returning', 'entered'])
      expect((await ask('PUT', `/api/scripts/${slug}/variables/KEY`, { value: slug })).status).toBe(201)
    const remove = (slug: string) =>
      app!.handle(
        new Request(`http://localhost:8001/scripts/${slug}/delete`, { method: 'POST', body: new URLSearchParams() }),
      )
    for (const slug of ['returning', 'entered', 'gone']) expect((await remove(slug)).status).toBe(303)
    expect(bin(dataDir).length).toBe(3)
    await app.close(0)

    // Coming back: nothing is done yet; or the rows are in, and no file.
    renameSync(place(`${ids.returning}`), place(`${ids.returning}.back`))
    renameSync(place(`${ids.entered}`), place(`${ids.entered}.back`))
    const db = openDatabase(join(dataDir, 'gateway.db'))
    const list = readFileSync(place(`${ids.entered}.back/script.json`), 'utf8')
    createDeletedRows(db).putBack(rowsFromText<KeptScript>(list).rows, 1)
    db.$client.close()
    // Being deleted: all of it is kept, and its file is gone; or it was only being copied.
    cpSync(place(`${ids.gone}`), place(`${ids.going}.going`), { recursive: true })
    rmSync(path('going'))
    // The same with its file there still, or with the same one put there by hand since.
    const own = rowsFromText<KeptScript>(readFileSync(place(`${ids.gone}/script.json`), 'utf8'))
    for (const slug of ['doomed', 'anew']) {
      const [name, stamp] = [`${slug}.js`, stampOf(lstatSync(path(slug)))]
      cpSync(place(`${ids.gone}`), place(`${ids[slug]}.going`), { recursive: true })
      const kept = { ...own, row: { ...own.row, filename: name }, files: [{ ...own.files[0]!, name, stamp }] }
      writeFileSync(place(`${ids[slug]}.going/script.json`), rowsToText(kept))
    }
    rmSync(path('anew'))
    writeFileSync(path('anew'), code)
    mkdirSync(place('somebodys'))
    mkdirSync(place(`${ids.begun}.tmp`))
    mkdirSync(place(`${ids.staying}`)) // as after an older database was put in place by hand

    app = await open()
    expect(Object.fromEntries(app.scripts().map(({ slug, id, state }) => [slug, [id, state] as unknown[]]))).toEqual({
      returning: [ids.returning, 'active'],
      entered: [ids.entered, 'active'],
      anew: [ids.anew, 'active'],
      begun: [ids.begun, 'active'],
      staying: [ids.staying, 'active'],
    })
    for (const slug of ['returning', 'entered', 'begun']) expect(readFileSync(path(slug), 'utf8')).toBe(code)
    for (const slug of ['returning', 'entered'])
      expect(await (await ask('GET', `/api/scripts/${slug}/variables`)).text()).toContain('"KEY"')
    expect(bin(dataDir)).toEqual(['somebodys'])
  })
})
