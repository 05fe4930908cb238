/** The bare loop that runs are compared with: the same command line, its output read, its end awaited. */

/** The environment a run gets, without the variables that say which run it is. */
const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', LANG: 'C.UTF-8' }

/** A session of its own, as a run has: Linux divides the processor among sessions, and a busy machine would favour one side. */
const isolated = { detached: true }

/** Answers what it printed on stdout. Throws an Error when it does not end with 0. */
export async function spawnOnce(argv: string[]): Promise<string> {
  const child = Bun.spawn(argv, { ...isolated, env: environment, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  if (child.exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${child.exitCode}: ${stderr.slice(0, 300)}`)
  return stdout
}

/** Runs `act` `count` times, `clients` at a time. */
export async function inParallel(count: number, clients: number, act: () => Promise<unknown>): Promise<void> {
  let left = count
  const client = async () => {
    while (left-- > 0) await act()
  }
  await Promise.all(Array.from({ length: clients }, client))
}
