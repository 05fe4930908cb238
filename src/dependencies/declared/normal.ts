/** What counts of a declaration, as one text: equal for equal sets, however and wherever they are written. */
import type { RuntimeName } from '../../scripts/model.ts'
import type { Requirement } from '../model.ts'
import { comparableNpmVersion } from './npm-spec.ts'

interface Counting {
  runtime: RuntimeName
  requirements: readonly Requirement[]
  overrides: Record<string, string> | null
  requiresPython: string | null
}

/** Canonical JSON: sorted, with no empty fields and no names of files. */
export function normalOf({ runtime, requirements, overrides, requiresPython }: Counting): string {
  const comparable = runtime === 'js' ? comparableNpmVersion : (version: string) => version
  return JSON.stringify({
    runtime,
    requirements: requirements
      .map(({ key, version, extras, marker, url, hashes }) =>
        JSON.stringify([key, comparable(version), extras, marker, url, [...hashes].sort()]),
      )
      .sort(),
    overrides: Object.entries(overrides ?? {})
      .map(([name, version]) => JSON.stringify([name, comparable(version)]))
      .sort(),
    requiresPython,
  })
}
