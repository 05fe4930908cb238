/** The form of a script. Posting it starts a run; a refused one comes back with its values and messages. */
import type { Problem } from '../src/errors.ts'
import type { Param, Script } from '../src/scripts/model.ts'
import { Field } from './field.tsx'
import { Icon, Note } from './parts.tsx'
import { listed, markup, say, t } from './texts.ts'

export interface FormProps {
  script: Pick<Script, 'id' | 'state'>
  params: Param[]
  /** By parameter name: what was posted, or what a run had. */
  values: Record<string, unknown>
  problems: Problem[]
  /** What was wrong, where it belongs to no field. */
  message?: string | null
  /** The run for whose sake it was refused. */
  goesOn?: number | null
  /** The run that this form repeats, and the names of the parameters whose values were not kept. */
  retryOf?: number | null
  lost?: string[]
  /** Folds away on a phone, with the values as its summary. */
  folded?: boolean
  /** Whoever looks may not run it: the values can be read. */
  readOnly?: boolean
  action?: string
}

export const RunForm = (props: FormProps) => {
  const { params, folded = false, values } = props
  return (
    <details class="panel fold" open={!folded} id="run-fold">
      <summary>
        {t('Parameters')}
        {folded ? (
          <small class="cut" safe>
            {summaryOf(params, values)}
          </small>
        ) : (
          ''
        )}
        <Icon name="down" />
      </summary>
      <FormBody {...props} />
    </details>
  )
}

function FormBody(props: FormProps) {
  const {
    script,
    params,
    values,
    problems,
    message,
    goesOn = null,
    retryOf = null,
    lost = [],
    action = say('Run'),
    readOnly,
  } = props
  const errors = errorsByField(problems, params)
  const firstWrong = params.find(({ name }) => errors.has(name))?.name
  const isRefused = problems.length > 0 || Boolean(message)
  const takesFiles = params.some((param) => param.type === 'file')
  return (
    <form
      id="run-form"
      method="post"
      action={`/scripts/${script.id}/execute${retryOf === null ? '' : `?retry_of=${retryOf}`}`}
      enctype={takesFiles ? 'multipart/form-data' : 'application/x-www-form-urlencoded'}
      aria-label={t('Parameters')}
      data-run-form
    >
      <fieldset class="body fields" disabled={readOnly}>
        {message ? (
          <Note kind="bad" icon="failed" id="form-message" alert title={message}>
            <OtherProblems problems={problems} params={params} />
            {goesOn === null ? (
              ''
            ) : (
              <p>
                {markup('{link}, or stop it there.', {
                  link: <a href={`/executions/${goesOn}`}>{t('See the run that goes on')}</a>,
                })}
              </p>
            )}
          </Note>
        ) : (
          ''
        )}
        {params.length === 0 && script.state !== 'error' ? (
          <p class="muted">{t('This script takes no parameters.')}</p>
        ) : (
          ''
        )}
        {params.length === 0 && script.state === 'error' ? (
          <p class="muted">{t('What it takes is not known until its schema can be read.')}</p>
        ) : (
          ''
        )}
        {params.map((param, index) => (
          <Field
            param={param}
            id={fieldId(index)}
            value={startValue(param, values, lost)}
            lost={lost.includes(param.name) ? { value: values[param.name], without: isWithout(param, values) } : null}
            error={errors.get(param.name) ?? (isRefused && !lost.includes(param.name) ? lostOf(param) : null)}
            focus={param.name === firstWrong}
          />
        ))}
      </fieldset>
      {readOnly ? <MayNotRun /> : <Buttons {...{ script, params, action }} />}
    </form>
  )
}

const MayNotRun = () => (
  <footer>
    <p class="help">
      {t('You may see this script and its runs, not run it. An administrator can give you the right to.')}
    </p>
  </footer>
)

const Buttons = ({ script, params, action = say('Run') }: Pick<FormProps, 'script' | 'params' | 'action'>) => (
  <footer>
    <button class="primary" type="submit" disabled={script.state !== 'active'}>
      <Icon name="play" />
      <span safe>{action}</span> <kbd class="needs-js">Ctrl ↵</kbd>
    </button>
    {params.length > 0 ? (
      <button class="quiet" type="reset">
        {t('Reset')}
      </button>
    ) : (
      ''
    )}
    <progress class="needs-js push" id="upload" max="100" value="0" hidden aria-label={t('Upload')} />
  </footer>
)

/** Problems at places that have no field. */
const OtherProblems = ({ problems, params }: { problems: Problem[]; params: Param[] }) => {
  const others = problems.filter(({ path }) => !params.some(({ name }) => name === fieldOf(path)))
  if (others.length === 0) return ''
  return (
    <ul>
      {others.map(({ path, message }) => (
        <li>
          <code safe>{path}</code> <span safe>{message}</span>
        </li>
      ))}
    </ul>
  )
}

/** The secret and the file of an earlier run are not there to be sent again. */
const startValue = (param: Param, values: Record<string, unknown>, lost: string[]) =>
  param.secret || lost.includes(param.name) ? undefined : (values[param.name] ?? param.default)

/** As the box of that field was sent: see src/gateway/repeat.ts. */
const isWithout = ({ name }: Param, values: Record<string, unknown>) => [values[':without']].flat().includes(name)

/** Of the control of a field, by its place among the parameters. */
export const fieldId = (index: number) => `p${index}`

/** A refused form comes back without its secrets: nobody should send it without them by mistake. */
const lostOf = ({ secret, required }: Param) =>
  !secret ? null : required ? say('Type it again.') : say('If you typed one, type it again.')

/** `/sizes/0` is about the field `sizes`; `~1` and `~0` stand for `/` and `~`. */
const fieldOf = (path: string) => path.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~')

function errorsByField(problems: Problem[], params: Param[]): Map<string, string> {
  const errors = new Map<string, string>()
  for (const { path, message } of problems) {
    const name = fieldOf(path)
    if (name === undefined || !params.some((param) => param.name === name)) continue
    const sentence = message[0] ? message[0].toUpperCase() + message.slice(1) : message
    errors.set(name, errors.has(name) ? `${errors.get(name)} ${sentence}` : sentence)
  }
  return errors
}

const summaryCharsMax = 120

/** "width 1600, webp …" */
export function summaryOf(params: Param[], values: Record<string, unknown>): string {
  const parts = params
    .filter(({ name, secret }) => !secret && values[name] !== undefined && values[name] !== '')
    .map(({ name }) => `${name} ${typeof values[name] === 'object' ? JSON.stringify(values[name]) : values[name]}`)
  const text = listed(parts)
  return text.length > summaryCharsMax ? `${text.slice(0, summaryCharsMax)} …` : text
}
