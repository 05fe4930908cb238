/** The Code tab of a script: its file in an editor, and what became of the last save. A plain form without JavaScript. */
import type { CodeChange, CodeDifference, CodeOutcome } from '../src/pages/code-model.ts'
import type { Script } from '../src/scripts/model.ts'
import { editorAssets } from './assets.ts'
import { attr } from './attr.ts'
import { CodeDiff } from './code-diff.tsx'
import { Outcome } from './code-outcome.tsx'
import { Ago, Icon, Note, size } from './parts.tsx'
import { currentLanguage, markup, say, t } from './texts.ts'

export interface CodeTabProps {
  script: Script
  /** null: it cannot be read, or is no text. */
  text: string | null
  /** Why it cannot be edited here. */
  problem: string | null
  /** Of what is on the disk, as its ETag. */
  hash: string
  /** How its lines end. */
  eol: 'lf' | 'crlf'
  /** What is typed differs from the file: it was refused, or is compared with it. */
  isTyped: boolean
  /** Why it was not saved. */
  refused: { message: string } | null
  /** The file has changed since it was read. */
  conflict: CodeChange | null
  difference: CodeDifference | null
  saved: boolean
  outcome: CodeOutcome | null
  /** Whose drafts the browser keeps. */
  user: string
  mayRun: boolean
  now: number
}

export const CodeTab = (props: CodeTabProps) =>
  props.text === null ? (
    <Note kind="warn" icon="warn" title={say('This file cannot be edited here')}>
      <p safe>{props.problem ?? ''}</p>
    </Note>
  ) : (
    <div class="split side code-split">
      <CodeForm {...props} text={props.text} />
      <div class="stack-4" id="code-side">
        <Outcome {...props} />
      </div>
    </div>
  )

const languageOf = ({ runtime, filename }: Script) =>
  runtime === 'python'
    ? { id: 'python', name: 'Python' }
    : /\.[cm]?tsx?$/.test(filename)
      ? { id: 'typescript', name: 'TypeScript' }
      : { id: 'javascript', name: 'JavaScript' }

const fileName = ({ filename }: Script) => filename.slice(filename.lastIndexOf('/') + 1)

const CodeForm = (props: CodeTabProps & { text: string }) => {
  const { script, text, hash, eol, user } = props
  const language = languageOf(script)
  return (
    <form
      class="panel"
      id="code-form"
      method="post"
      action={`/scripts/${script.id}/code`}
      data-script={String(script.id)}
      data-language={language.id}
      data-vendor={editorAssets}
      data-file={attr(script.filename)}
      data-user={attr(user)}
      data-params={attr(JSON.stringify(paramNames(script)))}
      data-typed={props.isTyped ? '' : undefined}
    >
      <input type="hidden" name="etag" value={attr(hash)} id="code-etag" />
      <input type="hidden" name="eol" value={eol} />
      <div class="bar code-bar">
        <span class="code-name">
          <span class="dot" aria-hidden="true" />
          <span class="mono cut" safe>
            {fileName(script)}
          </span>
          <small class="muted" id="code-state" role="status">
            {props.isTyped ? t('Not saved') : props.saved ? t('Saved') : ''}
          </small>
        </span>
        <CodeActs {...props} />
      </div>
      <div id="code-notes">
        <CodeNotes {...props} />
      </div>
      <div class="code-box" id="code-box">
        <label class="sr" for="code-text">
          {t('Source code')}
        </label>
        <textarea
          id="code-text"
          name="content"
          class="mono"
          rows={String(Math.min(rowsMax, text.split('\n').length + 1))}
          wrap="off"
          spellcheck="false"
          autocapitalize="off"
          aria-describedby="code-keys"
        >
          {'\n'}
          {Bun.escapeHTML(text) as 'safe'}
        </textarea>
      </div>
      <CodeFoot language={language.name} eol={eol} bytes={Buffer.byteLength(text)} />
      <ul class="files code-problems needs-js" id="code-problems" hidden />
      <div id="code-difference">{props.difference ? <CodeDiff difference={props.difference} /> : ''}</div>
      <Vendor />
    </form>
  )
}

/** Beyond them it scrolls. */
const rowsMax = 200

const CodeActs = ({ script, mayRun }: CodeTabProps) => (
  <div class="row push">
    <a class="button quiet" href={`/scripts/${script.id}/versions`}>
      <Icon name="history" />
      <span>{t('History')}</span>
    </a>
    <button type="button" class="quiet needs-js" data-code-act="format" hidden>
      {t('Format')}
    </button>
    <button type="submit" class="quiet" name="act" value="compare" formaction={`/scripts/${script.id}/code/difference`}>
      <Icon name="diff" />
      <span>{t('Compare')}</span>
    </button>
    {mayRun ? (
      <button type="submit" name="act" value="run" title={t('Save, then open the form to run it')}>
        <Icon name="play" />
        <span>{t('Save and run')}</span>
      </button>
    ) : (
      ''
    )}
    <button type="submit" class="primary" name="act" value="save">
      {t('Save')} <kbd class="needs-js only-fine">Ctrl S</kbd>
    </button>
  </div>
)

/** What stands between the editor and its bar; a save that was refused answers with these alone. */
export const CodeNotes = ({ refused, conflict, script, hash, now }: CodeNotesProps) => (
  <>
    {conflict ? <Conflict conflict={conflict} script={script} hash={hash} now={now} /> : ''}
    {refused ? (
      <Note kind="bad" icon="failed" alert title={say('It was not saved')}>
        <p safe>{refused.message}</p>
      </Note>
    ) : (
      ''
    )}
  </>
)

type CodeNotesProps = Pick<CodeTabProps, 'refused' | 'conflict' | 'script' | 'hash' | 'now'>

/** Nothing is lost either way: yours is in the editor, theirs on the disk, and saving again says which one is to stay. */
const Conflict = ({
  conflict,
  script,
  hash,
  now,
}: {
  conflict: CodeChange
  script: Script
  hash: string
  now: number
}) => (
  <div class="note warn" id="code-conflict" role="alert" data-hash={attr(hash)}>
    <Icon name="warn" />
    <strong>{t('Somebody else changed this file meanwhile')}</strong>
    <p>
      <Changed {...conflict} now={now} /> {t('Yours is still in the editor, and not saved.')}
    </p>
    <div class="row">
      <button
        class="small"
        type="submit"
        name="act"
        value="compare"
        formaction={`/scripts/${script.id}/code/difference`}
      >
        {t('Show the difference')}
      </button>
      <a class="button small" href={`/scripts/${script.id}?tab=code`} data-code-act="theirs">
        {t('Load theirs')}
      </a>
      <button class="small" type="submit" name="act" value="save" data-code-act="mine">
        {t('Save mine over it')}
      </button>
    </div>
  </div>
)

const Changed = ({ by, at, now }: CodeChange & { now: number }) => {
  if (at === null) return t('It was changed on the disk.')
  const when = <Ago at={at} now={now} />
  return by === null
    ? markup('It was changed on the disk, {when}.', { when })
    : markup('{name} saved it, {when}.', { name: <b safe>{by}</b>, when })
}

const CodeFoot = ({ language, eol, bytes }: { language: string; eol: 'lf' | 'crlf'; bytes: number }) => (
  <div class="editor-foot">
    <button type="button" class="quiet small needs-js" id="code-count" data-code-act="problem" hidden />
    <span id="code-place" class="needs-js" />
    <button type="button" class="quiet small needs-js" data-code-act="full" hidden>
      {t('Full editor')}
    </button>
    <span class="push only-wide" id="code-keys">
      <span class="needs-js" id="code-tab-keys" hidden>
        {t('Tab indents; Ctrl M lets it move the focus')}
      </span>
    </span>
    <span>{language as 'safe'}</span>
    <span>{encodingOf(eol) as 'safe'}</span>
    <span id="code-size">{size(bytes)}</span>
  </div>
)

const encodingOf = (eol: 'lf' | 'crlf') => (eol === 'crlf' ? 'UTF-8, CRLF' : 'UTF-8')

/** The browser begins to load while it still reads the page; pages without the editor, and phones, load nothing of it. */
const Vendor = () => (
  <>
    {(currentLanguage() === 'zh-CN' ? ['monaco-zh', 'monaco'] : ['monaco']).map((name) => (
      <link rel="modulepreload" href={`${editorAssets}${name}.js`} media="(any-pointer: fine), (any-pointer: none)" />
    ))}
  </>
)

const paramNames = ({ params }: Script) =>
  Object.entries(params).map(([name, { type, help = '' }]) => ({ name, type, help: String(help) }))
