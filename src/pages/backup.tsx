/** Making a backup, and taking in what was exported elsewhere. */
import { BackupPage, ImportPage, type ImportProps } from '../../views/backup.tsx'
import { scriptName } from '../../views/parts.tsx'
import { GatewayError } from '../errors.ts'
import { callerOf } from '../http/caller.ts'
import { orOverwrite } from '../scripts/upload.ts'
import type { AccessPageDeps } from './access-deps.ts'
import { sentence } from './form.ts'
import { html } from './html.tsx'

/** The file itself; what does not fit is said at the form. */
export async function postBackup({ backup }: AccessPageDeps, request: Request, form: URLSearchParams) {
  const wishes = {
    passphrase: form.get('passphrase') || null,
    keys: form.get('keys') === '1',
    outputs: form.get('outputs') === '1',
  }
  const refuse = (problem: string) =>
    html(<BackupPage {...wishes} problem={problem} viewer={callerOf(request)} />, { status: 422 })
  if (wishes.keys && wishes.passphrase === null)
    return refuse('The key for secrets leaves only in an encrypted file: type a passphrase.')
  try {
    return await backup.make(wishes, request)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.type !== 'validation') throw error
    return refuse(sentence(error.details[0]?.message ?? error.message))
  }
}

export const showImport = (request: Request) =>
  html(<ImportPage problem={null} done={null} viewer={callerOf(request)} />)

export async function postImport(deps: AccessPageDeps, request: Request, overwrite: boolean): Promise<Response> {
  const viewer = callerOf(request)
  try {
    const done = doneOf(deps, await deps.backup.importScripts(request, overwrite))
    return html(<ImportPage problem={null} done={done} viewer={viewer} />)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { status, headers, message, details } = error
    const said = message.replace(orOverwrite, '. “Import over what is there” replaces it.')
    const problem = [said, ...details.map((one) => `${one.path.slice(1)} ${one.message}`)].map(sentence).join(' ')
    return html(<ImportPage problem={problem} done={null} viewer={viewer} />, { status, headers })
  }
}

function doneOf(
  { scripts }: AccessPageDeps,
  { scripts: ids, secrets, schedules }: Awaited<ReturnType<AccessPageDeps['backup']['importScripts']>>,
): ImportProps['done'] {
  const named = (id: number) => {
    const found = scripts.find(String(id))
    return { id, name: found ? scriptName(found.script) : `script ${id}` }
  }
  return {
    scripts: ids.map(named),
    secrets: secrets
      .filter(({ names }) => names.length > 0)
      .map(({ script_id, names }) => ({ ...named(script_id), names })),
    schedules: schedules
      .filter(({ lacks, problem }) => lacks.length > 0 || problem !== null)
      .map((schedule) => ({ ...named(schedule.script_id), schedule })),
  }
}
