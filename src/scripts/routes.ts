/** /api/scripts: finding scripts, and everything about them but their content and their runs. */
import type { Server } from 'bun'
import { Elysia, t } from 'elysia'
import type { Receive } from '../files/receive.ts'
import { acts, type Caller, callerOf, forRole, forScript, note, signedIn } from '../http/caller.ts'
import { type Catalog, findEntry } from './catalog.ts'
import type { Editing } from './editing.ts'
import { type Script, scriptStates } from './model.ts'
import { describeFor } from './noted-about.ts'
import { createNoted } from './noted-create.ts'
import type { Scanner, ScanReport } from './scanner.ts'
import * as schemas from './schemas.ts'
import { answers, errorAnswers, oneOf } from './schemas.ts'
import type { ScriptPage, Scripts } from './scripts.ts'
import { getTemplate, listTemplates } from './templates.ts'

export interface ScriptRoutesDeps {
  scripts: Scripts
  catalog: Catalog
  scanner: Pick<Scanner, 'scan' | 'rescan'>
  editing: Editing
  receive: Receive
  /** Whether a tag says who may what. */
  isAccessTag(tag: string): boolean
  /** Ends every run of a script; answers their ids. */
  endRuns(scriptId: number): number[]
}

const listQuery = t.Object({
  q: t.Optional(t.String({ maxLength: 200, description: 'Words in slug, alias, filename, description or tags' })),
  state: t.Optional(oneOf(scriptStates)),
  runtime: t.Optional(schemas.runtime),
  tag: t.Optional(t.String({ maxLength: 200 })),
  group: t.Optional(t.String({ maxLength: 1000, description: 'A folder, with the folders in it' })),
  page: t.Integer({ minimum: 1, maximum: 1_000_000, default: 1 }),
  page_size: t.Integer({ minimum: 1, maximum: 200, default: 50 }),
})

/** An answer that waits for a scan, and so for slow scripts, may take longer than a connection may be silent. */
export function takesTime({ request, server }: { request: Request; server: Server<unknown> | null }): void {
  if (request.method !== 'GET') server?.timeout(request, 0)
}

export const idParam = t.Object({ id: t.String({ description: 'Number or slug of the script' }) })

export function scriptRoutes({ scripts, catalog, scanner, editing, receive, endRuns, isAccessTag }: ScriptRoutesDeps) {
  const idOf = (idOrSlug: string) => findEntry(catalog, idOrSlug).row.id
  /** Within the limit of a body; the second one is for the document, and finds the body read. */
  const parse = [({ request }: { request: Request }) => receive.json(request), 'json' as const]

  const describe = ({ params, body, request }: DescribeContext) => {
    describeFor({ catalog, editing, isAccessTag }, request)(params.id, body)
    return scripts.get(params.id)
  }
  const describeOptions = {
    ...{ params: idParam, body: schemas.aboutBody, parse },
    ...forScript('edit'),
    ...acts('script.describe'),
    detail: {
      summary: 'Change what is said about a script',
      description: 'Members that are left out stay as they are. An inactive script cannot be called.',
      responses: answers(200, 'The script', schemas.script, [404, 422]),
    },
  }

  return new Elysia({ tags: ['Scripts API'] })
    .onBeforeHandle(takesTime)
    .get(
      '/api/scripts',
      ({ query: { page, page_size, ...filter }, request }) =>
        shown(callerOf(request), scripts.seenBy(callerOf(request)).page(filter, { page, pageSize: page_size })),
      {
        query: listQuery,
        ...signedIn,
        detail: { summary: 'List scripts', responses: answers(200, 'A page of scripts', schemas.scriptPage, [422]) },
      },
    )
    .post(
      '/api/scripts',
      async ({ body, set, request }) => {
        const id = await createNoted({ catalog, editing, isAccessTag }, request, body)
        set.status = 201
        set.headers.location = `/api/scripts/${id}`
        return scripts.get(String(id))
      },
      {
        ...{ body: schemas.newScriptBody, parse },
        ...forRole('editor'),
        ...acts('script.create'),
        detail: {
          summary: 'Make a new script',
          description: 'It is there whatever its state: a script that cannot be used says why in `error`.',
          responses: answers(201, 'The script; Location has its address', schemas.script, [403, 409, 413, 422]),
        },
      },
    )
    .post(
      '/api/scripts/scan',
      async ({ request }) => {
        const report = toReport(await scanner.scan())
        note(request, { object: { type: 'scripts' }, after: report })
        return report
      },
      {
        parse: 'none',
        ...forRole('editor'),
        ...acts('script.scan'),
        detail: {
          summary: 'Look through the scripts folder now',
          responses: answers(200, 'What was found', schemas.report),
        },
      },
    )
    .get('/api/scripts/:id', ({ params, request }) => withoutPolicy(callerOf(request), scripts.get(params.id)), {
      params: idParam,
      ...forScript('see'),
      detail: { summary: 'One script', responses: answers(200, 'The script', schemas.script, [404]) },
    })
    .patch('/api/scripts/:id', describe, describeOptions)
    .put('/api/scripts/:id', describe, describeOptions)
    .delete(
      '/api/scripts/:id',
      async ({ params, request }) => {
        const { id, filename, alias, tags, contentHash } = findEntry(catalog, params.id).row
        await editing.remove(params.id)
        note(request, {
          object: { type: 'script', id, name: filename },
          before: { alias, tags, content_hash: contentHash },
        })
        return new Response(null, { status: 204 })
      },
      {
        ...{ params: idParam, parse: 'none' },
        ...forScript('edit'),
        ...acts('script.delete'),
        detail: {
          summary: 'Delete a script with its runs, logs and results',
          description: 'Its runs are ended. Other files of its group stay.',
          responses: { 204: { description: 'It is gone' }, ...errorAnswers([403, 404]) },
        },
      },
    )
    .post('/api/scripts/:id/rescan', async ({ params }) => toReport(await scanner.rescan(idOf(params.id))), {
      ...{ params: idParam, parse: 'none' },
      ...forScript('edit'),
      ...acts('script.rescan'),
      detail: {
        summary: 'Ask a script for its schema again',
        responses: answers(200, 'What was found', schemas.report, [404]),
      },
    })
    .post(
      '/api/scripts/:id/terminate',
      ({ params, request }) => {
        const runIds = endRuns(idOf(params.id))
        note(request, { after: { run_ids: runIds } })
        return { run_ids: runIds }
      },
      {
        ...{ params: idParam, parse: 'none' },
        ...forScript('run'),
        ...acts('script.terminate'),
        detail: {
          summary: 'End every run of a script',
          responses: answers(200, 'The runs', t.Object({ run_ids: t.Array(t.Integer()) }), [404]),
        },
      },
    )
    .get('/api/tags', ({ request }) => wholeList(scripts.seenBy(callerOf(request)).tags()), {
      ...signedIn,
      detail: { summary: 'Tags in use, most used first', responses: answers(200, 'The tags', schemas.tagPage) },
    })
    .get('/api/templates', () => wholeList(listTemplates()), {
      ...signedIn,
      detail: {
        summary: 'Scripts to start from',
        responses: answers(200, 'The templates', schemas.templatePage),
      },
    })
    .get('/api/templates/:name', ({ params }) => getTemplate(params.name), {
      params: t.Object({ name: t.String({ description: 'python, js, or another one of the list' }) }),
      ...signedIn,
      detail: {
        summary: 'A script to start from',
        responses: answers(200, 'The template', schemas.template, [404]),
      },
    })
}

/** Its policy is for who may edit it. */
const withoutPolicy = (caller: Caller, script: Script) =>
  caller.may('edit', script) ? script : { ...script, policy: null }

const shown = (caller: Caller, { items, ...page }: ScriptPage) => ({
  items: items.map((script) => withoutPolicy(caller, script)),
  ...page,
})

interface DescribeContext {
  params: { id: string }
  body: typeof schemas.aboutBody.static
  request: Request
}

const toReport = ({ files, changed, asked, durationMs }: ScanReport) => ({
  ...{ files, changed, asked },
  duration_ms: Math.round(durationMs),
})

const wholeList = <T>(items: T[]) => ({ items, total: items.length, page: 1, page_size: items.length })
