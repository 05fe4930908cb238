/** One field of a form, made from one parameter. Works as plain HTML; `public/js/form.js` adds the rest. */
import { count } from '../public/js/format.js'
import type { Param } from '../src/scripts/model.ts'
import { attr } from './attr.ts'
import { type FieldProps, hasSegments, type Input, inputOf, textOf } from './inputs.tsx'
import { LabelText } from './label.tsx'
import { Icon } from './parts.tsx'
import { listed, say, sentences, t } from './texts.ts'

export function Field(props: FieldProps) {
  const { param, id, error, lost = null } = props
  const help = helpOf(param)
  const describedBy =
    [help && `${id}-help`, lost && `${id}-lost`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  const input: Input = { ...props, describedBy }
  const Frame = isGroup(param) ? GroupFrame : PlainFrame
  return (
    <Frame {...input}>
      {inputOf(input) as 'safe'}
      {help ? (
        <p class="help" id={`${id}-help`} safe>
          {help}
        </p>
      ) : (
        ''
      )}
      {lost ? <Lost param={param} id={id} {...lost} /> : ''}
      <FieldError id={id} error={error} />
    </Frame>
  )
}

/** It is asked for: left out without a word, this would not be the same run. */
const Lost = ({ param, id, value, without }: { param: Param; id: string; value: unknown; without: boolean }) => (
  <div class="lost">
    <p class="help" id={`${id}-lost`}>
      <Icon name="warn" />
      <span safe>{lostWords(param, value)}</span>
    </p>
    {param.required ? (
      ''
    ) : (
      <label class="check row">
        <input type="checkbox" name=":without" value={attr(param.name)} checked={without} />
        {t('Run without it')}
      </label>
    )}
  </div>
)

function lostWords({ type }: Param, value: unknown): string {
  if (type !== 'file') return say('It was not kept: type it again.')
  const names = [value].flat().flatMap((path) => (typeof path === 'string' && path !== '' ? [baseName(path)] : []))
  if (names.length === 0) return say('The file was not kept: choose it again.')
  const list = listed(names)
  return names.length === 1
    ? say('{name} was not kept: choose it again.', { name: list })
    : say('{names} were not kept: choose them again.', { names: list })
}

const FieldError = ({ id, error }: { id: string; error: string | null }) => (
  <p class="error" id={`${id}-error`} hidden={error === null}>
    <Icon name="warn" />
    <span safe>{error ?? ''}</span>
  </p>
)

const PlainFrame = ({ param, id, children }: Input & { children: (JSX.Element | string)[] }) => (
  <div class="field" data-field={attr(param.name)}>
    {param.type === 'bool' ? '' : <FieldLabel param={param} htmlFor={id} />}
    {children as 'safe'[]}
  </div>
)

/** Several inputs under one name are a group with a legend. */
const GroupFrame = ({ param, children }: Input & { children: (JSX.Element | string)[] }) => (
  <fieldset class="field" data-field={attr(param.name)}>
    <legend>
      <LabelText param={param} />
    </legend>
    {children as 'safe'[]}
  </fieldset>
)

const FieldLabel = ({ param, htmlFor }: { param: Param; htmlFor: string }) => (
  <label for={htmlFor}>
    <LabelText param={param} />
  </label>
)

/** What the author says, the bounds, and the default, as sentences; a pattern comes last, for no full stop may follow it. */
function helpOf(param: Param): string {
  const { help, min, max, pattern, secret } = param
  const bounds =
    min !== null && max !== null
      ? say('{min} to {max}.', { min: numberText(min), max: numberText(max) })
      : min !== null
        ? say('At least {min}.', { min: numberText(min) })
        : max !== null
          ? say('At most {max}.', { max: numberText(max) })
          : ''
  const form = pattern === null ? '' : say('Must match {pattern}', { pattern })
  const isInView = param.type === 'bool' || hasSegments(param)
  const fallback =
    param.default !== undefined && !isInView ? say('Default {value}.', { value: shortValue(param.default) }) : ''
  const hidden = secret ? say('Never written to the log or the history.') : ''
  return sentences([help && sentence(help.trim()), bounds, fallback, hidden, form])
}

const numberText = (value: number) => (Number.isInteger(value) ? count(value) : String(value))
const sentence = (text: string) => (/[.!?…。！？]$/.test(text) ? text : `${text}.`)
const baseName = (path: string) => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
const helpValueCharsMax = 60

const shortValue = (value: unknown) => {
  const text = textOf(value)
  return text.length > helpValueCharsMax
    ? `${text.slice(0, helpValueCharsMax)}…`
    : text === ''
      ? say('empty|value')
      : text
}

const isGroup = (param: Param) => hasSegments(param) || (param.multiple && param.type !== 'file')
