/** Somebody else's mail server on loopback: takes mail, with or without encryption and login, or fails as `mode` says. */
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import { cert, key } from './certificate.ts'
import { eventually } from './folder.ts'

export interface Mail {
  from: string
  to: string[]
  /** As it came: headers, an empty line, the body. */
  source: string
  isEncrypted: boolean
  /** `user:password`, where there was a login. */
  login: string
}

export type SmtpMode =
  | 'ok'
  | 'silent'
  | 'garbage'
  | 'busy' // 421 in the place of a greeting
  | 'closes' // at once
  | 'closes_at_data'
  | 'closes_after_data'
  | 'refuses_recipients' // 550
  | 'refuses_first' // 550 for the first recipient only
  | 'greylists' // 450 for recipients
  | 'refuses_message' // 554 after DATA
  | 'refuses_login' // 535
  | 'silent_after_data'

export interface SmtpServer {
  port: number
  mails: Mail[]
  /** Commands as they came, without what is after AUTH. */
  commands: string[]
  arrived(count?: number): Promise<Mail[]>
  mode: SmtpMode
  close(): Promise<void>
}

/** `security`: TLS from the start, STARTTLS offered, or neither; the certificate is of mail.test. */
export async function createSmtpServer({
  security = 'none',
}: {
  security?: 'none' | 'starttls' | 'tls'
} = {}): Promise<SmtpServer> {
  const sockets = new Set<Socket>()
  const serve = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    converse(socket, smtp, security, security === 'tls')
  }
  const server = security === 'tls' ? createTlsServer({ key, cert }, serve) : createServer(serve)
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const smtp: SmtpServer = {
    port: (server.address() as { port: number }).port,
    mails: [],
    commands: [],
    arrived: async (count = 1) => {
      await eventually(`${count} mails`, () => smtp.mails.length >= count)
      return smtp.mails
    },
    mode: 'ok',
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return smtp
}

function converse(first: Socket, smtp: SmtpServer, security: string, encrypted: boolean) {
  let socket = first
  let isEncrypted = encrypted
  let rest = ''
  let data: string[] | null = null
  let mail = { from: '', to: [] as string[], login: '' }
  const say = (line: string) => socket.write(`${line}\r\n`)
  const { mode } = smtp

  const commands: Record<string, (argument: string) => unknown> = {
    EHLO: () => {
      say('250-mail.test')
      if (security === 'starttls' && !isEncrypted) say('250-STARTTLS')
      say('250 AUTH PLAIN')
    },
    AUTH: (argument) => {
      const [, user = '', password = ''] = Buffer.from(argument.replace(/^PLAIN\s*/i, ''), 'base64')
        .toString()
        .split('\0')
      mail.login = `${user}:${password}`
      say(mode === 'refuses_login' ? `535 5.7.8 not accepted: ${password}` : '235 welcome')
    },
    MAIL: (argument) => {
      mail.from = addressOf(argument)
      say('250 fine')
    },
    RCPT: (argument) => {
      const isFirst = mail.to.length === 0 && !smtp.commands.slice(0, -1).some((one) => one.startsWith('RCPT'))
      if (mode === 'greylists') return say('450 4.2.0 come again')
      if (mode === 'refuses_recipients' || (mode === 'refuses_first' && isFirst)) return say('550 5.1.1 nobody')
      mail.to.push(addressOf(argument))
      say('250 fine')
    },
    DATA: () => {
      if (mode === 'closes_at_data') return socket.destroy()
      data = []
      say('354 go on')
    },
    STARTTLS: () => {
      if (security !== 'starttls' || isEncrypted) return say('502 not here')
      say('220 go on')
      socket.removeAllListeners('data')
      const upgraded = new TLSSocket(socket, { isServer: true, key, cert })
      isEncrypted = true
      socket = upgraded
      listen()
    },
    QUIT: () => {
      say('221 bye')
      socket.end()
    },
  }

  function take(line: string) {
    if (data) return takeData(line, data)
    const verb = line.split(' ')[0]?.toUpperCase() ?? ''
    smtp.commands.push(verb === 'AUTH' ? 'AUTH' : line)
    const act = commands[verb]
    return act ? act(line.slice(verb.length).trim()) : say('502 what?')
  }

  function takeData(line: string, lines: string[]) {
    if (line !== '.') return lines.push(line.replace(/^\./, ''))
    data = null
    if (mode === 'silent_after_data') return
    if (mode === 'refuses_message') return say('554 5.7.1 looks like spam')
    smtp.mails.push({ ...mail, source: lines.join('\r\n'), isEncrypted })
    mail = { from: '', to: [], login: mail.login }
    return mode === 'closes_after_data' ? socket.destroy() : say('250 2.0.0 taken')
  }

  function listen() {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line)
    })
  }

  listen()
  if (mode === 'closes') socket.destroy()
  else if (mode === 'busy') say('421 4.3.2 too busy')
  else if (mode === 'garbage') say('\x00\x01 nothing of mail')
  else if (mode !== 'silent') say('220 mail.test ESMTP')
}

const addressOf = (argument: string) => /<([^>]*)>/.exec(argument)?.[1] ?? ''
