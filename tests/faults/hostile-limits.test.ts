/** Scripts that take too much: stopped with everything they started, and told which limit it was and how far they went. */
import { expect, test } from 'bun:test'
import { javascriptScript, type TestApp, toldPython } from '../harness/app.ts'
import { atEach, begin, goneWith, MiB, startAtEachLevel } from './hostile-lab.ts'
import { forkBomb } from './hostile-tree.ts'

const params = { token: { type: 'str' as const } }
const py = (body: string) =>
  `import signal, subprocess, threading\nout, tmp = os.environ["OUTPUT_DIR"], os.environ["TMPDIR"]\n${body}`

/** Beside it a daemon of each kind sleeps, which has to go as well. */
const daemons = `quiet = {"stdin": -3, "stdout": -3, "stderr": -3, "start_new_session": True}
subprocess.Popen(["sleep", args["token"]], **quiet)
subprocess.Popen(["sleep", args["token"]], **quiet, env={})
`
const over = (limit: string, max: number, words: string) => ({
  ...{ status: 'killed', limit: { limit, max }, error: { type: 'resource' } },
  reason: expect.stringContaining(words),
})

type Row = [sentence: string, file: string, body: string, limits: Record<string, number>, expected: object]

const memory = over('memory', 96 * MiB, 'memory: it used')
const rows: Row[] = [
  [
    'memory, little by little',
    'grows.py',
    py(`${daemons}held = []\nwhile True: held.append(b"x" * 2**20); time.sleep(0.002)`),
    { memory_bytes_max: 96 * MiB },
    memory,
  ],
  [
    'memory, all at once',
    'jumps.py',
    py(`held = b"x" * (150 * 2**20)\ntime.sleep(30)`),
    { memory_bytes_max: 96 * MiB },
    memory,
  ],
  [
    'memory, by many children',
    'shares.py',
    py(`for _ in range(6):
    if os.fork() == 0:
        held = bytearray(b"x" * (24 * 2**20)); time.sleep(30); os._exit(0)
time.sleep(30)`),
    { memory_bytes_max: 96 * MiB },
    memory,
  ],
  [
    'memory, in JavaScript',
    'grows.js',
    'const held = []; for (;;) { held.push(Buffer.alloc(1 << 20, 1)); await Bun.sleep(1) }',
    { memory_bytes_max: 96 * MiB },
    memory,
  ],
  [
    'processor time, of several processes',
    'burns.py',
    py(`${daemons}for _ in range(3):
    if os.fork() == 0:
        while True: pass
while True: pass`),
    { cpu_sec_max: 1 },
    over('cpu', 1, 'processor time: it used'),
  ],
  [
    'processes, that come and stay',
    'forks.py',
    py(`for _ in range(60):
    if os.fork() == 0: time.sleep(30); os._exit(0)
    time.sleep(0.005)
time.sleep(30)`),
    { processes_max: 20 },
    over('processes', 20, 'processes and threads of 20'),
  ],
  [
    'threads',
    'threads.py',
    py(`for _ in range(60): threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
time.sleep(30)`),
    { processes_max: 20 },
    over('processes', 20, 'processes and threads of 20'),
  ],
  [
    'a fork bomb whose processes leave everything',
    'bomb.py',
    forkBomb,
    { processes_max: 20 },
    over('processes', 20, 'processes and threads of 20'),
  ],
  [
    'what is printed, without an end',
    'floods.py',
    py(`${daemons}line = "x" * 99 + "\\n"
while True: sys.stdout.write(line * 1000)`),
    { output_bytes_max: 8 * MiB, log_bytes_max: 65536 },
    over('output', 8 * MiB, 'printed more than'),
  ],
  [
    'bytes in OUTPUT_DIR',
    'fills.py',
    py(`${daemons}for i in range(200): open(f"{out}/{i}", "wb").write(b"x" * 2**20); time.sleep(0.02)
time.sleep(30)`),
    { output_bytes_max: 8 * MiB },
    over('disk', 8 * MiB, 'more than 8 MiB in OUTPUT_DIR'),
  ],
  [
    'bytes in TMPDIR',
    'fills-tmp.py',
    py(`for i in range(200): open(f"{tmp}/{i}", "wb").write(b"x" * 2**20); time.sleep(0.02)
time.sleep(30)`),
    { output_bytes_max: 8 * MiB },
    over('disk', 8 * MiB, 'more than 8 MiB in TMPDIR'),
  ],
  [
    'files in OUTPUT_DIR, tiny',
    'litters.py',
    py(`for i in range(12000): open(f"{out}/{i}", "w").close()
time.sleep(30)`),
    {},
    { ...over('disk', 1024 * MiB, 'more than 10000 files in OUTPUT_DIR') },
  ],
  [
    'folders in OUTPUT_DIR, when it had ended before anybody looked',
    'folders.py',
    py(`for i in range(10001): os.mkdir(f"{out}/{i}")`),
    {},
    over('disk', 1024 * MiB, 'more than 10000 files in OUTPUT_DIR'),
  ],
  [
    'a sparse file',
    'sparse.py',
    py(`open(f"{out}/s", "wb").truncate(900 * 2**20)`),
    { output_bytes_max: 8 * MiB },
    over('disk', 8 * MiB, 'more than 8 MiB in OUTPUT_DIR'),
  ],
  // The kernel refuses these to one process, and the script itself says so.
  [
    'not open files: it is refused them',
    'opens.py',
    py(`files = [open("/dev/null") for _ in range(200)]`),
    { open_files_max: 64 },
    { status: 'failed', exit_code: 1, stderr: expect.stringContaining('Too many open files') },
  ],
  [
    'not one file: it is refused the rest',
    'large.py',
    py(`open(f"{out}/f", "wb").write(b"x" * (2 * 2**20))`),
    { file_bytes_max: MiB },
    { status: 'failed', exit_code: 1, stderr: expect.stringContaining('File too large') },
  ],
  [
    'one file, of a program that does not ask',
    'large-sh.py',
    py(`signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
os.execv("/bin/sh", ["sh", "-c", "exec head -c 2000000 /dev/zero > $OUTPUT_DIR/f"])`),
    { file_bytes_max: MiB },
    { status: 'failed', signal: 'SIGXFSZ', reason: expect.stringContaining('file_bytes_max') },
  ],
  [
    'not memory at once: it is refused it',
    'leaps.py',
    py(`held = bytearray(4 * 2**30)`),
    { memory_bytes_max: 96 * MiB },
    { status: 'failed', exit_code: 1, stderr: expect.stringContaining('MemoryError') },
  ],
  [
    'no core is dumped',
    'dumps.py',
    py(`import resource
print(resource.getrlimit(resource.RLIMIT_CORE)); sys.stdout.flush()
os.chdir(out); os.abort()`),
    {},
    { status: 'failed', signal: 'SIGABRT', files: [] },
  ],
]

const scripts = rows.map(([, file, body, limits]): Record<string, string> => {
  const isJs = file.endsWith('.js')
  const folder = isJs ? 'js' : 'python'
  const policy = { limits: { timeout_min: 0.25, processes_max: 40, ...limits } }
  return {
    ...(isJs ? { [`js/${file}`]: javascriptScript(params, body) } : toldPython(`python/${file}`, params, body)),
    [`${folder}/.${file.replace(/\.\w+$/, '')}.policy.json`]: JSON.stringify(policy),
  }
})
const gateways = await startAtEachLevel(Object.assign({}, ...scripts))
/** They take seconds, many where others work, and no level has a part in them. */
const slow = ['litters.py', 'folders.py']

test.each(rows)(
  'over its limit of %s',
  async (_, file, __, ___, expected) => {
    const act = async (gateway: TestApp) => {
      const { id, token } = await begin(gateway, file.replace('.py', '').replace('.js', ''))
      const run = await gateway.finished(id, 40_000)
      const isOfFiles = run.reason?.includes('files in') // told in words only: the bytes may be within their limit
      expect(run).toMatchObject(expected)
      if (run.limit && !isOfFiles) expect(run.limit.used).toBeGreaterThan(run.limit.max)
      await goneWith(token, 3000)
    }
    if (slow.includes(file)) return atEach(gateways.slice(0, 1), act)
    if (file !== 'bomb.py') return atEach(gateways, act)
    for (const one of gateways) await atEach([one], act) // at once, and of one user, it is nobody's: see hostile-orphans.test.ts
  },
  60_000,
)

test('a flood: the caller is told, the log keeps its first and its last half, and the gateway stays small', async () => {
  const [, gateway] = gateways[0]!
  const before = process.memoryUsage().rss
  const answers = await Promise.all(
    [1, 2, 3].map(() => gateway.json<Record<string, unknown>>('/api/scripts/floods/run?token=3000')),
  )
  for (const { status, body } of answers) {
    expect(status).toBe(507)
    expect(body).toMatchObject({ status: 'error', code: 507, error: { type: 'resource' } })
    const log = await (await gateway.fetch(`/api/runs/${body.run_id}/logs`)).text()
    expect(log.length).toBeLessThan(MiB) // of eight; what is read at once goes into one half
    expect(log.startsWith('x'.repeat(99))).toBe(true)
    expect(log).toMatch(/left out|not kept|omitted/)
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * MiB)
})
