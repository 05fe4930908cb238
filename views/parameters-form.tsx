/** The parameters of a script, to edit: one part of the form for each. Works without JavaScript; with it, only the form is swapped. */
import type { Problem } from '../src/errors.ts'
import { attr } from './attr.ts'
import { Act, type ParamRow, RowFields } from './parameters-row.tsx'
import { CopyButton, Note } from './parts.tsx'
import { say, t } from './texts.ts'

export interface SchemaEditorProps {
  scriptId: number
  /** Name of the file that is written. */
  file: string
  hash: string | null
  mode: 'form' | 'json'
  rows: ParamRow[]
  text: string
  message: string | null
  /** Their paths are those in ARGS_MAP: `/width/max`. */
  problems: Problem[]
  /** Whose name is the next to be typed. */
  focus: string | null
  /** It holds what is not saved. */
  isTyped: boolean
}

export const SchemaEditor = (props: SchemaEditorProps) =>
  props.mode === 'json' ? <JsonForm {...props} /> : <RowsForm {...props} />

const JsonForm = ({ scriptId, file, hash, text, message, problems, isTyped }: SchemaEditorProps) => (
  <form
    class="panel"
    id="schema-form"
    method="post"
    action={`/scripts/${scriptId}/parameters`}
    aria-labelledby="h-schema"
    data-edits
    data-touched={isTyped ? 'yes' : undefined}
  >
    <Head {...{ scriptId, file, mode: 'json' }} />
    <div class="body fields">
      <Refusal message={message} problems={problems} />
      <div class="field">
        <label for="schema-text">
          <code>ARGS_MAP</code>
        </label>
        <input type="hidden" name="etag" value={attr(hash)} />
        <textarea
          id="schema-text"
          name="text"
          class="mono"
          rows="18"
          spellcheck="false"
          autocapitalize="off"
          aria-invalid={message === null ? undefined : 'true'}
          aria-describedby={message === null ? 'schema-help' : 'form-message schema-help'}
          autofocus={message !== null}
        >
          {'\n'}
          {Bun.escapeHTML(text) as 'safe'}
        </textarea>
        <p class="help" id="schema-help">
          {t('JSON: the name of each parameter, and what it is. Their order is that of the arguments.')}
        </p>
      </div>
      <details>
        <summary>{t('Everything it can say')}</summary>
        <div class="code">
          <pre tabindex="0" id="schema-example">
            {schemaExample}
          </pre>
          <CopyButton from="schema-example" label={say('Copy the example')} />
        </div>
      </details>
    </div>
    <Foot {...{ scriptId, act: 'save-json' }} />
  </form>
)

const RowsForm = (props: SchemaEditorProps) => {
  const { scriptId, file, hash, rows, message, problems, focus, isTyped } = props
  const placed = problems.filter((problem) => rows.some((row) => isAt(problem, row)))
  return (
    <form
      id="schema-form"
      class="stack-4"
      method="post"
      action={`/scripts/${scriptId}/parameters`}
      aria-labelledby="h-schema"
      data-edits
      data-touched={isTyped ? 'yes' : undefined}
    >
      {/* What Enter in a field presses. */}
      <button class="sr" type="submit" name="act" value="save" tabindex="-1">
        {t('Save')}
      </button>
      <input type="hidden" name="etag" value={attr(hash)} />
      <section class="panel">
        <Head {...{ scriptId, file, mode: 'form' }} />
        {message === null ? (
          ''
        ) : (
          <div class="body">
            <Refusal message={message} problems={problems.filter((problem) => !placed.includes(problem))} />
          </div>
        )}
        {rows.length === 0 ? <p class="body muted">{t('It takes none yet.')}</p> : ''}
      </section>
      {rows.map((row, index) => (
        <RowFields
          {...{ row, index, scriptId }}
          isFirst={index === 0}
          isLast={index === rows.length - 1}
          problems={problems.filter((problem) => isAt(problem, row))}
          focus={focus === row.key || (placed.length > 0 && isAt(placed[0]!, row))}
        />
      ))}
      <div>
        <Act scriptId={scriptId} value="add" id="add-param" icon="plus" label={say('Add a parameter')} word />
      </div>
      <section class="panel">
        <Foot {...{ scriptId, act: 'save' }} />
      </section>
    </form>
  )
}

/** `/width/max` belongs to the parameter "width". */
const isAt = ({ path }: Problem, { name }: ParamRow) => path === `/${name}` || path.startsWith(`/${name}/`)

const Head = ({ scriptId, file, mode }: { scriptId: number; file: string; mode: 'form' | 'json' }) => (
  <header>
    <h2 id="h-schema">{t('Parameters by hand')}</h2>
    <small class="mono muted cut" safe>
      {file}
    </small>
    <a class="push muted" href={`/scripts/${scriptId}?tab=parameters&amp;edit=${mode === 'json' ? 'form' : 'json'}`}>
      <small>{mode === 'json' ? t('As a form') : t('As JSON')}</small>
    </a>
  </header>
)

const Foot = ({ scriptId, act }: { scriptId: number; act: string }) => (
  <footer>
    <button class="primary" type="submit" name="act" value={act}>
      {t('Save')}
    </button>
    <a class="button quiet" href={`/scripts/${scriptId}?tab=parameters`}>
      {t('Cancel')}
    </a>
    <p class="help push">{t('It is written into the sidecar, and stays in force whatever the script says.')}</p>
  </footer>
)

const Refusal = ({ message, problems }: { message: string | null; problems: Problem[] }) =>
  message === null ? (
    ''
  ) : (
    <Note kind="bad" icon="failed" id="form-message" alert title={message}>
      {problems.map((problem) => (
        <p>
          {problem.path === '' ? '' : <code safe>{problem.path}</code>} <span safe>{problem.message}</span>
        </p>
      ))}
    </Note>
  )

const schemaExample = `{
  "images": { "type": "file", "required": true, "help": "ZIP, JPEG or PNG" },
  "width": { "flag": "--width", "type": "int", "min": 16, "max": 8000, "default": 1600 },
  "format": { "type": "choice", "choices": ["webp", "avif"], "default": "webp" },
  "sizes": { "type": "int", "multiple": true },
  "slug": { "type": "str", "pattern": "[a-z-]+" },
  "token": { "type": "str", "secret": true },
  "dry_run": { "type": "bool", "action": "store_true" },
  "options": { "type": "json", "default": {} },
  "hook": { "type": "url" }
}`
