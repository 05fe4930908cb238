/** The gateway that serves, and after each restore over HTTP the next one: in the same process, on the same port. */
import { type App, createApp } from './app.ts'
import type { AppConfig } from './app-config.ts'
import { restoredLines } from './backup/commands.ts'
import { restore } from './backup/restore.ts'
import type { ProvenUpload } from './backup/routes.ts'
import { systemClock } from './clock.ts'
import { messageOf } from './errors.ts'

interface ServingDeps {
  host: string
  /** Claims the data folder; throws while another gateway has it. */
  lock(dataDir: string): () => void
  /** Told what becomes of a restore. */
  say(line: string): void
  /** Told when the next one serves at this address. */
  servesAgain(app: App, url: string): void
  /** Told why no gateway could be started any more. */
  failed(error: unknown): void
}

export type Serving = ReturnType<typeof createServing>

export function createServing(config: AppConfig, { host, lock, say, servesAgain, failed }: ServingDeps) {
  let app: App
  let settled: Promise<void> = Promise.resolve()

  /** Makes a gateway; it listens when it is told to. */
  async function make(): Promise<App> {
    app = await createApp({
      ...config,
      onRestore(upload) {
        settled = startAnew(upload).catch(failed)
      },
    })
    return app
  }

  /** On the backup, or on what was there when it cannot be put in place. */
  async function startAnew(upload: ProvenUpload) {
    const port = Number(new URL(app.localUrl()).port) || 80
    say('A backup is put in place; the gateway starts anew.')
    await app.close()
    const problem = await putInPlace(upload).catch(messageOf)
    await make()
    if (problem) app.log.error({ problem }, 'the backup was not restored: what was there serves again')
    servesAgain(app, await app.listen(host, port))
  }

  async function putInPlace({ dispose, ...upload }: ProvenUpload): Promise<void> {
    const { dataDir, scriptsDir } = config
    const unlock = lock(dataDir)
    try {
      const place = { dataDir, scriptsDir, clock: systemClock, isForced: true, onProven: dispose }
      for (const line of restoredLines(await restore({ ...upload, ...place }))) say(line)
    } finally {
      unlock()
    }
  }

  return {
    make,
    /** The newest one. */
    app: () => app,
    /** Closes it; a restore that has begun comes to its end before. `drainMs`: as of App.close. */
    async close(drainMs?: number): Promise<void> {
      await app.close(drainMs)
      await settled
      await app.close(drainMs)
    },
  }
}
