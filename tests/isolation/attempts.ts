/** What a hostile script tries, by the lines of the table in docs/isolation.md. */
import { join } from 'node:path'
import { alwaysRefused } from '../../src/isolation/syscalls.ts'
import {
  abstractName,
  closed,
  closedData,
  closedTemp,
  otherTemp,
  ports,
  target,
  unixPath,
  type Who,
} from './fixture.ts'
import { type Asked, places } from './harness.ts'

const { data, elsewhere, output, otherOutput, scripts } = places

/** Who succeeds where nothing confines scripts (`plain`); `host`: if the machine lets anybody do that. */
export type AtPlain = Partial<Record<Who, 'yes' | 'host'>>
export const everybody: AtPlain = { own: 'yes', root: 'yes', same: 'yes' }
const nobody: AtPlain = {}
const gatewaysUser: AtPlain = { root: 'yes', same: 'yes' }
const anybodyOnSomeHosts: AtPlain = { own: 'host', root: 'host', same: 'host' }

/** `body` is Python that ends well only when it worked, given the process of another run of the same script. */
export type Attempt = [sentence: string, body: (otherRun: number) => string, asked?: () => Asked, atPlain?: AtPlain]

const withLibc = `import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def must(answer):
    if answer < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer`

/** Ends well only when what it tried worked; else it says what held it. Some five hundred of them load only what they need. */
export const attempt = (body: string) => `
import ${['os', 'sys', ...['ctypes', 'socket', 'subprocess'].filter((name) => body.includes(name))].join(', ')}
${/\b(libc|must)\b/.test(body) ? withLibc : ''}
def attempt():
${body.trim().replace(/^/gm, '    ')}
try:
    attempt()
    print('ESCAPED')
except BaseException as error:
    print('held:', type(error).__name__, error)
`

const q = JSON.stringify
const isX64 = process.arch === 'x64'
const nothing = () => ({})
const readNothing = () => ({ read: [] })
const writeAll = () => ({ write: true as const })
const noNet = () => ({ net: [] })
const onePort = () => ({ net: [ports.listed] })
const noPrograms = () => ({ run: [] })

/** The permission is looked at before the address, which is nobody's. */
const readMemory = (pid: number) => `own = ctypes.create_string_buffer(8)
near, far = (ctypes.c_size_t * 2)(ctypes.addressof(own), 8), (ctypes.c_size_t * 2)(4096, 8)
if libc.syscall(${isX64 ? 310 : 270}, ${pid}, near, 1, far, 1, 0) < 0 and ctypes.get_errno() != 14: must(-1)`

export const attempts: Record<string, Attempt[]> = {
  "read the data folder or other scripts' outputs, directly or by a link": [
    ['the data folder is read', () => `open(${q(join(data, 'secret.txt'))}).read()`],
    ['the data folder is listed', () => `assert 'secret.txt' in os.listdir(${q(data)})`],
    ['the output of another script is read', () => `open(${q(join(otherOutput, 'result.txt'))}).read()`],
    [
      'the data folder is read by way of a link',
      () => `os.symlink(${q(data)}, ${q(join(output, 'way'))})
open(${q(join(output, 'way/secret.txt'))}).read()`,
    ],
    ['what others may not read is read', () => `open(${q(closedData)}).read()`, nothing, gatewaysUser],
  ],
  'read what is not listed, also through `/proc/self/root`': [
    ['a file that is not listed is read', () => `open(${q(target)}).read()`, readNothing],
    ['a file is read through /proc/self/root', () => `open('/proc/self/root' + ${q(target)}).read()`, readNothing],
    ['a folder that is not listed is listed', () => `assert os.listdir(${q(elsewhere)})`, readNothing],
  ],
  'write, make, remove, move, cut elsewhere; through a link or second name': [
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
    ['what others may not write is written', () => `open(${q(closed)}, 'w')`, nothing, gatewaysUser],
  ],
  'change rights or times of files elsewhere': [
    ["a file elsewhere's rights are changed", () => `os.chmod(${q(target)}, 0o600)`, nothing, gatewaysUser],
    ["a file elsewhere's times are changed", () => `os.utime(${q(target)}, (1, 1))`, nothing, gatewaysUser],
  ],
  'write its own folder, or the data folder with `write: true`': [
    ['its own folder is written', () => `open(${q(join(scripts, 'evil.py'))}, 'w')`],
    ['its own folder is written though all may be', () => `open(${q(join(scripts, 'evil.py'))}, 'w')`, writeAll],
    ['the data folder is written though all may be', () => `open(${q(join(data, 'secret.txt'))}, 'a')`, writeAll],
    ['what others may not write of it is written', () => `open(${q(closedData)}, 'a')`, writeAll, gatewaysUser],
  ],
  "change the kernel's settings in `/proc/sys` and `/sys`": [
    [
      'a setting is written', // as it is: the attempt must not harm this machine
      () => `name = open('/proc/sys/kernel/hostname').read()
open('/proc/sys/kernel/hostname', 'w').write(name)`,
      writeAll,
      { root: 'host' },
    ],
    [
      'a device of the kernel is found',
      () => `names = ['kernel/uevent_helper', 'power/state', 'kernel/profiling', 'kernel/mm/ksm/run']
assert any(os.path.exists('/sys/' + name) and open('/sys/' + name, 'r+') for name in names)`,
      writeAll,
      { root: 'host' },
    ],
  ],
  "read other programs' files in `/tmp`": [
    ["another program's temporary file is read", () => `open(${q(otherTemp)}).read()`],
    ['one that others may not read is read', () => `open(${q(closedTemp)}).read()`, nothing, gatewaysUser],
  ],
  'read the environment or command line of the gateway or another run': [
    [
      "the gateway's environment is read",
      () => `assert open('/proc/${process.pid}/environ', 'rb').read()`,
      nothing,
      { same: 'yes' },
    ],
    ["the gateway's command line is read", () => `assert b'bun' in open('/proc/${process.pid}/cmdline', 'rb').read()`],
    [
      "another run's command line is read",
      (otherRun) => `assert b'sleep' in open('/proc/${otherRun}/cmdline', 'rb').read()`,
    ],
    [
      "another run's environment is read",
      (otherRun) => `assert b'RUN_ID' in open('/proc/${otherRun}/environ', 'rb').read()`,
    ],
  ],
  'signal the gateway or another run': [
    ['the gateway is signalled', () => `os.kill(${process.pid}, 0)`, nothing, gatewaysUser],
    ['another run of the same user is signalled', (otherRun) => `os.kill(${otherRun}, 0)`],
    [
      'the parent is signalled',
      () => `assert os.getppid() > 1
os.kill(os.getppid(), 0)`,
      nothing,
      gatewaysUser,
    ],
  ],
  'trace a process, read its memory': [
    ['a process is traced', () => 'must(libc.ptrace(0, 0, 0, 0))', nothing, anybodyOnSomeHosts],
    ["another run's memory is read", readMemory, nothing, anybodyOnSomeHosts],
    ["the gateway's memory is read", () => readMemory(process.pid), nothing, { same: 'host' }],
  ],
  'mount, take a cover off': [
    [
      'something is mounted',
      () => `must(libc.mount(b'none', ${q(output)}.encode(), b'tmpfs', 0, None))`,
      nothing,
      nobody,
    ],
    ['a cover is taken off', () => `must(libc.umount2(${q(data)}.encode(), 2))`, nothing, nobody],
  ],
  'make a namespace (`unshare`, `clone`)': [
    ['a user namespace is made', () => 'must(libc.unshare(0x10000000))', nothing, anybodyOnSomeHosts],
    [
      'a user namespace is made by clone',
      () => `must(libc.syscall(${isX64 ? 56 : 220}, 0x10000011, 0, 0, 0, 0)) or os._exit(0)`,
      nothing,
      anybodyOnSomeHosts,
    ],
  ],
  'call what widens the kernel: `bpf`, `io_uring`, `keyctl`, `userfaultfd` and the like': [
    [
      'one of the calls that are refused is answered',
      () => {
        const numbers = Object.values(alwaysRefused).flatMap((call) => call[isX64 ? 0 : 1] ?? [])
        return `import errno
for number in ${q(numbers)}:
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.EPERM: return
raise OSError('all are refused')`
      },
    ],
    [
      'io_uring is set up',
      () => 'must(libc.syscall(425, 1, ctypes.create_string_buffer(120)))',
      nothing,
      anybodyOnSomeHosts,
    ],
  ],
  "become root, use a setuid program, keep a right of root's": [
    ['it becomes root', () => 'os.setuid(0); assert os.getuid() == 0', nothing, { root: 'yes' }],
    [
      'it keeps a right of root',
      () => `text = open('/proc/self/status').read()
caps = [line.split()[1] for line in text.splitlines() if line.startswith(('CapEff', 'CapPrm', 'CapInh', 'CapAmb'))]
assert len(caps) == 4 and any(int(mask, 16) for mask in caps)`,
      nothing,
      nobody,
    ],
    ['it may gain rights', () => `assert 'NoNewPrivs:\\t0' in open('/proc/self/status').read()`, nothing, nobody],
  ],
  'call the kernel as another machine (x32)': [
    [
      'such a call is answered',
      () => `pid = os.fork()
if pid == 0:
    libc.syscall(0x40000027)
    os._exit(0)
assert not os.WIFSIGNALED(os.waitpid(pid, 0)[1])${isX64 ? '' : '\nraise OSError("there is none")'}`,
      nothing,
      isX64 ? everybody : anybodyOnSomeHosts,
    ],
  ],
  'connect with `net: []`: TCP, UDP, socket files, abstract sockets': [
    ['a TCP connection is made', () => `socket.create_connection(('127.0.0.1', ${ports.other}))`, noNet],
    [
      'a datagram is sent',
      () => `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', ${ports.udp}))`,
      noNet,
    ],
    ['a socket in the file system is reached', () => `socket.socket(socket.AF_UNIX).connect(${q(unixPath)})`, noNet],
    ['an abstract socket is reached', () => `socket.socket(socket.AF_UNIX).connect('\\0' + ${q(abstractName)})`, noNet],
  ],
  'reach a port that is not listed; by UDP, MPTCP, fast open; listen': [
    ['a port that is not listed is reached', () => `socket.create_connection(('127.0.0.1', ${ports.other}))`, onePort],
    ['a port is listened on', () => `socket.create_server(('127.0.0.1', 0))`, onePort],
    [
      'a datagram is sent beside the list',
      () => `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', ${ports.udp}))`,
      onePort,
    ],
    [
      'a port is reached by MPTCP',
      () => `socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect(('127.0.0.1', ${ports.other}))`,
      onePort,
      anybodyOnSomeHosts,
    ],
    [
      'a port is reached by fast open',
      () => `socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', ${ports.other}))`,
      onePort,
      anybodyOnSomeHosts,
    ],
    [
      'a socket in the file system is reached beside the list',
      () => `socket.socket(socket.AF_UNIX).connect(${q(unixPath)})`,
      onePort,
    ],
  ],
  'see raw packets': [['they are seen', () => 'socket.socket(socket.AF_PACKET, socket.SOCK_RAW)', nothing, nobody]],
  'start a program that is not listed, its copy, or one without a file': [
    ['a program that is not listed is started', () => `subprocess.run(['/usr/bin/id'], check=True)`, noPrograms],
    ['a shell command is run', () => `assert os.system('true') == 0`, noPrograms],
    [
      'a copy of a program is started',
      () => `import shutil
shutil.copy('/usr/bin/id', ${q(join(output, 'id'))})
os.chmod(${q(join(output, 'id'))}, 0o755)
subprocess.run([${q(join(output, 'id'))}], check=True)`,
      noPrograms,
    ],
    [
      'a program without a file is started',
      () => `fd = os.memfd_create('x')
os.write(fd, open('/usr/bin/id', 'rb').read())
subprocess.run([f'/proc/self/fd/{fd}'], check=True, pass_fds=[fd])`,
      noPrograms,
    ],
  ],
  'raise a limit, dump its memory': [
    [
      'a limit is raised',
      () => `import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))`,
      nothing,
      nobody,
    ],
    [
      'a core dump is allowed',
      () => `import resource
resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))`,
      nothing,
      nobody,
    ],
    [
      'a file larger than allowed is written',
      () => `import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
open(${q(join(output, 'large'))}, 'wb').write(b'x' * (9 << 20))
assert os.stat(${q(join(output, 'large'))}).st_size > 8 << 20`,
      nothing,
      nobody,
    ],
  ],
  "find an open file or a variable of the gateway's": [
    ['a file is inherited', () => `assert set(os.listdir('/proc/self/fd')) - {'0', '1', '2', '3'}`, nothing, nobody],
    ["a variable of the gateway's is there", () => `os.environ['SG_TEST_SECRET']`, nothing, nobody],
  ],
}
