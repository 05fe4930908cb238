/** What packages are installed for: the Bun that is this program. */
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import type { RuntimeFacts } from '../model.ts'

export function javascriptFacts(): RuntimeFacts {
  const { platform, arch } = process
  const language = builtins()
  return {
    id: ['bun', Bun.version, platform, arch, ...(platform === 'linux' ? [libc()] : [])].join('-'),
    label: `Bun ${Bun.version}`,
    ...{ language, builtins: language },
  }
}

/** There is a Bun for each; the one that runs has its own mapped. */
const libc = () => (readFileSync('/proc/self/maps', 'utf8').includes('ld-musl') ? 'musl' : 'glibc')

/** What can be imported without a package: `fs`, `node:fs`, `bun`, `bun:sqlite`, and those that only have a name with a prefix. */
function builtins(): ReadonlySet<string> {
  const names = builtinModules.filter((name) => !name.startsWith('_')).map((name) => name.replace(/^node:/, ''))
  const own = names.filter((name) => name === 'bun' || name.startsWith('bun:'))
  const shared = names.filter((name) => !own.includes(name))
  return new Set([...own, ...shared, ...shared.map((name) => `node:${name}`), 'node:test', 'node:sqlite', 'node:sea'])
}
