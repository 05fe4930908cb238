/** The tab with a script's policy: what is shown, and what becomes of its posted form. */
import type { PolicyTabProps } from '../../views/policy.tsx'
import { say } from '../../views/texts.ts'
import { GatewayError, type Problem } from '../errors.ts'
import type { Expected, PolicyContent } from '../scripts/policy-editor.ts'
import { parsePolicyBytes } from '../scripts/policy-file.ts'
import type { PageDeps } from './deps.ts'

/** What the form shows in place of the file. */
interface Typed {
  text?: string
  message?: string
  problems?: Problem[]
  saved?: boolean
}

type Deps = Pick<PageDeps, 'policies' | 'settings' | 'host' | 'viewer'>

export async function policyProps(deps: Deps, id: number, typed: Typed = {}): Promise<PolicyTabProps> {
  const { content, unreadable } = await readContent(deps, id)
  const { text = content?.text ?? '', problems = content?.problems ?? [], saved = false } = typed
  const message = typed.message ?? (problems.length > 0 ? say('The policy file is not valid') : null)
  const settings = Object.fromEntries(deps.settings.list().map(({ name, value }) => [name, value]))
  return {
    id,
    content,
    unreadable,
    text,
    message,
    problems,
    saved: saved && message === null,
    settings,
    isolation: deps.host().isolation.level,
    viewer: deps.viewer,
  }
}

/** A file that may not be read from here is no surprise: its place says so. */
async function readContent({ policies }: Deps, id: number) {
  try {
    return { content: (await policies.read(String(id))) as PolicyContent | null, unreadable: null }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { content: null, unreadable: error.message }
  }
}

/** null when it is saved, or removed; else what to show, with the status of the answer. */
export async function savePolicy(
  deps: Deps,
  id: number,
  form: URLSearchParams,
): Promise<(PolicyTabProps & { status: number }) | null> {
  const text = (form.get('text') ?? '').replaceAll('\r\n', '\n')
  const known = form.get('etag')
  const expected: Expected = known ? { ifMatch: known } : { isNew: true }
  try {
    if (form.get('act') === 'remove') await deps.policies.remove(String(id), known ? expected : null)
    else await deps.policies.replace(String(id), policyIn(text), expected)
    return null
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { status, details: problems } = error
    return { ...(await policyProps(deps, id, { text, message: messageFor(error), problems })), status }
  }
}

function policyIn(text: string): unknown {
  const parsed = parsePolicyBytes(new TextEncoder().encode(text))
  if (parsed.ok) return parsed.policy
  throw new GatewayError('validation', 'This is no valid policy.', { details: parsed.problems })
}

/** Without the words for programs. */
const messageFor = ({ type, message }: GatewayError) =>
  type === 'validation'
    ? say('Nothing was changed: this is no valid policy')
    : type === 'conflict' && /If-Match/.test(message)
      ? say('The policy file has changed since this page was opened. Save again to write yours over it')
      : message
