#!/usr/bin/env bun
/** The command line. The only file that acts when it is imported. */
import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { passwordCommand, passwordUsage, usersCommand } from './access/commands.ts'
import { type App, createApp } from './app.ts'
import type { AppConfig } from './app-config.ts'
import { auditBeside, auditCommand } from './audit/commands.ts'
import { backupCommand, backupUsage, restoreCommand, restoreUsage } from './backup/commands.ts'
import { accessSecrets, options, readEnvironment, secretsKeyText } from './config.ts'
import { messageOf } from './errors.ts'
import { isLoopback } from './http/guard.ts'
import { createServing, type Serving } from './serving.ts'
import { lockDataDir } from './system/lock.ts'
import { reachableUrl, readyWords } from './system/starting.ts'
import { stoppingWords } from './system/stopping.ts'
import { version } from './version.ts'

const commands: Record<string, { help: string; run(): Promise<number> }> = {
  serve: { help: 'Serve scripts, pages and API (the default)', run: serve },
  scan: { help: 'Read the scripts folder once and say what became of each script', run: scan },
  health: { help: 'Ask the running gateway whether it lives; exit code 0 or 1', run: health },
  backup: { help: `Save everything in one file: ${backupUsage}`, run: backup },
  restore: { help: `Put a backup in place: ${restoreUsage}`, run: restore },
  audit: { help: 'Prove that nobody changed the audit log: audit verify', run: audit },
  password: { help: `Give a user a new password: ${passwordUsage}`, run: password },
  users: { help: 'List the users', run: users },
  version: { help: 'Print the version', run: printVersion },
  help: { help: 'Print this', run: help },
}

const spellings: Record<string, string> = { '--help': 'help', '-h': 'help', '--version': 'version', '-v': 'version' }
const [word = 'serve'] = process.argv.slice(2)
const name = spellings[word] ?? word
try {
  const command = commands[name]
  if (!command) throw new Error(`There is no command "${name}"; there are: ${Object.keys(commands).join(', ')}.`)
  process.exitCode = await command.run()
} catch (error) {
  console.error(`scriptgateway: ${messageOf(error)}`)
  process.exit(1) // also when a part of what did start would keep the process alive
}
if (name !== 'serve') process.exit()

async function serve(): Promise<number> {
  const config = startConfig()
  const host = config.environment.host ?? options.host.default
  if (!isLoopback(host) && config.environment.auth === 'off')
    throw new Error(
      `AUTH is off and HOST is ${host}: everybody who reaches it could run code. Unset AUTH, or listen on 127.0.0.1.`,
    )
  if (!existsSync(config.scriptsDir)) console.log(`There is no folder ${config.scriptsDir} yet: it is made, and empty.`)
  const serving = createServing(config, {
    ...{ host, lock: claimDataDir, say: console.log },
    servesAgain(app, url) {
      console.log(`ScriptGateway ${version} serves ${url} again`)
      sayWhoComesIn(app, shownFor(app, host, url))
    },
    failed(error) {
      console.error(`scriptgateway: ${messageOf(error)}`)
      process.exit(1)
    },
  })
  const app = await serving.make()
  if (app.pythonProblem) console.log(app.pythonProblem)
  for (const problem of app.secretsProblems) console.log(problem)
  if (app.isolation.level === 'plain')
    console.log(['Warning: scripts are not confined on this host.', ...app.isolation.reasons].join(' '))
  const url = await app.listen(host, config.environment.port ?? options.port.default)
  console.log(`ScriptGateway ${version} serves ${url}`)
  console.log(`Scripts in ${config.scriptsDir}, data in ${config.dataDir}. Stop with Ctrl+C.`)
  const shownUrl = shownFor(app, host, url)
  sayWhoComesIn(app, shownUrl)
  closeOnSignal(serving)
  await app.ready
  console.log(readyWords(app.scriptCounts(), shownUrl))
  return 0
}

/** By which people reach it. */
function shownFor(app: App, host: string, url: string): string {
  return app.setting('base_url') ? app.baseUrl() : reachableUrl(host, url)
}

/** On a terminal only, never in a log: the link is good for whoever has it, until somebody has used it. */
function sayWhoComesIn(app: App, url: string) {
  const code = app.setupCode()
  if (app.setting('auth') === 'off')
    console.log('Access control is off (AUTH=off): everybody who reaches this address may do everything.')
  else if (code) console.log(`There is no administrator yet. Become it, once, at:\n\n  ${url}/setup#${code}\n`)
}

/** The first signal lets runs finish, a second one hurries. */
function closeOnSignal(serving: Serving) {
  let signals = 0
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      signals++
      const app = serving.app()
      console.log(signals === 1 ? stoppingWords(app.runs.counts(), app.setting('drain_sec')) : 'Stopping at once.')
      void serving.close(signals === 1 ? undefined : 0).then(() => process.exit(0))
    })
}

async function scan(): Promise<number> {
  const app = await createApp(startConfig())
  await app.ready
  for (const { filename, runtime, state, error } of app.scripts())
    console.log(`${state.padEnd(8)} ${runtime}/${filename}${error ? `: ${error}` : ''}`)
  await app.close(0)
  return (app.scriptCounts().error ?? 0) > 0 ? 1 : 0
}

async function health(): Promise<number> {
  const environment = readEnvironment()
  const port = environment.port ?? options.port.default
  try {
    const response = await fetch(`http://${addressOf(environment.host)}:${port}/health`, {
      signal: AbortSignal.timeout(5000),
    })
    console.log(await response.text())
    return response.ok ? 0 : 1
  } catch (error) {
    throw new Error(`No gateway answers on port ${port}: ${messageOf(error)}`)
  }
}

async function backup(): Promise<number> {
  return backupCommand(process.argv.slice(3), startConfig())
}

async function restore(): Promise<number> {
  return restoreCommand(process.argv.slice(3), { ...startConfig(), lock: claimDataDir })
}

function claimDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 })
  return lockDataDir(dataDir)
}

async function audit(): Promise<number> {
  return auditCommand(process.argv.slice(3), startConfig().dataDir, console.log)
}

async function password(): Promise<number> {
  const input = async () => (process.stdin.isTTY ? null : await Bun.stdin.text())
  return passwordCommand(process.argv.slice(3), {
    dataDir: startConfig().dataDir,
    input,
    say: console.log,
    openAudit: auditBeside,
  })
}

async function users(): Promise<number> {
  return usersCommand({ dataDir: startConfig().dataDir, say: console.log })
}

/** Where a gateway that listens there can be called. */
function addressOf(host = '127.0.0.1'): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

async function printVersion(): Promise<number> {
  console.log(version)
  return 0
}

async function help(): Promise<number> {
  console.log('Usage: scriptgateway [COMMAND]\n')
  for (const [command, { help }] of Object.entries(commands)) console.log(`  ${command.padEnd(8)} ${help}`)
  console.log('\nSettings come from the environment; the most used ones:\n')
  for (const key of ['port', 'data_dir', 'scripts_dir', 'timeout_min', 'base_url'] as const)
    console.log(`  ${options[key].env.padEnd(12)} ${options[key].help} Default: ${options[key].default || 'none'}`)
  return 0
}

function startConfig(): AppConfig & Required<Pick<AppConfig, 'say'>> {
  const environment = readEnvironment()
  return {
    environment,
    secretsKey: secretsKeyText(),
    secrets: accessSecrets(),
    dataDir: resolve(environment.data_dir ?? options.data_dir.default),
    scriptsDir: resolve(environment.scripts_dir ?? options.scripts_dir.default),
    say: console.log,
  }
}
