/** Lines of a requirements.txt that are options of pip: what there is instead. */
import type { Policy } from './policy.ts'

/** Short names of options → long ones. */
const longNames: Record<string, string> = {
  '-c': '--constraint',
  '-e': '--editable',
  '-f': '--find-links',
  '-i': '--index-url',
}

const indexes =
  'Indexes are chosen by the settings PIP_INDEX_URL and PIP_EXTRA_INDEX_URLS, and this is none of theirs: leave the line out, or have the setting changed.'

const instead: Record<string, string> = {
  '--constraint': 'Constraints are not read: the lock keeps versions as they are. Write the versions beside the names.',
  '--editable':
    'A folder cannot be installed: put a wheel of it into the folder of the setting WHEEL_DIR and write its name.',
  '--find-links': 'Files are looked for in the folder of the setting WHEEL_DIR only: leave the line out.',
  '--index-url': indexes,
  '--extra-index-url': indexes,
  '--pypi-url': indexes,
  '--no-index': 'Whether an index is asked says the setting DEPS_OFFLINE: leave the line out.',
  '--trusted-host': 'Certificates are always checked: give the index one that is valid, and leave the line out.',
  '--no-binary':
    'Building from source runs the code of the package, and only the setting PIP_BUILDS_ALLOWED allows it: leave the line out.',
  '--only-binary': 'Only wheels are installed anyway, but for the setting PIP_BUILDS_ALLOWED: leave the line out.',
  '--prefer-binary': 'Only wheels are installed anyway: leave the line out.',
  '--pre':
    'Name the early version in the specifier of the package that you want it of, as in NAME>=2.0b1, and leave the line out.',
  '--require-hashes': 'What is installed is checked against the hashes of the lock anyway: leave the line out.',
  '--use-feature': 'It is a matter of the installer: leave the line out.',
}

/** What is wrong with the option, a sentence; null where it says only what is so anyway. */
export function optionProblem(line: string, { indexes }: Policy): string | null {
  const [, written = '', value = ''] = /^(--[A-Za-z][A-Za-z-]*|-[A-Za-z]?)(?:\s*=\s*|\s+|)(.*)$/.exec(line) ?? []
  const name = longNames[written] ?? written
  if (isIndexOption(name) && indexes.some((index) => isSameIndex(index, value.trim()))) return null
  const known = Object.hasOwn(instead, name) ? instead[name] : undefined
  return known ?? `${JSON.stringify(line.slice(0, 60))} is an option, and none but -r is taken: leave the line out.`
}

const isIndexOption = (name: string) => name === '--index-url' || name === '--extra-index-url'

/** A slash at the end makes no other index. */
const isSameIndex = (one: string, other: string) => URL.canParse(other) && plain(one) === plain(other)
const plain = (url: string) => new URL(url).href.replace(/\/+$/, '')
