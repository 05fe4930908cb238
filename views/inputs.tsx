/** The control of a field, one for each type. Works as plain HTML; `public/js/form.js` adds the rest. */
import type { Param } from '../src/scripts/model.ts'
import { attr } from './attr.ts'
import { humanize, LabelText } from './label.tsx'
import { Icon } from './parts.tsx'
import { t } from './texts.ts'

export interface FieldProps {
  param: Param
  /** Unique in the page and free of spaces. */
  id: string
  /** What the field starts with: as posted, as the run had it, or the default. */
  value: unknown
  error: string | null
  /** The earlier run had a value that was not kept: what is known of it, and whether to run without it. */
  lost?: { value: unknown; without: boolean } | null
  /** Where the page should begin: the first field that is wrong. */
  focus?: boolean
}

/** A field and what describes it: its help, its error. */
export type Input = FieldProps & { describedBy: string | undefined }

/** The control for a parameter's type. */
export function inputOf(input: Input): JSX.Element {
  const { param } = input
  if (param.type === 'file') return <FileInput {...input} />
  if (param.type === 'bool' && !param.multiple) return <Switch {...input} />
  if (param.choices) {
    if (param.multiple) return <Choices {...input} />
    return hasSegments(param) ? <Segments {...input} /> : <Select {...input} />
  }
  if (param.multiple) return <Repeat {...input} />
  if (param.type === 'json') return <JsonInput {...input} />
  if (param.secret) return <Secret {...input} />
  if (typeof input.value === 'string' && input.value.includes('\n')) return <TextArea {...input} />
  return <TextInput {...input} />
}

/** The attributes that every text-like input shares. */
const common = ({ param, id, describedBy, error, focus }: Input) => ({
  id,
  name: attr(param.name),
  'aria-describedby': describedBy,
  'aria-invalid': error === null ? undefined : ('true' as const),
  autofocus: focus,
})

const TextInput = (input: Input) => {
  const { param, value } = input
  return (
    <input
      {...common(input)}
      {...(inputShapes[param.type] ?? {})}
      value={attr(textOf(value))}
      required={param.required && param.default === undefined}
      min={param.min ?? undefined}
      max={param.max ?? undefined}
      pattern={patternOf(param)}
      data-default={param.default === undefined ? undefined : 'yes'}
    />
  )
}

const inputShapes: Partial<Record<Param['type'], Record<string, string>>> = {
  int: { type: 'number', step: '1', inputmode: 'numeric' },
  float: { type: 'number', step: 'any', inputmode: 'decimal' },
  url: { type: 'url', placeholder: 'https://' },
  str: { type: 'text' },
}

/** JSON Schema searches, HTML matches from end to end. */
const patternOf = ({ pattern, type }: Param) =>
  pattern !== null && type === 'str' ? attr(`[\\s\\S]*(?:${pattern})[\\s\\S]*`) : undefined

const TextArea = (input: Input) => (
  <textarea {...common(input)} rows="4" required={input.param.required}>
    {'\n'}
    {Bun.escapeHTML(textOf(input.value)) as 'safe'}
  </textarea>
)

const JsonInput = (input: Input) => (
  <div class="stack-1" x-data="jsonField">
    <textarea
      {...common(input)}
      class="mono"
      rows="4"
      spellcheck="false"
      required={input.param.required && input.param.default === undefined}
      x-on:input="check"
      data-json
    >
      {'\n'}
      {Bun.escapeHTML(jsonText(input.value)) as 'safe'}
    </textarea>
    <p class="help needs-js" x-show="valid" x-cloak>
      <span class="status" data-status="success">
        <Icon name="check" />
        {t('Valid JSON')}
      </span>
    </p>
  </div>
)

const jsonText = (value: unknown) =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2)

const Secret = (input: Input) => (
  <div class="inlay" x-data="reveal">
    <input {...common(input)} type="password" autocomplete="off" required={input.param.required} x-bind:type="type" />
    <button
      class="quiet only small needs-js"
      type="button"
      aria-label={t('Show {name}', { name: humanize(input.param.name) })}
      x-on:click="toggle"
      x-bind:aria-pressed="shown"
    >
      <Icon name="eye" />
    </button>
  </div>
)

/** The hidden `false` says that the switch was there: without it, off and left out would be the same. The last one counts. */
const Switch = (input: Input) => {
  const { param, id, value, describedBy } = input
  return (
    <label class="check row">
      <input type="hidden" name={attr(param.name)} value="false" />
      <input
        type="checkbox"
        // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells its own state
        role="switch"
        id={id}
        name={attr(param.name)}
        value="true"
        checked={isOn(value)}
        aria-describedby={describedBy}
      />
      <LabelText param={{ ...param, required: false }} />
    </label>
  )
}

const isOn = (value: unknown) => {
  const last = Array.isArray(value) ? value.at(-1) : value
  return last === true || ['true', '1', 'yes', 'on'].includes(String(last).toLowerCase())
}

const Segments = ({ param, id, value, describedBy }: Input) => (
  <div class="segments">
    {param.choices!.map((choice, index) => (
      <label>
        <input
          type="radio"
          id={index === 0 ? id : undefined}
          name={attr(param.name)}
          value={attr(choice)}
          checked={String(choice) === textOf(value)}
          required={param.required}
          aria-describedby={describedBy}
        />
        <span safe>{choice}</span>
      </label>
    ))}
  </div>
)

const Select = (input: Input) => {
  const { param, value } = input
  const isOpen = textOf(value) === ''
  return (
    <select {...common(input)} required={param.required}>
      {isOpen || !param.required ? <option value="">{param.required ? t('Choose one') : '–'}</option> : ''}
      {param.choices!.map((choice) => (
        <option value={attr(choice)} selected={String(choice) === textOf(value)} safe>
          {String(choice)}
        </option>
      ))}
    </select>
  )
}

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === '' ? [] : [value]

const Choices = ({ param, id, value, describedBy }: Input) => {
  const chosen = new Set(listOf(value).map(textOf))
  return (
    <div class="chips">
      {param.choices!.map((choice, index) => (
        <label class="chip filter">
          <input
            type="checkbox"
            id={index === 0 ? id : undefined}
            name={attr(param.name)}
            value={attr(choice)}
            checked={chosen.has(String(choice))}
            aria-describedby={describedBy}
          />
          <span safe>{choice}</span>
        </label>
      ))}
    </div>
  )
}

/** Several values: one input each. Empty ones are not sent. Without JavaScript three spare ones stand ready. */
const Repeat = (input: Input) => {
  const { param, id, value, describedBy } = input
  const values = listOf(value).map((one) => (param.type === 'json' ? jsonText(one) : textOf(one)))
  return (
    <div class="stack-1" x-data="repeat">
      {[...values, ''].map((one, index) => (
        <RepeatInput param={param} id={index === 0 ? id : undefined} value={one} describedBy={describedBy} />
      ))}
      <noscript>
        <RepeatInput param={param} value="" />
        <RepeatInput param={param} value="" />
      </noscript>
      <button class="quiet small needs-js start" type="button" x-on:click="add">
        <Icon name="plus" />
        {t('Add another')}
      </button>
    </div>
  )
}

const RepeatInput = ({
  param,
  id,
  value,
  describedBy,
}: Pick<Input, 'param' | 'value'> & Partial<Pick<Input, 'id' | 'describedBy'>>) => (
  <div class="inlay" data-repeat>
    <input
      {...(inputShapes[param.type] ?? { type: 'text' })}
      id={id}
      name={attr(param.name)}
      value={attr(value)}
      min={param.min ?? undefined}
      max={param.max ?? undefined}
      aria-label={attr(humanize(param.name))}
      aria-describedby={describedBy}
      data-optional
    />
    <button class="quiet only small needs-js" type="button" aria-label={t('Remove this value')} x-on:click="remove">
      <Icon name="close" />
    </button>
  </div>
)

const acceptOf: Record<string, string> = {
  image: 'image/*',
  audio: 'audio/*',
  video: 'video/*',
  media: 'image/*,audio/*,video/*',
}

const FileInput = (input: Input) => {
  const { param } = input
  return (
    <div class="stack-1" x-data="drop">
      <label class="drop" x-on:dragover="over" x-on:dragleave="leave" x-on:drop="take" x-bind:data-over="isOver">
        <input
          {...common(input)}
          class="sr"
          type="file"
          multiple={param.multiple}
          required={param.required}
          accept={acceptOf[param.declaredType]}
          x-on:change="show"
          x-ref="input"
        />
        <Icon name="upload" />
        <span>
          <span class="needs-js">{param.multiple ? t('Drop files or ') : t('Drop a file or ')}</span>
          <b>{param.multiple ? t('choose some') : t('choose one')}</b>
        </span>
      </label>
      <ul class="files panel" hidden data-chosen />
    </div>
  )
}

/** As one types it. */
export const textOf = (value: unknown) =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

const [segmentsMax, segmentCharsMax] = [3, 12]

/** Few and short, and one of them is always chosen: then all are in view at once. */
export const hasSegments = ({ choices, multiple, required, default: fallback }: Param) =>
  !multiple &&
  choices !== null &&
  choices.length <= segmentsMax &&
  choices.every((choice) => String(choice).length <= segmentCharsMax) &&
  (required || fallback !== undefined)
