/** The block of PEP 723: found as its reference expression finds it, and changed with everything around it untouched. */
import { describe, expect, test } from 'bun:test'
import { parseInline, writeInline } from '../../../src/dependencies/declared/inline.ts'
import { parseRequirement, renderRequirement } from '../../../src/dependencies/declared/pep508.ts'

const policy = { urlPrefixes: [], indexes: [], buildsAllowed: [] }
const block = (...lines: string[]) =>
  ['# /// script', ...lines.map((line) => (line ? `# ${line}` : '#')), '# ///', ''].join('\n')
const parse = (source: string) => {
  const found = parseInline(source, policy)
  if (!found) return null
  const { requirements, requiresPython, problems } = found
  return { names: requirements.map((one) => renderRequirement(one)), requiresPython, problems }
}
const requirement = (text: string) => {
  const parsed = parseRequirement(text)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.requirement
}

test.each<[string, string, string[] | null]>([
  ['no block', 'print(1)\n', null],
  ['one', block('dependencies = ["requests >=2"]'), ['requests>=2']],
  ['one behind a shebang and code', `#!/usr/bin/env python\nx = 1\n${block('dependencies = ["a"]')}`, ['a']],
  [
    'on several lines, with comments',
    block('dependencies = [', '  "a", # why', '', '  \'b; os_name == "nt"\',', ']'),
    ['a', 'b; os_name == "nt"'],
  ],
  ['with Windows line ends', block('dependencies = ["a"]').replaceAll('\n', '\r\n'), ['a']],
  ['behind a byte order mark', `\ufeff${block('dependencies = ["a"]')}`, ['a']],
  ['without a line end behind it', block('dependencies = ["a"]').trimEnd(), ['a']],
  ['that is not closed', '# /// script\n# dependencies = ["a"]\nx = 1\n', null],
  ['that is not closed before code', '# /// script\n# dependencies = ["a"]\n\n# ///\n', null],
  ['that is indented', ' # /// script\n # dependencies = ["a"]\n # ///\n', null],
  ['of another kind', '# /// other\n# dependencies = ["a"]\n# ///\n', null],
  ['with tools alone', block('[tool.uv]', 'dependencies = ["a"]'), null],
  ['with a closing line that is content', '# /// script\n# dependencies = ["a"]\n# ///\n# [tool.x]\n# ///\n', null],
  ['the same twice', block('dependencies = ["a>=1", "A >= 1"]'), ['a>=1']],
  ['empty', block('dependencies = []'), []],
  ['that begins again and again', '# /// script\n'.repeat(200_000), null], // looked through once, not once for each
  ['behind one that is not closed', `# /// script\n# x\n\n${block('dependencies = ["a"]')}`, ['a']],
])('a block: %s', (_, source, names) => {
  const found = parse(source)
  if (_ === 'with a closing line that is content')
    expect(found?.problems[0]?.path).toBe('/line/1') // `///` is no TOML
  else expect(found).toEqual(names && { names, requiresPython: null, problems: [] })
})

test('what Python it wants', () => {
  expect(parse(block('requires-python = " >= 3.11,<4"'))).toEqual({
    names: [],
    requiresPython: '>=3.11,<4',
    problems: [],
  })
})

test.each([
  ['two blocks', `${block('dependencies = ["a"]')}\n${block('dependencies = []')}`, '/line/5', 'second block'],
  ['no TOML', block('dependencies = ["a"'), '/line/1', 'cannot be read as TOML'],
  ['a key twice', block('dependencies = ["a"]', 'dependencies = ["b"]'), '/line/1', 'cannot be read as TOML'],
  ['brackets without end', block(`dependencies = ${'['.repeat(30_000)}`), '/line/1', 'cannot be read as TOML'],
  ['a text for a list', block('dependencies = "a"'), '/dependencies', 'must be a list'],
  ['a number in the list', block('dependencies = ["a", 1]'), '/dependencies/1', 'must be a text'],
  ['an option in the list', block('dependencies = ["--index-url https://x"]'), '/dependencies/0', 'does not begin'],
  ['a line end in the list', block('dependencies = ["a\\n--pre"]'), '/dependencies/0', 'U+000A'],
  ['an address', block('dependencies = ["a @ https://x/a.whl"]'), '/dependencies/0', 'DEPS_URL_PREFIXES'],
  ['a package in two ways', block('dependencies = ["a", "A>=1"]'), '/dependencies/1', 'second time'],
  ['no version of Python', block('requires-python = "three"'), '/requires-python', 'no version specifier'],
  ['a number for Python', block('requires-python = 3.11'), '/requires-python', 'must be a text'],
])('%s is a problem', (_, source, path, words) => {
  const problems = parse(source)?.problems
  expect(problems).toMatchObject([{ path }])
  expect(problems?.[0]?.message).toContain(words)
})

describe('written back', () => {
  const around = '#!/usr/bin/env python\n"""Doc."""\n'
  const rest = '\nimport a  # dependencies = ["x"]\n'

  test.each<[string, string, string[], string]>([
    [
      'on one line',
      block('dependencies = ["a"]', 'x = 1'),
      ['a>=1', 'b'],
      block('dependencies = ["a>=1", "b"]', 'x = 1'),
    ],
    [
      'on several lines',
      block(
        'requires-python = ">=3"',
        'dependencies = [',
        '    "a",',
        ']  # here',
        '',
        '[tool.x]',
        'dependencies = ["no"]',
      ),
      ['a', 'b; os_name == "nt"'],
      block(
        'requires-python = ">=3"',
        'dependencies = [',
        '    "a",',
        '    \'b; os_name == "nt"\',',
        ']  # here',
        '',
        '[tool.x]',
        'dependencies = ["no"]',
      ),
    ],
    ['nothing left', block('dependencies = ["a"]'), [], block('dependencies = []')],
    [
      'where there was no list',
      block('requires-python = ">=3"'),
      ['a'],
      block('dependencies = [', '  "a",', ']', 'requires-python = ">=3"'),
    ],
    [
      'behind texts with brackets',
      block('x = """', 'dependencies = ["no"]', '"""', "y = ['[']", 'dependencies = []'),
      ['a'],
      block('x = """', 'dependencies = ["no"]', '"""', "y = ['[']", 'dependencies = ["a"]'),
    ],
    ['a key in quotes', block('"dependencies" = [ ]'), ['a'], block('"dependencies" = ["a"]')],
  ])('%s', (_, before, names, after) => {
    const written = writeInline(`${around}${before}${rest}`, names.map(requirement))
    expect(written).toBe(`${around}${after}${rest}`)
    expect(parse(written ?? '')?.names).toEqual(names)
  })

  test('with Windows line ends, and the rest as it was', () => {
    const source = `x = 1\n${block('dependencies = ["a"]', 'y = 1').replaceAll('\n', '\r\n')}z = 2\n`
    expect(writeInline(source, [requirement('b')])).toBe(source.replace('"a"', '"b"'))
  })

  test('a script without a block gets none', () => {
    expect(writeInline('print(1)\n', [requirement('a')])).toBeNull()
  })

  test('what cannot be changed alone is left', () => {
    expect(writeInline(block('dependencies = ["a"', 'x'), [requirement('a')])).toBeNull()
    expect(writeInline(`${block('dependencies = []')}\n${block('dependencies = []')}`, [])).toBeNull()
  })
})
