/** The form of a schedule: when, with which values, and, folded, what becomes of it when things go wrong. */
import type { Param } from '../src/scripts/model.ts'
import { attr } from './attr.ts'
import { Field } from './field.tsx'
import { Icon, Note } from './parts.tsx'
import { own, type ScheduleFields, textProps } from './schedule-fields.ts'
import { Rarer } from './schedule-more.tsx'
import { errorId, OwnError, type PreviewProps, WhenWords } from './schedule-preview.tsx'
import { say, t } from './texts.ts'

export interface ScheduleFormProps {
  scriptId: number
  /** null: a new one. */
  id: number | null
  fields: ScheduleFields
  /** Of the script; files as addresses. */
  params: Param[]
  /** By parameter name: as posted, or as the schedule has them, secrets aside. */
  values: Record<string, unknown>
  /** Secrets that the schedule has, which stay unless they are typed again. */
  kept: string[]
  /** The host of its heartbeat, which stays unless another address is typed. */
  heartbeatHost: string | null
  /** By the member's name; of parameters by `params/NAME`. */
  errors: Record<string, string>
  /** What was wrong, where it belongs to no field. */
  message: string | null
  zones: string[]
  /** What a schedule that names no zone gets. */
  zone: string
  preview: PreviewProps
}

export const ScheduleForm = (props: ScheduleFormProps) => {
  const { scriptId, id, message, errors } = props
  const isRefused = message !== null || Object.keys(errors).length > 0
  return (
    <form
      class="panel"
      id="schedule-form"
      method="post"
      action={id === null ? `/scripts/${scriptId}/schedules` : `/scripts/${scriptId}/schedules/${id}`}
      aria-labelledby="h-schedule-form"
      data-run-form
      data-schedule-form
    >
      <header>
        <h3 id="h-schedule-form">{t(id === null ? 'New schedule' : 'Edit it')}</h3>
      </header>
      <div class="body fields">
        {isRefused ? (
          <Note kind="bad" icon="failed" id="form-message" alert title={say('Nothing was saved')}>
            <p safe>{message ?? say('What is wrong stands at its field.')}</p>
          </Note>
        ) : (
          ''
        )}
        <When {...props} />
        <Values {...props} />
        <Rarer {...props} />
      </div>
      <footer>
        <button class="primary" type="submit" name=":act" value="save">
          <Icon name="calendar" />
          {t(id === null ? 'Add schedule' : 'Save schedule')}
        </button>
        {id === null ? (
          <label class="check row">
            <input type="checkbox" name={own('enabled')} value="1" checked={props.fields.enabled} />
            {t('Active')}
          </label>
        ) : (
          <a class="button quiet" href={`/scripts/${scriptId}/schedules`}>
            {t('Back to all')}
          </a>
        )}
      </footer>
    </form>
  )
}

/** While one types, the fragment is asked for with these four fields and no other: secrets stay out of addresses. */
const When = ({ fields, errors, zones, zone, preview }: ScheduleFormProps) => (
  <div
    class="fields"
    hx-get="/fragments/schedules/preview"
    hx-trigger="input delay:250ms, change"
    hx-include="#s-cron_expression, #s-timezone, #s-starts_at, #s-ends_at"
    hx-swap="none"
    hx-sync="this:replace"
  >
    <div class="field" data-field="cron_expression">
      <label for="s-cron_expression">{t('When')}</label>
      <input
        {...textProps('cron_expression', fields, errors)}
        class="mono"
        required
        maxlength="200"
        placeholder={attr('every weekday at 9:30')}
        autocapitalize="off"
        spellcheck="false"
        aria-describedby={`when-words ${errorId('cron_expression')}`}
      />
      <WhenWords preview={preview.preview} />
      <OwnError name="cron_expression" error={errors.cron_expression ?? null} />
    </div>
    <div class="fields two">
      <div class="field" data-field="timezone">
        <label for="s-timezone">{t('Time zone')}</label>
        <input
          {...textProps('timezone', fields, errors)}
          list="zones"
          placeholder={attr(zone)}
          autocapitalize="off"
          spellcheck="false"
          aria-describedby={`s-timezone-help ${errorId('timezone')}`}
        />
        <datalist id="zones">
          {zones.map((name) => (
            <option value={attr(name)} />
          ))}
        </datalist>
        <p class="help" id="s-timezone-help">
          {t('Empty: {zone}.', { zone })}
        </p>
        <OwnError name="timezone" error={errors.timezone ?? null} />
      </div>
      {(['starts_at', 'ends_at'] as const).map((name) => (
        <div class="field" data-field={name}>
          <label for={`s-${name}`}>{t(name === 'starts_at' ? 'Not before' : 'Not after')}</label>
          <input
            {...textProps(name, fields, errors)}
            type="datetime-local"
            aria-describedby={`s-${name}-help ${errorId(name)}`}
          />
          <p class="help" id={`s-${name}-help`}>
            {t('On the clock of its zone; empty: no bound.')}
          </p>
          <OwnError name={name} error={errors[name] ?? null} />
        </div>
      ))}
    </div>
  </div>
)

/** As the script's own form has them. */
const Values = ({ params, values, errors, kept }: ScheduleFormProps) =>
  params.length === 0 ? (
    ''
  ) : (
    <fieldset class="fields ruled-top">
      <legend class="label">{t('What it is run with')}</legend>
      {params.map((param, index) => (
        <>
          <Field
            param={kept.includes(param.name) ? keptParam(param) : param}
            id={`p${index}`}
            value={param.secret ? undefined : (values[param.name] ?? param.default)}
            error={errors[`params/${param.name}`] ?? null}
          />
          {kept.includes(param.name) && !param.required ? (
            <label class="check row">
              <input type="checkbox" name=":forget" value={attr(param.name)} />
              <span>{t('Run without {name} from now on', { name: param.name })}</span>
            </label>
          ) : (
            ''
          )}
        </>
      ))}
    </fieldset>
  )

const keptParam = (param: Param): Param => ({
  ...param,
  required: false,
  help: `${param.help === '' ? '' : `${param.help.replace(/[.!?…]?$/, '.')} `}${say('It is kept: type it only to change it')}`,
})
