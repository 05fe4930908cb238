/** Environments for the tests of this folder: declared in a line, built in a folder of their own. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createJavascriptInstaller } from '../../../src/dependencies/javascript/installer.ts'
import type { Declaration, Installed, InstallJob, Sources } from '../../../src/dependencies/model.ts'
import type { Registry } from '../../harness/registry.ts'
import { createTool, type Tool } from './tool.ts'

export const bun = process.execPath
export const installer = createJavascriptInstaller({ bun })

export function declare(wanted: Record<string, string>, overrides: Record<string, string> | null = null): Declaration {
  const requirements = Object.entries(wanted).map(([name, text]) => {
    const url = text.startsWith('http') ? text : null
    return { name, key: name, version: url ? '' : text, extras: [], marker: null, url, hashes: [] }
  })
  return {
    ...{ runtime: 'js', scope: 'folder', file: 'js/package.json', lockFile: 'js/bun.lock', requirements, overrides },
    ...{ requiresPython: null, problems: [], normal: JSON.stringify([wanted, overrides]) },
  }
}

export function sourcesOf(registry: Registry | string, more: Partial<Sources> = {}): Sources {
  return {
    ...{ pipIndexUrl: '', pipExtraIndexUrls: [], npmRegistry: typeof registry === 'string' ? registry : registry.url },
    ...{ npmToken: null, isOffline: false, wheelDir: null, npmScriptsAllowed: [], pipBuildsAllowed: [], secrets: [] },
    ...more,
  }
}

export interface Built extends Installed {
  dir: string
  tool: Tool
  notes: string[]
}

/** Builds are beside each other in `folder` (absolute) and share their downloads. */
export function createBuilds(folder: string, base: Record<string, string> = {}) {
  const downloadDir = join(folder, 'downloads')
  let count = 0
  return async (
    declaration: Declaration,
    sources: Sources,
    more: Partial<InstallJob> & { toolBase?: Record<string, string> } = {},
  ): Promise<Built> => {
    const dir = resolve(folder, `build-${++count}`)
    mkdirSync(downloadDir, { recursive: true })
    mkdirSync(dir)
    const tool = createTool(dir, { ...base, ...more.toolBase })
    const notes: string[] = []
    const installed = await installer.install({
      ...{ declaration, dir, finalDir: `${dir}-final`, downloadDir, sources, lock: null, staleLock: null },
      ...{ runTool: tool.run, note: (text: string) => void notes.push(text), ...more },
    })
    return { ...installed, dir, tool, notes }
  }
}

export const textOf = (...path: string[]) => readFileSync(join(...path), 'utf8')
