/** Which module a program did not find, read off what it wrote when it ended. */
import type { RuntimeName } from '../../scripts/model.ts'
import { javascriptPackageOf, pythonPackagesOf } from './packages.ts'

export interface MissingModule {
  /** As it was looked for. */
  module: string
  /** The package that has it as a rule; null where the name does not say (`google.cloud`). */
  package: string | null
}

/** null when nothing is missing that a package could have: a file of the script's own, for example. */
export function missingModuleOf(stderr: string, runtime: RuntimeName): MissingModule | null {
  const module = [...stderr.slice(-stderrCharsMax).matchAll(patterns[runtime])].at(-1)?.slice(1).find(Boolean)
  if (module === undefined) return null
  if (runtime === 'js') {
    const name = javascriptPackageOf(module)
    return name === null ? null : { module, package: name }
  }
  const [first] = pythonPackagesOf(module)
  return { module, package: first ?? null }
}

/** What failed is written last. */
const stderrCharsMax = 64 * 1024

const patterns: Record<RuntimeName, RegExp> = {
  // Also as libraries say it that can do without (pandas: Missing optional dependency 'openpyxl').
  python:
    /^[ \t]*(?:\w+: )?(?:ModuleNotFoundError|ImportError): (?:No module named '?([\w.]+)|Missing optional dependency '([\w.-]+)')/gm,
  js: /Cannot find (?:package|module) ['"]([^'"\n]{1,214})['"]/g,
}
