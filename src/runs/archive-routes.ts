/** /api/runs/{id}/files: all that a run left, as one file. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Elysia, t } from 'elysia'
import type { Pack } from 'tar-stream'
import { GatewayError } from '../errors.ts'
import { contentDisposition } from '../files/disposition.ts'
import { openFile } from '../files/opened-file.ts'
import { placeOfUrl, resolveOutput } from '../files/output-place.ts'
import { tarStream } from '../files/tar-stream.ts'
import { answersWith } from '../http/answers.ts'
import { forRun } from '../http/caller.ts'
import type { ResultFile, Run } from './model.ts'
import type { Runs } from './runs.ts'

interface ArchiveRoutesDeps {
  runs: Pick<Runs, 'get'>
  /** Absolute. */
  staticDir: string
}

/** How many files are looked for before others have a turn. */
const filesPerTurn = 50

export function runArchiveRoutes({ runs, staticDir }: ArchiveRoutesDeps) {
  /** As /static opens it: inside the folder of its run, and no link by the time it is open. */
  const pathOf = ({ url }: ResultFile) => resolveOutput(staticDir, placeOfUrl(url))

  /** Throws `not_found` before anything is sent: what begins and breaks off tells nobody why. */
  async function refuseMissing(id: number, files: ResultFile[]) {
    for (const [index, file] of files.entries()) {
      if (pathOf(file) === null)
        throw new GatewayError('not_found', `The file "${file.filename}" of run ${id} is missing: somebody removed it.`)
      if (index % filesPerTurn === filesPerTurn - 1) await nextTurn()
    }
  }

  async function produce(tar: Pack, files: ResultFile[]) {
    for (const file of files) {
      const path = pathOf(file)
      const opened = path === null ? null : openFile(path)
      if (!opened) throw new Error(`the file "${file.filename}" went away`)
      const { size, mtime } = opened.stats
      try {
        const entry = tar.entry({ name: file.filename, size, mtime, mode: 0o644 }) // throws where nobody wants it any more
        if (size === 0) entry.end(undefined)
        else
          await pipeline(
            Readable.fromWeb(opened.stream({ start: 0, end: size - 1 }) as never),
            entry as unknown as NodeJS.WritableStream,
          )
      } finally {
        opened.closeUnlessStreamed()
      }
    }
  }

  return new Elysia({ tags: ['Runs'] }).get(
    '/api/runs/:id/files',
    async ({ params: { id }, request, server }) => {
      const files = filesOf(runs.get(id))
      await refuseMissing(id, files)
      server?.timeout(request, 0)
      return new Response(request.method === 'HEAD' ? null : tarStream((tar) => produce(tar, files)), {
        headers: {
          'content-type': 'application/gzip',
          'content-disposition': contentDisposition('attachment', `run-${id}-files.tar.gz`),
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        },
      })
    },
    {
      params: t.Object({ id: t.Integer({ minimum: 1, description: 'Number of the run' }) }),
      ...forRun('see'),
      detail: {
        summary: 'All files of a run as one',
        description:
          'A .tar.gz with its `files`, named as there, and with its result where that is a file. What it still writes is in no list yet: 409.',
        responses: {
          200: { description: 'The archive', content: { 'application/gzip': { schema: t.String() } } },
          ...errors({}, [404, 409]),
        },
      },
    },
  )
}

const errors = answersWith({
  404: 'There is no such run, it left no files, or they were removed',
  409: 'The run has not ended',
})

/** The result is beside the others. Throws `conflict` while it runs, `not_found` where there are none. */
function filesOf({ id, files, result, finished_at, files_expired_at }: Run): ResultFile[] {
  if (finished_at === null)
    throw new GatewayError('conflict', `Run ${id} has not ended: what it leaves is known when it has.`)
  if (files_expired_at !== null) {
    const message = `The files of run ${id} were removed by retention on ${files_expired_at.slice(0, 10)}; the settings output_retention_days and retention_bytes say what is kept.`
    throw new GatewayError('not_found', message)
  }
  const all = result?.type === 'file' ? [...files, result] : files
  if (all.length === 0) throw new GatewayError('not_found', `Run ${id} left no files.`)
  return all
}
