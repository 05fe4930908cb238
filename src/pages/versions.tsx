/** The history of a script's file: the list, one version compared with another, and back to it. */
import { ScriptPage } from '../../views/script.tsx'
import {
  type ShownVersion,
  type VersionsProps,
  VersionsTab,
  type VersionView,
  versionViews,
} from '../../views/versions.tsx'
import { GatewayError } from '../errors.ts'
import type { Script } from '../scripts/model.ts'
import type { Version, Versions } from '../scripts/versions.ts'
import { diffLines } from '../scripts/versions-diff.ts'
import type { PageDeps } from './deps.ts'
import { oneOf } from './form.ts'
import { html, seeOther } from './html.tsx'
import { pageIn } from './schedules.tsx'
import { findScript, pageProps } from './script.tsx'

/** As whoever looks may see and restore them. */
export interface PageVersions extends Pick<Versions, 'list' | 'get' | 'before' | 'text' | 'withHash'> {
  /** `hash`: what the visitor has seen, or `*`. Throws `conflict` when it is another one by now, `not_found`. */
  restore(id: number, version: number, hash: string): Promise<unknown>
}

const atOnce = 100

export async function showVersions(deps: PageDeps, idOrSlug: string, search: URLSearchParams, now: number) {
  const { script } = findScript(deps, idOrSlug)
  return versionsPage(deps, script, { search, refused: null, now })
}

interface Asked {
  search: URLSearchParams
  refused: { message: string; status: number } | null
  now: number
}

async function versionsPage(deps: PageDeps, { id }: Script, { search, refused, now }: Asked): Promise<Response> {
  const { script, params } = findScript(deps, String(id))
  const page = pageIn(search)
  const { items, total } = deps.versions.list(id, { limit: atOnce, offset: (page - 1) * atOnce })
  const chosen = chosenVersion(deps, script, search)
  const version = chosen ?? items[0] ?? deps.versions.list(id, { limit: 1, offset: 0 }).items[0]
  const view = oneOf(versionViews, search.get('view')) ?? 'before'
  const versions: VersionsProps = {
    ...{ script, versions: items, total, page, pages: Math.max(1, Math.ceil(total / atOnce)), now },
    shown: version ? shownVersion(deps, version, view) : null,
    done: refused ? null : doneIn(search),
    refused: refused?.message ?? null,
    isLost: chosen === null,
  }
  const props = await pageProps(deps, script, params, now)
  return html(<ScriptPage {...props} tab="code" content={<VersionsTab {...versions} />} />, {
    status: refused?.status ?? 200,
  })
}

/** What the address asks for, by its number or by its hash; null when that is not kept, undefined when it asks for none. */
function chosenVersion({ versions }: PageDeps, { id }: Script, search: URLSearchParams): Version | null | undefined {
  const [number, hash] = [search.get('version'), search.get('hash')]
  if (hash !== null) return versions.withHash(id, hash)
  if (number === null) return undefined
  if (!/^[1-9]\d{0,8}$/.test(number)) return null
  try {
    return versions.get(id, Number(number))
  } catch (error) {
    if (error instanceof GatewayError && error.type === 'not_found') return null
    throw error
  }
}

function shownVersion({ versions }: PageDeps, version: Version, wanted: VersionView): ShownVersion {
  const id = version.script_id
  const current = versions.list(id, { limit: 1, offset: 0 }).items[0] ?? null
  const other =
    wanted === 'before'
      ? versions.before(id, version.version)
      : wanted === 'current' && current?.version !== version.version
        ? current
        : null
  const text = versions.text(id, version.version)
  if (other === null) return { version, view: 'file', other, stretches: null, texts: { before: text, after: text } }
  const otherText = versions.text(id, other.version)
  const texts =
    other.version < version.version ? { before: otherText, after: text } : { before: text, after: otherText }
  return { version, view: wanted, other, stretches: diffLines(texts.before, texts.after), texts }
}

function doneIn(search: URLSearchParams): VersionsProps['done'] {
  const number = (name: string) => {
    const text = search.get(name) ?? ''
    return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null
  }
  const [from, version] = [number('restored'), number('version')]
  return from === null || version === null ? null : { from, version, undo: number('undo') }
}

/** 303 to the new version; what is refused is said above the list. */
export async function postRestore(
  deps: PageDeps,
  { id: idOrSlug, version: number }: Record<string, string>,
  form: URLSearchParams,
  now: number,
): Promise<Response> {
  const { script } = findScript(deps, idOrSlug!)
  if (!/^[1-9]\d{0,8}$/.test(number!))
    throw new GatewayError('validation', 'The number of a version is a whole one, from 1 on.')
  const newest = () => deps.versions.list(script.id, { limit: 1, offset: 0 }).items[0]
  const before = newest()
  try {
    await deps.versions.restore(script.id, Number(number), form.get('if_match') ?? '')
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const message =
      error.type === 'conflict'
        ? 'The file was changed meanwhile: look at what it is now, and restore again.'
        : error.message
    return versionsPage(deps, script, {
      search: new URLSearchParams({ version: number! }),
      refused: { message, status: error.status },
      now,
    })
  }
  const after = newest()
  const search = new URLSearchParams({ version: String(after?.version ?? number), restored: number! })
  if (before && after && before.version !== after.version) search.set('undo', String(before.version))
  return seeOther(`/scripts/${script.id}/versions?${search}`)
}
