/** The rarer half of a schedule's form. */
import { attr } from './attr.ts'
import { own, type ScheduleFields, textProps } from './schedule-fields.ts'
import type { ScheduleFormProps } from './schedule-form.tsx'
import { errorId, OwnError } from './schedule-preview.tsx'
import { misfireWords, overlapWords, retryWords, signalWords } from './schedule-words.tsx'
import { markup, type Text, t } from './texts.ts'

/** Open where something in it is wrong. */
export const Rarer = (props: ScheduleFormProps) => {
  const { errors } = props
  const isWrong = Object.keys(errors).some((name) => !name.startsWith('params/') && !mainNames.includes(name))
  return (
    <details open={isWrong} class="more">
      <summary>{t('More: description, missed times, overlaps, retries, heartbeat')}</summary>
      <div class="fields">
        <div class="field" data-field="description">
          <label for="s-description">{t('Description')}</label>
          <input {...textProps('description', props.fields, errors)} maxlength="1000" />
          <OwnError name="description" error={errors.description ?? null} />
        </div>
        <div class="fields two">
          <Choice {...props} name="overlap" word={t('If it is still running')} words={overlapWords} />
          <NumberField
            {...props}
            name="jitter_sec"
            word={t('Jitter')}
            unit={t('seconds')}
            help={t('Each time begins later by a random part of it, so that not all begin at once.')}
          />
        </div>
        <div class="fields two">
          <Choice {...props} name="misfire" word={t('Times that were missed')} words={misfireWords} />
          <NumberField
            {...props}
            name="misfire_window_min"
            word={t('Not older than')}
            unit={t('minutes')}
            help={t('What was missed before that is only noted.')}
          />
          <NumberField
            {...props}
            name="misfire_max"
            word={t('At most')}
            unit={t('runs')}
            help={t('When each of them is run.')}
          />
        </div>
        <Retries {...props} />
        <Heartbeat {...props} />
      </div>
    </details>
  )
}

const mainNames = ['cron_expression', 'timezone', 'starts_at', 'ends_at']

type NumberName =
  | 'jitter_sec'
  | 'misfire_window_min'
  | 'misfire_max'
  | 'retry_count'
  | 'retry_delay_sec'
  | 'retry_factor'
  | 'retry_delay_max_sec'
  | 'retry_jitter'

interface NumberProps extends Pick<ScheduleFormProps, 'fields' | 'errors'> {
  name: NumberName
  word: Text
  unit: Text
  help?: Text
  step?: string
}

const NumberField = ({ name, word, unit, help, step = '1', fields, errors }: NumberProps) => (
  <div class="field" data-field={name}>
    <label for={`s-${name}`}>
      {word}
      <small>{unit}</small>
    </label>
    <input
      {...textProps(name, fields, errors)}
      type="number"
      min="0"
      step={step}
      inputmode={step === '1' ? 'numeric' : 'decimal'}
      aria-describedby={`${help === undefined ? '' : `s-${name}-help `}${errorId(name)}`}
    />
    {help === undefined ? (
      ''
    ) : (
      <p class="help" id={`s-${name}-help`}>
        {help}
      </p>
    )}
    <OwnError name={name} error={errors[name] ?? null} />
  </div>
)

interface ChoiceProps extends Pick<ScheduleFormProps, 'fields' | 'errors'> {
  name: 'misfire' | 'overlap'
  word: Text
  words: Record<string, Text>
}

const Choice = ({ name, word, words, fields, errors }: ChoiceProps) => (
  <div class="field" data-field={name}>
    <label for={`s-${name}`}>{word}</label>
    <select id={`s-${name}`} name={own(name)} aria-describedby={errorId(name)}>
      {Object.entries(words).map(([choice, said]) => (
        <option value={choice} selected={choice === fields[name]}>
          {t(said)}
        </option>
      ))}
    </select>
    <OwnError name={name} error={errors[name] ?? null} />
  </div>
)

const Retries = (props: ScheduleFormProps) => (
  <fieldset class="fields ruled-top">
    <legend class="label">{t('When it goes wrong, try again')}</legend>
    <div class="fields two">
      <NumberField
        {...props}
        name="retry_count"
        word={t('Retries')}
        unit={t('times')}
        help={t('0: it is not tried again.')}
      />
      <NumberField {...props} name="retry_delay_sec" word={t('First wait')} unit={t('seconds')} />
      <NumberField
        {...props}
        name="retry_factor"
        word={t('Backoff factor')}
        unit={t('times')}
        step="any"
        help={t('Each wait is so much longer than the one before.')}
      />
      <NumberField {...props} name="retry_delay_max_sec" word={t('Longest wait')} unit={t('seconds')} />
      <NumberField
        {...props}
        name="retry_jitter"
        word={t('Jitter|of a wait')}
        unit={t('0 to 1')}
        step="any"
        help={t('The part of a wait that chance adds or takes away.')}
      />
    </div>
    <Checks name="retry_on" word={t('After|an outcome')} words={retryWords} {...props} />
  </fieldset>
)

const Heartbeat = (props: ScheduleFormProps) => {
  const { heartbeatHost, fields, errors } = props
  return (
    <fieldset class="fields ruled-top">
      <legend class="label">{t('Heartbeat')}</legend>
      <div class="field" data-field="heartbeat_url">
        <label for="s-heartbeat_url">{t('Address to call')}</label>
        <input
          {...textProps('heartbeat_url', fields, errors)}
          type="url"
          placeholder={attr('https://hc-ping.com/…')}
          aria-describedby={`s-heartbeat_url-help ${errorId('heartbeat_url')}`}
        />
        <p class="help" id="s-heartbeat_url-help">
          {heartbeatHost === null
            ? t('A dead man’s switch: whoever is there raises the alarm when no call comes.')
            : markup('{host} is called, at an address that is kept: type another one to change it.', {
                host: <b safe>{heartbeatHost}</b>,
              })}
        </p>
        <OwnError name="heartbeat_url" error={errors.heartbeat_url ?? null} />
      </div>
      {heartbeatHost === null ? (
        ''
      ) : (
        <label class="check row">
          <input type="checkbox" name=":heartbeat_remove" value="1" />
          {t('Call nobody any more')}
        </label>
      )}
      <Checks name="heartbeat_signals" word={t('Told of')} words={signalWords} {...props} />
    </fieldset>
  )
}

interface ChecksProps extends Pick<ScheduleFormProps, 'errors'> {
  name: 'retry_on' | 'heartbeat_signals'
  word: Text
  words: Record<string, Text>
  fields: ScheduleFields
}

const Checks = ({ name, word, words, fields, errors }: ChecksProps) => (
  <fieldset class="field" data-field={name}>
    <legend>{word}</legend>
    <div class="checks">
      {Object.entries(words).map(([choice, said]) => (
        <label class="check row">
          <input type="checkbox" name={own(name)} value={choice} checked={fields[name].includes(choice)} />
          {t(said)}
        </label>
      ))}
    </div>
    <OwnError name={name} error={errors[name] ?? null} />
  </fieldset>
)
