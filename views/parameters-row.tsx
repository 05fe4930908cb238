/** One parameter in the form of a script's parameters. */
import type { Problem } from '../src/errors.ts'
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'
import { say, type Text, t } from './texts.ts'

/** One parameter as it is typed. */
export interface ParamRow {
  /** Names its fields while the form is open. */
  key: string
  /** Its name when the form was opened: what is said of it beyond these fields is kept. Empty for a new one. */
  was: string
  name: string
  type: string
  flag: string
  required: boolean
  help: string
  default: string
  /** One a line. */
  choices: string
  min: string
  max: string
  pattern: string
  multiple: boolean
  secret: boolean
  storeTrue: boolean
  /** Whether its fields show. */
  open: boolean
}

interface ActProps {
  scriptId: number
  value: string
  id: string
  icon: string
  label: string
  word?: boolean
  disabled?: boolean
}

/** Changes the form, not the script. */
export const Act = ({ scriptId, value, id, icon, label, word = false, disabled = false }: ActProps) => (
  <button
    class={word ? '' : 'quiet only small'}
    type="submit"
    name="act"
    value={attr(value)}
    id={attr(id)}
    formnovalidate
    disabled={disabled}
    aria-label={word ? undefined : attr(label)}
    title={word ? undefined : attr(label)}
    hx-post={`/scripts/${scriptId}/parameters`}
    hx-target="#schema-form"
    hx-select="#schema-form"
    hx-swap="outerMorph"
  >
    <Icon name={icon} />
    {word ? <span safe>{label}</span> : ''}
  </button>
)

const types = [
  'str',
  'int',
  'float',
  'bool',
  'choice',
  'file',
  'json',
  'url',
  'image',
  'audio',
  'video',
  'media',
] as const

const typeWords = {
  str: 'text',
  int: 'whole number',
  float: 'number',
  bool: 'yes or no',
  choice: 'one of a list',
  file: 'file',
  json: 'JSON',
  url: 'address',
  image: 'picture',
  audio: 'sound',
  video: 'film',
  media: 'picture, sound or film',
} satisfies Record<(typeof types)[number], Text>

interface RowProps {
  row: ParamRow
  index: number
  scriptId: number
  isFirst: boolean
  isLast: boolean
  problems: Problem[]
  focus: boolean
}

export const RowFields = ({ row, index, scriptId, isFirst, isLast, problems, focus }: RowProps) => {
  const { key } = row
  const id = (field: string) => `p-${key}-${field}`
  const name = (field: string) => attr(`p.${key}.${field}`)
  const shown = row.name || say('Parameter {n}', { n: index + 1 })
  const wrong = (field: string) =>
    problems.find(({ path }) => path === `/${row.name}/${field}` || path.startsWith(`/${row.name}/${field}/`))
  const own = problems.find(({ path }) => path === `/${row.name}`)
  const firstWrong = own ? 'name' : problems[0]?.path.split('/')[2]
  const isOpen = row.open || focus || problems.length > 0
  const isWide = Boolean(row.choices || row.min || row.max || row.pattern || row.multiple || row.storeTrue)
  const rare = ['choices', 'min', 'max', 'pattern', 'multiple', 'action']
  const field = (fieldName: keyof ParamRow & string, label: string, rest: Partial<FieldProps> = {}) => (
    <TextField
      {...{ id: id(fieldName), name: name(fieldName), label, value: String(row[fieldName]) }}
      problem={fieldName === 'name' ? own : wrong(fieldName)}
      focus={focus && (firstWrong ? firstWrong === fieldName : fieldName === 'name')}
      {...rest}
    />
  )
  const box = (fieldName: 'required' | 'multiple' | 'secret' | 'storeTrue', label: Text) => (
    <label class="check">
      <input type="checkbox" id={id(fieldName)} name={name(fieldName)} value="1" checked={row[fieldName]} />
      {t(label)}
    </label>
  )
  return (
    <fieldset class="panel param" id={`param-${key}`} aria-label={attr(shown)}>
      <header>
        <h3 class="mono cut" safe>
          {shown}
        </h3>
        <span class="chip" safe>
          {row.type}
        </span>
        {row.required ? <small class="muted">{t('Required')}</small> : ''}
        <small class="muted cut only-wide" safe>
          {row.help}
        </small>
        <div class="row push">
          <Act
            {...{ scriptId }}
            value={`up:${key}`}
            id={id('up')}
            icon="up"
            label={say('Move {name} up', { name: shown })}
            disabled={isFirst}
          />
          <Act
            {...{ scriptId }}
            value={`down:${key}`}
            id={id('down')}
            icon="down"
            label={say('Move {name} down', { name: shown })}
            disabled={isLast}
          />
          <Act
            {...{ scriptId }}
            value={`remove:${key}`}
            id={id('remove')}
            icon="trash"
            label={say('Remove {name}', { name: shown })}
          />
        </div>
      </header>
      <input type="hidden" name={name('was')} value={attr(row.was)} />
      <details open={isOpen} data-keeps-open>
        <summary>{t('What it is')}</summary>
        <input type="hidden" name={name('open')} value={isOpen ? '1' : ''} />
        <div class="body fields">
          <div class="fields two">
            {field('name', say('Name'), { mono: true, required: true })}
            <div class="field">
              <label for={id('type')}>{t('Type')}</label>
              <select id={id('type')} name={name('type')}>
                {(types as readonly string[]).includes(row.type) ? (
                  ''
                ) : (
                  <option value={attr(row.type)} selected safe>
                    {`${row.type} (${say('unknown, taken as text')})`}
                  </option>
                )}
                {types.map((type) => (
                  <option value={type} selected={type === row.type}>
                    {`${type} – ${t(typeWords[type])}` as 'safe'}
                  </option>
                ))}
              </select>
              <Wrong problem={wrong('type')} id={id('type-error')} />
            </div>
            {field('default', say('Default'), { mono: true })}
            {field('flag', say('Flag'), { mono: true, placeholder: row.name ? `--${row.name}` : '' })}
          </div>
          {field('help', say('Help'))}
          <div class="row wide">
            {box('required', 'Required')}
            {box('secret', 'Secret')}
          </div>
          <details open={isWide || problems.some(({ path }) => rare.includes(path.split('/')[2] ?? ''))}>
            <summary>{t('Choices, bounds and more')}</summary>
            <div class="fields">
              <div class="field">
                <label for={id('choices')}>{t('Choices, one a line')}</label>
                <textarea
                  id={id('choices')}
                  name={name('choices')}
                  rows="2"
                  class="mono"
                  spellcheck="false"
                  aria-invalid={wrong('choices') ? 'true' : undefined}
                  aria-describedby={wrong('choices') ? id('choices-error') : undefined}
                >
                  {'\n'}
                  {Bun.escapeHTML(row.choices) as 'safe'}
                </textarea>
                <Wrong problem={wrong('choices')} id={id('choices-error')} />
              </div>
              <div class="fields two">
                {field('min', say('Minimum'), { mono: true })}
                {field('max', say('Maximum'), { mono: true })}
                {field('pattern', say('Pattern, a regular expression'), { mono: true })}
              </div>
              <div class="row wide">
                {box('multiple', 'A list: the flag comes once for each value')}
                {box('storeTrue', 'The flag alone, when true')}
              </div>
              <Wrong problem={wrong('action') ?? wrong('multiple')} id={id('action-error')} />
            </div>
          </details>
        </div>
      </details>
    </fieldset>
  )
}

interface FieldProps {
  id: string
  name: string
  label: string
  value: string
  mono: boolean
  required: boolean
  placeholder: string
  problem?: Problem
  focus: boolean
}

/** `name` is escaped by whoever makes it. */
const TextField = ({
  id,
  name,
  label,
  value,
  mono = false,
  required = false,
  placeholder,
  problem,
  focus = false,
}: Partial<FieldProps> & Pick<FieldProps, 'id' | 'name' | 'label' | 'value'>) => (
  <div class="field">
    <label for={attr(id)} safe>
      {label}
    </label>
    <input
      id={attr(id)}
      name={name}
      class={mono ? 'mono' : undefined}
      value={attr(value)}
      placeholder={placeholder ? attr(placeholder) : undefined}
      required={required}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={mono ? 'false' : undefined}
      aria-invalid={problem ? 'true' : undefined}
      aria-describedby={problem ? `${id}-error` : undefined}
      autofocus={focus}
    />
    <Wrong problem={problem} id={`${id}-error`} />
  </div>
)

const Wrong = ({ problem, id }: { problem?: Problem; id: string }) =>
  problem ? (
    <p class="error" id={attr(id)}>
      <Icon name="warn" />
      <span safe>{sentence(problem.message)}</span>
    </p>
  ) : (
    ''
  )

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
