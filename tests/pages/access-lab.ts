/** The pages of access behind a guard that only says who calls: real accounts, made-up scripts. */
import { Elysia } from 'elysia'
import { checkPassphrase } from '../../src/backup/age.ts'
import { GatewayError } from '../../src/errors.ts'
import { type Caller, setCaller } from '../../src/http/caller.ts'
import { type AccessPageDeps, accessPages, type PageBackup } from '../../src/pages/access.tsx'
import { createPages } from '../../src/pages/pages.tsx'
import { orOverwrite } from '../../src/scripts/upload.ts'
import { createFake } from './fake.ts'
import { callerWith } from './fake-access.ts'

export interface Made {
  passphrase: string | null
  keys: boolean
  outputs: boolean
}

export type Lab = ReturnType<typeof createLab>

export function createLab({ provider = null as { name: string; href: string } | null } = {}) {
  const fake = createFake()
  const { accounts, identify } = fake
  const made: Made[] = []
  const backup: PageBackup = {
    async make(options) {
      if (options.passphrase !== null) checkPassphrase(options.passphrase, '/passphrase')
      made.push(options)
      return new Response('a backup', { headers: { 'content-disposition': 'attachment; filename="backup.tar.gz"' } })
    },
    restore: async () => ({ created_at: '2026-11-21T10:05:00.000Z' }),
    importScripts: async (request, overwrite) => {
      const file = (await request.formData()).get('file')
      if (!(file instanceof File)) throw new GatewayError('validation', 'Send one file.')
      if (file.name.startsWith('taken'))
        throw new GatewayError('conflict', `Nothing was stored, because there is already "python/a.py"${orOverwrite}`)
      const about = { script_id: 3, cron_expression: '<b>@daily', problem: null }
      const schedules = [
        { ...about, schedule_id: 5, paused: true, lacks: ['<i>pin', 'heartbeat_url'] },
        { ...about, schedule_id: null, paused: false, lacks: [], problem: 'It is <u>never due.' },
        { ...about, schedule_id: 6, paused: false, lacks: [] },
      ]
      return {
        scripts: [3, 16],
        schedules: overwrite ? [] : schedules,
        secrets: [{ script_id: 3, names: overwrite ? [] : ['API_TOKEN'] }],
      }
    },
  }
  const deps: AccessPageDeps = {
    ...{ accounts, backup, audit: fake.audit, scripts: fake.scripts, provider: () => provider },
    cookie: () => ({ secure: false, path: '/' }),
    sessionSec: () => 3600,
    ...{ baseUrl: fake.baseUrl, report: fake.report, now: fake.now },
  }
  const app = new Elysia()
    .use(accessPages(deps))
    .use(createPages((request) => ({ ...fake, viewer: callers.get(request) ?? null })))
  const callers = new WeakMap<Request, Caller>()

  /** As this caller; else whoever the cookie says, else nobody. */
  async function ask(path: string, init: RequestInit = {}, as?: Caller): Promise<Response> {
    const request = new Request(`http://localhost${path}`, init)
    return answer(request, as)
  }

  function answer(request: Request, as?: Caller): Promise<Response> {
    const caller = as ?? identified(request) ?? nobody
    callers.set(request, caller)
    setCaller(request, caller)
    return app.handle(request)
  }

  function identified(request: Request): Caller | null {
    try {
      return identify(request, '127.0.0.1')?.caller ?? null
    } catch {
      return null // an old cookie is nobody's
    }
  }

  const post = (path: string, form: Record<string, string | string[]>, { as, headers }: Posted = {}) => {
    const body = new URLSearchParams(
      Object.entries(form).flatMap(([name, value]) => [value].flat().map((one) => [name, one])),
    )
    return ask(path, { method: 'POST', body, headers }, as)
  }

  return { fake, accounts, made, app, ask, answer, post }
}

interface Posted {
  as?: Caller
  headers?: Record<string, string>
}

const nobody = callerWith(null, { kind: 'nobody', name: '127.0.0.1', userId: null, sessionId: null })

/** What a browser would send back. */
export const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
