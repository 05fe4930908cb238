/** Scripts that play with their folders and their output: nothing outside is touched, nothing is shown that is not theirs. */
import { expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from '../../src/runs/model.ts'
import { type TestApp, toldPython } from '../harness/app.ts'
import { eventually, tempFolder } from '../harness/folder.ts'
import { atEach, startAtEachLevel } from './hostile-lab.ts'

/** Root's, closed to the users of scripts: only the gateway could do anything in it. */
const victim = tempFolder()
mkdirSync(join(victim, 'folder'))
for (const name of ['secret.txt', 'folder/inside.txt']) writeFileSync(join(victim, name), 'as it was', { mode: 0o600 })
chmodSync(victim, 0o700)
const inside = () =>
  readdirSync(victim, { recursive: true })
    .map((name) => [name, statSync(join(victim, String(name))).mode])
    .sort()
const asItWas = inside()

const py = (name: string, body: string) =>
  toldPython(
    `python/${name}.py`,
    {},
    `import shutil, signal, socket, stat, subprocess
out, tmp, victim = os.environ["OUTPUT_DIR"], os.environ["TMPDIR"], ${JSON.stringify(victim)}
def attempt(what, *args):
    try: return what(*args)
    except OSError as error: return error
${body}`,
  )

/** Puts a link in a folder's place, where it can, and else removes all that is in it. */
const replacing = `def replace(folder):
    attempt(os.rename, folder, folder + "-moved")
    shutil.rmtree(folder, ignore_errors=True)
    attempt(os.symlink, victim, folder)
`
const success = { status: 'success', exit_code: 0 }

type Row = [sentence: string, name: string, body: string, expected: object]
const rows: Row[] = [
  [
    'removes its OUTPUT_DIR and TMPDIR',
    'removes',
    'for one in (out, tmp): shutil.rmtree(one, ignore_errors=True)\nprint("done")',
    success,
  ],
  [
    'puts links in their place, and prints',
    'replaces',
    `${replacing}replace(out); replace(tmp); print("done")`,
    success,
  ],
  // What is no text is stored as a file by the gateway, in OUTPUT_DIR.
  [
    'puts links in their place, and prints a file',
    'replaces-file',
    `${replacing}replace(out); replace(tmp); sys.stdout.buffer.write(b"\\xff\\xfe" * 99)`,
    { exit_code: 0 },
  ],
  [
    'leaves a link where its result goes',
    'takes-name',
    'os.symlink(victim + "/made-through-a-link.bin", out + "/takes-name.bin"); sys.stdout.buffer.write(b"\\xff\\xfe" * 99)',
    success,
  ],
  [
    'leaves links, pipes, sockets, devices and holes',
    'zoo',
    `for name in ("secret.txt", "folder"): os.symlink(f"{victim}/{name}", f"{out}/{name}")
os.symlink("/", out + "/root"); os.symlink("zoo", out + "/zoo"); os.mkfifo(out + "/pipe")
attempt(socket.socket(socket.AF_UNIX).bind, out + "/s")
attempt(os.mknod, out + "/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
open(out + "/hole", "wb").truncate(2**20)
open(os.fsencode(out) + b"/\\xff.txt", "w").close()
print("done")`,
    { ...success, files: [{ filename: 'hole', size: 1 << 20 }] },
  ],
  [
    'takes all rights from its folders',
    'closes',
    `for one in (out, tmp):
    os.makedirs(one + "/a/b"); open(one + "/a/b/c", "w").close(); os.symlink(victim, one + "/a/b/link")
    for folder in ("/a/b", "/a", ""): os.chmod(one + folder, 0)
print("done")`,
    success,
  ],
  [
    'leaves a folder with links that is too large and has to go',
    'too-large',
    `for one in (out, tmp):
    os.makedirs(one + "/a"); os.symlink(victim, one + "/a/link"); os.symlink(victim, one + "/link")
open(out + "/large", "wb").truncate(2**23)
print("done")`,
    { status: 'killed', limit: { limit: 'disk' }, files: [] },
  ],
  [
    'swaps a folder for a link while it is watched',
    'swaps',
    `import ctypes
libc = ctypes.CDLL(None)
os.mkdir(out + "/a"); os.symlink(victim, out + "/b")
end = time.time() + 1.5
while time.time() < end: libc.renameat2(-100, (out + "/a").encode(), -100, (out + "/b").encode(), 2)
print("done")`,
    { ...success, files: [] },
  ],
  [
    'nests folders deeper than a path may be long',
    'nests',
    'os.chdir(out)\nfor _ in range(300): os.mkdir("x" * 50); os.chdir("x" * 50)\nprint("done")',
    success,
  ],
  [
    'closes its output and goes on',
    'closes-output',
    'sys.stdout.flush(); os.close(1); os.close(2); time.sleep(0.2); open(out + "/later", "w").close(); os._exit(0)',
    { ...success, files: [{ filename: 'later' }] },
  ],
  [
    'prints what is no text',
    'garbles',
    'sys.stderr.buffer.write(b"\\xff\\xfe\\x00\\x1b[31m\\r\\n" + b"\\xc3" * 100 + b"y" * 300000 + b"\\n\\0\\n"); print("done")',
    success,
  ],
  [
    'writes into its log what looks like the end of it',
    'forges',
    'print("1 stdout 2020-01-01T00:00:00.000Z forged\\n\\n2 system x"); sys.exit(3)',
    { status: 'failed', exit_code: 3 },
  ],
  [
    'calls the gateway from inside',
    'calls',
    'import urllib.request\nprint(urllib.request.urlopen(os.environ["BASE_URL"] + "/api/scripts/garbles/run").read().decode())',
    success,
  ],
]

const gateways = await startAtEachLevel({
  ...Object.assign({}, ...rows.map(([, name, body]) => py(name, body))),
  'python/.too-large.policy.json': '{"limits": {"output_bytes_max": 1048576}}',
  ...py(
    'races',
    `import ctypes, urllib.request
libc = ctypes.CDLL(None)
data, place = out.split("/static/")
url = os.environ["BASE_URL"] + "/static/" + place + "/a"
open(out + "/a", "w").write("harmless"); os.symlink(data + "/gateway.db", out + "/b")
os.makedirs(out + "/in"); open(out + "/in/gateway.db", "w").write("harmless"); os.symlink(data, out + "/way")
child = os.fork()
while child == 0:
    libc.renameat2(-100, (out + "/a").encode(), -100, (out + "/b").encode(), 2)
    libc.renameat2(-100, (out + "/in").encode(), -100, (out + "/way").encode(), 2)
got = {}
for url in [url] * 250 + [url[:-1] + "in/gateway.db"] * 250:
    try: body = urllib.request.urlopen(url).read()
    except OSError: continue
    got[body[:6].decode("latin1")] = got.get(body[:6].decode("latin1"), 0) + 1
os.kill(child, signal.SIGKILL)
print(json.dumps(sorted(got)))`,
  ),
})

test.each(rows)('a script that %s', (_, name, __, expected) =>
  atEach(gateways, async (gateway) => {
    const { body } = await gateway.json<{ run_id: number }>(`/api/scripts/${name}/run`)
    const run = await gateway.finished(body.run_id)
    expect(run).toMatchObject(expected)
    expect(inside()).toEqual(asItWas)
    for (const path of ['secret.txt', 'folder/inside.txt'])
      expect(readFileSync(join(victim, path), 'utf8')).toBe('as it was')
    await shownOnly(gateway, run)
    // Whoever cleans up after the tests may not be root.
    Bun.spawnSync(['chmod', '-R', 'u+rwX', join(gateway.dataDir, 'static', name)])
    await eventually('its TMPDIR is gone', () => !existsSync(join(gateway.dataDir, 'tmp', `run-${run.id}`)))
  }),
)

test('a script that swaps a file for a link while it is asked for it gets no other file', () =>
  atEach(gateways, async (gateway) => {
    const { body } = await gateway.json('/api/scripts/races/run')
    expect(body).toMatchObject({ status: 'success', data: ['harmle'] })
  }))

/** Every file of the run is served as what it says, and none of them is the victim's. */
async function shownOnly(gateway: TestApp, run: Run) {
  for (const { url, size } of run.files) {
    const response = await gateway.fetch(new URL(url).pathname)
    const bytes = await response.bytes()
    expect([url, response.status, bytes.byteLength]).toEqual([url, 200, size])
    expect(Buffer.from(bytes).includes('as it was')).toBe(false)
  }
}
