/**
 * Puts the browser's scripts together. js/main.js is one file with all that it imports, since every page needs that. What is
 * imported only when it is needed stays a file, and takes what others have as well from where it is: modules hold state, so
 * none may be there twice. A program of its own (sources → stdin, files → stdout, as JSON by their addresses): Bun.build
 * cannot be waited for while a module is being read, which is when assets.macro.ts asks.
 */
import { dirname, join, relative } from 'node:path'

type Files = Record<string, string>

const main = 'js/main.js'
const scanner = new Bun.Transpiler({ loader: 'js' })
// The types know only the older `minifyWhitespace`.
const shortener = new Bun.Transpiler({
  loader: 'js',
  target: 'browser',
  minify: { whitespace: true, syntax: true, identifiers: true },
} as ConstructorParameters<typeof Bun.Transpiler>[0])

/** From all sources what browsers get. Throws when modules cannot go together. */
export async function bundleScripts(sources: Files): Promise<Files> {
  const { own, later, alone } = follow(sources)
  /** Modules of main.js that other files import. */
  const taken = new Set<string>()
  /** In which file something else finds a module; null: in its own. */
  const elsewhere = (path: string, importer: string) => {
    if (!own.has(path)) return later.has(path) ? path : null
    if (own.has(importer)) return null
    taken.add(path)
    return main
  }
  const files: Files = {}
  for (const path of alone) files[path] = shortener.transformSync(sources[path]!)
  for (const path of later) files[path] = await build(sources, path, elsewhere)
  const whole = [sources[main], ...handOn(sources, [...taken].sort())].join('\n')
  files[main] = await build({ ...sources, [main]: whole }, main, elsewhere)
  return files
}

/**
 * `own`: main.js and what it imports. `later`: what is imported when it is needed, and what several of those import.
 * `alone`: what nobody imports: pages have it by itself.
 */
function follow(sources: Files) {
  const later = new Set<string>()
  const own = reach(main, new Set())
  for (const path of own) later.delete(path)
  const seenBy = new Map<string, string>()
  for (const entry of later)
    for (const path of reach(entry, own)) {
      if (seenBy.has(path)) later.add(path)
      seenBy.set(path, entry)
    }
  const alone = Object.keys(sources).filter((path) => !own.has(path) && !seenBy.has(path))
  return { own, later, alone }

  function reach(entry: string, without: Set<string>) {
    const reached = new Set([entry])
    for (const path of reached)
      for (const { kind, path: name } of scanner.scan(sources[path]!).imports) {
        const found = join(dirname(path), name)
        if (sources[found] === undefined) throw new Error(`${path} imports ${found}, which is not there.`)
        if (without.has(found)) continue
        if (kind === 'dynamic-import') later.add(found)
        else reached.add(found)
      }
    return reached
  }
}

/** What main.js says after its own lines, so that others find in it what they import. */
function handOn(sources: Files, paths: string[]): string[] {
  const names = new Map<string, string>()
  return paths.map((path) => {
    const { exports } = scanner.scan(sources[path]!)
    for (const name of exports) {
      if (names.has(name))
        throw new Error(`${names.get(name)} and ${path} both export ${name}, and others import them.`)
      names.set(name, path)
    }
    return `export { ${exports.join(', ')} } from ${JSON.stringify(addressFrom(main, path))}`
  })
}

/** One file with all that `entry` imports, but for what is found elsewhere. */
async function build(sources: Files, entry: string, elsewhere: (path: string, importer: string) => string | null) {
  const { outputs } = await Bun.build({
    entrypoints: [`/${entry}`],
    root: '/',
    target: 'browser',
    minify: true,
    plugins: [
      {
        name: 'sources',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /.*/ }, ({ path: name, importer }) => {
            const path = importer ? join(dirname(importer), name) : entry
            const file = importer ? elsewhere(path, importer) : null
            return file ? { path: addressFrom(entry, file), external: true } : { path, namespace: 'sources' }
          })
          onLoad({ filter: /.*/, namespace: 'sources' }, ({ path }) => ({ contents: sources[path]!, loader: 'js' }))
        },
      },
    ],
  })
  return outputs[0]!.text()
}

function addressFrom(file: string, other: string): string {
  const address = relative(dirname(file), other)
  return address.startsWith('.') ? address : `./${address}`
}

if (import.meta.main) console.log(JSON.stringify(await bundleScripts(await Bun.stdin.json())))
