/** Where bubblewrap is: installed, or unpacked from the distribution's package without installing it. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** `cache`: a folder that stays. null, with the reason on the console, where there is none. */
export async function findBwrap(cache: string): Promise<string | null> {
  const installed = Bun.which('bwrap')
  if (installed) return installed
  const folder = join(cache, 'bubblewrap')
  const program = join(folder, 'usr/bin/bwrap')
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  if ((await run(['apt-get', 'download', 'bubblewrap'], folder)) === 0) {
    const file = readdirSync(folder).find((name) => name.endsWith('.deb'))
    if (file) await run(['dpkg', '-x', file, '.'], folder)
  }
  if (existsSync(program)) return program
  console.warn('tests/isolation: bubblewrap is not installed and cannot be fetched, so that level is not tried')
  return null
}

const timeoutMs = 20_000

async function run(argv: string[], cwd: string): Promise<number | null> {
  if (!Bun.which(argv[0]!)) return null
  const child = Bun.spawn(argv, { cwd, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore', timeout: timeoutMs })
  return await child.exited
}
