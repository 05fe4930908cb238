/** New scripts and templates: what is shown, and what becomes of posted forms. */
import { NameError, NewScriptPage, type NewScriptProps } from '../../views/new-script.tsx'
import type { UploadOutcome } from '../../views/new-script-upload.tsx'
import { TemplatesPage } from '../../views/templates.tsx'
import { GatewayError } from '../errors.ts'
import type { NewScript } from '../scripts/editor.ts'
import { isPolicyName, isSidecarName } from '../scripts/filename.ts'
import { type RuntimeName, runtimeNames } from '../scripts/model.ts'
import { packagesRuntimeOf } from '../scripts/packages-files.ts'
import { getTemplate, listTemplates, type Template } from '../scripts/templates.ts'
import { orOverwrite, type Placed } from '../scripts/upload.ts'
import type { PageDeps } from './deps.ts'
import { oneOf, sentence, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'

/** As whoever looks may make them. */
export interface PageNewScripts {
  /** Why no script can be made there, in words that follow its name; null when one can. */
  nameProblem(runtime: RuntimeName, filename: string): Promise<string | null>
  /** Answers its id. Throws `forbidden`, `conflict`, `validation`. */
  create(script: NewScript): Promise<number>
  /** Takes in the files of a posted form. Throws `validation` with one detail for each file that has no place, `conflict`. */
  upload(request: Request): Promise<Placed>
}

export function showTemplates(deps: PageDeps, search: URLSearchParams): Response {
  const chosen = templateIn(search.get('template'))
  return html(<TemplatesPage templates={listTemplates()} chosen={chosen} viewer={deps.viewer} />)
}

/** A name that is none is the first one: links to templates may be old. */
function templateIn(name: string | null): Template {
  try {
    return getTemplate(name ?? 'python')
  } catch (error) {
    if (error instanceof GatewayError) return getTemplate('python')
    throw error
  }
}

const folderOf = (text: string) => text.replace(/^\/+|\/+$/g, '')

export async function showNewScript(deps: PageDeps, search: URLSearchParams): Promise<Response> {
  const chosen = templateIn(search.get('template'))
  const group = search.get('group') ?? ''
  const suggested = await freeName(deps, chosen, group)
  return html(
    <NewScriptPage
      {...usual(deps, chosen)}
      way={search.get('from') === 'upload' ? 'upload' : 'template'}
      filename={nameFor(suggested, search)}
      {...{ suggested, group }}
    />,
  )
}

const suggestionsMax = 50

/** The name of the template, or with the first number that makes a new one of it. */
async function freeName({ newScripts }: PageDeps, { runtime, filename }: Template, group: string): Promise<string> {
  const dot = filename.lastIndexOf('.')
  for (let n = 1; n <= suggestionsMax; n++) {
    const name = n === 1 ? filename : `${filename.slice(0, dot)}_${n}${filename.slice(dot)}`
    if ((await newScripts.nameProblem(runtime, pathOf(runtime, group, name))) === null) return name
  }
  return filename
}

/** What was typed stays, under the ending of the runtime; what another template suggested does not. */
function nameFor(suggested: string, search: URLSearchParams): string {
  const typed = (search.get('filename') ?? '').trim()
  if (typed === '' || typed === search.get('suggested')) return suggested
  const ending = suggested.slice(suggested.lastIndexOf('.'))
  const isOfRuntime = ending === '.py' ? /\.py$/ : /\.([cm]?js|ts)$/
  return isOfRuntime.test(typed) ? typed : typed.replace(/\.(py|[cm]?js|ts)$/, '') + ending
}

function usual(deps: PageDeps, chosen: Template): NewScriptProps {
  const groups: Record<RuntimeName, Set<string>> = { python: new Set(), js: new Set() }
  for (const { runtime, group } of deps.scripts.list()) if (group !== '') groups[runtime].add(group)
  return {
    ...{
      way: 'template',
      templates: listTemplates(),
      chosen,
      filename: chosen.filename,
      suggested: chosen.filename,
      group: '',
    },
    groups: { python: [...groups.python].sort(), js: [...groups.js].sort() },
    ...{ nameError: null, message: null, viewer: deps.viewer },
    upload: { runtime: '', group: '', overwrite: false, outcome: null },
  }
}

const endings: Record<RuntimeName, string> = { python: '.py', js: '.js' }

/** The path that is meant: who types no ending means the usual one. */
function pathOf(runtime: RuntimeName, group: string, name: string): string {
  const full = name === '' || /\.\w+$/.test(name) ? name : name + endings[runtime]
  return [folderOf(group), full].filter(Boolean).join('/')
}

/** The line below the name, asked for while it is typed. */
export async function checkName(deps: PageDeps, search: URLSearchParams): Promise<Response> {
  const runtime = oneOf(runtimeNames, search.get('runtime')) ?? 'python'
  const name = (search.get('filename') ?? '').trim()
  if (name === '') return html(<NameError problem={null} />)
  const path = pathOf(runtime, search.get('group') ?? '', name)
  const problem = await deps.newScripts.nameProblem(runtime, path)
  return html(<NameError problem={problem === null ? null : `"${path.slice(0, 200)}" ${problem}.`} />)
}

/** 303 to the code of the new script; what is refused comes back as it was typed. */
export async function postNewScript(deps: PageDeps, form: URLSearchParams): Promise<Response> {
  const chosen = getTemplate(form.get('template') ?? '')
  const { runtime, content } = chosen
  const [filename, group] = [textIn(form, 'filename'), textIn(form, 'group')]
  try {
    const path = pathOf(runtime, group, filename)
    const id = await deps.newScripts.create({ runtime, filename: path, content })
    return seeOther(`/scripts/${id}?tab=code`)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const isName = error.type === 'conflict' || error.details.some(({ path }) => path === '/filename')
    const said = error.details.find(({ path }) => path === '/filename')?.message ?? error.message
    const taken = `"${pathOf(runtime, group, filename)}" exists already: choose another name.`
    const nameError = isName ? sentence(error.type === 'conflict' ? taken : said) : null
    const message = isName ? null : sentence(error.message)
    return html(<NewScriptPage {...usual(deps, chosen)} {...{ filename, group, nameError, message }} />, {
      status: error.status,
    })
  }
}

/** 303 to the script where one came alone; else what became of each file. */
export async function postUpload(deps: PageDeps, request: Request): Promise<Response> {
  try {
    const placed = await deps.newScripts.upload(request)
    const [only] = placed.scripts
    if (only !== undefined && placed.files.length === 1 && placed.skipped.length === 0)
      return seeOther(`/scripts/${only}`)
    return uploadPage(deps, outcomeOf(deps, placed), 200)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const refused = error.details.filter(({ path }) => path.startsWith('/'))
    const isTaken = error.type === 'conflict' && refused.length > 0
    const outcome: UploadOutcome = {
      ...{ isStored: false, isTaken },
      message: refused.length > 0 ? null : sentence(error.message.replace(orOverwrite, '.')),
      files: refused.map(({ path, message }) => ({
        path: path.slice(1),
        as: 'refused',
        id: null,
        why: sentence(forPage(message)),
      })),
    }
    return uploadPage(deps, outcome, error.status)
  }
}

/** What the API calls a field has another name here. */
const forPage = (message: string) =>
  message
    .replace('a folder, the field "group"', 'a folder')
    .replace('say with the field "runtime" (python or js) whose folder it is for', 'choose for which runtime it is')

const uploadPage = (deps: PageDeps, outcome: UploadOutcome, status: number) => {
  const props = usual(deps, templateIn(null))
  return html(<NewScriptPage {...props} way="upload" upload={{ ...props.upload, outcome }} />, { status })
}

function outcomeOf(deps: PageDeps, { scripts, files, skipped }: Placed): UploadOutcome {
  const found = scripts.flatMap((id) => deps.scripts.find(String(id))?.script ?? [])
  const byPath = new Map(found.map((script) => [`${script.runtime}/${script.filename}`, script]))
  const kindOf = (path: string) =>
    isSidecarName(path)
      ? 'sidecar'
      : isPolicyName(path)
        ? 'policy'
        : packagesRuntimeOf(path) !== null
          ? 'packages'
          : /\.(py|[cm]?js|ts)$/.test(path)
            ? 'helper'
            : 'file'
  const placed = files.map((path) => {
    const script = byPath.get(path)
    if (!script) return { path, as: kindOf(path), id: null, why: null } as const
    return { path, as: script.state === 'error' ? 'broken' : 'script', id: script.id, why: script.error } as const
  })
  const isFirst = (id: number | null) => (id === null ? 1 : 0)
  return {
    ...{ isStored: true, isTaken: false, message: null },
    files: [
      ...placed.sort((a, b) => isFirst(a.id) - isFirst(b.id)),
      ...skipped.map((path) => ({ path, as: 'skipped', id: null, why: null }) as const),
    ],
  }
}
