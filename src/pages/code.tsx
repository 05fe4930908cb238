/** The Code tab: what is shown of a script's file, and what becomes of what is posted. */
import { CodeNotes, type CodeTabProps } from '../../views/code.tsx'
import { CodeDiff } from '../../views/code-diff.tsx'
import { Outcome } from '../../views/code-outcome.tsx'
import { mayDo } from '../../views/viewer.ts'
import { GatewayError } from '../errors.ts'
import { readAll } from '../files/chunks.ts'
import type { Script } from '../scripts/model.ts'
import { sourceBytesMax } from '../scripts/source.ts'
import { diffLines } from '../scripts/versions-diff.ts'
import type { PageDeps } from './deps.ts'
import { html, seeOther } from './html.tsx'

/** Of a form that holds a whole script: each byte may have become three. */
const formBytesMax = 3 * sourceBytesMax + 64 * 1024

/**
 * Monaco sets style elements and attributes. Its workers come from us, and have the policy of their own files; nothing else
 * than on any page runs or loads.
 */
const codePolicy =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; worker-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

/** The headers of a page with the editor. */
export const codeHeaders = { 'content-security-policy': codePolicy }

type Typed = Partial<Pick<CodeTabProps, 'refused' | 'conflict' | 'difference'>> & { text?: string }

/** What the tab shows: the file, or what was typed and not saved. */
export async function codeProps(
  deps: PageDeps,
  script: Script,
  { saved = false, now, typed = {} }: { saved?: boolean; now: number; typed?: Typed },
): Promise<CodeTabProps> {
  const { text, hash, problem } = await readFile(deps, script)
  const { text: typedText, refused = null, conflict = null, difference = null } = typed
  return {
    ...{ script, text: typedText ?? text, hash, problem, refused, conflict, difference, saved, now },
    eol: text?.includes('\r\n') ? 'crlf' : 'lf',
    isTyped: typedText !== undefined && typedText !== text,
    outcome: deps.code.outcomeOf(script),
    user: deps.viewer?.name ?? '',
    mayRun: mayDo(deps.viewer, 'run', script),
  }
}

/** A file that cannot be read is no surprise: its place says why. */
async function readFile({ code }: PageDeps, { id }: Script) {
  try {
    const { text, hash } = await code.read(id)
    return { text, hash, problem: text === null ? 'It is not UTF-8 text: change it on the disk.' : null }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { text: null, hash: '', problem: error.message }
  }
}

/** A posted form. */
interface CodeForm {
  /** `run`: saved, and on to the form that runs it. `check`: whether the file is still what it was. */
  act: 'save' | 'run' | 'compare' | 'check'
  text: string
  /** The hash of what the editor began with. */
  hash: string
  /** The editor in the page asks, and puts the answer into it. */
  isPart: boolean
}

const acts: CodeForm['act'][] = ['save', 'run', 'compare', 'check']

/** Throws `too_large`, and `validation` for what is no form of ours. */
export async function readCodeForm(request: Request): Promise<CodeForm> {
  const form = new URLSearchParams(Buffer.from(await readAll(request, formBytesMax)).toString())
  const [content, hash] = [form.get('content'), form.get('etag')]
  if (content === null || !hash) throw new GatewayError('validation', 'This form needs "content" and "etag".')
  // Forms send every end of a line as CRLF, whatever the file had.
  const lines = content.replaceAll('\r\n', '\n')
  return {
    act: acts.find((one) => one === form.get('act')) ?? 'save',
    text: form.get('eol') === 'crlf' ? lines.replaceAll('\n', '\r\n') : lines,
    hash,
    isPart: form.get('part') === '1',
  }
}

export interface CodeAnswer {
  script: Script
  now: number
  /** The page around the tab. */
  showPage(props: CodeTabProps, status: number): Promise<Response>
}

/** 303 to the tab or the form to run it, or the part that changed; what is refused comes back as it was typed. */
export async function saveCode(deps: PageDeps, form: CodeForm, answer: CodeAnswer): Promise<Response> {
  const { script, now } = answer
  try {
    const hash = await deps.code.save(script, form.text, form.hash)
    if (!form.isPart) return seeOther(`/scripts/${script.id}${form.act === 'run' ? '' : '?tab=code&saved=1'}`)
    const is = deps.scripts.find(String(script.id))?.script ?? script
    return part(<Outcome script={is} outcome={deps.code.outcomeOf(is)} now={now} />, 200, hash)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const isStale = error.type === 'conflict' && 'etag' in error.headers
    const typed = isStale
      ? {
          conflict: deps.code.lastChange(script.id),
          difference: form.isPart ? null : await differenceOf(deps, form, script),
        }
      : { refused: { message: error.message } }
    return showTyped(deps, form, answer, typed, error.status)
  }
}

/** What is typed against the file, or whether the file is another one by now; changes nothing. */
export async function compareCode(deps: PageDeps, form: CodeForm, answer: CodeAnswer): Promise<Response> {
  const { script } = answer
  if (form.act !== 'check')
    return showTyped(deps, form, answer, { difference: await differenceOf(deps, form, script) }, 200)
  const { hash } = await deps.code.read(script.id)
  const conflict = hash === form.hash ? null : deps.code.lastChange(script.id)
  return showTyped(deps, form, answer, { conflict }, 200)
}

/**
 * The page, or the part of it, with what was typed. Without JavaScript the form that comes back knows what the file has now:
 * to save it again is to write over that.
 */
async function showTyped(
  deps: PageDeps,
  form: CodeForm,
  answer: CodeAnswer,
  typed: Omit<Typed, 'text'>,
  status: number,
) {
  const { script, now, showPage } = answer
  const props = await codeProps(deps, script, { now, typed: { text: form.text, ...typed } })
  if (form.isPart)
    return part(
      typed.difference ? <CodeDiff difference={typed.difference} /> : <CodeNotes {...props} />,
      status,
      props.hash,
    )
  return showPage(typed.conflict ? props : { ...props, hash: form.hash }, status)
}

const differenceOf = async ({ code }: PageDeps, { text }: CodeForm, { id }: Script) => ({
  stretches: diffLines((await code.read(id)).text ?? '', text),
})

/** For the editor in the page, which knows by the header that it is one for it. */
const part = (markup: JSX.Element, status: number, hash: string) =>
  html(markup, { status, headers: { 'x-part': 'code', ...(hash === '' ? {} : { etag: `"${hash}"` }) } })
