// Python is completed by what stands in the file and what the standard library has: no language server, and no waiting for one.
import { startRuff } from './ruff.js'
import { paramSuggestion, pythonSnippets, toSuggestion } from './snippets.js'

const builtinTypes = ['str', 'list', 'dict', 'set', 'bytes', 'int', 'float', 'tuple'].map((name) => `builtins.${name}`)
/** Of which a value without a known type most likely is one. */
const likely = ['builtins.str', 'builtins.list', 'builtins.dict']
const argumentNames = /^(args|arguments|options|opts|params|values|namespace|ns)$/

export function start({ monaco, model, files, params }) {
  startRuff({ monaco, model, files })
  let names = null
  const read = () => {
    names ??= fetch(`${files}python-names.txt`).then(async (answer) => parseNames(await answer.text()))
    return names
  }
  const { CompletionItemKind: kinds } = monaco.languages
  const kindOf = {
    ...{ keyword: kinds.Keyword, module: kinds.Module, class: kinds.Class, function: kinds.Function },
    ...{ property: kinds.Property, constant: kinds.Constant },
  }

  monaco.languages.registerCompletionItemProvider('python', {
    triggerCharacters: ['.', '"', "'"],
    async provideCompletionItems(target, position) {
      const line = target.getLineContent(position.lineNumber).slice(0, position.column - 1)
      const word = target.getWordUntilPosition(position)
      const range = new monaco.Range(position.lineNumber, word.startColumn, position.lineNumber, word.endColumn)
      const toItem = ({ name, kind, signature, help }) => ({
        ...{ label: name, kind: kindOf[kind] ?? kinds.Variable, insertText: name, range },
        ...{ detail: signature ? name + signature : undefined, documentation: help || undefined },
      })
      const text = target.getValue()
      const known = await read()
      const found = complete({ line, text, word: word.word, known, params })
      const suggestions = found.names.map(toItem)
      if (found.params) suggestions.push(...params.map(paramSuggestion(monaco, range)))
      if (found.snippets) suggestions.push(...pythonSnippets().map(toSuggestion(monaco, range)))
      return { suggestions }
    },
  })

  monaco.languages.registerHoverProvider('python', {
    async provideHover(target, position) {
      const word = target.getWordAtPosition(position)
      if (!word) return null
      const before = target.getLineContent(position.lineNumber).slice(0, word.startColumn - 1)
      const owner = /([\w.]+)\.$/.exec(before)?.[1]
      const known = await read()
      const module = owner ? resolve(owner, importsOf(target.getValue())) : ''
      const found = (known.get(module) ?? []).find(({ name }) => name === word.word)
      if (!found?.signature && !found?.help) return null
      return { contents: [{ value: `\`\`\`python\n${found.name}${found.signature}\n\`\`\`` }, { value: found.help }] }
    },
  })
}

/** Module → its names; '' has keywords and builtins, `import` the modules themselves. */
function parseNames(text) {
  const modules = new Map()
  for (const line of text.split('\n')) {
    const [module, name, kind, signature = '', help = ''] = line.split('\t')
    if (!name) continue
    if (!modules.has(module)) modules.set(module, [])
    modules.get(module).push({ name, kind, signature, help })
  }
  return modules
}

/** What may stand behind `line`: names, and whether the schema's parameters and the snippets are among it. */
export function complete({ line, text, word, known }) {
  const nothing = { names: [] }
  const of = (module) => known.get(module) ?? []
  if (isComment(line)) return nothing
  if (/(\[|\.get\()\s*["']\w*$/.test(line)) return { names: [], params: true }
  if (isInString(line)) return nothing
  const from = /^\s*from\s+([\w.]+)\s+import\s+[\w\s,(]*$/.exec(line)
  if (from) return { names: of(from[1]) }
  if (/^\s*(import|from)\s+[\w.,\s]*$/.test(line)) return { names: of('import') }
  const owner = /([A-Za-z_][\w.]*|["'\])])\.\w*$/.exec(line)?.[1]
  const imports = importsOf(text)
  if (owner !== undefined) return members(owner, { text, imports, of })
  const own = ownNames(text)
    .filter((name) => name !== word)
    .map((name) => ({ name, kind: imports.has(name) ? 'module' : 'name' }))
  const taken = new Set(own.map(({ name }) => name))
  return { names: [...own, ...of('').filter(({ name }) => !taken.has(name))], params: true, snippets: true }
}

function members(owner, { text, imports, of }) {
  const unique = (names) => [...new Map(names.map((one) => [one.name, one])).values()]
  if (/^["']$/.test(owner)) return { names: of('builtins.str') }
  const direct = of(resolve(owner, imports))
  if (direct.length > 0) return { names: direct }
  const type = typeOf(owner, text, imports)
  if (type && of(type).length > 0) return { names: of(type) }
  const used = [...text.matchAll(new RegExp(`\\b${escaped(owner)}\\.([A-Za-z_]\\w*)`, 'g'))]
  const seen = used.map(([, name]) => ({ name, kind: 'property' }))
  return { names: unique([...seen, ...likely.flatMap(of)]), params: argumentNames.test(owner) }
}

/** By what it was last set to: a literal, or what a class of the library makes. */
function typeOf(name, text, imports) {
  const set = [
    ...text.matchAll(new RegExp(`\\b${escaped(name)}\\s*(?::\\s*([\\w.]+)[^=\\n]*)?=\\s*([^\\n=][^\\n]*)`, 'g')),
  ].at(-1)
  if (!set) return null
  const [, annotation, value] = set
  if (annotation) return builtinTypes.find((one) => one.endsWith(`.${annotation}`)) ?? resolve(annotation, imports)
  if (/^[rbfu]*["']/i.test(value)) return 'builtins.str'
  if (/^\[/.test(value)) return 'builtins.list'
  if (/^\{/.test(value)) return /^\{[^:}]+[,}]/.test(value) ? 'builtins.set' : 'builtins.dict'
  const called = /^([\w.]+)\(/.exec(value)?.[1]
  if (!called) return null
  return builtinTypes.find((one) => one === `builtins.${called}`) ?? resolve(called, imports)
}

/** Name in the file → what it stands for. */
function importsOf(text) {
  const imports = new Map()
  for (const [, list] of text.matchAll(/^\s*import\s+([\w.,\t ]+)/gm))
    for (const one of list.split(',')) {
      const [module, alias] = one.trim().split(/\s+as\s+/)
      if (alias) imports.set(alias, module)
      else if (module) imports.set(module.split('.')[0], module.split('.')[0])
    }
  for (const [, module, list] of text.matchAll(/^\s*from\s+([\w.]+)\s+import\s+\(?([\w,\s]+)\)?/gm))
    for (const one of list.split(/[,\n]/)) {
      const [name, alias = name] = one.trim().split(/\s+as\s+/)
      if (/^\w+$/.test(name)) imports.set(alias, `${module}.${name}`)
    }
  return imports
}

function resolve(path, imports) {
  const [first, ...rest] = path.split('.')
  return [imports.get(first) ?? first, ...rest].join('.')
}

const ownNames = (text) => {
  const bare = text.replace(/#.*|("""|''')[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, '')
  return [...new Set(bare.match(/\b[A-Za-z_]\w{2,}\b/g) ?? [])]
}

const escaped = (text) => text.replaceAll('.', '\\.')
const isInString = (line) => (line.replace(/\\./g, '').match(/["']/g) ?? []).length % 2 === 1
const isComment = (line) => /#/.test(line.replace(/"[^"]*"|'[^']*'/g, ''))
