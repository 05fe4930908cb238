/** A bot of Telegram's Bot API: `sendMessage` in HTML. */
import { type FieldProblem, parseFields, shownFields } from './fields.ts'
import type { Channel, ConfigField, Message, Sent } from './model.ts'
import { retryAfterMs } from './problems.ts'
import { fit, linkOf, oneLine, plainText } from './text.ts'

export interface TelegramConfig {
  token: string
  chat_id: string
  api_url: string
}

const fields = [
  { name: 'token', label: 'Bot token', help: 'From @BotFather.', type: 'text', required: true, secret: true },
  {
    name: 'chat_id',
    label: 'Chat',
    help: 'Its number, or @name of a public channel. The bot must be a member.',
    type: 'text',
    required: true,
    secret: false,
  },
  {
    name: 'api_url',
    label: 'API address',
    help: 'Another one for a Bot API server of your own.',
    type: 'url',
    required: false,
    secret: false,
    default: 'https://api.telegram.org',
  },
] as const satisfies readonly ConfigField[]

/** Of the text as people see it, without tags and escapes. */
const textMax = 4096
const titleMax = 250

export const telegram = {
  kind: 'telegram',
  label: 'Telegram',
  fields,
  parse: (input) => parseFields<TelegramConfig>(fields, input, check),
  shown: (config) => shownFields(fields, config),
  send: async ({ token, chat_id, api_url }, message, { http, now }) => {
    const body = JSON.stringify({
      chat_id,
      text: htmlOf(message),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    })
    const url = `${api_url.replace(/\/+$/, '')}/bot${token}/sendMessage`
    const sent = await http({ url, method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return withTheirPatience(sent, now())
  },
} satisfies Channel<TelegramConfig>

function htmlOf(message: Message): string {
  const title = fit(oneLine(message.title), titleMax)
  const link = linkOf(message)
  const body = fit(plainText(message.body).trim(), textMax - title.length - link.length - 2)
  return [title && `<b>${escaped(title)}</b>`, escaped(body), escaped(link)].filter((part) => part !== '').join('\n')
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Telegram says in its JSON how long to wait, not in a header. */
function withTheirPatience(sent: Sent, now: number): Sent {
  if (sent.ok || sent.isFinal || sent.retryAfterMs !== null) return sent
  const seconds = /"retry_after"\s*:\s*(\d{1,9})/.exec(sent.answer)?.[1]
  return { ...sent, retryAfterMs: retryAfterMs(seconds, now) }
}

function check({ token, chat_id, api_url }: TelegramConfig): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (!/^\d{1,20}:[\w-]{10,100}$/.test(token))
    problems.push({ path: 'token', message: 'must look like 123456:ABC-DEF…, as @BotFather gives it' })
  if (!/^(-?\d{1,20}|@\w{1,64})$/.test(chat_id))
    problems.push({ path: 'chat_id', message: 'must be the number of a chat, or @ and the name of a channel' })
  if (/[?#]/.test(api_url)) problems.push({ path: 'api_url', message: 'must have no ? and no #' })
  return problems
}
