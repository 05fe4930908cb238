/** What a script is called and tagged, and whether it may be called: what is shown, and what becomes of the posted form. */

import { ScriptPage } from '../../views/script.tsx'
import { type AboutForm, type GeneralProps, GeneralTab } from '../../views/script-settings.tsx'
import { currentLanguage, say, type Text } from '../../views/texts.ts'
import { GatewayError } from '../errors.ts'
import type { About } from '../scripts/about.ts'
import type { Script } from '../scripts/model.ts'
import type { PageDeps } from './deps.ts'
import { sentence, textIn } from './form.ts'
import { html, seeOther } from './html.tsx'
import { findScript, pageProps } from './script.tsx'

type Refused = Pick<GeneralProps, 'form' | 'message' | 'problems'>

export function generalProps(
  deps: PageDeps,
  script: Script,
  { search, refused, now }: { search?: URLSearchParams; refused?: Refused; now: number },
): GeneralProps {
  return {
    ...{ script, now, was: stampOf(script), knownTags: deps.tags() },
    ...(refused ?? { form: aboutOf(script), message: null, problems: [] }),
    done: refused ? null : doneIn(search ?? new URLSearchParams()),
  }
}

const aboutOf = ({ alias, description, tags, state }: Script): AboutForm => ({
  ...{ alias: alias ?? '', description, tags },
  isActive: state !== 'inactive',
})

/** Another one when somebody else has saved meanwhile. */
const stampOf = ({ alias, description, tags, state }: Script) =>
  Bun.hash(JSON.stringify([alias, description, tags, state])).toString(36)

const words = {
  alias: 'the name',
  description: 'the description',
  tags: 'the tags',
  state: 'whether it is active',
} satisfies Record<string, Text>

/** What the address says was changed, in words. */
function doneIn(search: URLSearchParams): string | null {
  const saved = search.get('saved')
  if (saved === null) return null
  if (saved === 'read') return say('It was read again.')
  const names = saved.split(',').flatMap((name) => (isWord(name) ? say(words[name]) : []))
  if (names.length === 0) return say('Nothing was different.')
  return say('Changed: {what}.', { what: new Intl.ListFormat(currentLanguage()).format(names) })
}

const isWord = (name: string): name is keyof typeof words => Object.hasOwn(words, name)

/** 303 to the tab; what is refused comes back as it was typed. */
export async function postAbout(
  deps: PageDeps,
  idOrSlug: string,
  form: URLSearchParams,
  now: number,
): Promise<Response> {
  const { script } = findScript(deps, idOrSlug)
  const typed = typedIn(form, script)
  const changes = changesOf(script, typed)
  try {
    if (form.get('was') !== stampOf(script) && Object.keys(changes).length > 0)
      throw new GatewayError(
        'conflict',
        say('Somebody else has changed this meanwhile. Save again to write yours over it.'),
      )
    if (Object.keys(changes).length > 0) deps.acts.one.describe(script.id, changes)
    return seeOther(`/scripts/${script.id}?tab=settings&saved=${Object.keys(changes).join(',')}`)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return refusedPage(deps, script, { form: typed, ...saidOf(error) }, { status: error.status, now })
  }
}

function typedIn(form: URLSearchParams, script: Script): AboutForm {
  const tags = [...form.getAll('tags').join(',').split(/[,，]/)].map((tag) => tag.trim()).filter((tag) => tag !== '')
  return {
    alias: textIn(form, 'alias'),
    description: textIn(form, 'description').replaceAll('\r\n', '\n'),
    tags,
    isActive: form.has('has_switch') ? form.get('active') === '1' : script.state !== 'inactive',
  }
}

/** What stays as it is is not sent: a description from the file would become one of its own. */
function changesOf(script: Script, typed: AboutForm): About {
  const before = aboutOf(script)
  return {
    ...(typed.alias === before.alias ? {} : { alias: typed.alias || null }),
    ...(typed.description === before.description.trim() ? {} : { description: typed.description }),
    ...(JSON.stringify(typed.tags) === JSON.stringify(before.tags) ? {} : { tags: typed.tags }),
    ...(typed.isActive === before.isActive ? {} : { state: typed.isActive ? 'active' : 'inactive' }),
  }
}

const fields = ['alias', 'description', 'tags']

/** Fields say what is wrong with them; only the rest needs a sentence above. */
function saidOf({ message, details }: GatewayError): Pick<Refused, 'message' | 'problems'> {
  const problems = details.map((problem) => ({ ...problem, message: sentence(problem.message) }))
  const isPlaced = problems.length > 0 && problems.every(({ path }) => fields.includes(path.split('/')[1] ?? ''))
  return { problems, message: isPlaced ? null : sentence(message) }
}

async function refusedPage(
  deps: PageDeps,
  script: Script,
  refused: Refused,
  { status, now }: { status: number; now: number },
) {
  const { params } = findScript(deps, String(script.id))
  const page = await pageProps(deps, script, params, now)
  const content = <GeneralTab {...generalProps(deps, script, { refused, now })} />
  return html(<ScriptPage {...page} tab="settings" content={content} />, { status })
}

/** 303 to where it can be seen what became of it. */
export async function postRescan(deps: PageDeps, idOrSlug: string): Promise<Response> {
  const { script } = findScript(deps, idOrSlug)
  await deps.rescan(script.id)
  return seeOther(`/scripts/${script.id}?tab=settings&saved=read`)
}
