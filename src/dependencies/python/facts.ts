/** The interpreter, asked once: what packages must fit, and what needs no package. Kept on disk, so that a start spawns nothing. */
import { readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { InstallError, type RunTool, type RuntimeFacts } from '../model.ts'

export interface PythonFacts extends RuntimeFacts {
  /** `3.11.7` */
  version: string
  /** `pip 23.2.1` or `uv 0.5.1`: what installs. */
  installer: string
  /** Modules of the language alone: with an environment, what is beside the interpreter is not seen. */
  language: ReadonlySet<string>
  /** Absolute, of the package pip; null where there is none. */
  pipFolder: string | null
}

interface FactsDeps {
  /** Absolute. */
  python: string
  /** Absolute; null where the host has none, and pip installs. */
  uv: string | null
  /** Absolute. It may be missing; its folder is there. */
  factsFile: string
  /** Runs a program confined to looking. */
  runProbe: RunTool
}

/** As the probe prints it. */
interface Probed {
  version: string
  implementation: string
  abiflags: string
  platform: string
  language: string[]
  beside: string[]
  hasVenv: boolean
  pip: { version: string; folder: string } | null
  /** Folders whose change makes this old. */
  folders: string[]
}

interface Kept {
  format: 1
  python: string
  uv: string | null
  stamps: Record<string, string>
  probed: Probed
  uvVersion: string | null
}

/** pip has had `--python` since. */
const oldestPip = [22, 3]

const probe = `
import importlib.util, json, pkgutil, platform, site, sys, sysconfig
def pip():
    try:
        import pip
        return {"version": pip.__version__, "folder": pip.__path__[0]}
    except ImportError:
        return None
folders = [f for f in dict.fromkeys(site.getsitepackages() + [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])]
soabi = sysconfig.get_config_var("SOABI") or ""
print(json.dumps({
    "version": platform.python_version(),
    "implementation": sys.implementation.name,
    "abiflags": getattr(sys, "abiflags", ""),
    "platform": "-".join(soabi.split("-")[2:]) or sysconfig.get_platform(),
    "language": sorted(getattr(sys, "stdlib_module_names", sys.builtin_module_names)),
    "beside": sorted({m.name for m in pkgutil.iter_modules(folders)}),
    "hasVenv": importlib.util.find_spec("venv") is not None,
    "pip": pip(),
    "folders": folders,
}))
`

/** Looks when it is first asked; a look that failed is not remembered. */
export function createPythonFacts({ python, uv, factsFile, runProbe }: FactsDeps) {
  let known: PythonFacts | null = null
  let looking: Promise<PythonFacts> | null = null

  /** Rejects with an InstallError that says what to install. */
  function facts(): Promise<PythonFacts> {
    looking ??= look().then(
      (found) => {
        known = found
        return found
      },
      (error) => {
        looking = null
        throw error
      },
    )
    return looking
  }

  async function look(): Promise<PythonFacts> {
    const kept = readKept(factsFile)
    if (kept && isCurrent(kept)) return toFacts(kept)
    const fresh = await ask()
    const found = toFacts(fresh)
    keep(factsFile, fresh)
    return found
  }

  const isCurrent = (kept: Kept) =>
    kept.python === python &&
    kept.uv === uv &&
    Object.entries(kept.stamps).every(([path, stamp]) => stampOf(path) === stamp)

  async function ask(): Promise<Kept> {
    const { stdout } = await runProbe({ argv: [python, '-I', '-c', probe], env: {}, isStdoutKept: true })
    const probed = parseProbed(stdout, python)
    const uvVersion = uv && (await runProbe({ argv: [uv, '--version'], env: {}, isStdoutKept: true })).stdout
    const paths = [python, ...(uv ? [uv] : []), ...probed.folders]
    const stamps = Object.fromEntries(paths.map((path) => [path, stampOf(path)]))
    return { format: 1, python, uv, stamps, probed, uvVersion: uvVersion && (/\d[\w.]*/.exec(uvVersion)?.[0] ?? '') }
  }

  return { facts, known: () => known }
}

function parseProbed(stdout: string, python: string): Probed {
  try {
    return JSON.parse(stdout) as Probed
  } catch {
    throw new InstallError(`${python} does not answer as Python does: set PYTHON to the path of a Python 3.`)
  }
}

/** Throws an InstallError where nothing can be installed with it. */
function toFacts({ probed, uvVersion, python }: Kept): PythonFacts {
  const { version, implementation, abiflags, platform, language, beside, hasVenv, pip } = probed
  const label = `${implementation === 'cpython' ? 'Python' : implementation} ${version}`
  if (!hasVenv)
    throw new InstallError(
      `${label} (${python}) cannot make environments: install its module venv (on Debian and Ubuntu: apt install python3-venv).`,
    )
  if (uvVersion === null && pip === null)
    throw new InstallError(
      `${label} (${python}) has no pip: install it (on Debian and Ubuntu: apt install python3-pip), or install uv.`,
    )
  if (uvVersion === null && isOlder(pip?.version ?? '', oldestPip))
    throw new InstallError(
      `pip ${pip?.version} of ${label} (${python}) is too old: ${oldestPip.join('.')} is the first that will do. Bring it up to date, or install uv.`,
    )
  return {
    id: `${implementation}-${version}${abiflags}-${platform}`,
    ...{ label, version, installer: uvVersion === null ? `pip ${pip?.version}` : `uv ${uvVersion}` },
    language: new Set(language),
    pipFolder: pip?.folder ?? null,
    builtins: new Set([...language, ...beside]),
  }
}

function isOlder(version: string, [major = 0, minor = 0]: number[]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number)
  return a < major || (a === major && b < minor)
}

/** Of what a path leads to; empty when nothing is there. */
function stampOf(path: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(realpathSync(path), { bigint: true })
    return `${mtimeNs}-${size}-${ino}`
  } catch {
    return ''
  }
}

function readKept(file: string): Kept | null {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept
    return kept.format === 1 ? kept : null
  } catch {
    return null // missing or half: it is asked again
  }
}

function keep(file: string, kept: Kept) {
  writeFileSync(`${file}.new`, JSON.stringify(kept))
  renameSync(`${file}.new`, file)
}
