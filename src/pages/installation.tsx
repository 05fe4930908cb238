/** The page of one installation, and the pieces that change when it ends. */
import { InstallationFragments, InstallationPage, type InstallationProps } from '../../views/installation.tsx'
import { scriptName } from '../../views/parts.tsx'
import { say } from '../../views/texts.ts'
import { mayDo } from '../../views/viewer.ts'
import type { Installation } from '../dependencies/model.ts'
import { GatewayError } from '../errors.ts'
import { readRange } from '../logs/log-range.ts'
import type { LogLine } from '../logs/model.ts'
import type { PageDeps } from './deps.ts'
import { html, seeOther } from './html.tsx'
import { readBefore } from './run.tsx'

const linesFirst = 250

/** Throws `not_found`. */
function findInstallation({ dependencies }: PageDeps, id: string): Installation {
  if (!/^[1-9]\d{0,14}$/.test(id)) throw new GatewayError('not_found', say('There is no such installation.'))
  return dependencies.installations.get(Number(id))
}

export async function showInstallation(
  deps: PageDeps,
  id: string,
  search: URLSearchParams,
  now: number,
): Promise<Response> {
  const installation = findInstallation(deps, id)
  const before = readBefore(search)
  const follow = deps.dependencies.installations.follow(installation.id)
  const from = Math.max(0, installation.log_lines - linesFirst)
  const lines =
    before === null
      ? follow.cursor(from).next(linesFirst)
      : (await readRange(follow.segments, { before, count: linesFirst })).items
  return html(<InstallationPage {...(await propsOf(deps, installation, lines, now))} before={before} />)
}

export const showInstallationFragments = async (deps: PageDeps, id: string, now: number) =>
  html(<InstallationFragments {...(await propsOf(deps, findInstallation(deps, id), [], now))} />)

/** One that ended in the meantime is where the visitor wanted it. */
export function cancelInstallation(deps: PageDeps, id: string): Response {
  const { installations } = deps.dependencies
  const installation = findInstallation(deps, id)
  if (installation.finished_at === null) installations.cancel(installation.id)
  return seeOther(`/dependencies/installations/${installation.id}`)
}

async function propsOf(
  { dependencies, scripts, viewer }: PageDeps,
  installation: Installation,
  lines: LogLine[],
  now: number,
): Promise<InstallationProps> {
  const { script_id: id, runtime, file } = installation
  const script = id === null ? undefined : scripts.find(String(id))?.script
  const isGlobal = id === null && file !== ''
  return {
    ...{ installation, lines, viewer, now },
    script: script ? { id: script.id, name: scriptName(script) } : null,
    mayCancel: dependencies.installations.mayCancel(installation.id),
    mayInstall: script ? mayDo(viewer, 'run', script) : isGlobal && (await dependencies.mayEditGlobal(runtime)),
  }
}
