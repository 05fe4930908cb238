/** Where uploaded files go: which runtime's folder, under which path, as what. Pure. */
import { dirname, extname } from 'node:path'
import type { Problem } from '../errors.ts'
import type { Runtime, Runtimes } from '../runtimes/model.ts'
import { isPolicyName, isSidecarName, pathProblem, scriptNameProblem } from './filename.ts'
import type { RuntimeName } from './model.ts'
import { packagesRuntimeOf } from './packages-files.ts'

export interface UploadedFile {
  /** Absolute, where it is stored now. */
  path: string
  /** As it was sent; a folder's files have their folders in it. */
  sentName: string
}

export interface UploadWishes {
  /** Whose folder all of it goes to; else each file's own ending says so. */
  runtime?: RuntimeName
  /** Folder inside the runtime's folder. */
  group?: string
}

export interface PlannedFile extends UploadedFile {
  runtime: Runtime
  /** Path inside the runtime's folder. */
  filename: string
}

interface Options extends UploadWishes {
  files: UploadedFile[]
  runtimes: Runtimes
  ignorePatterns: string[]
}

/** What editors, systems and interpreters leave in folders: nobody means it when they send the folder. */
export const isLitter = (sentName: string) =>
  /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|\.git\/.*|__pycache__\/.*)$/i.test(sentName)

/** One problem for each file that cannot be placed; when there is none, every file has its place. */
export function planUpload(options: Options): { plan: PlannedFile[]; problems: Problem[] } {
  const plan: PlannedFile[] = []
  const problems: Problem[] = []
  for (const file of options.files) {
    const filename = [options.group, file.sentName].filter(Boolean).join('/').normalize('NFC')
    const runtime = runtimeOf(filename, options)
    const problem =
      file.sentName === '' ? 'has no name' : runtime ? placeProblem(filename, runtime, options) : unknownRuntime
    const isTwice = plan.some((other) => other.runtime === runtime && other.filename === filename)
    if (problem || isTwice) problems.push({ path: `/${filename}`, message: problem ?? 'was sent twice' })
    else if (runtime) plan.push({ ...file, runtime, filename })
  }
  return { plan, problems }
}

const unknownRuntime = 'is no script by its ending: say with the field "runtime" (python or js) whose folder it is for'

function runtimeOf(filename: string, { runtime, runtimes, files }: Options): Runtime | undefined {
  if (runtime) return runtimes[runtime]
  const all = Object.values(runtimes)
  const byEnding = (name: string) => all.find(({ extensions }) => extensions.includes(extname(name)))
  if (byEnding(filename)) return byEnding(filename)
  const byList = packagesRuntimeOf(filename)
  if (byList) return runtimes[byList]
  // Data goes where the scripts that it came with go, when those are of one kind.
  const scripts = new Set(files.map(({ sentName }) => byEnding(sentName)).filter((one) => one !== undefined))
  return scripts.size === 1 ? [...scripts][0] : undefined
}

function placeProblem(filename: string, runtime: Runtime, { ignorePatterns }: Options): string | null {
  const problem = pathProblem(filename, runtime)
  if (problem) return problem
  if (dirname(filename) !== '.') return null // beside the scripts of a group there may be anything
  if (isSidecarName(filename) || isPolicyName(filename) || packagesRuntimeOf(filename) === runtime.name) return null
  const scriptProblem = scriptNameProblem(filename, { runtime, ignorePatterns })
  return scriptProblem && `${scriptProblem}; other files need a folder, the field "group"`
}
