/** What a hostile script tries, at each level. A cell of the table in docs/isolation.md is a test here. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createSocket } from 'node:dgram'
import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alwaysRefused } from '../../src/isolation/syscalls.ts'
import {
  type Asked,
  host,
  levels,
  places,
  python,
  run,
  runJs,
  runPython,
  script,
  startProcess,
  writeOpen,
} from './harness.ts'

const { data, elsewhere, output, otherOutput, scripts } = places
const target = join(elsewhere, 'target.txt')
const setuid = join(elsewhere, 'setuid')
const otherTemp = join(tmpdir(), `scriptgateway-other-${process.pid}.txt`)
const abstractName = `scriptgateway-${process.pid}`
const unixPath = join(elsewhere, 's.sock')
const servers: Server[] = []
let [port, otherPort, udpPort] = [0, 0, 0]
const udp = createSocket('udp4')
/** Another run, of the same script. */
let otherRun = { pid: 0, stop() {} }

beforeAll(async () => {
  process.env.SG_TEST_SECRET = 'of the gateway'
  writeOpen(target, 'as it was')
  writeFileSync(otherTemp, 'secret', { mode: 0o644 })
  if (host.uid === 0) {
    copyFileSync('/usr/bin/id', setuid)
    chmodSync(setuid, 0o4755)
  } else console.warn('tests/isolation: a setuid program cannot be made without root')
  const listen = (where: object | string) =>
    new Promise<Server>((resolve) => {
      const server = createServer((socket) => socket.end('reached'))
      server.listen(where as object, () => resolve(server))
      servers.push(server)
    })
  const tcp = [await listen({ port: 0, host: '127.0.0.1' }), await listen({ port: 0, host: '127.0.0.1' })]
  ;[port, otherPort] = tcp.map((server) => (server.address() as { port: number }).port) as [number, number]
  await listen(unixPath)
  chmodSync(unixPath, 0o777)
  await listen(`\0${abstractName}`)
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  udpPort = udp.address().port
  const uid = host.canChangeUser ? ['setpriv', '--reuid', '50007', '--regid', '50007', '--clear-groups'] : []
  const sleeper = startProcess({
    ...{ argv: [...uid, 'sleep', '600'], cwd: '/', env: { PATH: '/usr/bin:/bin', MARK: abstractName } },
    ...{ mark: `MARK=${abstractName}`, timeoutMs: 600_000, graceMs: 0, outputBytesMax: 1000, onOutput() {} },
  })
  otherRun = { pid: sleeper.pid, stop: () => sleeper.stop('cancelled') }
})

afterAll(() => {
  for (const server of servers) server.close()
  udp.close()
  otherRun.stop()
  rmSync(otherTemp, { force: true })
})

/** Ends well only when what it tried worked; else it says what held it. */
const attempt = (body: string) => `
import ctypes, os, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
def must(answer):
    if answer < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer
def attempt():
${body.trim().replace(/^/gm, '    ')}
try:
    attempt()
    print('ESCAPED')
except BaseException as error:
    print('held:', type(error).__name__, error)
`

/** `py` gives Python text; the names of places are the literals of their paths. */
type Row = [sentence: string, body: () => string, asked?: () => Asked]
const q = JSON.stringify

const files: Row[] = [
  ['the data folder is read', () => `open(${q(join(data, 'secret.txt'))}).read()`],
  ['the data folder is listed', () => `assert 'secret.txt' in os.listdir(${q(data)})`],
  ['the output of another script is read', () => `open(${q(join(otherOutput, 'result.txt'))}).read()`],
  [
    'the data folder is read by way of a link',
    () => `os.symlink(${q(data)}, ${q(join(output, 'way'))})
open(${q(join(output, 'way/secret.txt'))}).read()`,
  ],
  ['a file that is not listed is read', () => `open(${q(target)}).read()`, () => ({ read: [] })],
  [
    'a file is read through /proc/self/root',
    () => `open('/proc/self/root' + ${q(target)}).read()`,
    () => ({ read: [] }),
  ],
  ['a folder that is not listed is listed', () => `assert os.listdir(${q(elsewhere)})`, () => ({ read: [] })],
  ["another program's temporary file is read", () => `open(${q(otherTemp)}).read()`],
  ['a file elsewhere is written', () => `open(${q(target)}, 'w').write('x')`],
  ['a file elsewhere is made', () => `open(${q(join(elsewhere, 'new.txt'))}, 'w')`],
  ['a folder elsewhere is made', () => `os.mkdir(${q(join(elsewhere, 'new'))})`],
  ['a file elsewhere is removed', () => `os.remove(${q(target)})`],
  ['a file elsewhere is cut', () => `os.truncate(${q(target)}, 0)`],
  [
    'a file elsewhere is opened to be cut',
    () => `os.open(${q(target)}, os.O_RDONLY | os.O_TRUNC)
assert os.stat(${q(target)}).st_size == 0`,
  ],
  [
    'it is written through a link',
    () => `os.symlink(${q(target)}, ${q(join(output, 'link'))})
open(${q(join(output, 'link'))}, 'w').write('x')`,
  ],
  [
    'it is written through a second name',
    () => `os.link(${q(target)}, ${q(join(output, 'name'))})
open(${q(join(output, 'name'))}, 'w').write('x')`,
  ],
  ['it is moved away', () => `os.rename(${q(target)}, ${q(join(output, 'moved'))})`],
  ['its own folder is written', () => `open(${q(join(scripts, 'evil.py'))}, 'w')`],
  [
    'its own folder is written though all may be',
    () => `open(${q(join(scripts, 'evil.py'))}, 'w')`,
    () => ({ write: true }),
  ],
  [
    'the data folder is written though all may be',
    () => `open(${q(join(data, 'secret.txt'))}, 'a')`,
    () => ({ write: true }),
  ],
  [
    'a kernel setting is written though all may be',
    () => `open('/proc/sys/kernel/hostname', 'w').write('x')`,
    () => ({ write: true }),
  ],
  [
    'a device of the kernel is found',
    () =>
      `assert any(os.path.exists('/sys/' + n) and open('/sys/' + n, 'w') for n in ['kernel/uevent_helper', 'power/state', 'kernel/profiling'])`,
    () => ({ write: true }),
  ],
  [
    'a file larger than allowed is written',
    () => `import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
open(${q(join(output, 'large'))}, 'wb').write(b'x' * (9 << 20))
assert os.stat(${q(join(output, 'large'))}).st_size > 8 << 20`,
  ],
]

/** Landlock has no word on these, a read-only mount has. */
const attributes: Row[] = [
  ["a file elsewhere's rights are changed", () => `os.chmod(${q(target)}, 0o600)`],
  ["a file elsewhere's times are changed", () => `os.utime(${q(target)}, (1, 1))`],
]

const processes: Row[] = [
  ["the gateway's environment is read", () => `assert b'SG' in open('/proc/${process.pid}/environ', 'rb').read()`],
  ["the gateway's command line is read", () => `assert b'bun' in open('/proc/${process.pid}/cmdline', 'rb').read()`],
  ["another run's command line is read", () => `assert b'sleep' in open('/proc/${otherRun.pid}/cmdline', 'rb').read()`],
  ['the gateway is signalled', () => `os.kill(${process.pid}, 0)`],
  ['another run of the same user is signalled', () => `os.kill(${otherRun.pid}, 0)`],
  [
    'the parent is signalled',
    () => `assert os.getppid() > 1
os.kill(os.getppid(), 0)`,
  ],
  ['a process is traced', () => 'must(libc.ptrace(0, 0, 0, 0))'],
  [
    "another process's memory is read",
    () => `must(libc.syscall(${process.arch === 'x64' ? 310 : 270}, ${process.pid}, 0, 0, 0, 0, 0))`,
  ],
  ['something is mounted', () => `must(libc.mount(b'none', ${q(output)}.encode(), b'tmpfs', 0, None))`],
  ['a cover is taken off', () => `must(libc.umount2(${q(data)}.encode(), 2))`],
  ['a user namespace is made', () => 'must(libc.unshare(0x10000000))'],
  [
    'a user namespace is made by clone',
    () => `must(libc.syscall(${process.arch === 'x64' ? 56 : 220}, 0x10000011, 0, 0, 0, 0)) or os._exit(0)`,
  ],
  [
    'a limit is raised',
    () => `import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))`,
  ],
  [
    'a core dump is allowed',
    () => `import resource
resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))`,
  ],
  ['it becomes root', () => 'os.setuid(0); assert os.getuid() == 0 and open("/etc/shadow").read()'],
  [
    'it keeps a right of root',
    () => `text = open('/proc/self/status').read()
caps = [line.split()[1] for line in text.splitlines() if line.startswith(('CapEff', 'CapPrm', 'CapInh', 'CapAmb'))]
assert len(caps) == 4 and any(int(mask, 16) for mask in caps)`,
  ],
  ['it may gain rights', () => `assert 'NoNewPrivs:\\t0' in open('/proc/self/status').read()`],
  ['it inherits a file', () => `assert set(os.listdir('/proc/self/fd')) - {'0', '1', '2', '3'}`],
  ["a variable of the gateway's is there", () => `os.environ['SG_TEST_SECRET']`],
  [
    'a call from another age is made',
    () => {
      const numbers = Object.values(alwaysRefused).flatMap((call) => call[process.arch === 'x64' ? 0 : 1] ?? [])
      return `import errno
for number in ${q(numbers)}:
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.EPERM: return print('call', number)
raise OSError('all are refused')`
    },
  ],
  ['io_uring is set up', () => 'must(libc.syscall(425, 1, 0))'],
]

const programs: Row[] = [
  ['a program that is not listed is started', () => `subprocess.run(['/usr/bin/id'], check=True)`, () => ({ run: [] })],
  ['a shell command is run', () => `assert os.system('true') == 0`, () => ({ run: [] })],
  [
    'a copy of a program is started',
    () => `import shutil
shutil.copy('/usr/bin/id', ${q(join(output, 'id'))})
os.chmod(${q(join(output, 'id'))}, 0o755)
subprocess.run([${q(join(output, 'id'))}], check=True)`,
    () => ({ run: [] }),
  ],
  [
    'a program without a file is started',
    () => `fd = os.memfd_create('x')
os.write(fd, open('/usr/bin/id', 'rb').read())
subprocess.run([f'/proc/self/fd/{fd}'], check=True, pass_fds=[fd])`,
    () => ({ run: [] }),
  ],
]

const nets: Row[] = [
  ['a TCP connection is made', () => `socket.create_connection(('127.0.0.1', ${port}))`, () => ({ net: [] })],
  [
    'a datagram is sent',
    () => `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', ${udpPort}))`,
    () => ({ net: [] }),
  ],
  [
    'a socket in the file system is reached',
    () => `socket.socket(socket.AF_UNIX).connect(${q(unixPath)})`,
    () => ({ net: [] }),
  ],
  [
    'an abstract socket is reached',
    () => `socket.socket(socket.AF_UNIX).connect('\\0' + ${q(abstractName)})`,
    () => ({ net: [] }),
  ],
  [
    'a port that is not listed is reached',
    () => `socket.create_connection(('127.0.0.1', ${otherPort}))`,
    () => ({ net: [port] }),
  ],
  ['a port is listened on', () => `socket.create_server(('127.0.0.1', 0))`, () => ({ net: [port] })],
  [
    'a datagram is sent beside the list',
    () => `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', ${udpPort}))`,
    () => ({ net: [port] }),
  ],
  [
    'a port is reached by MPTCP',
    () => `socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect(('127.0.0.1', ${otherPort}))`,
    () => ({ net: [port] }),
  ],
  [
    'a port is reached by fast open',
    () => `socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', ${otherPort}))`,
    () => ({ net: [port] }),
  ],
  [
    'a socket in the file system is reached beside the list',
    () => `socket.socket(socket.AF_UNIX).connect(${q(unixPath)})`,
    () => ({ net: [port] }),
  ],
  ['raw packets are seen', () => 'socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'],
]

const tables = { files, attributes, processes, programs, nets }
for (const [level, isolation] of python ? levels : [])
  for (const [kind, rows] of Object.entries(tables)) {
    if (rows === attributes && level === 'landlock without mounts') continue
    describe(`${level}, ${kind}: held when`, () => {
      test.each(rows.map(([sentence, ...rest]) => [sentence, rest] as const))('%s', async (_, [body, asked]) => {
        const { stdout, stderr } = await runPython(isolation, attempt(body()), asked?.())
        expect(`${stdout}${stderr}`).toStartWith('held:')
        expect(readFileSync(target, 'utf8')).toBe('as it was')
        expect(statSync(target).mode & 0o777).toBe(0o666)
        expect(existsSync(join(scripts, 'evil.py'))).toBe(false)
      })
    })
  }

describe.each(levels)('%s: held as well', (level, isolation) => {
  test.skipIf(!python || host.uid !== 0)('a setuid program is no other user', async () => {
    const { stdout } = await runPython(isolation, `import subprocess; subprocess.run([${q(setuid)}, '-u'])`)
    expect(stdout.trim()).toBe('50007')
  })

  test.skipIf(!python || process.arch !== 'x64')('a call of another machine ends it', async () => {
    const { signal } = await runPython(isolation, 'import ctypes; ctypes.CDLL(None).syscall(0x40000027)')
    expect(signal).toBe('SIGSYS')
  })

  test('what JavaScript tries', async () => {
    const { stdout } = await runJs(
      isolation,
      `const fs = require('node:fs')
       for (const [name, act] of Object.entries({
         read: () => fs.readFileSync(${q(join(data, 'secret.txt'))}),
         write: () => fs.writeFileSync(${q(target)}, 'x'),
         own: () => fs.writeFileSync(${q(join(scripts, 'evil.py'))}, 'x'),
         environment: () => { if (!fs.readFileSync('/proc/${process.pid}/environ').length) throw 0 },
         signal: () => process.kill(${process.pid}, 0),
       })) try { act(); console.log('ESCAPED', name) } catch {}
       try { await fetch('http://127.0.0.1:${port}'); console.log('ESCAPED fetch') } catch {}
       console.log(process.getuid())
       export default 1`,
      { net: [] },
      'ts',
    )
    expect(stdout.trim()).toBe(String(host.canChangeUser ? 50_007 : host.uid))
  })

  test('settings for Bun in the folder of the script act only when it is confined', async () => {
    const trace = join(elsewhere, 'preloaded')
    const folder = join(scripts, 'preload')
    script('preload/bunfig.toml', 'preload = ["./evil.ts"]\n')
    script('preload/evil.ts', `require('node:fs').writeFileSync(${q(trace)}, String(process.getuid()))`)
    const file = script('preload/a.js', 'console.log("ran"); module.exports = 1')
    const command = [process.execPath, 'run', '--no-install', '--no-env-file', file]
    await run(isolation, command, { confinement: { readable: [folder] } })
    await run(isolation, ['/bin/true'], { confinement: { readable: [folder] } })
    expect(existsSync(trace)).toBe(false)
  })

  test.each(['LD_PRELOAD', 'BUN_OPTIONS', 'NODE_OPTIONS', 'BUN_INSPECT', 'LD_AUDIT'])(
    'the variable %s acts on no program but its own',
    async (name) => {
      // The loader complains once in each program that obeys it.
      const { stdout, stderr } = await run(isolation, ['/usr/bin/printenv', name], { env: { [name]: '/no/such.so' } })
      expect(stdout.trim()).toBe('/no/such.so')
      const complaints = stderr.match(/cannot be (preloaded|loaded)/g)?.length ?? 0
      expect(complaints).toBeLessThanOrEqual(name.startsWith('LD_') ? 1 : 0)
      expect(level).toBeString()
    },
  )
})
