/** Every command that docs/backup.md shows, as it is shown, on a gateway that serves with access control. */
import { afterAll, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pythonScript } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { gatewayCommand } from '../harness/gateway.ts'

const root = resolve(import.meta.dir, '../..')
const folder = tempFolder()
const bin = join(folder, 'bin')
const token = 'an-admin-token-for-the-test-0123456789'
const password = 'violet otter lamp'
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, PORT: '0', ADMIN_TOKEN: token, TOKEN: token }

mkdirSync(join(folder, 'scripts_repo/python'), { recursive: true })
mkdirSync(bin)
writeFileSync(join(folder, 'scripts_repo/python/report.py'), pythonScript({}, 'print("ok")'))
writeFileSync(join(folder, 'passphrase.txt'), 'five random words will do\n')
writeFileSync(
  join(bin, 'scriptgateway'),
  `#!/bin/sh\nexec ${gatewayCommand()
    .map((word) => `"${word}"`)
    .join(' ')} "$@"\n`,
)
chmodSync(join(bin, 'scriptgateway'), 0o755)

const children: Bun.Subprocess[] = []
afterAll(() => children.map((child) => child.kill('SIGKILL')))

/** Answers where it serves, when its scripts are ready. */
async function serve(extra: Record<string, string> = {}): Promise<string> {
  const child = Bun.spawn([join(bin, 'scriptgateway'), 'serve'], {
    ...{ cwd: folder, env: { ...env, ...extra }, stdout: 'pipe', stderr: 'pipe' },
  })
  children.push(child)
  const reader = child.stdout.getReader()
  let said = ''
  await eventually(
    'it serves',
    async () => {
      const { value, done } = await reader.read()
      said += new TextDecoder().decode(value)
      if (done) throw new Error(`It ended: ${said}${await new Response(child.stderr).text()}`)
      return said.includes(' ready')
    },
    20_000,
  )
  return /http:\/\/localhost:(\d+)/.exec(said)?.[0] ?? ''
}

async function run(command: string): Promise<{ code: number; said: string }> {
  const child = Bun.spawn(['bash', '-c', command], { cwd: folder, env, stdout: 'pipe', stderr: 'pipe' })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, said: out + err }
}

const blocks = [...readFileSync(join(root, 'docs/backup.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
const commands = blocks.flatMap(([, text = '']) => text.trim().split('\n'))
const results: Record<string, string> = {}

test('the commands of docs/backup.md do what they say, and who had a password signs in to what was restored', async () => {
  const url = await serve()
  const api = (path: string, body: unknown, base = url) =>
    fetch(base + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    })
  const made = await api('/api/users', { name: 'anna', role: 'admin', password })
  expect(made.status).toBe(201)
  expect(commands.length).toBeGreaterThan(7)
  for (const command of commands) {
    const { code, said } = await run(command.replaceAll('localhost:8001', url.slice('http://'.length)))
    if (code !== 0) throw new Error(`${command}\nended with ${code}:\n${said}`)
    results[command] = said
  }
  const saidOf = (part: string) => Object.entries(results).find(([command]) => command.includes(part))?.[1]
  expect(saidOf('backup nightly')).toContain('nightly.tar.gz.age: ')
  expect(saidOf('--force')).toContain('What was there before is in')
  expect(saidOf('audit verify')).toContain('The audit log is whole')
  expect(saidOf('scripts/import')).toContain('"files":["python/')
  expect(JSON.parse(saidOf('audit/verify') ?? '')).toMatchObject({ ok: true })
  const names = readdirSync(folder)
  expect(names.filter((name) => /^scriptgateway-\d{8}-\d{4}\.tar\.gz(\.age)?$/.test(name)).length).toBe(2)
  expect(existsSync(join(folder, 'report.scriptgateway.tar.gz'))).toBeTrue()

  const restored = await serve({ DATA_DIR: 'restored', SCRIPTS_DIR: 'restored-scripts', ADMIN_TOKEN: '' })
  const signIn = (word: string) =>
    fetch(`${restored}/api/sign-in`, {
      method: 'POST',
      body: JSON.stringify({ name: 'anna', password: word }),
      headers: { 'content-type': 'application/json', origin: restored },
    })
  expect((await signIn('another password')).status).toBe(401)
  const signedIn = await signIn(password)
  expect(signedIn.status).toBe(200)
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const scripts = await (await fetch(`${restored}/api/scripts`, { headers: { cookie } })).json()
  expect(scripts).toMatchObject({ total: 1, items: [{ slug: 'report', state: 'active' }] })
}, 90_000)
