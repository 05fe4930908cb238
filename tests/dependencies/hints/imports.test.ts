import { describe, expect, test } from 'bun:test'
import { javascriptImports } from '../../../src/dependencies/hints/javascript-imports.ts'
import { pythonImports } from '../../../src/dependencies/hints/python-imports.ts'

/** `module:line`, with `?` where it is optional. */
const shown = (imports: ReturnType<typeof pythonImports>) =>
  imports.map(
    ({ module, members, line, isOptional }) =>
      `${module}${members.length > 0 ? `(${members})` : ''}:${line}${isOptional ? '?' : ''}`,
  )

const python: [what: string, text: string, imports: string[]][] = [
  ['plain imports, several at once and renamed', 'import a.b as c, d\nimport e', ['a.b:1', 'd:1', 'e:2']],
  ['from', 'from x.y import z\nfrom x import *', ['x.y(z):1', 'x:2']],
  ['from, over lines in parentheses', 'from x import (\n  a,  # one\n  b as c,\n)\nimport d', ['x(a,b):1', 'd:5']],
  ['continued with a backslash', 'import a, \\\n  b\nimport c', ['a:1', 'b:1', 'c:3']],
  ['several statements on a line', 'x = 1; import a; from b import c', ['a:1', 'b(c):1']],
  [
    'inside functions, classes and conditions',
    'def f():\n\timport a\n\nclass C: import b\nif x: import c',
    ['a:2', 'b:4', 'c:5'],
  ],
  [
    "after a colon that is not the header's",
    'if (lambda: 1)() and x[1:2]: import a\nif lambda: 1: import b',
    ['a:1', 'b:2'],
  ],
  ['relative ones are its own', 'from . import a\nfrom .b import c\nfrom ..d import e', []],
  [
    'comments and strings import nothing',
    "# import a\nx = \"import b\"\ny = '''\nimport c\n'''\nimport d # import e",
    ['d:6'],
  ],
  ['quotes in strings', 'x = "it\'s"\nimport a\ny = \'"""\'\nimport b\nz = "\\""\nimport c', ['a:2', 'b:4', 'c:6']],
  ['a docstring with quotes in it', '"""\nsays ""it"" and \\"""\nimport a\n"""\nimport b', ['b:5']],
  ['raw and formatted strings', 'x = r"\\"\nimport a"\nimport b\ny = f"{x}"\nimport c', ['b:3', 'c:5']],
  ['a string that is not closed ends with its line', 'x = "\nimport a', ['a:2']],
  ['a triple one does not', 'x = """\nimport a', []],
  ['brackets over lines', 'x = [\n"import a",\n1]\nimport b', ['b:4']],
  ['other ends of lines', 'import a\r\nimport b\rimport c', ['a:1', 'b:2', 'c:3']],
  ['names of other alphabets', 'import größe, 模块', ['größe:1', '模块:1']],
  ['words that only begin so', 'important = 1\nimports(a)\nfrom_ = 2\nx.import_ = 3', []],
  ['optional', 'try:\n  import a\n  import b\nexcept ImportError:\n  a = None\nimport c', ['a:2?', 'b:3?', 'c:6']],
  [
    'optional, with several classes',
    'try:\n  import a\nexcept (KeyError, ModuleNotFoundError) as e:\n  pass',
    ['a:2?'],
  ],
  ['optional, without a class', 'try: import a\nexcept: a = None', ['a:1?']],
  [
    'in a try that catches something else',
    'try:\n  import a\nexcept KeyError:\n  pass\nfinally:\n  import b',
    ['a:2', 'b:6'],
  ],
  ['in its handler', 'try:\n  import a\nexcept ImportError:\n  import b', ['a:2?', 'b:4?']],
  ['a try in a try', 'try:\n  try:\n    import a\n  except KeyError:\n    pass\nexcept ImportError:\n  pass', ['a:3?']],
  [
    'for one platform',
    'import sys\nif sys.platform == "win32":\n  import a\nelse:\n  import b\nimport c',
    ['sys:1', 'a:3?', 'b:5?', 'c:6'],
  ],
  [
    'for type checkers only',
    'if TYPE_CHECKING:\n  import a\n  if x:\n    import b\nelse:\n  import c\nif typing.TYPE_CHECKING: import d\nimport e',
    ['c:6', 'e:8'],
  ],
  [
    'for type checkers only, on some versions',
    'if sys.version_info > (3, 10):\n  import a\nelif TYPE_CHECKING:\n  import b\nimport c',
    ['a:2?', 'c:5'],
  ],
  [
    'by name',
    'importlib.import_module("a.b")\n__import__(\'c\')\nx = {\n  1: import_module("d", None)}',
    ['a.b:1', 'c:2', 'd:4'],
  ],
  [
    'by a name that is not there to read',
    'import_module(x)\nimport_module(f"a")\nimport_module("a" + b)\nimport_module(".a", "b")',
    [],
  ],
  ['nothing', '', []],
]

const javascript: [what: string, file: string, text: string, imports: string[]][] = [
  [
    'every way to import',
    'a.js',
    'import a from "a"\nimport \'b/sub\'\nexport * from "c"\nconst d = require(`d`)\nawait import("e")',
    ['a:1', 'b/sub:2', 'c:3', 'd:4', 'e:5'],
  ],
  [
    'comments and strings import nothing',
    'a.js',
    '// import "a"\n/* require("b") */\nconst x = \'import "c"\'\nexport default x',
    [],
  ],
  [
    'the line of the import and not of a mention',
    'a.js',
    '// from "a"\nconst x = "a"\nimport y from "a"\ny(x)',
    ['a:3'],
  ],
  ['over lines', 'a.js', 'import {\n  x,\n} from "a"\nx()', ['a:3']],
  [
    'types only',
    'a.ts',
    'import type { A } from "a"\nimport { B } from "b"\nimport { type C, d } from "c"\nlet x: A | B | C = d()',
    ['c:3'],
  ],
  ['by a name that is not there to read', 'a.js', 'import("a" + 1); require(x)', []],
  ['a name with signs', 'a.js', 'import a from "@x/y.z+(1)"\na()', ['@x/y.z+(1):1']],
  ['what cannot be parsed', 'a.js', 'import {', []],
]

describe('Python imports', () => {
  test.each(python)('%s', (_, text, imports) => expect(shown(pythonImports(text))).toEqual(imports))

  test('branches of which one is enough know each other', () => {
    const [a, b, c] = pythonImports(
      'try:\n  import a\nexcept ImportError:\n  import b\ntry:\n  import c\nexcept ImportError: pass',
    )
    expect([a!.either, b!.either]).toEqual([
      { block: 0, branch: 0 },
      { block: 0, branch: 1 },
    ])
    expect(c!.either).toEqual({ block: 1, branch: 0 })
  })
})

describe('JavaScript imports', () => {
  test.each(javascript)('%s', (_, file, text, imports) => expect(shown(javascriptImports(text, file))).toEqual(imports))
})

/** A quadratic scanner would take hours for these, and the test fails by its time limit. */
const mebi = 1024 * 1024
const long: [what: string, text: string][] = [
  ['nested quotes', '\'"'.repeat(mebi / 2)],
  ['triple quotes', '"""\'\'\''.repeat(mebi / 6)],
  ['escapes', `"${'\\"'.repeat(mebi / 2)}`],
  ['open brackets', '('.repeat(mebi)],
  ['brackets and strings', '["'.repeat(mebi / 2)],
  ['blanks', `if${' '.repeat(mebi)}x`],
  ['continued lines', '\\\n'.repeat(mebi / 2)],
  ['lines with strings', 'x = "a" \'b\'\n'.repeat(mebi / 12)],
  ['one statement after the other', 'import a;'.repeat(mebi / 9)],
  ['a list of names', `import ${'a, '.repeat(mebi / 3)}`],
  ['a long name', `from ${'a.'.repeat(mebi / 2)} import b`],
  ['lambdas', `if ${'lambda: '.repeat(mebi / 8)}`],
  ['tries in tries', Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}try:\n`).join('')],
  ['conditions', `if ${'(x.'.repeat(mebi / 3)}TYPE_CHECKING:`],
]

describe('a text of 1 MiB takes a moment, whatever is in it', () => {
  test.each(long)('%s', (_, text) => {
    expect(pythonImports(text).length).toBeLessThanOrEqual(30_000)
    expect(javascriptImports(text, 'a.js').length).toBeLessThanOrEqual(200)
    expect(javascriptImports(`import 'a';\n//${text}`, 'a.ts').length).toBeLessThanOrEqual(200)
  })
})

test('no text makes a scanner throw', () => {
  const parts = [
    'import ',
    'from ',
    'a',
    '.',
    ',',
    '(',
    ')',
    '"',
    "'",
    '"""',
    "'''",
    '\\',
    '\n',
    '\t',
    ' ',
    ':',
    ';',
    '#',
    'try:',
    'except',
    'if ',
    'TYPE_CHECKING',
    'lambda',
    'import_module(',
    '__import__(',
    '`',
    '${',
    '}',
    '{',
    '/*',
    '*/',
    '//',
    'require(',
    '\ud800',
    '\0',
  ]
  let seed = 5
  const next = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % below
  }
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: next(40) }, () => parts[next(parts.length)]).join('')
    expect(Array.isArray(pythonImports(text))).toBe(true)
    expect(Array.isArray(javascriptImports(text, round % 2 ? 'a.ts' : 'a.js'))).toBe(true)
  }
})
