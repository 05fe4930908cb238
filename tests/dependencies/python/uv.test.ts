/**
 * Our side of uv: there is none where the tests run. The stand-in takes the commands and options that uv documents, refuses any
 * other, and does with pip what uv would do; what real uv says when it fails is written down here.
 */
import { afterAll, expect, test } from 'bun:test'
import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InstallError } from '../../../src/dependencies/model.ts'
import { inWords } from '../../../src/dependencies/python/explain.ts'
import { createPythonInstaller } from '../../../src/dependencies/python/installer.ts'
import { parseResolved } from '../../../src/dependencies/python/uv.ts'
import { tempFolder } from '../../harness/folder.ts'
import { makeWheel, startIndex } from '../../harness/wheels.ts'
import { createJobs, createTool, declare, python, sourcesAt } from './place.ts'

const root = tempFolder()
const { runTool, commands } = createTool(root)
const uv = join(root, 'uv')
writeFileSync(
  uv,
  `#!${python}
import argparse, json, os, subprocess, sys
if sys.argv[1:] == ["--version"]:
    print("uv 0.5.1"); sys.exit()
parser = argparse.ArgumentParser(allow_abbrev=False)
commands = parser.add_subparsers(dest="family", required=True).add_parser("pip").add_subparsers(dest="command", required=True)
compiling, installing, listing, checking = [commands.add_parser(name, allow_abbrev=False) for name in ("compile", "install", "list", "check")]
for command in (compiling, installing, listing, checking):
    command.add_argument("--python", required=True)
for command in (compiling, installing, listing):
    command.add_argument("--find-links", action="append", default=[])
    command.add_argument("--offline", action="store_true")
for command in (compiling, installing):
    command.add_argument("--only-binary")
    command.add_argument("--no-binary", action="append", default=[])
for flag in ("--generate-hashes", "--no-header", "--no-annotate"):
    compiling.add_argument(flag, action="store_true")
compiling.add_argument("source"); compiling.add_argument("-c"); compiling.add_argument("-o")
for flag in ("--require-hashes", "--no-deps"):
    installing.add_argument(flag, action="store_true")
installing.add_argument("-r", required=True)
listing.add_argument("--outdated", action="store_true"); listing.add_argument("--format")
asked = parser.parse_args()
os.environ.update(PIP_INDEX_URL=os.environ["UV_INDEX_URL"], PIP_CONFIG_FILE="/dev/null", PIP_DISABLE_PIP_VERSION_CHECK="1")
pip = [sys.executable, "-m", "pip", "--python", asked.python]
if asked.command == "compile":
    report = asked.o + ".json"
    kept = ["-c", asked.c] if asked.c else []
    subprocess.run([*pip, "install", "--dry-run", "--only-binary", ":all:", "--report", report, "-r", asked.source, *kept], check=True)
    with open(asked.o, "w") as out:
        for one in json.load(open(report))["install"]:
            out.write("%s==%s \\\\\\n    --hash=sha256:%s\\n" % (one["metadata"]["name"], one["metadata"]["version"], one["download_info"]["archive_info"]["hashes"]["sha256"]))
elif asked.command == "install":
    sys.exit(subprocess.run([*pip, "install", "--require-hashes", "--no-deps", "-r", asked.r]).returncode)
elif asked.command == "list":
    sys.exit(subprocess.run([*pip, "list", "--outdated", "--format", "json"]).returncode)
else:
    print("The package \`kiwi\` requires \`plum<2\`, but \`2.0\` is installed"); sys.exit(1)
`,
)
chmodSync(uv, 0o755)

const password = 'pass-word-0815'
const index = startIndex({
  wheels: [
    makeWheel({ name: 'kiwi', version: '1.0', requires: ['plum'] }),
    makeWheel({ name: 'plum', version: '1.0' }),
  ],
})
index.requireAuth('reader', password)
afterAll(index.stop)

test('what uv resolves is installed with its hashes, is locked, and is what is installed from the lock', async () => {
  const policy = () => ({ urlPrefixes: [], indexes: [], buildsAllowed: [] })
  const installer = createPythonInstaller({
    python,
    uv,
    factsFile: join(root, 'facts.json'),
    runProbe: runTool,
    policy,
  })
  const { job, downloadDir } = createJobs(root, runTool)
  const sources = sourcesAt(index.url.replace('//', `//reader:${password}@`))
  const first = job(declare('kiwi'), sources)
  const installed = await installer.install(first)
  expect(installed.installer).toBe('uv 0.5.1')
  expect(installed.packages.map(({ name, version }) => `${name} ${version}`)).toEqual(['kiwi 1.0', 'plum 1.0'])
  expect(installed.lock).toMatch(/^kiwi==1\.0 \\\n {4}--hash=sha256:\w{64}\nplum==1\.0 \\\n {4}--hash=sha256:\w{64}$/m)
  expect(readdirSync(first.dir).filter((name) => name.startsWith('.install'))).toEqual([])

  index.publish(makeWheel({ name: 'plum', version: '1.1' }))
  const from = commands.length
  const again = await installer.install(job(declare('kiwi'), sources, { lock: installed.lock }))
  expect(again.packages).toEqual(installed.packages)
  expect(commands.slice(from).filter(({ argv }) => argv.includes('compile'))).toEqual([])

  const about = { declaration: declare('kiwi'), sources, runTool, downloadDir, environment: first.dir }
  expect(await installer.outdated(about)).toEqual([{ name: 'plum', latest: '1.1' }])
  expect(await installer.conflicts(about)).toEqual(['The package `kiwi` requires `plum<2`, but `2.0` is installed'])

  const ours = commands.filter(({ argv }) => argv[0] === uv && argv[1] === 'pip')
  expect(ours.length).toBe(5)
  for (const { env, argv } of ours) {
    expect(env).toMatchObject({ UV_NO_CONFIG: '1', UV_CACHE_DIR: `${downloadDir}/uv`, UV_LINK_MODE: 'copy' })
    expect(argv.join(' ')).not.toContain(password)
  }
}, 60_000)

test('what is resolved is read line by line', () => {
  const text =
    '# a comment\nkiwi==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nplum[sweet]==2.0+cpu ; python_version > "3" \\\n    --hash=sha256:cc\nlime @ https://example.org/lime-1.0-py3-none-any.whl \\\n    --hash=sha256:dd\n'
  expect(parseResolved(text)).toEqual([
    { name: 'kiwi', version: '1.0', hashes: ['sha256:aa', 'sha256:bb'] },
    { name: 'plum', version: '2.0+cpu', hashes: ['sha256:cc'] },
    { name: 'lime', version: '', hashes: ['sha256:dd'] },
  ])
  expect(() => parseResolved('--index-url https://example.org\n')).toThrow(InstallError)
})

test.each<[string, string, string[], RegExp]>([
  [
    'a file with another hash',
    `  × Failed to download \`kiwi==1.0\`\n  ╰─▶ Hash mismatch for \`kiwi==1.0\`\n\n      Expected:\n        sha256:${'a'.repeat(64)}\n\n      Computed:\n        sha256:${'b'.repeat(64)}`,
    [],
    /^kiwi==1\.0 is not the file that the index names \(SHA-256 aaaaaaaaaaaa… expected, bbbbbbbbbbbb… came\)/,
  ],
  [
    'a package that nobody has',
    '  × No solution found when resolving dependencies:\n  ╰─▶ Because nix was not found in the package registry and you require nix, we can conclude that your\n      requirements are unsatisfiable.',
    [],
    /^There is no package nix at https:\/\/example\.org/,
  ],
  [
    'versions that contradict each other',
    '  × No solution found when resolving dependencies:\n  ╰─▶ Because lime==1.0 depends on plum>=2 and kiwi==1.0 depends on plum<2, we can conclude that kiwi==1.0 and\n      lime==1.0 are incompatible.',
    [],
    /^These cannot be installed together: Because lime==1\.0 depends on plum>=2 and kiwi==1\.0 depends on plum<2, we can conclude that kiwi==1\.0 and lime==1\.0 are incompatible\./,
  ],
  ['a full disk', 'error: failed to write: No space left on device (os error 28)', [], /^The disk is full/],
])('uv says %s', async (_, text, files, words) => {
  const about = {
    ...{ python: 'Python 3.11.7', isOffline: false, isLocked: false, wheelDir: null },
    look: async () => [{ index: 'https://example.org/simple', files: files.map((name) => ({ name, python: null })) }],
  }
  const told = await inWords(new InstallError('uv ended with exit code 1.', text.split('\n')), about)
  expect(told instanceof InstallError ? told.message : told).toMatch(words)
})
