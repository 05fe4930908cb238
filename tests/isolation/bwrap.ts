/** Where bubblewrap is: installed, or unpacked from the distribution's package without installing it. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Over everything that is fetched: a network that answers nobody must not hold the tests. */
const timeoutMs = 15_000
/** Files of tests ask one after the other; a failure is not repeated by each. */
const askAgainMs = 600_000

/**
 * `cache`: a folder that stays; nothing is written elsewhere. null, with the reason on the console, where there is none.
 * `installed`: what is on PATH.
 */
export async function findBwrap(cache: string, installed = Bun.which('bwrap')): Promise<string | null> {
  if (installed) return installed
  const folder = join(cache, 'bubblewrap')
  const program = join(folder, 'usr/bin/bwrap')
  if (!existsSync(program)) await unpack(folder)
  if (existsSync(program)) return program
  console.warn('tests/isolation: bubblewrap is not installed and cannot be fetched, so that level is not tried')
  return null
}

async function unpack(folder: string) {
  const failed = join(folder, 'failed')
  const failedAt = statSync(failed, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (Date.now() - failedAt < askAgainMs) return
  // Another process may be at the same.
  const own = join(folder, `${process.pid}`)
  mkdirSync(own, { recursive: true })
  try {
    if (await run(['apt-get', ...aptOptions(own), 'download', 'bubblewrap'], own)) {
      const file = readdirSync(own).find((name) => name.endsWith('.deb'))
      if (file && (await run(['dpkg-deb', '-x', file, folder], own))) return
    }
    writeFileSync(failed, '')
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

/** No caches and logs of the system's, no other user, and an end when nobody answers. */
const aptOptions = (dir: string) => [
  ...['-o', `Dir::Cache=${dir}`, '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='],
  ...['-o', `Dir::Log=${dir}`, '-o', 'APT::Sandbox::User=', '-o', 'Acquire::Retries=0'],
  ...['-o', `Acquire::http::Timeout=${timeoutMs / 3000}`, '-o', `Acquire::https::Timeout=${timeoutMs / 3000}`],
]

/** `timeout` ends its whole group: apt leaves its fetching to programs of their own. */
async function run(argv: string[], cwd: string): Promise<boolean> {
  if (!Bun.which('timeout') || !Bun.which(argv[0]!)) return false
  const bounded = ['timeout', '--signal=KILL', String(timeoutMs / 1000), ...argv]
  const child = Bun.spawn(bounded, { cwd, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' })
  return (await child.exited) === 0
}
