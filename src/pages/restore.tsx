/** Putting a backup in place from the settings. */
import { RestorePage, RestoringPage } from '../../views/restore.tsx'
import { GatewayError } from '../errors.ts'
import { callerOf } from '../http/caller.ts'
import type { AccessPageDeps } from './access-deps.ts'
import { sentence } from './form.ts'
import { html } from './html.tsx'

/** The page that waits for the gateway to start anew; what is refused is said at the form. */
export async function postRestore({ backup }: AccessPageDeps, request: Request): Promise<Response> {
  const viewer = callerOf(request)
  try {
    const { created_at } = await backup.restore(request)
    return html(<RestoringPage savedAt={created_at} viewer={viewer} />, { status: 202 })
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { status, headers, message } = error
    return html(<RestorePage problem={sentence(message)} viewer={viewer} />, { status, headers })
  }
}
