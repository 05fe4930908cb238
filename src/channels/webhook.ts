/** A webhook of one's own: JSON, signed as Standard Webhooks 1.0.0 has it (https://www.standardwebhooks.com). */
import { createHmac } from 'node:crypto'
import { type FieldProblem, parseFields, shownFields } from './fields.ts'
import type { Channel, ConfigField, Message } from './model.ts'

export interface WebhookConfig {
  url: string
  /** `whsec_` and base64, or any text; empty: nothing is signed. */
  secret: string
  /** `Name: value`. */
  headers: string[]
}

const fields = [
  { name: 'url', label: 'Address', help: 'Where the JSON is posted.', type: 'url', required: true, secret: true },
  {
    name: 'secret',
    label: 'Signing secret',
    help: 'whsec_… or any text. With it each request carries webhook-signature, as Standard Webhooks has it.',
    type: 'text',
    required: false,
    secret: true,
  },
  {
    name: 'headers',
    label: 'Further headers',
    help: 'One a line: Name: value.',
    type: 'list',
    required: false,
    secret: true,
  },
] as const satisfies readonly ConfigField[]

export const webhook = {
  kind: 'webhook',
  label: 'Webhook',
  fields,
  parse: (input) => parseFields<WebhookConfig>(fields, input, check),
  shown: (config) => ({ ...shownFields(fields, config), headers: config.headers.map((line) => headerOf(line).name) }),
  send: (config, message, { http, now }) => {
    const body = JSON.stringify(payloadOf(message))
    const seconds = Math.floor(now() / 1000)
    const own = Object.fromEntries(config.headers.map(headerOf).map(({ name, value }) => [name, value]))
    const headers = {
      ...own,
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': String(seconds),
      ...(config.secret === '' ? {} : { 'webhook-signature': signatureOf(config.secret, message.id, seconds, body) }),
    }
    return http({ url: config.url, method: 'POST', headers, body })
  },
} satisfies Channel<WebhookConfig>

/** `type`, `timestamp` and `data` as the standard advises; the texts beside them. */
const payloadOf = (message: Message) => ({
  type: `notification.${message.event}`,
  timestamp: message.at,
  id: message.id,
  event: message.event,
  title: message.title,
  body: message.body,
  url: message.url,
  data: dataOf(message.facts),
})

/** Those that programs count and compare. */
const numbers = ['script_id', 'run_id', 'schedule_id', 'attempt', 'exit_code', 'missed_count', 'duration_ms']

/** Facts are texts, for templates; here numbers are numbers, and what there is not is null. */
const dataOf = (facts: Record<string, string>): Record<string, string | number | null> =>
  Object.fromEntries(
    Object.entries(facts).map(([name, text]) => [
      name,
      text === '' ? null : numbers.includes(name) ? Number(text) : text,
    ]),
  )

/** `v1,` and the HMAC-SHA256 over `id.timestamp.body`, in base64. `seconds` since 1970. */
export function signatureOf(secret: string, id: string, seconds: number, body: string): string {
  return `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64')}`
}

/** The standard writes keys as `whsec_` and base64; any other text is its own bytes. */
const keyOf = (secret: string) => (isWritten(secret) ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret))

const isWritten = (secret: string) => /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)

const headerOf = (line: string) => {
  const colon = line.indexOf(':')
  return { name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() }
}

const ours =
  /^(host|connection|content-(length|type|encoding)|transfer-encoding|upgrade|expect|te|trailer|webhook-.*|proxy-.*)$/

function check({ secret, headers }: WebhookConfig): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (secret.startsWith('whsec_') && !isWritten(secret))
    problems.push({ path: 'secret', message: 'must be base64 after whsec_, or begin otherwise' })
  const seen = new Set<string>()
  for (const line of headers) {
    const { name, value } = headerOf(line)
    const wrong = headerProblem(line, name, value) ?? (seen.has(name) ? `has "${name}" twice` : null)
    if (wrong !== null) problems.push({ path: 'headers', message: wrong })
    seen.add(name)
  }
  return problems
}

/** Without the value: it may be a secret. */
function headerProblem(line: string, name: string, value: string): string | null {
  if (!line.includes(':') || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) return 'must be written as Name: value'
  if (ours.test(name)) return `cannot have "${name}": it is set by the gateway`
  return /^[\x20-\x7e\xa0-\xff]*$/.test(value) ? null : `has a character in "${name}" that no header can carry`
}
