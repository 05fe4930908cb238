/** The table of docs/settings.md, made from the options. Print it with: bun tests/docs/settings-table.ts */
import { options } from '../../src/config.ts'

type Row = (typeof options)[keyof typeof options] & { min?: number; max?: number; choices?: readonly string[] }

export function settingsTable(): string {
  const head = ['| setting | environment | type | default | |', '|---|---|---|---|---|']
  return [...head, ...Object.entries(options).map(([name, option]) => toRow(name, option as Row))].join('\n')
}

function toRow(name: string, option: Row): string {
  const { env, type, help } = option
  const meaning = [help.replaceAll('|', '\\|'), boundsOf(option), option.startOnly ? '**At start only.**' : '']
  return `| \`${name}\` | \`${env}\` | ${type} | ${defaultOf(name, option)} | ${meaning.filter(Boolean).join(' ')} |`
}

function defaultOf(name: string, { default: value }: Row): string {
  if (name === 'run_slots') return '4 a processor, at least 16' // the only one that depends on the machine
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((item) => `\`${item}\``).join(' ')
  if (value === '') return 'empty'
  return `\`${value}\`${typeof value === 'number' ? inMiB(value) : ''}`
}

const inMiB = (value: number) => (value >= 1024 ** 2 && value % 1024 ** 2 === 0 ? ` (${value / 1024 ** 2} MiB)` : '')

function boundsOf({ min, max, choices }: Row): string {
  if (choices) return `One of ${choices.map((choice) => `\`${choice}\``).join(' ')}.`
  return min === undefined && max === undefined ? '' : `From ${min} to ${max}.`
}

if (import.meta.main) console.log(settingsTable())
