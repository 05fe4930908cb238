/** What it costs to find out who calls: a session, and an API token, beside the bare query for the same row. */
import { join } from 'node:path'
import { createAccounts } from '../../src/access/accounts.ts'
import { type App, createApp } from '../../src/app.ts'
import { options } from '../../src/config.ts'
import { openDatabase } from '../../src/db/open.ts'
import { silentLog } from '../../src/log.ts'
import type { Lab } from '../lab.ts'
import type { Measure, Row } from '../model.ts'
import { median } from '../stats.ts'

const checkMsMax = 0.1
/** Users, each with a session and a token: the database is no toy. */
const usersCount = 1000
const checksInARound = 200

export const access: Measure = {
  name: 'access',
  about: 'The check of a session and of an API token beside a bare prepared query',
  async run(lab) {
    const db = openDatabase(join(lab.folder(), 'gateway.db'))
    lab.defer(() => db.$client.close())
    const accounts = createAccounts({
      ...{ db, clock: { now: () => Date.now() }, setting: (name) => options[name].default as never },
      vault: { seal: () => new Uint8Array(), open: () => '' },
      record: () => {},
      findScript: (id) => ({ id, tags: [] }),
    })
    const { users, sessions, tokens } = accounts
    const secrets: { session: string; token: string }[] = []
    for (let i = 0; i < usersCount; i++) {
      const { id } = await users.create({ name: `user${i}`, role: 'operator', grants: [{ tag: 'x', right: 'edit' }] })
      const user = users.row(id)
      const { secret: session } = sessions.begin(user, { source: 'password', address: '192.0.2.1', userAgent: 'bench' })
      secrets.push({ session, token: tokens.create(user, { name: 'bench', role: 'operator' }).secret })
    }
    for (const { token } of secrets) tokens.check(token, null) // from now on nothing is written for a minute
    const checks = ['session' as const, 'token' as const].map((kind) => {
      const table = kind === 'session' ? 'sessions' : 'api_tokens'
      const query = db.$client.query(`SELECT * FROM ${table} t JOIN users u ON u.id = t.user_id WHERE t.id = ?`)
      const check = kind === 'session' ? sessions.check : (secret: string) => tokens.check(secret, null)
      return row(lab, `The check of a ${kind}, median`, {
        bare: (i) => query.get((i % usersCount) + 1),
        checked: (i) => check(secrets[i % usersCount]![kind]),
      })
    })
    return [...checks, await wayIn(lab)]
  },
}

/** A whole request, from the edge to the handler and back, with access control and without. */
async function wayIn(lab: Lab): Promise<Row> {
  const adminToken = 'a-token-with-all-rights'
  const open = async (auth: 'on' | 'off') => {
    const [dataDir, scriptsDir] = [join(lab.folder(), 'data'), join(lab.folder(), 'scripts_repo')]
    const app = await createApp(
      { environment: { auth }, secrets: { adminToken }, dataDir, scriptsDir },
      { log: silentLog() },
    )
    lab.defer(() => app.close(0))
    await app.ready
    return app
  }
  const apps = { with: await open('on'), without: await open('off') }
  const ask = (app: App, method: string, path: string, token: string, body?: object) =>
    app.handle(
      new Request(`http://localhost${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: body && JSON.stringify(body),
      }),
    )
  const made = async (path: string, body: object) =>
    (await (await ask(apps.with, 'POST', path, adminToken, body)).json()) as { id: number; secret: string }
  const { id } = await made('/api/users', { name: 'bench', role: 'viewer', password: 'a password for the bench' })
  const { secret } = await made('/api/tokens', { name: 'bench', role: 'viewer', user_id: id })
  const times = { with: [] as number[], without: [] as number[] }
  const rounds = lab.isQuick ? 20 : 200
  for (let round = 0; round < rounds; round++)
    for (const way of ['without', 'with'] as const) {
      const startedAt = performance.now()
      for (let i = 0; i < checksInARound; i++) {
        const { status } = await ask(apps[way], 'GET', '/api/tags', secret)
        if (status !== 200) throw new Error(`A request was answered with ${status}.`)
      }
      if (round >= rounds / 10) times[way].push((performance.now() - startedAt) / checksInARound)
    }
  const [measured, baseline] = [median(times.with), median(times.without)]
  lab.note(
    `a request: ${(measured * 1000).toFixed(1)} µs with a token, ${(baseline * 1000).toFixed(1)} µs with AUTH=off`,
  )
  return {
    ...{ what: 'A request with a token, median', unit: 'ms', baseline, against: 'the same with AUTH=off' },
    ...{
      measured,
      compared: { value: measured - baseline, unit: 'ms', how: 'difference' },
      promised: { atMost: checkMsMax },
    },
  }
}

/** In turns, in rounds of many: one alone is shorter than the clock's tick. */
function row(lab: Lab, what: string, acts: { bare(i: number): unknown; checked(i: number): unknown }): Row {
  const times: Record<keyof typeof acts, number[]> = { bare: [], checked: [] }
  const rounds = lab.isQuick ? 20 : 200
  for (let round = 0; round < rounds; round++)
    for (const name of ['bare', 'checked'] as const) {
      const startedAt = performance.now()
      for (let i = 0; i < checksInARound; i++)
        if (!acts[name](round * checksInARound + i)) throw new Error(`${what}: nothing was found.`)
      if (round >= rounds / 10) times[name].push((performance.now() - startedAt) / checksInARound)
    }
  const measured = median(times.checked)
  lab.note(`${what}: ${(measured * 1000).toFixed(1)} µs, the bare query ${(median(times.bare) * 1000).toFixed(1)} µs`)
  return {
    ...{ what, unit: 'ms', baseline: median(times.bare), against: 'a bare prepared query for the same row' },
    ...{ measured, compared: { value: measured, unit: 'ms', how: 'itself' }, promised: { atMost: checkMsMax } },
  }
}
