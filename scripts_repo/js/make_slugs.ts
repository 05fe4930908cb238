/**
 * Turn titles into short, clean web addresses.
 *
 * Shows: TypeScript, a list, a choice, a flag that stands alone, and a table as the result.
 */
import { parseArgs } from 'node:util'

const ARGS_MAP = {
  titles: { flag: '--titles', type: 'str', required: true, multiple: true, help: 'The titles, one a field.' },
  separator: {
    flag: '--separator',
    type: 'choice',
    choices: ['-', '_', '.'],
    default: '-',
    help: 'What stands between two words.',
  },
  length_max: { flag: '--length-max', type: 'int', default: 60, min: 8, max: 200, help: 'Cut at a word, in characters.' },
  ascii: { flag: '--ascii', type: 'bool', action: 'store_true', help: 'Only a to z and 0 to 9: é becomes e.' },
}

interface Row {
  title: string
  slug: string
  length: number
}

export default function makeSlugs(titles: string[], separator: string, lengthMax: number, ascii: boolean): Row[] {
  const taken = new Set<string>()
  return titles.map((title) => {
    const slug = unused(shorten(toWords(title, ascii), separator, lengthMax), separator, taken)
    taken.add(slug)
    return { title, slug, length: slug.length }
  })
}

function toWords(title: string, ascii: boolean): string[] {
  const plain = ascii ? title.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss') : title.normalize('NFC')
  return plain.toLowerCase().match(ascii ? /[a-z0-9]+/g : /[\p{L}\p{M}\p{N}]+/gu) ?? []
}

function shorten(words: string[], separator: string, lengthMax: number): string {
  let slug = (words[0] ?? 'untitled').slice(0, lengthMax)
  for (const word of words.slice(1)) {
    if (slug.length + separator.length + word.length > lengthMax) break
    slug += separator + word
  }
  return slug
}

function unused(slug: string, separator: string, taken: Set<string>): string {
  if (!taken.has(slug)) return slug
  let number = 2
  while (taken.has(slug + separator + number)) number++
  return slug + separator + number
}

if (import.meta.main) {
  if (process.argv.includes('--_sys_get_schema')) console.log(JSON.stringify(ARGS_MAP))
  else {
    const { values } = parseArgs({
      strict: false, // a value may begin with "-"
      options: {
        titles: { type: 'string', multiple: true },
        separator: { type: 'string', default: ARGS_MAP.separator.default },
        'length-max': { type: 'string', default: String(ARGS_MAP.length_max.default) },
        ascii: { type: 'boolean' },
      },
    })
    const titles = (values.titles ?? []).filter((title) => typeof title === 'string')
    const lengthMax = Number(values['length-max'])
    if (titles.length === 0 || !Number.isInteger(lengthMax) || lengthMax < 1) {
      console.error('Give at least one --titles, and a whole number as --length-max.')
      process.exit(2)
    }
    console.log(JSON.stringify(makeSlugs(titles, String(values.separator), lengthMax, values.ascii === true)))
  }
}
