/** What a script declares, as a file for somewhere else. */
import { GatewayError } from '../errors.ts'
import type { RuntimeName } from '../scripts/model.ts'
import { requirementLines } from './declared/edit.ts'
import { renderRequirement } from './declared/pep508.ts'
import type { Environments } from './environments.ts'
import type { Requirement } from './model.ts'
import type { Need } from './needs.ts'
import { isEmpty } from './serve-runs.ts'
import type { ExportFormat } from './view-model.ts'

const formatsOf: Record<RuntimeName, ExportFormat[]> = {
  python: ['requirements', 'lock', 'pep723'],
  js: ['package.json', 'lock'],
}

/** Rejects with `conflict` where there is nothing of that kind. */
export async function exportOf(
  need: Need | null,
  { runtime, stem, format }: { runtime: RuntimeName; stem: string; format: ExportFormat },
  environments: Environments,
): Promise<{ filename: string; text: string }> {
  if (!formatsOf[runtime].includes(format))
    throw new GatewayError(
      'conflict',
      `There is no "${format}" of this runtime: ask for ${formatsOf[runtime].join(' or ')}.`,
    )
  if (!need || isEmpty(need)) throw new GatewayError('conflict', 'This script declares no packages.')
  const { requirements, overrides, requiresPython } = need.declaration
  if (format === 'lock') return { filename: lockNames[runtime], text: await lockOf(need, environments) }
  if (format === 'package.json') return { filename: 'package.json', text: packageJson(stem, requirements, overrides) }
  if (format === 'requirements')
    return { filename: 'requirements.txt', text: `${requirements.flatMap(requirementLines).join('\n')}\n` }
  return { filename: `${stem}.pep723.txt`, text: pep723(requirements.map(renderRequirement), requiresPython) }
}

const lockNames: Record<RuntimeName, string> = { python: 'requirements.lock', js: 'bun.lock' }

async function lockOf({ environment, lock, lockState }: Need, environments: Environments): Promise<string> {
  if (lock !== null && lockState === 'current') return lock
  if (environment) return environments.lockText(environment)
  throw new GatewayError('conflict', 'There is no lock yet: install its packages first.')
}

const packageJson = (name: string, requirements: Requirement[], overrides: Record<string, string> | null) =>
  `${JSON.stringify(
    {
      ...{ name: name.toLowerCase().replace(/[^a-z0-9._-]+/g, '-'), private: true },
      dependencies: Object.fromEntries(requirements.map((one) => [one.name, one.url ?? (one.version || '*')])),
      ...(overrides && { overrides }),
    },
    null,
    2,
  )}\n`

/** https://peps.python.org/pep-0723/ */
function pep723(lines: string[], requiresPython: string | null): string {
  const list = lines.map((line) => `    ${JSON.stringify(line)},`)
  const toml = [
    ...(requiresPython ? [`requires-python = ${JSON.stringify(requiresPython)}`] : []),
    'dependencies = [',
    ...list,
    ']',
  ]
  return `${['# /// script', ...toml.map((line) => `# ${line}`), '# ///'].join('\n')}\n`
}
