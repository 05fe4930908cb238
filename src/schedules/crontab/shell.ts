/** Words of a shell's command line, of as much of its grammar as needs no shell: the rest is a problem in words. */
import { type Outcome, quote, refuse } from './model.ts'

export interface Word {
  text: string
  /** How many characters at its beginning are not quoted: a name before `=` counts only there. */
  bare: number
  /** What a shell would put in place of a part of it, which nobody knows here: `$HOME`, `~`, `*`. `text` holds it as written. */
  unknown: string | null
  /** From where on `text` is sure. */
  knownFrom: number
}

export type Token = { word: Word } | { operator: string }

/** Of `command`, in a shell with these variables. Linear in its length. */
export function readWords(command: string, variables: ReadonlyMap<string, string>): Outcome<{ tokens: Token[] }> {
  const reader = new Reader(command, variables)
  const problem = reader.read()
  return problem === null ? { ok: true, tokens: reader.tokens } : refuse(problem)
}

/** Longest first. */
const operators = [
  ...['&>>', '<<<', '<<-', '&&', '||', ';;', '&>', '>>', '>&', '>|', '|&', '<<', '<&', '<>'],
  ...['|', '&', ';', '<', '>'],
]

/** Its methods answer with a problem, or null. */
class Reader {
  readonly tokens: Token[] = []
  private word: Word | null = null
  private at = 0

  constructor(
    readonly command: string,
    readonly variables: ReadonlyMap<string, string>,
  ) {}

  read(): string | null {
    while (this.at < this.command.length) {
      const problem = this.step(this.command[this.at] ?? '')
      if (problem) return problem
    }
    this.endWord()
    return null
  }

  private step(character: string): string | null {
    if (character === '\\') return this.backslash()
    if (character === "'") return this.singleQuoted()
    if (character === '"') return this.doubleQuoted()
    if (character === '$') return this.dollar(false)
    if (character === '`') return notRead('`…`', 'puts in what another program prints')
    if (character === '(' || character === ')') return notRead('( )', 'starts a shell of its own')
    if ('|&;<>'.includes(character)) return this.operator(character)
    if (character === '#' && this.word === null) return this.comment()
    this.at += 1
    if (character === ' ' || character === '\t') this.endWord()
    else if (character === '\n') this.endCommand()
    else if ('*?['.includes(character) || (character === '~' && this.word === null)) this.addUnknown(character)
    else this.add(character, true)
    return null
  }

  private add(text: string, isBare = false) {
    this.word ??= { text: '', bare: 0, unknown: null, knownFrom: 0 }
    if (isBare && this.word.bare === this.word.text.length) this.word.bare += text.length
    this.word.text += text
  }

  private addUnknown(text: string) {
    this.add(text)
    if (this.word) Object.assign(this.word, { unknown: text, knownFrom: this.word.text.length })
  }

  private endWord() {
    if (this.word) this.tokens.push({ word: withBraces(this.word) })
    this.word = null
  }

  private endCommand() {
    this.endWord()
    this.tokens.push({ operator: ';' })
  }

  private backslash(): string | null {
    const next = this.command[this.at + 1]
    if (next === undefined) return 'It ends with a backslash: a crontab does not join lines'
    if (next !== '\n') this.add(next)
    this.at += 2
    return null
  }

  private singleQuoted(): string | null {
    const end = this.command.indexOf("'", this.at + 1)
    if (end === -1) return "A quotation mark (') is not closed"
    this.add(this.command.slice(this.at + 1, end))
    this.at = end + 1
    return null
  }

  private doubleQuoted(): string | null {
    this.add('')
    this.at += 1
    while (this.at < this.command.length) {
      const [character = '', next = ''] = this.command.slice(this.at, this.at + 2)
      if (character === '`') return notRead('`…`', 'puts in what another program prints')
      if (character === '$') {
        const problem = this.dollar(true)
        if (problem) return problem
        continue
      }
      this.at += 1
      if (character === '"') return null
      if (character === '\\' && next !== '' && '"\\$`\n'.includes(next)) {
        this.at += 1
        if (next !== '\n') this.add(next)
      } else this.add(character)
    }
    return 'A quotation mark (") is not closed'
  }

  private dollar(isQuoted: boolean): string | null {
    const name = /^\$(?:([A-Za-z_]\w{0,99})|\{([A-Za-z_]\w{0,99})\})/.exec(this.command.slice(this.at, this.at + 110))
    if (!name) return this.otherDollar(isQuoted)
    this.at += name[0].length
    const value = this.variables.get(name[1] ?? name[2] ?? '')
    if (value === undefined) this.addUnknown(name[0])
    else if (!isQuoted && /[\s*?[]/.test(value)) return `${name[0]} is taken apart by a shell: write its value out`
    // Without quotes, nothing is no word.
    else if (isQuoted || value !== '') this.add(value)
    return null
  }

  private otherDollar(isQuoted: boolean): string | null {
    const next = this.command[this.at + 1] ?? ''
    if (next === '(') return notRead('$(…)', 'puts in what another program prints')
    if (next === '{') return notRead(`\${…}`, 'is worked out by a shell')
    if (/[\w?$!@*#-]/.test(next) || (!isQuoted && /["']/.test(next)))
      return notRead(`$${next}`, 'is worked out by a shell')
    this.add('$')
    this.at += 1
    return null
  }

  private operator(character: string): null {
    const operator = operators.find((one) => this.command.startsWith(one, this.at)) ?? character
    // `2` of `2>` says which output is meant.
    if ('<>'.includes(character) && this.word?.bare === 1 && /^\d$/.test(this.word.text)) this.word = null
    this.endWord()
    this.tokens.push({ operator })
    this.at += operator.length
    return null
  }

  private comment(): null {
    const end = this.command.indexOf('\n', this.at)
    this.at = end === -1 ? this.command.length : end
    return null
  }
}

const notRead = (what: string, why: string) => `${what} ${why}, which an import does not do`

/** bash makes several words of `{a,b}` and `{1..3}`, other shells do not. */
function withBraces(word: Word): Word {
  const groups = word.text.slice(0, word.bare).match(/\{[^{}]*\}/g) ?? []
  const group = groups.find((one) => one.includes(',') || one.includes('..'))
  return group === undefined ? word : { ...word, unknown: quote(group), knownFrom: word.text.length }
}
