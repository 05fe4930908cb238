/** The installers there are, one for each runtime. */
import { join } from 'node:path'
import type { PythonInterpreter } from '../runtimes/python.ts'
import type { RuntimeName } from '../scripts/model.ts'
import type { Setting } from '../settings/settings.ts'
import { policyOf } from './declared/policy.ts'
import { createJavascriptInstaller } from './javascript/installer.ts'
import { InstallError, type Installer } from './model.ts'
import { createPythonInstaller } from './python/installer.ts'
import type { Tools } from './tool.ts'

interface InstallersDeps {
  python: PythonInterpreter
  /** Absolute path of this program. */
  bun: string
  /** Absolute; there. */
  cacheDir: string
  toolFor: Tools
  setting: Setting
}

const probeTimeoutMs = 30_000

export function createInstallers({
  python,
  bun,
  cacheDir,
  toolFor,
  setting,
}: InstallersDeps): Record<RuntimeName, Installer> {
  const js = createJavascriptInstaller({ bun })
  if ('problem' in python) return { js, python: withoutPython(python.problem) }
  return {
    js,
    python: createPythonInstaller({
      python: python.path,
      uv: Bun.which('uv'),
      policy: () => policyOf(setting),
      factsFile: join(cacheDir, 'python-facts.json'),
      runProbe: (command) =>
        toolFor({
          ...{ writable: [], shared: [], readable: [], ports: [], timeoutMs: probeTimeoutMs },
          onOutput: () => {}, // what it says is in the answer or in the error
          mask: (text) => text,
        })(command),
    }),
  }
}

/** A machine without Python installs nothing for it, and says why. */
function withoutPython(problem: string): Installer {
  const refuse = () => Promise.reject(new InstallError(problem))
  return {
    runtime: 'python',
    facts: refuse,
    knownFacts: () => null,
    fits: () => false,
    lockDigest: () => '',
    install: refuse,
    outdated: refuse,
    conflicts: refuse,
  }
}
