/** What the documentation says is held to what there is: settings, links, and the scripts that it shows. */
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { options } from '../../src/config.ts'
import { errorStatus } from '../../src/errors.ts'
import { resolvePython } from '../../src/runtimes/python.ts'
import { createRuntimes } from '../../src/runtimes/runtimes.ts'
import { parseArgsMap } from '../../src/scripts/args-map.ts'
import { paramTypes } from '../../src/scripts/model.ts'
import { settingsTable } from './settings-table.ts'

const root = resolve(import.meta.dir, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const folder = mkdtempSync(join(tmpdir(), 'docs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('docs/settings.md has the table that the options give', () => {
  expect(read('docs/settings.md')).toContain(settingsTable())
})

test.each(Object.entries(errorStatus))('docs/api.md says when there is an error of type %s', (type, status) => {
  const row = read('docs/api.md')
    .split('\n')
    .find((line) => line.startsWith('| `') && line.includes(`\`${type}\``))
  expect(row).toContain(String(status))
})

test.each([...paramTypes])('docs/scripts.md explains the type %s', (type) => {
  expect(read('docs/scripts.md')).toMatch(new RegExp(`^\\| .*\`${type}\``, 'm'))
})

describe('links', () => {
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/(!?)\[[^\]]+\]\(([^)]+)\)/g)].map(([, image, target = '']) => ({
      page,
      target,
      isImage: image === '!',
    })),
  )
  // A picture is made at the end, from the running product.
  test.each(links.filter(({ target, isImage }) => !isImage && !/^https?:/.test(target)))(
    '$page leads to $target',
    ({ page, target }) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      expect(existsSync(join(root, file)), file).toBe(true)
      if (anchor) expect(read(file).toLowerCase()).toMatch(new RegExp(`^#+ ${anchor.replaceAll('-', ' ')}$`, 'm'))
    },
  )
})

describe('the documentation names only variables that exist', () => {
  const known = new Set<string>([
    ...Object.values(options).map(({ env }) => env),
    ...['API_KEY', 'HTTPS_PROXY', 'API_URL', 'API_TOKEN', 'DB_PASSWORD'], // an operator's own
    ...['SECRETS_KEY', 'ADMIN_TOKEN', 'OIDC_CLIENT_SECRET', 'AUTH_HEADER_SECRET'], // no options, so that nothing lists them
    ...['CAP_SYS_ADMIN', 'LD_PRELOAD', 'BUN_OPTIONS'], // the system's
    ...['FUZZ_SEEDS', 'SIMULATION_SEEDS'], // of these tests
    ...['ARGS_MAP', 'OUTPUT_DIR', 'RUN_ID', 'SCRIPT_ID', 'SCRIPT_PATH', 'SCRIPT_DIR'],
  ])
  test.each(pages)('%s', (page) => {
    const names = read(page).match(/\b[A-Z]+_[A-Z_]+\b/g) ?? []
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })
})

describe('the scripts it shows work', async () => {
  const runtimes = createRuntimes({ python: await resolvePython('python3'), bun: process.execPath })
  const rows: [page: string, language: 'python' | 'js', args: string[], data: unknown][] = [
    ['README.md', 'python', ['--text', 'hello', '--times', '2'], { shout: 'HELLO! HELLO! ' }],
    ['docs/scripts.md', 'python', ['--word', 'a', '--times', '2'], ['a', 'a']],
    ['docs/scripts.md', 'js', ['--word', '-a', '--times', '2'], ['-a', '-a']],
  ]
  test.each(rows)('%s: %s', (page, language, args, data) => {
    const source = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(read(page))?.[1] ?? ''
    const runtime = runtimes[language]
    const file = join(folder, `${page.replaceAll(/\W/g, '-')}${language === 'python' ? '.py' : '.mjs'}`)
    writeFileSync(file, source)
    expect(runtime.entryPointProblem(source, file)).toBeNull()
    const run = (all: string[]) => {
      const { stdout, stderr, exitCode } = Bun.spawnSync(runtime.command(file, all), {
        env: { PATH: process.env.PATH, ...runtime.env },
      })
      expect(exitCode, stderr.toString()).toBe(0)
      return JSON.parse(stdout.toString()) as unknown
    }
    expect(parseArgsMap(run(['--_sys_get_schema']))).toMatchObject({ ok: true, warnings: [] })
    expect(run(args)).toEqual(data)
  })
})
