import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { type EmailConfig, email } from '../../src/channels/email.ts'
import { cert } from '../harness/certificate.ts'
import { createSmtpServer, type SmtpMode, type SmtpServer } from '../harness/smtp.ts'
import { meansFor, message, toLoopback } from './harness.ts'

const [plain, starttls, tls] = await Promise.all([
  createSmtpServer(),
  createSmtpServer({ security: 'starttls' }),
  createSmtpServer({ security: 'tls' }),
])
afterAll(() => Promise.all([plain.close(), starttls.close(), tls.close()]))
afterEach(() => {
  plain.mode = 'ok'
})

const config = (server: SmtpServer, more: Partial<EmailConfig> = {}): EmailConfig => ({
  ...{ host: 'mail.test', port: server.port, security: 'none', user: '', password: '' },
  ...{ from: 'Gateway <gateway@a.test>', to: ['ann@b.test', 'Bob <bob@b.test>'] },
  ...more,
})

const here = `mail.test:${plain.port}`

test('a mail arrives with its texts, its address and a name that is the same at every try', async () => {
  const sent = await email.send(
    config(plain),
    message({ title: 'Über backup.py', body: 'Zeile 1\n.\nZeile 2' }),
    meansFor(),
  )
  expect(sent).toMatchObject({ ok: true, status: 250, answer: '250 2.0.0 taken' })
  const mail = plain.mails.at(-1)!
  expect(mail).toMatchObject({
    from: 'gateway@a.test',
    to: ['ann@b.test', 'bob@b.test'],
    isEncrypted: false,
    login: '',
  })
  const [head = '', body = ''] = mail.source.split('\r\n\r\n', 2)
  const headers = head.replace(/\r\n[ \t]/g, ' ').split('\r\n')
  expect(headers).toContain('From: Gateway <gateway@a.test>')
  expect(headers).toContain('To: ann@b.test, Bob <bob@b.test>')
  expect(headers).toContain(`Subject: =?UTF-8?Q?=C3=9Cber_backup=2Epy?=`)
  expect(headers).toContain('Message-ID: <msg_17.scriptgateway@a.test>')
  expect(headers).toContain('Date: Fri, 01 Jan 2027 00:00:00 +0000')
  expect(headers).toContain('Auto-Submitted: auto-generated')
  const rest = mail.source.slice(head.length + 4)
  expect(body).not.toBe('')
  expect(rest.replaceAll('\r\n', '\n').trimEnd()).toBe('Zeile 1\n.\nZeile 2\n\nhttp://gateway.test/executions/9')
})

test('no title makes a header of its own', async () => {
  const title = 'failed\r\nBcc: eve@evil.test\r\n\r\nbody\u2028X: y\0'
  await email.send(config(plain), message({ title, id: 'a\r\nX-Evil: 1' }), meansFor())
  const mail = plain.mails.at(-1)!
  expect(mail.to).toEqual(['ann@b.test', 'bob@b.test'])
  const head = mail.source.split('\r\n\r\n')[0]!
  expect(head).not.toMatch(/^(Bcc|X-Evil|X):/im)
  expect(head.replace(/\r\n[ \t]/g, ' ')).toContain('Subject: failed Bcc: eve@evil.test body X: y')
})

test('a long title is cut', async () => {
  await email.send(config(plain), message({ title: 'a'.repeat(500) }), meansFor())
  const subject = /^Subject: (.*(?:\r\n[ \t].*)*)/m.exec(plain.mails.at(-1)!.source)![1]!
  expect(subject).toContain('aaa')
  expect(subject.length).toBeLessThan(300)
})

describe('encryption and login', () => {
  const login = { user: 'gateway', password: 's3cret-pass' }
  const rows: [string, SmtpServer, Partial<EmailConfig>, boolean][] = [
    ['by STARTTLS', starttls, { security: 'starttls', ...login }, true],
    ['by TLS from the start', tls, { security: 'tls', ...login }, true],
    ['without encryption, as it was asked for', plain, login, false],
  ]
  test.each(rows)('%s', async (_name, server, more, isEncrypted) => {
    const sent = await email.send(config(server, more), message(), meansFor({ ca: cert }))
    expect(sent).toMatchObject({ ok: true })
    expect(server.mails.at(-1)).toMatchObject({ isEncrypted, login: 'gateway:s3cret-pass' })
  })

  const refused: [string, SmtpServer, Partial<EmailConfig>, string | undefined, RegExp][] = [
    [
      'a certificate that nobody vouches for',
      starttls,
      { security: 'starttls' },
      undefined,
      /certificate that is not trusted/,
    ],
    ['the same with TLS', tls, { security: 'tls' }, undefined, /certificate that is not trusted/],
    [
      'a certificate for another name',
      starttls,
      { security: 'starttls', host: 'other.test' },
      cert,
      /certificate that is not/,
    ],
    ['the same with TLS', tls, { security: 'tls', host: 'other.test' }, cert, /certificate that is not trusted/],
    [
      'a server without STARTTLS',
      plain,
      { security: 'starttls' },
      cert,
      /offers no STARTTLS \(502\): set "security" to tls or none/,
    ],
    ['a server without TLS', plain, { security: 'tls' }, cert, /does not speak TLS there/],
  ]
  test.each(refused)('nothing is sent to %s', async (_name, server, more, ca, problem) => {
    const before = [server.mails.length, server.commands.length]
    const means = meansFor({ timeoutMs: 1000, ...(ca ? { ca } : {}) })
    const sent = await email.send(config(server, { ...more, ...login }), message(), means)
    expect(sent.ok || sent.problem).toMatch(problem)
    expect(sent).toMatchObject({ ok: false, isFinal: more.security === 'starttls' && server === plain })
    expect(server.mails.length).toBe(before[0]!)
    expect(server.commands.slice(before[1])).not.toContain('AUTH')
  })

  test('a login that is refused is told without the password, also where the server repeats it', async () => {
    plain.mode = 'refuses_login'
    const sent = await email.send(config(plain, login), message(), meansFor())
    const problem = `${here} refuses the login (535): see whether user and password are right.`
    expect(sent).toMatchObject({ ok: false, isFinal: true, status: 535, problem })
    expect(sent.answer).toContain('535 5.7.8 not accepted')
    expect(JSON.stringify(sent)).not.toContain(login.password)
  })
})

describe('a server that fails', () => {
  const rows: [SmtpMode, RegExp, boolean, number | null][] = [
    ['refuses_recipients', /refuses the message \(550\)/, true, 550],
    ['greylists', /refuses the message \(450\)/, false, 450],
    ['refuses_message', /refuses the message \(554\)/, true, 554],
    ['busy', /refuses the connection \(421\)/, false, 421],
    ['closes', /closed the connection without an answer/, false, null],
    ['closes_at_data', /closed the connection without an answer/, false, null],
    ['closes_after_data', /closed the connection without an answer/, false, null],
    ['silent', /did not answer within 0.25 s/, false, null],
    ['silent_after_data', /did not answer within 0.25 s/, false, null],
    ['garbage', /does not answer as a mail server does/, false, null],
  ]
  test.each(rows)('%s', async (mode, problem, isFinal, status) => {
    plain.mode = mode
    const sent = await email.send(config(plain), message(), meansFor({ timeoutMs: 250 }))
    expect(sent).toMatchObject({ ok: false, isFinal, status })
    expect(sent.ok || sent.problem).toMatch(problem)
    expect(sent.ok || sent.problem).toStartWith(`${here} `)
  })

  test('for one recipient: the others have it, and it is said who was refused', async () => {
    plain.mode = 'refuses_first'
    plain.commands.length = 0
    const sent = await email.send(config(plain), message(), meansFor())
    expect(sent).toMatchObject({ ok: true, answer: '250 2.0.0 taken\nRefused: ann@b.test' })
    expect(plain.mails.at(-1)!.to).toEqual(['bob@b.test'])
  })

  test('is passed over for the next address of its name', async () => {
    const resolve = async () => [{ address: '127.77.0.1', family: 4 }, ...(await toLoopback())]
    expect(await email.send(config(plain), message(), meansFor({ resolve }))).toMatchObject({ ok: true })
  })

  test('is not there', async () => {
    const gone = await createSmtpServer()
    await gone.close()
    const sent = await email.send(config(gone), message(), meansFor())
    expect(sent).toMatchObject({ ok: false, problem: `mail.test:${gone.port} refuses the connection.`, isFinal: false })
  })
})

describe('no mail server is looked for on this machine unless it is allowed', () => {
  test.each(['127.0.0.1', '::1', '0x7f.1', 'localhost', 'inside.test', '::ffff:127.0.0.1'])('%s', async (host) => {
    const before = plain.commands.length
    const sent = await email.send(config(plain, { host }), message(), meansFor({ allowLocal: false }))
    expect(sent).toMatchObject({ ok: false, isFinal: true })
    expect(plain.commands.length).toBe(before)
  })
})
