/** Making a backup, and taking in what was exported elsewhere. */
import { ImportPage } from '../../views/backup.tsx'
import { GatewayError } from '../errors.ts'
import { callerOf } from '../http/caller.ts'
import type { AccessPageDeps } from './access-deps.ts'
import { sentence } from './form.ts'
import { html } from './html.tsx'

/** The file itself. Throws `validation`. */
export function postBackup({ backup }: AccessPageDeps, request: Request, form: URLSearchParams): Promise<Response> {
  const options = {
    passphrase: form.get('passphrase') || null,
    keys: form.get('keys') === '1',
    outputs: form.get('outputs') === '1',
  }
  if (options.keys && options.passphrase === null)
    throw new GatewayError('validation', 'The key for secrets leaves only in an encrypted file: type a passphrase.')
  return backup.make(options, callerOf(request), request)
}

export const showImport = (request: Request) =>
  html(<ImportPage problem={null} done={null} viewer={callerOf(request)} />)

export async function postImport({ backup }: AccessPageDeps, request: Request): Promise<Response> {
  const caller = callerOf(request)
  try {
    const done = await backup.importScripts(request, caller)
    return html(<ImportPage problem={null} done={done} viewer={caller} />)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { status, headers, message, details } = error
    const problem = [message, ...details.map((one) => `${one.path.slice(1)} ${one.message}`)].map(sentence).join(' ')
    return html(<ImportPage problem={problem} done={null} viewer={caller} />, { status, headers })
  }
}
