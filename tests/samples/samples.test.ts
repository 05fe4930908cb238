import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Meaning } from '../../src/results/interpret.ts'
import { type Param, paramTypes } from '../../src/scripts/model.ts'
import { meaningOf, readSchema, type SampleRun, samplesRoot, toSampleArguments, withSample } from './sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'samples-'))
const csv = join(folder, 'städte.csv')
const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('hello') })

beforeAll(() => writeFileSync(csv, '\uFEFFcity;people\nÅrhus;290598\nGent;\n\nRīga;605273.5\n'))
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await server.stop(true)
})

interface Row {
  name: string
  file: string
  sent: () => Record<string, unknown>
  exitCode?: number
  see: (meaning: Meaning, run: SampleRun) => void
}

const json = (data: unknown): Meaning => ({ type: 'json', data })
const text = (data: string): Meaning => ({ type: 'text', data })

const rows: Row[] = [
  {
    name: 'counts words in any language',
    file: 'python/word_count.py',
    sent: () => ({ text: 'The cat. The HAT… Été!', top: '2', ignore: ['hat', 'été'], case_sensitive: 'false' }),
    see: (meaning) =>
      expect(meaning).toMatchObject(
        json({
          words: 5,
          top: [
            { word: 'the', count: 2 },
            { word: 'cat', count: 1 },
          ],
        }),
      ),
  },
  {
    name: 'summarises a CSV file as a table',
    file: 'python/csv_summary.py',
    sent: () => ({ file: csv }),
    see: (meaning) =>
      expect(meaning).toMatchObject(
        json([
          { column: 'city', kind: 'text', filled: 3, empty: 0 },
          { column: 'people', kind: 'number', filled: 2, empty: 1, min: 290598, max: 605273.5 },
        ]),
      ),
  },
  {
    name: 'paints a picture on stdout',
    file: 'python/palette_png.py',
    sent: () => ({ colour: '#CC3300', scheme: 'full circle', width: 64, height: 32 }),
    see: (meaning, { stdout }) => {
      expect(meaning).toEqual({ type: 'file', extension: '.png' })
      const header = Buffer.from(stdout)
      expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([64, 32])
    },
  },
  {
    name: 'cooks with progress in colour, and ends with JSON',
    file: 'python/slow_cooker.py',
    sent: () => ({ dish: 'beans', seconds: 0.05, stir: false }),
    see: (meaning, { stdout, stderr }) => {
      expect(meaning).toEqual(json({ dish: 'beans', steps: 5, seconds: 0.05, verdict: 'burnt, but honest' }))
      expect(Buffer.from(stdout).toString()).toContain('\x1b[32m████')
      expect(stderr).toContain('burnt')
    },
  },
  {
    name: 'fails with details for the caller',
    file: 'python/when_things_go_wrong.py',
    sent: () => ({ how: 'with details', exit_code: 4 }),
    exitCode: 4,
    see: (meaning) => expect(meaning).toEqual(json({ missing: ['milk', 'eggs'], shop_open: true })),
  },
  {
    name: 'greets by a sidecar written by hand',
    file: 'python/greeting.py',
    sent: () => ({ name: '-Zoë', language: '日本語', loud: true }),
    see: (meaning) => expect(meaning).toEqual(text('こんにちは、-ZOËさん！\n')),
  },
  {
    name: 'leaves files, with the help of a module beside it',
    file: 'python/reports/sales_report.py',
    sent: () => ({ month: '2026-03', figures: { 'Zuid|<West>': 10, Noord: 0 } }),
    see: (meaning, { outputDir }) => {
      expect(meaning).toEqual(text('Sales of 2026-03: 10.00, the most of it in Zuid|<West>.\n'))
      expect(readdirSync(outputDir).sort()).toEqual(['sales-2026-03.csv', 'sales-2026-03.md', 'sales-2026-03.svg'])
      expect(readFileSync(join(outputDir, 'sales-2026-03.svg'), 'utf8')).toContain('Zuid|&lt;West&gt;')
    },
  },
  {
    name: 'makes web addresses in TypeScript',
    file: 'js/make_slugs.ts',
    sent: () => ({ titles: ['Été à la plage', '-5 °C', 'Ete a la plage'], ascii: true, separator: '_' }),
    see: (meaning) =>
      expect(meaning).toMatchObject(
        json([{ slug: 'ete_a_la_plage' }, { title: '-5 °C', slug: '5_c' }, { slug: 'ete_a_la_plage_2' }]),
      ),
  },
  {
    name: 'signs with a secret',
    file: 'js/sign_webhook.js',
    sent: () => ({ message: '-{"ok":true}', key: '--key' }),
    see: (meaning) => {
      const digest = new Bun.CryptoHasher('sha256', '--key').update('-{"ok":true}').digest('hex')
      expect(meaning).toEqual(text(`sha256=${digest}\n`))
    },
  },
  {
    name: 'asks web addresses, and lists the dead one too',
    file: 'js/check_addresses.mjs',
    sent: () => ({ addresses: [server.url.href, 'http://127.0.0.1:1/'], headers: '{"x-why":"test"}' }),
    see: (meaning) =>
      expect(meaning).toMatchObject(
        json([
          { ok: true, status: 200 },
          { address: 'http://127.0.0.1:1/', ok: false, status: null },
        ]),
      ),
  },
]

/** Not what lies in the folder: whoever tries the product leaves scripts there. */
const samples = [...new Set(rows.map(({ file }) => file))]

describe('every sample', () => {
  test.each(samples)('%s has a valid schema and help for each parameter', async (file) => {
    const params = await readSchema(file)
    expect(params.filter(({ help }) => help === '')).toEqual([])
  })

  test.each(samples)('%s begins with one sentence that describes it', (file) => {
    const source = readFileSync(join(samplesRoot, file), 'utf8')
    expect(source).toMatch(/^("""|\/\*\*\n \* )[A-Z].{10,90}[.:]\n/)
  })

  test('together they show every type and every key', async () => {
    const params = (await Promise.all(samples.map(readSchema))).flat()
    expect([...new Set(params.map(({ type }) => type))].sort()).toEqual([...paramTypes].sort())
    const keys: (keyof Param)[] = [
      'default',
      'choices',
      'multiple',
      'min',
      'max',
      'pattern',
      'secret',
      'storeTrue',
      'required',
    ]
    for (const key of keys) expect(params.filter((param) => param[key]).length, key).toBeGreaterThan(0)
  })
})

describe('a run of a sample', () => {
  test.each(rows)('$name: $file', async ({ file, sent, exitCode = 0, see }) => {
    await withSample(file, await toSampleArguments(file, sent()), async (run) => {
      expect(run.exitCode, run.stderr).toBe(exitCode)
      see(await meaningOf(run), run)
    })
  })
})

/** Input that the gateway cannot judge, or that somebody types by hand. */
const oddInputs: [string, string[], string][] = [
  ['python/word_count.py', [], 'the following arguments are required: --text'],
  ['python/word_count.py', ['--text', 'a', '--top', 'many'], "invalid int value: 'many'"],
  ['python/csv_summary.py', ['--file', '/nowhere.csv'], 'Cannot read the file: No such file or directory.'],
  ['python/csv_summary.py', ['--file', '/dev/null'], 'The file is empty.'],
  ['python/csv_summary.py', ['--file', process.execPath], 'it holds binary data'],
  [
    'python/csv_summary.py',
    ['--file', csv, '--columns', 'town'],
    'There is no column town. The file has: city, people.',
  ],
  ['python/palette_png.py', ['--colour', 'red'], 'A colour looks like #2f6fed, not like red.'],
  ['python/slow_cooker.py', ['--seconds', '-1'], 'The stove runs for 0 to 3600 seconds.'],
  ['python/when_things_go_wrong.py', ['--how', 'loudly'], 'invalid choice'],
  ['python/greeting.py', ['--name', 'Ada', '--in', 'Klingon'], 'invalid choice'],
  ['python/reports/sales_report.py', ['--month', 'March'], 'A month looks like 2026-03, not like March.'],
  ['python/reports/sales_report.py', ['--month', '2026-03', '--figures', '[]'], 'with at least one region'],
  ['python/reports/sales_report.py', ['--month', '2026-03', '--figures', '{"North":true}'], 'got true'],
  ['python/reports/sales_report.py', ['--month', '2026-03', '--figures', '{'], 'argument --figures'],
  ['js/make_slugs.ts', [], 'Give at least one --titles'],
  ['js/sign_webhook.js', ['--message', 'a', '--key', 'b', '--algorithm', 'md5'], 'one of sha256, sha512, sha1'],
  ['js/check_addresses.mjs', ['--addresses', 'file:///etc/passwd'], 'that begin with http:// or https://'],
  ['js/check_addresses.mjs', ['--addresses', 'http://localhost/', '--headers', '{'], '--headers must be a JSON object'],
]

describe('odd input is told on stderr, with exit code 2', () => {
  test.each(oddInputs)('%s %j', async (file, args, message) => {
    await withSample(file, args, ({ exitCode, stdout, stderr }) => {
      expect(stderr).toContain(message)
      expect([exitCode, stdout.length]).toEqual([2, 0])
    })
  })
})
