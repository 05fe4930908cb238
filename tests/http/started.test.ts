/** What a script finds when it is started, and what of it nobody may find afterwards. */
import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { javascriptScript, pythonScript, startApp } from '../harness/app.ts'
import { eventually } from '../harness/folder.ts'
import { type Answer, post } from './formats.ts'
import { leftovers } from './leftovers.ts'

const own = { ADMIN_TOKEN: 'the-gateways-own-secret', FROM_OPERATOR: 'given on purpose', LC_ALL: 'C' }
Object.assign(process.env, own)
afterAll(() => {
  for (const name of Object.keys(own)) delete process.env[name]
})

const secretParams = {
  token: { type: 'str', secret: true, default: 'fallback-secret-value' },
  pin: { type: 'int', secret: true },
  doc: { type: 'json', secret: true },
  name: { type: 'str' },
}
const gateway = await startApp(
  {
    'python/tools/around.py': pythonScript(
      {},
      `print(json.dumps({"env": dict(os.environ), "cwd": os.getcwd(), "argv": sys.argv, "stdin": sys.stdin.read(),
  "encodings": [sys.stdout.encoding, sys.getfilesystemencoding(), open(os.devnull, "w").encoding.lower()],
  "session": os.getsid(0) in (os.getpid(), 0), "text": "żółw 🐢"}, ensure_ascii=False))`,
    ),
    'js/tools/around.ts': `import { readFileSync } from 'node:fs'
${javascriptScript(
  {},
  `console.log(JSON.stringify({ env: process.env, cwd: process.cwd(), stdin: readFileSync(0, 'utf8'), text: 'żółw 🐢',
  script: process.argv[1], node: typeof Bun }))`,
)}`,
    'python/leaky.py': pythonScript(
      secretParams,
      `print("stdout", args["token"], args["pin"], args["doc"], args["name"])
sys.stderr.write("stderr %s\\n" % args["token"])
print(json.dumps({"token": args["token"], "inside": "x" + str(args["token"]) + "y", str(args["token"]): int(args["pin"] or 0)}))
sys.exit(3 if args["name"] == "fail" else 0)`,
    ),
    'python/escaped.py': pythonScript(
      { token: { type: 'str', secret: true } },
      'print("as python:", json.dumps(args["token"]))\nprint("as text:", args["token"])',
    ),
    'python/noisy.py': pythonScript(
      { token: { type: 'str', secret: true } },
      'sys.stderr.write("#" * 100 + args["token"] + "." * (4096 - 10)); sys.exit(1)',
    ),
    'python/wide.py': pythonScript(
      { token: { type: 'str', secret: true } },
      'print("#" * (16384 - 8) + args["token"] + "#" * 16384)',
    ),
  },
  { script_env_names: ['FROM_OPERATOR'], base_url: 'https://scripts.example.com/' },
)
const scriptsDir = realpathSync(gateway.scriptsDir)
const scriptOf = (filename: string) => gateway.app.scripts().find((script) => script.filename === filename)!

interface Around {
  env: Record<string, string>
  cwd: string
  argv: string[]
  stdin: string
  encodings: string[]
  session: boolean
  text: string
}

async function around(filename: string) {
  const script = scriptOf(filename)
  const { status, body } = await post(gateway, script.slug, {})
  expect(status).toBe(200)
  return { ...(body.data as Around), script, body }
}

describe('surroundings', () => {
  test.each([
    ['tools/around.py', 'python'],
    ['tools/around.ts', 'js'],
  ])('%s has the environment of the contract and nothing else', async (filename, folder) => {
    const { env, script, body } = await around(filename)
    const dir = join(scriptsDir, folder, 'tools')
    // bwrap says where it has gone to.
    const { OUTPUT_DIR, TMPDIR, BUN_BE_BUN: _, PWD: __, ...rest } = env
    expect(rest).toEqual({
      PATH: process.env.PATH!,
      HOME: process.env.HOME!,
      ...(process.env.TZ ? { TZ: process.env.TZ } : {}),
      LANG: 'C.UTF-8',
      FROM_OPERATOR: 'given on purpose',
      SCRIPT_ID: String(script.id),
      SCRIPT_PATH: join(scriptsDir, folder, filename),
      SCRIPT_DIR: dir,
      RUN_ID: String(body.run_id),
      BASE_URL: 'https://scripts.example.com',
    })
    expect(OUTPUT_DIR).toStartWith(join(gateway.dataDir, 'static', script.slug, 'resources/'))
    expect(TMPDIR).toStartWith(join(gateway.dataDir, 'tmp/'))
  })

  test.each(['tools/around.py', 'tools/around.ts'])('%s: its own folder, no input, UTF-8', async (filename) => {
    const { cwd, stdin, text } = await around(filename)
    expect([cwd, stdin, text]).toEqual([
      join(scriptsDir, filename.endsWith('.py') ? 'python' : 'js', 'tools'),
      '',
      'żółw 🐢',
    ])
  })

  test('Python: argv, encodings, a session of its own', async () => {
    const { argv, encodings, session } = await around('tools/around.py')
    expect(argv).toEqual([join(scriptsDir, 'python/tools/around.py')])
    expect([encodings, session]).toEqual([['utf-8', 'utf-8', 'utf-8'], true])
  })
})

describe('secrets', () => {
  const token = 'S3cr3t-tok3n-of-somebody'
  const secrets = { token, pin: 98_765_432, doc: { key: 'inner-secret-0815' } }

  /** Every byte the gateway keeps: database with its journal, logs, results. */
  function keptBytes(): string {
    const kept = readdirSync(gateway.dataDir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    return kept.map((one) => readFileSync(join(one.parentPath, one.name), 'latin1')).join('\n')
  }

  test.each(['ok', 'fail'])('a run that ends with %s leaves none of them anywhere', async (name) => {
    const { status, body } = await post(gateway, scriptOf('leaky.py').slug, { ...secrets, name })
    expect(status).toBe(name === 'ok' ? 200 : 500)
    const addresses = [
      `/api/runs/${body.run_id}`,
      `/api/runs/${body.run_id}/logs`,
      `/api/runs/${body.run_id}/events`,
      '/api/runs',
      '/openapi.json',
      '/scripts-openapi.json',
      `/executions/${body.run_id}`,
    ]
    const answers = await Promise.all(addresses.map(async (path) => (await gateway.fetch(path)).text()))
    const everything = [JSON.stringify(body), ...answers, keptBytes()].join('\n')
    for (const secret of [token, '98765432', 'inner-secret-0815']) expect(everything.split(secret).length - 1).toBe(0)
    expect(answers[1]).toContain('stdout ••••••')
  })

  test('a refused value is not repeated', async () => {
    const { status, body } = await post(gateway, scriptOf('leaky.py').slug, { pin: 'wrong-secret-4711', token: 5 })
    expect(status).toBe(422)
    expect(JSON.stringify(body)).not.toContain('4711')
  })

  test('one that is written in another spelling is masked too', async () => {
    const awkward = 'quo"te\\slash-żółw\nsecond-line'
    const { body } = await post(gateway, scriptOf('escaped.py').slug, { token: awkward })
    const log = await (await gateway.fetch(`/api/runs/${body.run_id}/logs`)).text()
    for (const piece of ['te\\\\slash', 'te\\slash', 'second-line', 'u017c']) expect(log).not.toContain(piece)
  })

  test('the last of stderr does not begin with the end of one', async () => {
    const { body } = await post(gateway, scriptOf('noisy.py').slug, { token })
    expect(body.stderr).not.toContain(token.slice(-8))
    const run = await gateway.json<{ stderr: string }>(`/api/runs/${body.run_id}`)
    expect(run.body.stderr).not.toContain(token.slice(-8))
  })

  test('one that lies across two pieces of a very long line is masked', async () => {
    const { body } = await post(gateway, scriptOf('wide.py').slug, { token })
    const log = await (await gateway.fetch(`/api/runs/${body.run_id}/logs`)).text()
    expect(log).not.toContain(token)
    expect(log).not.toContain(token.slice(0, 8))
  })

  test('the default of a secret is masked like a value', async () => {
    const { body } = await post(gateway, scriptOf('leaky.py').slug, { name: 'default' })
    const { body: run } = await gateway.json<{ params: Record<string, unknown> }>(`/api/runs/${body.run_id}`)
    expect(run.params).toEqual({ name: 'default', token: '••••••' })
    const log = await (await gateway.fetch(`/api/runs/${body.run_id}/logs`)).text()
    expect(log).not.toContain('fallback-secret')
  })
})

test('nothing of a finished run stays in the temporary folder', async () => {
  await post(gateway, scriptOf('escaped.py').slug, {})
  await eventually('nothing is left', () => leftovers(gateway.dataDir).length === 0)
})

test('the answer of a run names it in every way', async () => {
  const script = scriptOf('tools/around.py')
  const { body, headers } = await post(gateway, script.slug, {})
  expect(headers.get('content-type')).toStartWith('application/json')
  const { data: _, ...rest } = body
  expect(rest).toEqual({
    ...({ status: 'success', script_id: script.id, run_id: expect.any(Number), type: 'json' } as Answer),
    duration_ms: expect.any(Number),
  })
})
