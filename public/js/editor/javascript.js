// JavaScript and TypeScript: TypeScript's own worker, with the typings of Bun and Node.js.
import { javascriptSnippets, paramSuggestion, toSuggestion } from './snippets.js'

/** Packages are not here, so nothing is said of them. */
const unknownModules = [2307, 2792, 7016, 2580, 2591, 2584, 1259, 1192]
/** In JavaScript what TypeScript says of types is a guess: names, syntax and calls that cannot work are told. */
const guesses = [
  ...[2322, 2339, 2345, 2349, 2351, 2353, 2362, 2363, 2365, 2367, 2531, 2532, 2533, 2551, 2554, 2555, 2556, 2559],
  ...[2571, 2721, 2722, 2739, 2740, 2741, 2769, 2790, 18046, 18047, 18048, 18049, 7053, 80001, 6133, 2683, 7006, 7031],
]

export function start({ monaco, model, files, params }) {
  const { typescript: ts, languages } = monaco
  const isTyped = model.getLanguageId() === 'typescript'
  const defaults = isTyped ? ts.typescriptDefaults : ts.javascriptDefaults
  defaults.setCompilerOptions({
    ...{ target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, moduleResolution: 100, lib: ['esnext'] },
    ...{ allowJs: true, checkJs: true, noEmit: true, allowNonTsExtensions: true, allowImportingTsExtensions: true },
    ...{ esModuleInterop: true, moduleDetection: 3, types: ['bun'], strict: isTyped, resolveJsonModule: true },
    ...{ skipLibCheck: true, noImplicitAny: false },
  })
  defaults.setDiagnosticsOptions({
    ...{ noSemanticValidation: true, noSyntaxValidation: false, noSuggestionDiagnostics: true },
    diagnosticCodesToIgnore: isTyped ? unknownModules : [...unknownModules, ...guesses],
  })
  loadTypings(defaults, files)

  for (const language of ['javascript', 'typescript'])
    languages.registerCompletionItemProvider(language, {
      provideCompletionItems(target, position) {
        const word = target.getWordUntilPosition(position)
        const range = new monaco.Range(position.lineNumber, word.startColumn, position.lineNumber, word.endColumn)
        const line = target.getLineContent(position.lineNumber).slice(0, word.startColumn - 1)
        const isMember = /\.\s*$/.test(line)
        if (isMember && !/\b(args|values|options|params|opts)\.\s*$/.test(line)) return { suggestions: [] }
        const ofSchema = params.map(paramSuggestion(monaco, range))
        if (isMember) return { suggestions: ofSchema }
        return { suggestions: [...ofSchema, ...javascriptSnippets().map(toSuggestion(monaco, range))] }
      },
    })
}

/** Until they are there only the syntax is checked: a name that is not known yet is no mistake. */
async function loadTypings(defaults, files) {
  const answer = await fetch(`${files}types.json`).catch(() => null)
  const typings = answer?.ok ? await answer.json() : {}
  for (const [path, text] of Object.entries(typings)) defaults.addExtraLib(text, `file:///${path}`)
  defaults.setDiagnosticsOptions({
    ...defaults.getDiagnosticsOptions(),
    noSemanticValidation: Object.keys(typings).length === 0,
  })
}
