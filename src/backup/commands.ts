/** `backup` and `restore` on the command line. */
import { existsSync, readFileSync } from 'node:fs'
import { link, open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { createBackup } from './backup.ts'
import type { LeftOut } from './model.ts'
import { type Restored, restore } from './restore.ts'
import { chunksOf } from './stage.ts'

export const backupUsage = 'backup [FILE] [--keys] [--outputs] [--passphrase-file FILE]'
export const restoreUsage = 'restore FILE [--passphrase-file FILE] [--force]'

interface Place {
  /** Absolute. */
  dataDir: string
  scriptsDir: string
  say(line: string): void
}

/** Also while a gateway serves. Answers the exit code; throws an Error that says what is wrong. */
export async function backupCommand(args: string[], { dataDir, scriptsDir, say }: Place): Promise<number> {
  const { values, positionals } = parse(backupUsage, args, {
    ...{ keys: { type: 'boolean' }, outputs: { type: 'boolean' }, 'no-outputs': { type: 'boolean' } },
    'passphrase-file': { type: 'string' },
  })
  const [given] = positionals
  if (given && existsSync(given)) throw new Error(`${given} exists already: it is not overwritten.`)
  const backup = await createBackup(
    { dataDir, scriptsDir, clock: systemClock },
    {
      keys: values.keys === true,
      outputs: values.outputs === true && values['no-outputs'] !== true,
      passphrase: passphraseOf(values['passphrase-file']),
    },
  )
  const file = resolve(given ?? backup.filename)
  const bytes = await writeWhole(file, backup.stream)
  const { files, left_out, has_keys, has_outputs } = backup.manifest
  say(`${file}: ${files.length} files, ${bytes} bytes.`)
  for (const line of leftOutLines(left_out)) say(line)
  if (!has_keys)
    say('Without the key for secrets: keep secrets.key or SECRETS_KEY elsewhere, or say --keys with a passphrase.')
  if (!has_outputs) say('Without logs and results of runs: say --outputs for those.')
  return 0
}

/** `lock`: claims the data folder, throws while a gateway has it. */
export async function restoreCommand(
  args: string[],
  { dataDir, scriptsDir, say, lock }: Place & { lock(dataDir: string): () => void },
): Promise<number> {
  const { values, positionals } = parse(restoreUsage, args, {
    ...{ force: { type: 'boolean' }, 'passphrase-file': { type: 'string' } },
  })
  const [file] = positionals
  if (!file) throw new Error(`Say: ${restoreUsage}`)
  const unlock = lock(dataDir)
  try {
    const restored = await restore({
      ...{ file: resolve(file), dataDir, scriptsDir, clock: systemClock, isForced: values.force === true },
      passphrase: passphraseOf(values['passphrase-file']),
    })
    for (const line of restoredLines(restored)) say(line)
    return 0
  } finally {
    unlock()
  }
}

/** What a person is told after a restore. */
export const restoredLines = ({ manifest, aside, lacksKey }: Restored): string[] => [
  `Restored what ScriptGateway ${manifest.gateway_version} saved at ${manifest.created_at}: ${manifest.files.length} files.`,
  ...aside.map((folder) => `What was there before is in ${folder}.`),
  ...leftOutLines(manifest.left_out),
  ...(lacksKey
    ? [
        'The key for secrets is not in this backup: put back secrets.key, or set SECRETS_KEY, before the next start; else the secrets have to be set again.',
      ]
    : []),
  'Everybody has to sign in again.',
]

type Flags = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>

function parse(usage: string, args: string[], options: Flags) {
  try {
    const parsed = parseArgs({ args, allowPositionals: true, options })
    if (parsed.positionals.length > 1) throw new Error('there is more than one file')
    return { values: parsed.values as Record<string, string | boolean | undefined>, positionals: parsed.positionals }
  } catch (error) {
    throw new Error(`${messageOf(error)}. Say: ${usage}`)
  }
}

/** The first line of the file, without the space around it. */
function passphraseOf(file: unknown): string | null {
  if (typeof file !== 'string') return null
  try {
    return readFileSync(file, 'utf8').split('\n')[0]?.trim() ?? ''
  } catch (error) {
    throw new Error(`Cannot read the passphrase: ${messageOf(error)}.`)
  }
}

/** Under another name first: what has the right name is a whole backup. For its owner alone. */
async function writeWhole(file: string, stream: ReadableStream<Uint8Array>): Promise<number> {
  const draft = `${file}.part`
  const handle = await open(draft, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const chunk of chunksOf(stream)) {
      for (let from = 0; from < chunk.length; ) from += (await handle.write(chunk, from)).bytesWritten
      bytes += chunk.length
    }
    await handle.sync()
    await handle.close()
    await link(draft, file).then(
      () => rm(draft),
      (error) => (error.code === 'EEXIST' ? Promise.reject(error) : rename(draft, file)),
    )
    return bytes
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(draft, { force: true })
    throw error
  }
}

function leftOutLines(leftOut: LeftOut[]): string[] {
  const lines = leftOut.slice(0, 20).map(({ path, why }) => `Left out: "${path}" ${why}.`)
  return leftOut.length > 20 ? [...lines, `Left out: ${leftOut.length - 20} more, see manifest.json.`] : lines
}
