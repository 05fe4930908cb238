/** A script, or its group, out of one gateway and into another. */
import { Elysia, t } from 'elysia'
import { GatewayError } from '../errors.ts'
import { contentDisposition } from '../files/disposition.ts'
import type { Receive } from '../files/receive.ts'
import { acts, callerOf, forRole, forScript, note, noteOf } from '../http/caller.ts'
import type { SchedulesService } from '../schedules/schedules.ts'
import { notedPlacing } from '../scripts/noted-placing.ts'
import { idParam, takesTime } from '../scripts/routes.ts'
import * as schemas from '../scripts/schemas.ts'
import { answers, errorAnswers } from '../scripts/schemas.ts'
import type { Scripts } from '../scripts/scripts.ts'
import { type ExportDeps, exportScript } from './script-export.ts'
import { type ImportDeps, type Imported, importScript } from './script-import.ts'

export interface ScriptArchiveDeps extends ExportDeps, ImportDeps {
  scripts: Scripts
  schedules: SchedulesService
  receive: Receive
}

const flag = (description: string) => t.Optional(t.Union([t.Literal('0'), t.Literal('1')], { description }))

/** Takes in the one file of a posted form, for the API and the page alike. Throws what importScript does. */
export async function receiveScripts(deps: ScriptArchiveDeps, request: Request, overwrite: boolean) {
  const form = await deps.receive.form(request)
  try {
    const [file, ...others] = form.files
    if (!file || others.length > 0)
      throw new GatewayError('validation', 'Send one file: what GET /api/scripts/{id}/export answered.')
    const wishes = { file: file.path, overwrite, caller: callerOf(request) }
    const imported = await notedPlacing(deps.catalog, request, () => importScript(deps, wishes))
    noteSchedules(request, imported)
    return imported
  } finally {
    await form.dispose()
  }
}

/** Beside the scripts, in the same entry of the audit log. */
function noteSchedules(request: Request, { schedules }: Imported) {
  const made = schedules.flatMap(({ schedule_id }) => schedule_id ?? [])
  const { after } = noteOf(request)
  if (made.length > 0) note(request, { after: { scripts: after, schedules: made } })
}

export const scriptArchiveRoutes = (deps: ScriptArchiveDeps) =>
  new Elysia({ tags: ['Scripts API'] })
    .onBeforeHandle(takesTime)
    .get(
      '/api/scripts/:id/export',
      async ({ params, query, request, server }) => {
        server?.timeout(request, 0)
        const { filename, manifest, stream } = await exportScript(deps, {
          ...{ script: params.id, withGroup: query.group === '1', caller: callerOf(request) },
        })
        note(request, {
          after: { scripts: manifest.scripts.map(({ filename }) => filename), files: manifest.files.length },
        })
        return new Response(stream, {
          headers: {
            'content-type': 'application/gzip',
            'content-disposition': contentDisposition('attachment', filename),
            'x-content-type-options': 'nosniff',
            'cache-control': 'no-store',
          },
        })
      },
      {
        params: idParam,
        query: t.Object({ group: flag('1: the whole folder that the script is in') }),
        ...forScript('edit'),
        ...acts('script.export'),
        detail: {
          summary: 'A script with everything that belongs to it, as one file',
          description:
            'A .tar.gz with its file, sidecar, policy and list of dependencies; manifest.json has what is said about it, its plain variables, its schedules, and the names of its secrets.',
          responses: {
            200: { description: 'The archive', content: { 'application/gzip': { schema: t.String() } } },
            ...errorAnswers([403, 404, 409]),
          },
        },
      },
    )
    .post(
      '/api/scripts/import',
      async ({ query, request, set }) => {
        const { scripts, files, secrets, schedules } = await receiveScripts(deps, request, query.overwrite === '1')
        set.status = 201
        return { items: scripts.map((id) => deps.scripts.get(String(id))), files, secrets, schedules }
      },
      {
        parse: 'none',
        query: t.Object({ overwrite: flag('1: replace files that are there already') }),
        ...forRole('editor'),
        ...acts('script.import'),
        detail: {
          summary: 'Bring in what another gateway exported, all of it or nothing',
          requestBody: {
            required: true,
            content: { 'multipart/form-data': { schema: t.Object({ file: t.String({ format: 'binary' }) }) } },
          },
          responses: answers(
            201,
            'The scripts, their schedules, and the secrets that are still to be set',
            imported,
            [400, 403, 409, 413, 422],
          ),
        },
      },
    )

const imported = t.Object(
  {
    items: t.Array(schemas.script),
    files: t.Array(t.String(), { description: 'Paths below the scripts folder' }),
    secrets: t.Array(t.Object({ script_id: t.Integer(), names: t.Array(t.String()) })),
    schedules: t.Array(
      t.Object({
        script_id: t.Integer(),
        cron_expression: t.String(),
        schedule_id: t.Union([t.Integer(), t.Null()], { description: 'null: it was not made' }),
        paused: t.Boolean(),
        lacks: t.Array(t.String(), { description: 'What is to be set again; it is paused where a parameter is' }),
        problem: t.Union([t.String(), t.Null()]),
      }),
      { description: 'Those that were not there already' },
    ),
  },
  { title: 'ScriptsImported' },
)
