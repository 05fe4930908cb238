/** One file with everything: database, scripts, and if wanted the key, logs and results; made while the gateway serves. */
import { existsSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { GatewayError } from '../errors.ts'
import { removeFolder } from '../files/temp.ts'
import { keyFileName } from '../variables/key.ts'
import { version } from '../version.ts'
import { checkPassphrase, encrypt } from './age.ts'
import { copyDatabase } from './copy-database.ts'
import { type BackupWishes, backupFormat, databaseName, type Manifest, scriptsFolder } from './model.ts'
import { packStream } from './pack.ts'
import { hashOf, type Staging, stageCopy, stageTree } from './stage.ts'

interface BackupDeps {
  /** Absolute. */
  dataDir: string
  scriptsDir: string
  clock: Pick<Clock, 'now'>
}

export interface Backup {
  /** `scriptgateway-20261121-1005.tar.gz`, with `.age` where it is encrypted. */
  filename: string
  manifest: Manifest
  /** To be read to its end, or cancelled: only then is nothing left of it. */
  stream: ReadableStream<Uint8Array>
}

/** Nobody's sign-in survives a restore. */
const emptied = ['sessions']

/** Throws `validation` for wishes that do not fit, `not_found` where there is nothing to save, and what the disk says. */
export async function createBackup(deps: BackupDeps, wishes: BackupWishes): Promise<Backup> {
  checkWishes(wishes, deps.dataDir)
  await mkdir(join(deps.dataDir, 'tmp'), { recursive: true, mode: 0o711 })
  const dir = await mkdtemp(join(deps.dataDir, 'tmp', 'backup-')) // for the gateway alone
  const remove = () => removeFolder(dir)
  try {
    const at = new Date(deps.clock.now())
    const { schemaVersion, files, leftOut } = await stageAll(deps, dir, wishes)
    const manifest: Manifest = {
      ...{ kind: 'scriptgateway backup', format: backupFormat, gateway_version: version },
      ...{ schema_version: schemaVersion, created_at: at.toISOString(), has_keys: wishes.keys },
      ...{ has_outputs: wishes.outputs, files, left_out: leftOut },
    }
    const plain = packStream({ dir, manifest, files, modifiedAt: at }, remove)
    const { passphrase } = wishes
    return {
      filename: `scriptgateway-${stampOf(at)}.tar.gz${passphrase === null ? '' : '.age'}`,
      manifest,
      stream: passphrase === null ? plain : await encrypt(plain, passphrase),
    }
  } catch (error) {
    await remove()
    throw error
  }
}

function checkWishes({ keys, passphrase }: BackupWishes, dataDir: string): void {
  if (passphrase !== null) checkPassphrase(passphrase, '/passphrase')
  if (keys && passphrase === null)
    throw new GatewayError(
      'validation',
      'The key for secrets is put into an encrypted backup only: give a passphrase.',
      {
        details: [{ path: '/passphrase', message: 'is required with keys' }],
      },
    )
  if (keys && !existsSync(join(dataDir, keyFileName)))
    throw new GatewayError(
      'conflict',
      `There is no key file ${keyFileName}: the key comes from SECRETS_KEY. Keep that one yourself, and make the backup without keys.`,
    )
  if (!existsSync(join(dataDir, databaseName)))
    throw new GatewayError(
      'not_found',
      `There is no ${join(dataDir, databaseName)}: set DATA_DIR to the gateway's folder.`,
    )
}

async function stageAll({ dataDir, scriptsDir }: BackupDeps, dir: string, { keys, outputs }: BackupWishes) {
  const staging: Staging = { dir, files: [], leftOut: [] }
  const copy = join(dir, databaseName)
  const schemaVersion = await copyDatabase(join(dataDir, databaseName), copy, emptied)
  const { size } = await lstat(copy)
  staging.files.push({ path: databaseName, size, sha256: await hashOf(copy, size) })
  if (keys) await stageCopy(staging, join(dataDir, keyFileName), keyFileName)
  const hidden = await realpath(dataDir)
  // What interpreters make anew, what an earlier restore set aside; and a data folder that lies among the scripts.
  const isSkipped = (name: string, path: string) =>
    name === '__pycache__' || name.startsWith('.before-restore-') || path === hidden
  const add = async (root: string, as: string, isWrittenOnce: boolean) =>
    existsSync(root) && stageTree(staging, { root: await realpath(root), as, isWrittenOnce, isSkipped })
  await add(scriptsDir, scriptsFolder, false)
  if (outputs) await add(join(dataDir, 'static'), 'static', true)
  if (outputs) await add(join(dataDir, 'logs', 'script'), 'logs/script', true)
  return { schemaVersion, files: staging.files, leftOut: staging.leftOut }
}

const stampOf = (at: Date) => at.toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-')
