/** What scripts of `attempts.ts` try to reach: files, sockets and other processes, made once and put right after each attempt. */
import { createSocket } from 'node:dgram'
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { host, places, startProcess, writeOpen } from './harness.ts'

/** Who a script is: a user of its own, root without its rights, or the gateway's own user, which is not root. */
export type Who = 'own' | 'root' | 'same'
export const ownUid = 50_007

const { data, elsewhere, output, scripts } = places
export const target = join(elsewhere, 'target.txt')
/** Nobody but the gateway's user may read or write these. */
export const [closed, closedData] = [join(elsewhere, 'closed.txt'), join(data, 'closed.txt')]
export const setuid = join(elsewhere, 'setuid')
const name = `scriptgateway-${process.pid}`
export const [otherTemp, closedTemp] = [join(tmpdir(), `${name}.txt`), join(tmpdir(), `${name}-closed.txt`)]
export const abstractName = name
export const unixPath = join(elsewhere, 's.sock')
/** What is listened on, once `startFixture` is done. */
export const ports = { listed: 0, other: 0, udp: 0 }
/** Another run of the same script. */
export const otherRuns: Record<Who, number> = { own: 0, root: 0, same: 0 }

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nreached'

/** `stop` ends and removes everything. */
export async function startFixture() {
  process.env.SG_TEST_SECRET = 'of the gateway'
  restore()
  writeFileSync(otherTemp, 'secret', { mode: 0o644 })
  writeFileSync(closedTemp, 'secret', { mode: 0o600 })
  if (host.uid === 0) {
    copyFileSync('/usr/bin/id', setuid)
    chmodSync(setuid, 0o4755)
  } else console.warn('tests/isolation: a setuid program cannot be made without root')
  const servers: Server[] = []
  const listen = async (where: object | string) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(answer)) // a script may be gone by then
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(where as object, resolve))
    return (server.address() as { port?: number }).port ?? 0
  }
  ports.listed = await listen({ port: 0, host: '127.0.0.1' })
  ports.other = await listen({ port: 0, host: '127.0.0.1' })
  await listen({ path: unixPath })
  chmodSync(unixPath, 0o777)
  await listen({ path: `\0${abstractName}` })
  const udp = createSocket('udp4')
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  ports.udp = udp.address().port
  const sleepers = startSleepers()
  return function stop() {
    for (const server of servers) server.close()
    udp.close()
    for (const sleeper of sleepers) sleeper.stop('cancelled')
    for (const file of [otherTemp, closedTemp]) rmSync(file, { force: true })
  }
}

function startSleepers() {
  const become = {
    own: ['setpriv', '--reuid', `${ownUid}`, '--regid', `${ownUid}`, '--clear-groups'],
    root: ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all'],
    same: [],
  }
  const whos: Who[] = host.uid !== 0 || !host.setpriv ? ['same'] : host.canChangeUser ? ['own', 'root'] : ['root']
  return whos.map((who) => {
    const mark = `RUN_ID=${abstractName}-${who}`
    const sleeper = startProcess({
      ...{
        argv: [...become[who], 'sleep', '600'],
        cwd: '/',
        env: { PATH: '/usr/bin:/bin', RUN_ID: mark.slice(7) },
        mark,
      },
      ...{ timeoutMs: 600_000, graceMs: 0, outputBytesMax: 1000, onOutput() {} },
    })
    otherRuns[who] = sleeper.pid
    return sleeper
  })
}

/** Puts right what the last attempt did, and takes away what it made: the next must not fail for that. */
export function restore() {
  for (const file of readdirSync(output)) rmSync(join(output, file), { recursive: true, force: true })
  for (const file of ['new', 'new.txt']) rmSync(join(elsewhere, file), { recursive: true, force: true })
  rmSync(join(scripts, 'evil.py'), { force: true })
  rmSync(target, { force: true })
  writeOpen(target, 'as it was')
  writeOpen(join(data, 'secret.txt'), 'secret')
  for (const file of [closed, closedData]) {
    rmSync(file, { force: true })
    writeFileSync(file, 'as it was', { mode: 0o600 })
  }
}

/** What of it is no longer as it was. */
export function damage(): string[] {
  const found: string[] = []
  const look = (what: string, isRight: boolean) => isRight || found.push(what)
  for (const [file, mode] of [
    [target, 0o666],
    [closed, 0o600],
    [closedData, 0o600],
  ] as const) {
    const stat = statSync(file, { throwIfNoEntry: false })
    look(`rights of ${file}`, stat !== undefined && (stat.mode & 0o777) === mode && stat.mtimeMs > 1_000_000)
    look(`text of ${file}`, stat !== undefined && readFileSync(file, 'utf8') === 'as it was')
  }
  look('secret.txt', readFileSync(join(data, 'secret.txt'), 'utf8') === 'secret')
  for (const file of [join(scripts, 'evil.py'), join(elsewhere, 'new'), join(elsewhere, 'new.txt')])
    look(file, statSync(file, { throwIfNoEntry: false }) === undefined)
  return found
}
