/** /api/backup and /api/restore: the whole gateway as one file, and one in place of it. */
import { Elysia, t } from 'elysia'
import type { Clock } from '../clock.ts'
import { GatewayError, invalid } from '../errors.ts'
import type { Submission } from '../files/body.ts'
import { contentDisposition } from '../files/disposition.ts'
import type { Receive } from '../files/receive.ts'
import { acts, callerOf, forRole, note } from '../http/caller.ts'
import { createBackup } from './backup.ts'
import type { BackupWishes, Manifest } from './model.ts'
import { proveBackup } from './restore.ts'

interface BackupRoutesDeps {
  /** Absolute. */
  dataDir: string
  scriptsDir: string
  tmpDir: string
  clock: Pick<Clock, 'now'>
  receive: Receive
  /** Ends this gateway and starts anew on the backup; called when all of it was proven. null: nobody here can. */
  onRestore: ((upload: ProvenUpload) => void) | null
  backups: Backups
}

export interface ProvenUpload {
  /** Absolute. */
  file: string
  passphrase: string | null
  /** Who sent it. */
  by: string
  /** Removes the file. */
  dispose(): Promise<void>
}

export type Backups = ReturnType<typeof createBackups>

/** Backups over HTTP, by the API and the page alike. */
export function createBackups(deps: Omit<BackupRoutesDeps, 'backups'>) {
  const { receive, onRestore, tmpDir, clock } = deps
  let busyWith: keyof typeof busyWords | null = null

  function refuseBusy() {
    if (busyWith) throw new GatewayError('conflict', busyWords[busyWith])
  }

  /** One at a time: each takes as much of the disk as the database does. */
  async function alone<T>(what: keyof typeof busyWords, act: () => Promise<T>): Promise<T> {
    refuseBusy()
    busyWith = what
    try {
      return await act()
    } finally {
      busyWith = null
    }
  }

  return {
    /** The file as a download. Throws `conflict`, `validation`. */
    async make(wishes: BackupWishes, request: Request): Promise<Response> {
      const { filename, manifest, stream } = await alone('backup', () => createBackup(deps, wishes))
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

    /**
     * Takes in a backup and proves all of it; soon after the answer this gateway ends, to start anew on it. A page has a
     * `confirm` to be ticked. Throws `conflict`, `validation`, `too_large`; then nothing has changed.
     */
    async restore(request: Request, { isConfirmed = true } = {}): Promise<Manifest> {
      if (!onRestore)
        throw new GatewayError(
          'conflict',
          'This gateway cannot start itself anew: stop it, and say "scriptgateway restore FILE --force" on its machine.',
        )
      refuseBusy()
      const form = await receive.form(request)
      try {
        const { file, passphrase } = uploadOf(form, isConfirmed)
        const by = callerOf(request).name
        const manifest = await alone('restore', () => proveBackup({ file, passphrase, tmpDir, clock, by }))
        busyWith = 'restore' // for as long as this gateway lives
        const { created_at, gateway_version, has_keys, has_outputs } = manifest
        note(request, { object: { type: 'backup' }, after: { created_at, gateway_version, has_keys, has_outputs } })
        setImmediate(() => onRestore({ file, passphrase, by, dispose: form.dispose }))
        return manifest
      } catch (error) {
        await form.dispose()
        throw error
      }
    },
  }
}

const busyWords = {
  backup: 'Another backup is being prepared: try again when it has begun to download.',
  restore: 'A backup is being put in place: the gateway starts anew soon.',
}

/** Throws `validation`. */
function uploadOf({ fields, files }: Submission, isConfirmed: boolean) {
  const { passphrase = '', confirm, ...others } = fields
  const [other] = Object.keys(others)
  if (other !== undefined) throw invalid(`/${other}`, 'is not known here: send file, passphrase')
  if (typeof passphrase !== 'string') throw invalid('/passphrase', 'must be a text')
  if (!isConfirmed && confirm !== '1')
    throw new GatewayError('validation', 'Say that what is here may be replaced: tick the box above the button.')
  const [file, ...more] = files
  if (!file || more.length > 0) throw new GatewayError('validation', 'Send one file: what a backup made.')
  return { file: file.path, passphrase: passphrase || null }
}

export const backupRoutes = ({ receive, backups }: Pick<BackupRoutesDeps, 'receive' | 'backups'>) =>
  new Elysia({ tags: ['Backup'] })
    .post(
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
    .post(
      '/api/restore',
      async ({ request, server, set }) => {
        server?.timeout(request, 0)
        const { created_at, gateway_version } = await backups.restore(request)
        set.status = 202
        return { created_at, gateway_version }
      },
      {
        parse: 'none',
        ...forRole('admin'),
        ...acts('gateway.restore'),
        detail: {
          summary: 'Put a backup in place of everything',
          description:
            'All of it is proven first: an error has changed nothing. After the 202 the gateway lets runs finish, moves aside what is there, and starts anew on the same port with the users of the backup; `GET /ready` says when.',
          requestBody: {
            required: true,
            content: {
              'multipart/form-data': {
                schema: t.Object({ file: t.String({ format: 'binary' }), passphrase: t.Optional(t.String()) }),
              },
            },
          },
          responses: {
            202: {
              description: 'It is whole, and is being put in place',
              content: { 'application/json': { schema: accepted } },
            },
            409: {
              description: 'A backup or a restore is under way, or this gateway cannot start itself anew',
              ...errorSchema,
            },
            413: { description: 'The file is over UPLOAD_BYTES_MAX', ...errorSchema },
            422: {
              description: 'It is no whole backup of this version or an older one, or the passphrase is another',
              ...errorSchema,
            },
          },
        },
      },
    )

const accepted = t.Object({
  created_at: t.String({ format: 'date-time', description: 'When the backup was made' }),
  gateway_version: t.String({ description: 'By which version' }),
})

const body = t.Object(
  {
    passphrase: t.Optional(t.String({ description: 'At least 12 characters; none: not encrypted' })),
    keys: t.Optional(t.Boolean({ description: 'The key that secrets are sealed with, too' })),
    outputs: t.Optional(t.Boolean({ description: 'Logs and results of runs, too' })),
  },
  { title: 'NewBackup' },
)

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
