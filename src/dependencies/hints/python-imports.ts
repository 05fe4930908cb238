/** What a Python source imports, read off its text. Nothing is run; what cannot be understood imports nothing. */
import { type LogicalLine, logicalLines } from './python-lines.ts'

export interface Import {
  /** As it is written: `os.path` of `from os.path import join`, `@scope/x/sub`. */
  module: string
  /** What is taken out of it: parts of a module may be modules, too. */
  members: string[]
  /** From 1. */
  line: number
  /** The source goes on without it: in a `try` that catches its absence, or for some platforms only. */
  isOptional: boolean
  /** Of one `try` or `if`, one branch is enough. */
  either: { block: number; branch: number } | null
}

const importsMax = 1000

interface Block {
  id: number
  indent: number
  /** `maybe`: depends on platform or version; `typing`: only for type checkers. */
  kind: 'try' | 'maybe' | 'typing'
  branch: number
  /** try: an `except` for a missing module has been met. */
  isCaught: boolean
  /** try: those before the first `except`. */
  tried: Import[]
}

/** In the order of the text; the same module may be there more than once. Relative ones are left out. */
export function pythonImports(text: string): Import[] {
  const imports: Import[] = []
  const blocks: Block[] = []
  let blockCount = 0

  for (const line of logicalLines(text)) {
    if (imports.length >= importsMax) break
    const { keyword, head, body } = splitHeader(line.code.trim().replace(/\s+/g, ' '))
    leaveBlocks(line.indent, keyword)
    enterBranch(line.indent, keyword, head)
    if (blocks.some(({ kind }) => kind === 'typing')) continue
    for (const statement of body.split(';')) for (const found of importsIn(statement.trim())) add(found, line.line)
    for (const { module, line: at } of dynamicImports(line)) add({ module, members: [] }, at)
  }
  return imports

  function leaveBlocks(indent: number, keyword: string) {
    const isOver = (block: Block) =>
      block.indent > indent || (block.indent === indent && !continuations[block.kind].includes(keyword))
    while (blocks.length > 0 && isOver(blocks.at(-1)!)) blocks.pop()
  }

  function enterBranch(indent: number, keyword: string, head: string) {
    const open = blocks.at(-1)
    const kind = keyword === 'try' ? 'try' : keyword === 'if' || keyword === 'elif' ? conditionKind(head) : null
    if (open?.indent === indent && kind === 'typing') open.kind = kind
    else if (open?.indent === indent) nextBranch(open, keyword, head)
    else if (kind) blocks.push({ ...{ id: blockCount++, indent, kind, branch: 0 }, isCaught: false, tried: [] })
  }

  function nextBranch(block: Block, keyword: string, head: string) {
    if (block.kind === 'maybe') block.branch++
    if (keyword !== 'except') return // what is after `else` and `finally` belongs to what was tried
    block.branch++
    if (!catchesMissing.test(head)) return
    block.isCaught = true
    for (const one of block.tried) one.isOptional = true
  }

  function add({ module, members }: Pick<Import, 'module' | 'members'>, line: number) {
    const inner = blocks.at(-1)
    const isOptional = blocks.some(({ kind, isCaught }) => kind === 'maybe' || isCaught)
    const either = inner ? { block: inner.id, branch: inner.branch } : null
    const found: Import = { module, members, line, isOptional, either }
    imports.push(found)
    for (const block of blocks) if (block.kind === 'try' && block.branch === 0) block.tried.push(found)
  }
}

/** What goes on with a block at the same indent. */
const continuations: Record<Block['kind'], string[]> = {
  try: ['except', 'else', 'finally'],
  maybe: ['elif', 'else'],
  typing: [],
}

function conditionKind(head: string): Block['kind'] | null {
  if (/^(el)?if\s*\(?\s*([\w.]+\.)?TYPE_CHECKING\s*\)?\s*$/.test(head)) return 'typing'
  return /\b(sys\s*\.\s*(platform|version_info)|os\s*\.\s*name|platform\s*\.\s*system)\b/.test(head) ? 'maybe' : null
}

/** Without a class, all is caught. */
const catchesMissing = /^except\s*$|\b(ImportError|ModuleNotFoundError|Exception|BaseException)\b/

/** `if x: import y`: what is before the colon, and what is behind. `keyword` and `head` are empty for simple statements. */
function splitHeader(code: string) {
  const keyword = /^(?:async\s+)?(try|except|else|finally|if|elif|for|while|with|def|class)\b/.exec(code)?.[1] ?? ''
  let depth = 0
  let lambdas = 0
  if (keyword)
    for (const { 0: token, index } of code.matchAll(/\blambda\b|:=|[:([{)\]}]/g)) {
      if ('([{'.includes(token)) depth++
      else if (')]}'.includes(token)) depth--
      else if (depth === 0 && token === 'lambda') lambdas++
      else if (depth === 0 && token === ':' && lambdas-- === 0)
        return { keyword, head: code.slice(0, index), body: code.slice(index + 1) }
    }
  return { keyword: '', head: '', body: code }
}

function importsIn(statement: string): Pick<Import, 'module' | 'members'>[] {
  const from = /^from\s+([^\s()]+)\s+import\b\s*(.*)$/s.exec(statement)
  if (from) return isName(from[1]!) ? [{ module: from[1]!, members: namesIn(from[2]!) }] : []
  const plain = /^import\s+(.*)$/s.exec(statement)
  return plain ? namesIn(plain[1]!).map((module) => ({ module, members: [] })) : []
}

const namesIn = (list: string) =>
  list
    .replace(/[()]/g, ' ')
    .split(',')
    .flatMap((part) => part.trim().split(/\s+/, 1))
    .filter(isName)

/** Of a module; a relative one begins with a dot and is none. */
const isName = (text: string) =>
  text.length <= 200 && /^[\p{L}\p{Nl}_][\p{L}\p{N}_]*(\.[\p{L}\p{Nl}_][\p{L}\p{N}_]*)*$/u.test(text)

function dynamicImports({ code, literals }: LogicalLine) {
  return [...code.matchAll(/\b(?:import_module|__import__)\s*\(\s*"(\d+)"\s*[,)]/g)].flatMap(([, index]) => {
    const literal = literals[Number(index)]
    return literal && isName(literal.text) ? [{ module: literal.text, line: literal.line }] : []
  })
}
