/** What an app is made from. */
import type { ProvenUpload } from './backup/routes.ts'
import type { Clock } from './clock.ts'
import type { accessSecrets, Config } from './config.ts'
import type { Isolation } from './isolation/model.ts'
import type { GatewayLog } from './log.ts'
import type { Checkpoint } from './logs/checkpoint.ts'
import type { StartProcess } from './process/model.ts'

export interface AppConfig {
  /** What the environment says; the database may say otherwise. */
  environment: Partial<Config>
  /** SECRETS_KEY; without it the key is in a file below `dataDir`. */
  secretsKey?: string
  /** ADMIN_TOKEN and the like, which are no settings. */
  secrets?: Partial<ReturnType<typeof accessSecrets>>
  /** Absolute; made when missing. */
  dataDir: string
  scriptsDir: string
  /** Told what keeps the start waiting, in sentences, for the terminal; the log is told of it, too. */
  say?(words: string): void
  /** Closes the app, restores, and starts anew: for whoever started it. Without it, nobody restores over HTTP. */
  onRestore?(upload: ProvenUpload): void
}

/** What tests may hand in. */
export interface AppOverrides {
  clock?: Clock
  log?: GatewayLog
  startProcess?: StartProcess
  isolation?: Isolation
  checkpoint?: Checkpoint
}
