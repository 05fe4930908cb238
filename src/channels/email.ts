/** Mail by SMTP: one connection for each message, to an address that was checked. */
import { isIP } from 'node:net'
import { type IpAddress, race } from '../http/checked-request.ts'
import { type FieldProblem, parseFields, shownFields } from './fields.ts'
import type { Channel, ConfigField, Means, Message, Sent } from './model.ts'
import { answerText, connectionProblem, networkWords } from './problems.ts'
import { fit, linkOf, oneLine, plainText } from './text.ts'

const securities = ['starttls', 'tls', 'none'] as const

export interface EmailConfig {
  host: string
  /** 0: the usual one of `security`. */
  port: number
  security: (typeof securities)[number]
  user: string
  password: string
  from: string
  to: string[]
}

const fields = [
  { name: 'host', label: 'Server', help: 'Such as smtp.example.org.', type: 'text', required: true, secret: false },
  {
    name: 'port',
    label: 'Port',
    help: 'Empty: 587 for STARTTLS, 465 for TLS, 25 for none.',
    type: 'int',
    required: false,
    secret: false,
  },
  {
    name: 'security',
    label: 'Security',
    help: 'With STARTTLS and TLS nothing is sent unless the certificate is right.',
    type: 'choice',
    required: false,
    secret: false,
    choices: securities,
    default: 'starttls',
  },
  { name: 'user', label: 'User', help: 'Empty: no login.', type: 'text', required: false, secret: false },
  { name: 'password', label: 'Password', help: '', type: 'text', required: false, secret: true },
  {
    name: 'from',
    label: 'From',
    help: 'An address, or Name <address>.',
    type: 'text',
    required: true,
    secret: false,
  },
  { name: 'to', label: 'To', help: 'Addresses, one a line.', type: 'list', required: true, secret: false },
] as const satisfies readonly ConfigField[]

const usualPort = { starttls: 587, tls: 465, none: 25 }
const recipientsMax = 20
const subjectMax = 200
const bodyMax = 100_000
/** Of a server's addresses, one after another: the first may be of a network that leads nowhere. */
const addressesMax = 3

export const email = {
  kind: 'email',
  label: 'E-mail',
  fields,
  parse: (input) => parseFields<EmailConfig>(fields, splitLists(input), check),
  shown: (config) => shownFields(fields, config),
  send: async (config, message, means) => {
    const began = performance.now()
    const signal = AbortSignal.timeout(means.timeoutMs)
    const sent = await attempt(config, message, means, signal)
    return { ...sent, durationMs: Math.round(performance.now() - began) }
  },
} satisfies Channel<EmailConfig>

/** What a form has in one line. */
function splitLists(input: Record<string, unknown>) {
  if (typeof input.to !== 'string') return input
  return { ...input, to: input.to.split(/[,;\r\n]+/).map((one) => one.trim()) }
}

async function attempt(config: EmailConfig, message: Message, means: Means, signal: AbortSignal): Promise<Sent> {
  const { timeoutMs, addressesOf } = means
  const name = `${config.host}:${portOf(config)}`
  let addresses: IpAddress[]
  try {
    addresses = (await race(addressesOf(config.host), signal)).slice(0, addressesMax)
  } catch (error) {
    return { ...nothingSent, ...connectionProblem(error, name, timeoutMs) }
  }
  for (const [index, { address }] of addresses.entries()) {
    const share = timeoutMs / addresses.length
    try {
      return await deliver(address, config, message, means, signal, share)
    } catch (error) {
      const isLast = index === addresses.length - 1 || signal.aborted
      if (isLast || !isUnreached(error)) return failed(error as SmtpError, config, name, signal.aborted, timeoutMs)
    }
  }
  return { ...nothingSent, problem: `${name} has no address.`, isFinal: false }
}

const nothingSent = { ok: false, status: null, answer: '', durationMs: 0, retryAfterMs: null } as const

const portOf = ({ port, security }: EmailConfig) => port || usualPort[security]

async function deliver(
  address: string,
  config: EmailConfig,
  message: Message,
  { timeoutMs, now, ca }: Means,
  signal: AbortSignal,
  connectMs: number,
): Promise<Sent> {
  const { host, security, user, password, from, to } = config
  const { createTransport } = await import('nodemailer') // when it is needed: it takes a tenth of a start
  const transport = createTransport({
    host: address,
    port: portOf(config),
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    // The certificate is the server's by its name, not by the address that was checked.
    ...(isIP(host) ? {} : { servername: host }),
    tls: { ...(isIP(host) ? {} : { servername: host }), ...(ca === undefined ? {} : { ca }) },
    ...(user === '' ? {} : { auth: { user, pass: password } }),
    connectionTimeout: connectMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    socketCloseTimeout: 500,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const link = linkOf(message)
  const text = [fit(plainText(message.body), bodyMax), link].filter((part) => part !== '').join('\n\n')
  const { response, rejected } = await transport.sendMail({
    from,
    to,
    subject: fit(oneLine(message.title), subjectMax),
    text,
    date: new Date(now()),
    // The same at every try, so that mailboxes can see that they have it.
    messageId: `<${message.id.replace(/[^\w-]/g, '-')}.scriptgateway@${domainOf(from)}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    signal,
  })
  const refused = rejected.length > 0 ? `\nRefused: ${rejected.map(String).join(', ')}` : ''
  return { ok: true, status: codeOf(response), answer: textOf(response + refused, config), durationMs: 0 }
}

const codeOf = (response: string) => Number(/^\d{3}/.exec(response)?.[0]) || null
const domainOf = (from: string) => /@([\w.-]+)>?$/.exec(from)?.[1] ?? 'localhost'
const textOf = (answer: string, { password }: EmailConfig) =>
  answerText(Buffer.from(answer), password.length < 4 ? [] : [password, Buffer.from(password).toString('base64')])

/** As nodemailer throws it. */
interface SmtpError extends Error {
  code?: string
  command?: string
  response?: string
  responseCode?: number
  timeoutType?: string
}

/** Nobody was there: nothing has been said yet. */
const isUnreached = (error: unknown) => {
  const { message = '', timeoutType } = error as SmtpError
  return timeoutType === 'CONNECT_TIMEOUT' || /ECONNREFUSED|UNREACH|EADDRNOTAVAIL|Failed to connect/.test(message)
}

function failed(error: SmtpError, config: EmailConfig, name: string, isOver: boolean, timeoutMs: number): Sent {
  const status = error.responseCode ?? null
  const answer = textOf(error.response ?? '', config)
  return { ...nothingSent, status, answer, ...words(error, status, name, isOver, timeoutMs) }
}

/** 5xx of SMTP are for good, 4xx and everything of the network are not. */
function words(
  { code, command, message }: SmtpError,
  status: number | null,
  name: string,
  isOver: boolean,
  timeoutMs: number,
) {
  if (isOver || code === 'ETIMEDOUT')
    return { problem: `${name} did not answer within ${timeoutMs / 1000} s.`, isFinal: false }
  const isFinal = status !== null && status >= 500
  if (code === 'ETLS' && status !== null)
    return {
      problem: `${name} offers no STARTTLS (${status}): set "security" to tls or none, or choose another port.`,
      isFinal,
    }
  if (code === 'EAUTH' && status !== null)
    return { problem: `${name} refuses the login (${status}): see whether user and password are right.`, isFinal }
  if (status !== null)
    return { problem: `${name} refuses the ${command === 'CONN' ? 'connection' : 'message'} (${status}).`, isFinal }
  if (code === 'EPROTOCOL') return { problem: `${name} does not answer as a mail server does.`, isFinal }
  return { problem: `${name} ${networkWords(networkCodeOf(message, code))}.`, isFinal }
}

/** nodemailer keeps the system's code in the message. */
const networkCodeOf = (message: string, code = '') =>
  /\b(E[A-Z]{4,}|[A-Z]+(?:_[A-Z]+)+)\b/.exec(message)?.[1] ??
  (/certificate|self.signed/i.test(message) ? 'CERT' : /clos|ended/i.test(message) ? 'ECONNRESET' : code)

/** One address, plain or behind a name: no lists, no line breaks, nothing that a header could take for its end. */
const mailbox =
  /^(?:[^<>,;"@\p{Cc}]{0,100}<([^\s<>,;:"()@]{1,64}@[\w.-]{1,255})>|([^\s<>,;:"()@]{1,64}@[\w.-]{1,255}))$/u

function check({ host, port, password, user, from, to }: EmailConfig): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (!/^[\w.:-]{1,253}$/.test(host))
    problems.push({ path: 'host', message: 'must be the name or address of a server' })
  if (port < 0 || port > 65_535) problems.push({ path: 'port', message: 'must be from 1 to 65535' })
  if (password !== '' && user === '') problems.push({ path: 'user', message: 'is needed with a password' })
  if (!mailbox.test(from)) problems.push({ path: 'from', message: 'must be an address, or Name <address>' })
  if (to.length > recipientsMax) problems.push({ path: 'to', message: `must have at most ${recipientsMax} addresses` })
  for (const one of to)
    if (!mailbox.test(one)) problems.push({ path: 'to', message: `has "${one.slice(0, 100)}", which is no address` })
  return problems
}
