/** POST /api/backup: the whole gateway as one file. To restore one is a command: it decides who may call this route. */
import { Elysia, t } from 'elysia'
import type { Clock } from '../clock.ts'
import { GatewayError, invalid } from '../errors.ts'
import { contentDisposition } from '../files/disposition.ts'
import type { Receive } from '../files/receive.ts'
import { acts, forRole, note } from '../http/caller.ts'
import { createBackup } from './backup.ts'
import type { BackupWishes } from './model.ts'

interface BackupRoutesDeps {
  /** Absolute. */
  dataDir: string
  scriptsDir: string
  clock: Pick<Clock, 'now'>
  receive: Receive
  backups: Backups
}

export type Backups = ReturnType<typeof createBackups>

/** Backups over HTTP, by the API and the page alike. */
export function createBackups(deps: Omit<BackupRoutesDeps, 'receive' | 'backups'>) {
  let isBusy = false

  /** One at a time: each takes as much of the disk as the database does. */
  async function begin(wishes: BackupWishes) {
    if (isBusy)
      throw new GatewayError('conflict', 'Another backup is being prepared: try again when it has begun to download.')
    isBusy = true
    try {
      return await createBackup(deps, wishes)
    } finally {
      isBusy = false
    }
  }

  return {
    /** The file as a download. Throws `conflict`, `validation`. */
    async make(wishes: BackupWishes, request: Request): Promise<Response> {
      const { filename, manifest, stream } = await begin(wishes)
      const { has_keys, has_outputs, files } = manifest
      note(request, {
        object: { type: 'backup', name: filename },
        after: { has_keys, has_outputs, files: files.length, encrypted: wishes.passphrase !== null },
      })
      return new Response(stream, {
        headers: {
          'content-type': 'application/octet-stream',
          'content-disposition': contentDisposition('attachment', filename),
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        },
      })
    },
  }
}

export const backupRoutes = ({ receive, backups }: Pick<BackupRoutesDeps, 'receive' | 'backups'>) =>
  new Elysia({ tags: ['Backup'] }).post(
    '/api/backup',
    async ({ request, server }) => {
      server?.timeout(request, 0)
      const form = await receive.form(request)
      await form.dispose() // files are none of it
      return backups.make(wishesOf(form.fields), request)
    },
    {
      parse: 'none',
      ...forRole('admin'),
      ...acts('backup.create'),
      detail: {
        summary: 'Save everything in one file',
        description:
          'Database, scripts and settings as .tar.gz, with a passphrase encrypted as .tar.gz.age (`age -d` opens it, too). The key for secrets only with a passphrase. JSON, or the same as a form. `scriptgateway restore FILE` puts it back.',
        requestBody: {
          content: {
            'application/json': { schema: body },
            'application/x-www-form-urlencoded': { schema: body },
          },
        },
        responses: {
          200: { description: 'The file', content: { 'application/octet-stream': { schema: t.String() } } },
          ...Object.fromEntries(errors),
        },
      },
    },
  )

const body = t.Object({
  passphrase: t.Optional(t.String({ description: 'At least 12 characters; none: not encrypted' })),
  keys: t.Optional(t.Boolean({ description: 'The key that secrets are sealed with, too' })),
  outputs: t.Optional(t.Boolean({ description: 'Logs and results of runs, too' })),
})

const errorSchema = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }
const errors = [
  [409, { description: 'There is no key file, or another backup is being prepared', ...errorSchema }],
  [422, { description: 'A value does not fit', ...errorSchema }],
] as const

function wishesOf({
  passphrase = '',
  keys = false,
  outputs = false,
  ...others
}: Record<string, unknown>): BackupWishes {
  const [other] = Object.keys(others)
  if (other !== undefined) throw invalid(`/${other}`, 'is not known here: send passphrase, keys, outputs')
  if (passphrase !== null && typeof passphrase !== 'string') throw invalid('/passphrase', 'must be a text')
  return { passphrase: passphrase || null, keys: toBool('/keys', keys), outputs: toBool('/outputs', outputs) }
}

/** As JSON, or as a form sends it. */
function toBool(path: string, value: unknown): boolean {
  if ([true, 'true', '1', 'on'].includes(value as string)) return true
  if ([false, 'false', '0', ''].includes(value as string)) return false
  throw invalid(path, 'must be true or false')
}
