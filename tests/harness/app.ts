/** A disposable real gateway: its own folders, database, scripts and port; open (AUTH=off) unless the test says otherwise. */
import { afterAll } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import type { AppConfig, AppOverrides } from '../../src/app-config.ts'
import type { Config } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import type { Run } from '../../src/runs/model.ts'
import type { Script } from '../../src/scripts/model.ts'
import { eventually, tempFolder } from './folder.ts'

export interface TestApp {
  app: App
  dataDir: string
  scriptsDir: string
  /** With the port, without a slash at the end. */
  url: string
  /** A request over a real socket. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** The answer's JSON, whatever its status. */
  json<T = Record<string, unknown>>(
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; headers: Headers; body: T }>
  /** Writes a file below scripts_repo (`python/x.py`) and waits until the gateway has seen it. Answers the script. */
  drop(path: string, content: string): Promise<Script>
  /** Waits until the run has ended; fails after `ms`. */
  finished(id: number, ms?: number): Promise<Run>
}

/** Call it at the top of a file: what it registers with afterAll must be the file's. `scripts`: path below scripts_repo → content, there before the gateway starts. */
export async function startApp(
  scripts: Record<string, string> = {},
  environment: Partial<Config> = {},
  { secrets, ...overrides }: AppOverrides & Pick<AppConfig, 'secrets'> = {},
): Promise<TestApp> {
  const folder = tempFolder()
  const [dataDir, scriptsDir] = [join(folder, 'data'), join(folder, 'scripts_repo')]
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(scriptsDir, path)), { recursive: true })
    writeFileSync(join(scriptsDir, path), content)
  }
  for (const [path, content] of Object.entries(scripts)) write(path, content)
  const app = await createApp(
    {
      environment: { kill_grace_sec: 0.2, auth: 'off', ...packagesFor(environment), ...environment },
      secrets,
      dataDir,
      scriptsDir,
    },
    { log: silentLog(), ...overrides },
  )
  afterAll(() => app.close(0))
  const url = await app.listen('127.0.0.1', 0)
  await app.ready

  const fetchPath = (path: string, init?: RequestInit) => fetch(url + path, init)
  const json = async <T>(path: string, init?: RequestInit) => {
    const response = await fetchPath(path, init)
    return { status: response.status, headers: response.headers, body: (await response.json()) as T }
  }
  const scriptAt = (path: string) => app.scripts().find(({ runtime, filename }) => path === `${runtime}/${filename}`)

  return {
    ...{ app, dataDir, scriptsDir, url, json },
    fetch: fetchPath,
    async drop(path, content) {
      const before = scriptAt(path)
      write(path, content)
      return eventually(`the gateway sees ${path}`, () => {
        const script = scriptAt(path)
        return script && script.content_hash !== before?.content_hash ? script : undefined
      })
    },
    finished: (id, ms) =>
      eventually(
        `run ${id} ends`,
        async () => {
          const { body } = await json<Run>(`/api/runs/${id}`)
          return body.finished_at === null ? undefined : body
        },
        ms,
      ),
  }
}

/** Nothing of a test leaves this machine, and nothing is installed that it does not ask for. */
const packagesFor = (environment: Partial<Config>): Partial<Config> => ({
  deps_auto_install: false,
  deps_offline: !environment.pip_index_url && !environment.npm_config_registry,
})

/** A Python script with this ARGS_MAP whose main block is `body`; `args` is what argparse made of the arguments. */
export function pythonScript(argsMap: Record<string, Record<string, unknown>>, body: string): string {
  const lines = body.split('\n').map((line) => `    ${line}`)
  return `import argparse, json, os, sys, time
ARGS_MAP = json.loads(${JSON.stringify(JSON.stringify(argsMap))})
if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP)); sys.exit(0)
    parser = argparse.ArgumentParser()
    for name, spec in ARGS_MAP.items():
        kind = {"action": "store_true"} if spec.get("action") == "store_true" else {"action": "append"} if spec.get("multiple") else {}
        parser.add_argument(spec.get("flag", "--" + name), dest=name, **kind)
    args = vars(parser.parse_args())
${lines.join('\n')}
`
}

/**
 * A Python script at `path`, and its sidecar, which tells what it takes: for a file with many scripts and gateways, which would
 * start all of them to ask. Its parameters are texts.
 */
export function toldPython(path: string, argsMap: Record<string, { type: 'str'; default?: string }>, body: string) {
  const lines = body.split('\n').map((line) => `    ${line}`)
  return {
    [path.replace(/([^/]+)\.py$/, '.$1._map.json')]: JSON.stringify(argsMap),
    [path]: `import json, os, sys, time
if __name__ == "__main__":
    args, words = dict.fromkeys(${JSON.stringify(Object.keys(argsMap))}), iter(sys.argv[1:])
    for word in words:
        flag, sign, value = word.partition("=")
        args[flag[2:]] = value if sign else next(words)
${lines.join('\n')}
`,
  }
}

/** A JavaScript script with this ARGS_MAP; \`body\` sees \`args\`, what came after the file's name. */
export function javascriptScript(argsMap: Record<string, Record<string, unknown>>, body: string): string {
  return `const ARGS_MAP = ${JSON.stringify(argsMap)}
const args = process.argv.slice(2)
if (args.includes('--_sys_get_schema')) console.log(JSON.stringify(ARGS_MAP))
else {
${body}
}
export default ARGS_MAP
`
}
