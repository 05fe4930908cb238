// The one way in on a machine that has only Node and npm: installs what is missing (Bun included), then hands over to Bun.
//   node bootstrap.mjs start [command of the gateway; without one it serves] | test [arguments of bun test] | check | run FILE … | install | bundle
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const [verb = 'start', ...rest] = process.argv.slice(2)
const bun = join(root, 'node_modules', 'bun', 'bin', 'bun.exe') // the npm package gives it this name on every system

/** Runs a program to its end and answers its exit code; ends this process when the program cannot be started. */
function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (done.error) {
    console.error(`Cannot run ${command}: ${done.error.message}`)
    process.exit(1)
  }
  return done.status ?? 1
}

const stamp = join(root, 'node_modules', '.package-lock.json') // npm's own record of the last install

/** True when what is installed is what the lock file names: a marker of ours would lie after `npm install PACKAGE`. */
function isInstalled(withDev) {
  if (!existsSync(stamp) || statSync(stamp).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs) return false
  return !withDev || existsSync(join(root, 'node_modules', 'playwright-core'))
}

function bunWorks() {
  return spawnSync(bun, ['--version'], { stdio: 'ignore' }).status === 0
}

function install(withDev) {
  console.error(`Installing what package-lock.json names (${withDev ? 'with' : 'without'} development tools) …`)
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // Not `npm ci`: it refuses a lock without every system's optional binaries, which not every registry has.
  const quiet = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  const code = run(npm, ['install', ...(withDev ? [] : ['--omit=dev']), ...quiet])
  if (code !== 0) {
    console.error('npm could not install the packages; see its message above.')
    process.exit(code)
  }
  utimesSync(stamp, new Date(), new Date()) // npm leaves it alone when there was nothing to do
}

const withDev = verb === 'test' || verb === 'check'
if (!isInstalled(withDev)) install(withDev)
// npm may be set to run no install scripts; Bun's one only puts its program in place.
if (!bunWorks()) run(process.execPath, [join('node_modules', 'bun', 'install.js')])
if (!bunWorks()) {
  console.error('Bun is installed but does not start on this machine; try: npm ci')
  process.exit(1)
}

/** Runs a program to its end without waiting here; answers its exit code and, unless `stdio` says otherwise, what it said. */
function runBeside(command, args, options = {}) {
  return new Promise((resolve) => {
    let said = ''
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (said += text))
    child.on('error', (error) => resolve({ code: 1, said: `Cannot run ${command}: ${error.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? 1, said }))
  })
}

/** Type check, lint and format check, and the scanner for unescaped values in JSX, one after another. */
async function check() {
  const tool = (...path) => join(root, 'node_modules', ...path)
  const checks = [
    ['types', tool('typescript7', 'bin', 'tsc'), ['--noEmit', '--singleThreaded']],
    ['lint and format', tool('@biomejs', 'biome', 'bin', 'biome'), ['ci', '--colors=off', '.']],
    ['escaping in JSX', tool('@kitajs', 'ts-html-plugin', 'dist', 'cli.js'), []],
  ]
  const done = []
  for (const [name, file, args] of checks) done.push({ name, ...(await runBeside(process.execPath, [file, ...args])) })
  return done
}

/** Says what the checks came to. Answers the number of failures. */
function tellChecks(checks) {
  for (const { name, code, said } of checks) {
    process.stderr.write(said)
    console.error(`check: ${name} ${code === 0 ? 'ok' : 'FAILED'}`)
  }
  return checks.filter(({ code }) => code !== 0).length
}

/** PATH with Python itself before a version manager's wrapper, which would cost each of some hundred gateways a tenth of a second. */
function pathWithPython() {
  const { PATH = '' } = process.env
  const asked = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' })
  const folder = dirname(asked.stdout?.trim() || '.')
  return folder === '.' || PATH.split(delimiter).includes(folder) ? PATH : folder + delimiter + PATH
}

/**
 * The executable, made beside the suite: tests that start the gateway as a process take it as soon as it is there
 * (tests/harness/gateway.ts), and one of them is about it.
 */
async function buildForTests(outfile) {
  const made = await runBeside(bun, ['build.ts', `${outfile}.new`, '--quick'])
  if (made.code === 0) renameSync(`${outfile}.new`, outfile)
  return { name: 'build', ...made, said: made.code === 0 ? '' : made.said }
}

/** Runs the checks and a build beside the suite, and closes with the line that CI reads, made from the totals that `bun test` prints on stderr. */
async function test() {
  const report = join(root, 'node_modules', '.junit.xml')
  rmSync(report, { force: true }) // a run that writes none must not be told by the last one's
  const reporting = ['--reporter=junit', `--reporter-outfile=${report}`]
  // Three at once: half of the tests wait for processes and browsers most of the time. With its modules loaded anew for
  // each file, a tenth of all the work would be that.
  const suite = ['test', '--timeout=30000', '--parallel=3', '--no-isolate', ...reporting, ...rest]
  const isWhole = rest.length === 0
  const built = isWhole ? join(root, 'node_modules', '.gateway-for-tests') : undefined
  if (built) rmSync(built, { force: true }) // before any test looks
  const env = { ...process.env, NO_COLOR: '1', PATH: pathWithPython(), ...(built && { BUILT_GATEWAY: built }) }
  const beside = async () => [...(built ? [await buildForTests(built)] : []), ...(await check())]
  const [{ code, said }, checks] = await Promise.all([runBeside(bun, suite, { stdio: 'inherit', env }), beside()])
  process.stderr.write(said)
  const failures = tellChecks(checks)
  const totals = existsSync(report) ? /<testsuites [^>]*>/.exec(readFileSync(report, 'utf8'))?.[0] : undefined
  const total = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(totals ?? '')?.[1] ?? 0)
  const failed = total('failures') + failures
  const passed = total('tests') - total('failures') - total('skipped')
  const broken = code !== 0 && failed === 0 // a file that does not load fails the run, yet counts as no test
  console.log(
    `${passed} passed, ${failed + (broken ? 1 : 0)} failed${total('skipped') ? `, ${total('skipped')} skipped` : ''}`,
  )
  return code !== 0 || failures > 0 || passed === 0 ? 1 : 0
}

/** Changes with every file that the bundle is made from, and with the packages. */
function fingerprint() {
  const hash = createHash('sha256')
  const add = (path) => {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  const addAll = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) addAll(join(folder, entry.name))
      else if (entry.isFile()) add(join(folder, entry.name))
  }
  for (const folder of ['src', 'views', 'public']) addAll(join(root, folder))
  for (const name of ['build.ts', 'package.json', 'tsconfig.json']) add(join(root, name))
  add(stamp)
  return hash.digest('hex').slice(0, 16)
}

/** By the process that it is named after; one that was ended meanwhile has left it. */
function isBeingMade(name) {
  const pid = Number(name.split('.')[2] ?? 0)
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM' // somebody else's
  }
}

/** The gateway as one module, made anew when a file has changed: it starts sooner than from its sources, and needs less memory. */
function bundle() {
  const packages = join(root, 'node_modules')
  const folder = join(packages, `.bundle-${fingerprint()}`)
  const file = join(folder, 'main.js')
  if (existsSync(file)) return file
  const fresh = `${folder}.${process.pid}`
  const made = spawnSync(bun, ['build.ts', '--bundle', fresh], { cwd: root, encoding: 'utf8' })
  try {
    const said = made.stderr?.trim() ?? ''
    if (made.status !== 0)
      throw new Error(/^error: .*/m.exec(said)?.[0] ?? (said || made.error?.message || `exit code ${made.status}`))
    const isOld = (name) => name.startsWith('.bundle-') && join(packages, name) !== folder && !isBeingMade(name)
    // Whoever runs one has read all of it.
    for (const name of readdirSync(packages).filter(isOld))
      rmSync(join(packages, name), { recursive: true, force: true })
    renameSync(fresh, folder)
    return file
  } catch (error) {
    if (existsSync(file)) return file // another start was quicker
    console.error(`Starts from its sources, which takes longer: no bundle could be made. ${error.message}`)
    return join(root, 'src', 'main.ts')
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Runs the gateway or a command of it, and passes the signals on: npm and process managers signal this process, which would orphan it. */
function start() {
  const gateway = spawn(bun, [bundle(), ...rest], { cwd: root, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => gateway.kill(signal))
  return new Promise((resolve) => gateway.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0))))
}

const verbs = {
  start,
  run: () => run(bun, rest),
  install: () => 0, // all of it has happened above
  bundle: () => {
    console.log(bundle())
    return 0
  },
  check: async () => (tellChecks(await check()) === 0 ? 0 : 1),
  test,
}
if (!verbs[verb]) {
  console.error(`Unknown command "${verb}"; there are: ${Object.keys(verbs).join(', ')}`)
  process.exit(2)
}
process.exit(await verbs[verb]())
