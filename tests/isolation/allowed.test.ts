/** What an honest script needs, at each level. */
import { describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import {
  type Asked,
  foundPython,
  isOutOfSight,
  levels,
  places,
  plain,
  python,
  runJs,
  runPython,
  script,
  writeOpen,
} from './harness.ts'

const { output, uploads, elsewhere, data, scripts } = places
const listed = join(elsewhere, 'listed')
mkdirSync(listed)
chmodSync(listed, 0o777)
writeOpen(join(listed, 'given.txt'), 'given')
const q = JSON.stringify

/** Says `reached` to whoever connects. */
const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nreached'))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as { port: number }
server.unref()

type Row = [sentence: string, text: string, asked?: Asked]
/** A row's last part is never left out: the runner would give a callback instead. */
const rows = (all: Row[]) => all.map(([sentence, text, asked]): Required<Row> => [sentence, text, asked ?? {}])
const nothing: Asked = { read: [], write: [], net: [] }

const writesEverywhere: Row[] = [
  [
    'everything else is written where all may be',
    `open(${q(join(elsewhere, 'all.txt'))}, 'w').write('x')`,
    { write: true },
  ],
]
const pythons = rows([
  [
    'OUTPUT_DIR is written',
    `import os; open(os.environ['OUTPUT_DIR'] + '/a.txt', 'w').write('x'); os.remove(os.environ['OUTPUT_DIR'] + '/a.txt')`,
    nothing,
  ],
  ['TMPDIR is written', `import tempfile; f = tempfile.NamedTemporaryFile(); f.write(b'x'); f.flush()`, nothing],
  ['uploads are read', `assert open(${q(join(uploads, 'photo.txt'))}).read() == 'uploaded'`, nothing],
  ['its own folder is read', `import os; assert os.listdir(${q(scripts)})`, nothing],
  ['a listed file is read', `assert open(${q(join(listed, 'given.txt'))}).read() == 'given'`, { read: [listed] }],
  [
    'a listed folder is written, and read',
    `import os
os.makedirs(${q(join(listed, 'a'))}, exist_ok=True); open(${q(join(listed, 'a/b'))}, 'w').write('x'); assert open(${q(join(listed, 'a/b'))}).read() == 'x'
os.rename(${q(join(listed, 'a/b'))}, ${q(join(listed, 'c'))}); os.remove(${q(join(listed, 'c'))}); os.rmdir(${q(join(listed, 'a'))})`,
    { read: [], write: [listed] },
  ],
  ...(isOutOfSight ? [] : writesEverywhere),
  [
    'the system is read',
    `import os, ssl, zoneinfo; open('/etc/passwd').read(); ssl.create_default_context(); os.listdir('/usr/lib')`,
    nothing,
  ],
  [
    'another program is started',
    `import subprocess; assert subprocess.run(['/bin/echo', 'hi'], capture_output=True).stdout == b'hi\\n'`,
    nothing,
  ],
  [
    'a shell runs a pipe',
    `import subprocess; assert subprocess.check_output('echo hi | cat > /dev/null; echo $?', shell=True) == b'0\\n'`,
    nothing,
  ],
  [
    'a program that is listed is started',
    `import subprocess; subprocess.run(['/usr/bin/id'], check=True, stdout=subprocess.DEVNULL)`,
    { run: ['/usr/bin/id'] },
  ],
  [
    'Python starts Python where nothing is listed',
    `import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)`,
    { run: [] },
  ],
  [
    'threads run',
    `import threading
ts = [threading.Thread(target=print) for _ in range(8)]
for t in ts: t.start()
for t in ts: t.join()`,
    nothing,
  ],
  [
    'several processes work',
    `import multiprocessing
if __name__ == '__main__':
    with multiprocessing.Pool(2) as pool: assert pool.map(abs, [-1, -2]) == [1, 2]`,
    nothing,
  ],
  [
    'a loop of events turns',
    `import asyncio
async def main():
    process = await asyncio.create_subprocess_exec('/bin/echo', 'hi', stdout=-1)
    assert (await process.communicate())[0] == b'hi\\n'
asyncio.run(main())`,
    nothing,
  ],
  [
    'the network is reached',
    `import urllib.request; assert urllib.request.urlopen('http://127.0.0.1:${port}').read() == b'reached'`,
  ],
  [
    'a listed port is reached',
    `import urllib.request; assert urllib.request.urlopen('http://127.0.0.1:${port}').read() == b'reached'`,
    { net: [port] },
  ],
  [
    'with port 53, datagrams are sent',
    `import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', ${port}))`,
    { net: [53] },
  ],
  ['a name is resolved', `import socket; socket.getaddrinfo('localhost', ${port})`, { net: [port, 53] }],
  ['/tmp is its own', `open('/tmp/mine', 'w').write('x'); assert open('/tmp/mine').read() == 'x'`],
  [
    'devices that are none are used',
    `open('/dev/null', 'w').write('x'); assert len(open('/dev/urandom', 'rb').read(8)) == 8`,
    nothing,
  ],
  [
    'it knows itself',
    `import os; assert os.readlink('/proc/self/exe') and open('/proc/self/status').read() and open('/proc/meminfo').read()`,
    nothing,
  ],
  [
    'a folder of sqlite is written',
    `import sqlite3, os; c = sqlite3.connect(os.environ['OUTPUT_DIR'] + '/a.db'); c.execute('create table if not exists t (x)'); c.commit()`,
    nothing,
  ],
])

const javascripts = rows([
  [
    'OUTPUT_DIR and TMPDIR are written',
    `for (const dir of [process.env.OUTPUT_DIR, process.env.TMPDIR]) await Bun.write(dir + '/a.txt', 'x')`,
    nothing,
  ],
  ['a module beside it is imported', `import { one } from './helper.ts'; if (one !== 1) throw 0`, nothing],
  [
    'another program is started',
    `const p = Bun.spawn(['/bin/echo', 'hi'], { stdout: 'pipe' }); if ((await new Response(p.stdout).text()) !== 'hi\\n') throw 0`,
    nothing,
  ],
  [
    'Bun starts Bun',
    `const p = Bun.spawn([process.execPath, '-e', 'console.log(1)'], { stdout: 'pipe' }); if ((await new Response(p.stdout).text()) !== '1\\n') throw 0`,
    nothing,
  ],
  [
    'a worker works',
    `const w = new Worker('data:text/javascript,postMessage(1)'); await new Promise((r) => { w.onmessage = r }); w.terminate()`,
    nothing,
  ],
  ['the network is reached', `if ((await (await fetch('http://127.0.0.1:${port}')).text()) !== 'reached') throw 0`],
  [
    'a listed port is reached',
    `if ((await (await fetch('http://127.0.0.1:${port}')).text()) !== 'reached') throw 0`,
    { net: [port] },
  ],
  [
    'a server serves itself',
    `const s = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('me') }); if ((await (await fetch(s.url)).text()) !== 'me') throw 0; s.stop()`,
  ],
  [
    'sqlite works',
    `const { Database } = require('bun:sqlite'); new Database(process.env.OUTPUT_DIR + '/b.db').run('create table if not exists t (x)')`,
    nothing,
  ],
])
script('helper.ts', 'export const one: number = 1')

describe.each(levels)('%s: allowed is that', (level, isolation) => {
  test.skipIf(!python).each(pythons)('in Python, %s', async (sentence, text, asked) => {
    if (sentence === '/tmp is its own' && level === 'landlock without mounts') return
    expect(await runPython(isolation, text, asked)).toMatchObject({ stderr: '', exitCode: 0 })
  })

  test.each(javascripts)('in TypeScript, %s', async (sentence, text, asked) => {
    // It needs /proc/self of its own process, and only the script's first process has one here.
    if (sentence === 'Bun starts Bun' && level === 'landlock without mounts') return
    const { stderr, exitCode } = await runJs(isolation, `${text}\nexport default 1`, asked, 'ts')
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  test('an interpreter in a closed home folder is used', async () => {
    if (!foundPython) return
    const text = 'import os, json, sys; print(sys.executable)'
    for (const asked of [{}, nothing]) {
      const { stdout, stderr } = await runPython(isolation, text, asked, foundPython)
      expect(stderr + stdout.trim()).toBe(foundPython)
    }
  })

  test.skipIf(!python)('arguments, variables and exit codes arrive as they are', async () => {
    const odd = 'a b\n"ü\'$x'
    const text = `import os, sys; print(ascii([os.environ['ODD'], os.environ['TMPDIR']])); sys.exit(7)`
    const { stdout, exitCode, signal } = await runPython(isolation, text, { env: { ODD: odd } })
    expect(stdout).toContain(String.raw`a b\n"\xfc\'$x`)
    expect(stdout).toContain(level.startsWith('landlock without') ? places.temp : '/tmp')
    expect({ exitCode, signal }).toEqual({ exitCode: 7, signal: null })
  })

  test.skipIf(!python)('TERM reaches the script, which may end well', async () => {
    const text = `import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(3)))
print('ready')
time.sleep(60)`
    const onOutput: Asked['onOutput'] = (said, stop) => said.includes('ready\n') && stop()
    const outcome = await runPython(isolation, text, { onOutput })
    expect(outcome).toMatchObject({ reason: 'cancelled', exitCode: 3, stdout: 'ready\nbye\n' })
  })
})

describe.each([...levels, ['plain', plain] as const])('%s: what is made belongs to', (level, isolation) => {
  test.skipIf(!python)("the script's user, and the gateway reads it", async () => {
    const file = join(output, `${level.replaceAll(' ', '-')}.txt`)
    await runPython(isolation, `import os; os.umask(0o077); open(${q(file)}, 'w').write('mine')`)
    expect(existsSync(file) && readFileSync(file, 'utf8')).toBe('mine')
    writeFileSync(join(data, 'still-here.txt'), '')
  })
})
