// Confines this very process and becomes the program: `bun run launcher.js PARTS CONFIG… PROGRAM ARGUMENT…`, in / and with
// every variable of the program prefixed, so that nothing of the script acts on Bun. CONFIG is LauncherConfig (landlock.ts) as
// JSON, in PARTS pieces. Kept tiny and in plain JavaScript: it runs before every run, and only system calls do any work here.
// System calls bind the calling thread alone; execve ends the others.
import { dlopen, ptr, read } from 'bun:ffi'

const isX64 = process.arch === 'x64'
const nr = isX64
  ? {
      write: 1,
      close: 3,
      sigaction: 13,
      sigprocmask: 14,
      execve: 59,
      chdir: 80,
      getppid: 110,
      setgroups: 116,
      setresuid: 117,
      setresgid: 119,
      capset: 126,
      prctl: 157,
      mount: 165,
      exit: 231,
      openat: 257,
      mkdirat: 258,
      unshare: 272,
      prlimit: 302,
    }
  : {
      write: 64,
      close: 57,
      sigaction: 134,
      sigprocmask: 135,
      execve: 221,
      chdir: 49,
      getppid: 173,
      setgroups: 159,
      setresuid: 147,
      setresgid: 149,
      capset: 91,
      prctl: 167,
      mount: 40,
      exit: 94,
      openat: 56,
      mkdirat: 34,
      unshare: 97,
      prlimit: 261,
    }
Object.assign(nr, {
  openTree: 428,
  moveMount: 429,
  closeRange: 436,
  mountSetattr: 442,
  createRuleset: 444,
  addRule: 445,
  restrictSelf: 446,
})

const i64 = Array(7).fill('i64')
const { syscall, __errno_location: errnoAt } = openLibc()
const kept = [] // what the kernel gets addresses of must not be collected
const hold = (bytes) => {
  kept.push(bytes)
  return ptr(bytes)
}
const text = (value) => hold(Buffer.from(`${value}\0`))
const none = 0
const here = -100 // AT_FDCWD
const [EEXIST, EINVAL] = [17, 22]
const pathOnly = 0o12000000 | (isX64 ? 0o400000 : 0o100000) // O_PATH | O_CLOEXEC | O_NOFOLLOW

function openLibc() {
  const symbols = { syscall: { args: i64, returns: 'i64' }, __errno_location: { args: [], returns: 'ptr' } }
  for (const name of ['libc.so.6', `libc.musl-${isX64 ? 'x86_64' : 'aarch64'}.so.1`])
    try {
      return dlopen(name, symbols).symbols
    } catch {}
  console.error('scriptgateway: the script was not started, since no C library was found to confine it with')
  process.exit(121)
}

/** The answer, or −errno. */
function call(name, a = 0, b = 0, c = 0, d = 0, e = 0) {
  const answer = Number(syscall(nr[name], a, b, c, d, e, 0))
  return answer === -1 ? -read.i32(errnoAt(), 0) : answer
}

function must(what, name, ...args) {
  const answer = call(name, ...args)
  if (answer < 0) fail(what, -answer)
  return answer
}

/** Never goes on less confined than asked: 121 is the launcher's own exit code. */
function fail(what, errno) {
  const line = Buffer.from(`scriptgateway: the script was not started: ${what} failed (errno ${errno})\n`)
  call('write', 2, hold(line), line.length)
  call('exit', 121)
}

const count = Number(process.argv[2])
const config = JSON.parse(process.argv.slice(3, 3 + count).join(''))
const argv = process.argv.slice(3 + count)

if (config.mounts) ownMounts(config.mounts)
const ruleset = config.landlock ? makeRuleset(config.landlock) : -1
if (config.user !== undefined) dropUser(config.user)
must('refusing new privileges', 'prctl', 38, 1)
if (config.parent) {
  must('following the gateway', 'prctl', 1, 9)
  if (call('getppid') !== config.parent) fail('finding the gateway alive', 3)
}
if (config.says) console.log(config.says, call('createRuleset', 0, 0, 1))
resetSignals()
must(`entering ${config.cwd}`, 'chdir', text(config.cwd))
must('closing files', 'closeRange', 3, 0xffffffff, 4)
const environment = environmentOf()
const [file, args, env] = [text(argv[0]), strings(argv), strings(environment)]
const limits = config.limits.map(([resource, ...values]) => [resource, hold(new BigUint64Array(values.map(BigInt)))])
if (ruleset >= 0) must('Landlock', 'restrictSelf', ruleset)
if (config.seccomp) filterCalls(Buffer.from(config.seccomp, 'base64'))
// Last: Bun needs more than a script may have, and from here on nothing is allocated.
for (const [resource, values] of limits) must(`limit ${resource}`, 'prlimit', 0, resource, values)
fail(`starting ${argv[0]}`, -call('execve', file, args, env))

/** A view of the file system of its own: some folders covered, what is needed inside put back, /proc with its own processes. */
function ownMounts({ places, isReadOnly }) {
  must('a view of its own', 'unshare', 0x20000)
  must('keeping it private', 'mount', none, text('/'), none, 0x44000)
  const trees = places.map(({ from, path }) => from && must(`finding ${path}`, 'openTree', here, text(from), 0x88001))
  const readOnly = hold(new BigUint64Array([1n, 0n, 0n, 0n]))
  // Landlock has no word on rights and times of files, a read-only mount has.
  if (isReadOnly) must('closing /', 'mountSetattr', here, text('/'), 0x8000, readOnly, 32)
  const covers = []
  for (const [index, { path, from, isFile, isWritable, mode, bytes }] of places.entries()) {
    if (covers.some((cover) => path.startsWith(`${cover}/`))) makePlace(path, isFile)
    if (from) {
      if (!isWritable) must(`closing ${path}`, 'mountSetattr', trees[index], text(''), 0x9000, readOnly, 32)
      must(`showing ${path}`, 'moveMount', trees[index], text(''), here, text(path), 4)
    } else {
      covers.push(path)
      const options = `mode=${mode},size=${bytes},nr_inodes=100000`
      must(`covering ${path}`, 'mount', text('tmpfs'), text(path), text('tmpfs'), 6, text(options))
    }
  }
  for (const { path, from, isWritable } of places)
    if (!from && !isWritable) must(`closing ${path}`, 'mountSetattr', here, text(path), 0, readOnly, 32)
  must('a /proc of its own', 'mount', text('proc'), text('/proc'), text('proc'), 14, text('hidepid=4'))
}

function makePlace(path, isFile) {
  const names = path.split('/').slice(1)
  for (let depth = 1; depth < names.length + (isFile ? 0 : 1); depth++) {
    const answer = call('mkdirat', here, text(`/${names.slice(0, depth).join('/')}`), 0o755)
    if (answer < 0 && answer !== -EEXIST && answer !== -30) fail(`making ${path}`, -answer)
  }
  if (isFile) call('close', must(`making ${path}`, 'openat', here, text(path), 0o100 | 0o2000000, 0o644))
}

/** Every right the kernel knows is refused but where a rule allows it. Numbers are those of linux/landlock.h. */
function makeRuleset({ rules, holds, ports, scoped }) {
  const abi = must('asking for Landlock', 'createRuleset', 0, 0, 1)
  const known = (1 << (abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13)) - 1
  const rights = { x: 1, r: 0b1100, l: 0b1000, d: 0b1000000000000110 }
  rights.w = known & ~rights.x & ~0b1000100001000000 // all but executing, device nodes and ioctls on devices
  const handled = { files: known, programs: rights.x, nothing: 0 }[holds]
  const attr = new BigUint64Array([BigInt(handled), ports && abi >= 4 ? 3n : 0n, scoped && abi >= 6 ? 3n : 0n])
  const size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8
  const fd = must('making Landlock rules', 'createRuleset', hold(attr), size)
  for (const [kinds, paths] of rules) {
    let allowed = 0
    for (const kind of kinds) allowed |= rights[kind]
    for (const path of paths) allowPath(fd, path, allowed & handled)
  }
  if (abi >= 4)
    for (const port of ports ?? [])
      must(`allowing port ${port}`, 'addRule', fd, 2, hold(new BigUint64Array([2n, BigInt(port)])))
  return fd
}

function allowPath(fd, path, allowed) {
  const place = call('openat', here, text(path), pathOnly)
  if (place < 0) return // gone meanwhile, or not there for this user: then there is nothing to allow
  if (!addPath(fd, place, allowed) && !addPath(fd, place, allowed & 0b1100000000000111))
    fail(`allowing ${path}`, EINVAL)
  call('close', place)
}

function addPath(fd, place, allowed) {
  const rule = new DataView(new ArrayBuffer(12))
  rule.setBigUint64(0, BigInt(allowed), true)
  rule.setInt32(8, place, true)
  return allowed === 0 || call('addRule', fd, 1, hold(new Uint8Array(rule.buffer))) === 0
}

/** `id` null: the same user, without any right of root's. */
function dropUser({ id }) {
  for (let cap = 0; cap < 64; cap++) if (call('prctl', 24, cap) === -EINVAL) break
  must('dropping rights', 'prctl', 47, 4)
  must('refusing rights to root', 'prctl', 28, 0b11101111)
  if (id !== null) {
    must('leaving groups', 'setgroups')
    must('changing the group', 'setresgid', id, id, id)
    must('changing the user', 'setresuid', id, id, id)
  }
  must('dropping rights', 'capset', hold(new Uint32Array([0x20080522, 0])), hold(new Uint32Array(6)))
}

/** What Bun ignores, or whoever started it blocks, would stay so in the program. */
function resetSignals() {
  const byDefault = hold(new Uint8Array(32))
  for (const [name, signal] of [
    ['PIPE', 13],
    ['XFSZ', 25],
  ])
    must(`resetting SIG${name}`, 'sigaction', signal, byDefault, 0, 8)
  must('unblocking signals', 'sigprocmask', 2, hold(new Uint8Array(8)), 0, 8)
}

function environmentOf() {
  const prefix = '.:'
  const names = Object.keys(process.env).filter((name) => name.startsWith(prefix))
  return names.map((name) => `${name.slice(prefix.length)}=${process.env[name]}`)
}

function strings(values) {
  const addresses = new BigUint64Array(values.length + 1)
  values.forEach((value, index) => {
    addresses[index] = BigInt(text(value))
  })
  return hold(addresses)
}

function filterCalls(program) {
  const header = new BigUint64Array([BigInt(program.length / 8), BigInt(hold(program))])
  must('filtering system calls', 'prctl', 22, 2, hold(header))
}
