/** The rarer half of a schedule's form. */
import { own, type ScheduleFields, textProps } from './schedule-fields.ts'
import type { ScheduleFormProps } from './schedule-form.tsx'
import { errorId, OwnError } from './schedule-preview.tsx'
import { misfireWords, overlapWords, retryWords, signalWords } from './schedule-words.tsx'

/** Open where something in it is wrong. */
export const Rarer = (props: ScheduleFormProps) => {
  const { errors } = props
  const isWrong = Object.keys(errors).some((name) => !name.startsWith('params/') && !mainNames.includes(name))
  return (
    <details open={isWrong} class="more">
      <summary>More: description, missed times, overlaps, retries, heartbeat</summary>
      <div class="fields">
        <div class="field" data-field="description">
          <label for="s-description">Description</label>
          <input {...textProps('description', props.fields, errors)} maxlength="1000" />
          <OwnError name="description" error={errors.description ?? null} />
        </div>
        <div class="fields two">
          <Choice {...props} name="overlap" word="If it is still running" words={overlapWords} />
          <NumberField
            {...props}
            name="jitter_sec"
            word="Jitter"
            unit="seconds"
            help="Each time begins later by a random part of it, so that not all begin at once."
          />
        </div>
        <div class="fields two">
          <Choice {...props} name="misfire" word="Times that were missed" words={misfireWords} />
          <NumberField
            {...props}
            name="misfire_window_min"
            word="Not older than"
            unit="minutes"
            help="What was missed before that is only noted."
          />
          <NumberField {...props} name="misfire_max" word="At most" unit="runs" help="When each of them is run." />
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
  word: string
  unit: string
  help?: string
  step?: string
}

const NumberField = ({ name, word, unit, help, step = '1', fields, errors }: NumberProps) => (
  <div class="field" data-field={name}>
    <label for={`s-${name}`}>
      {word as 'safe'}
      <small>{unit as 'safe'}</small>
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
        {help as 'safe'}
      </p>
    )}
    <OwnError name={name} error={errors[name] ?? null} />
  </div>
)

interface ChoiceProps extends Pick<ScheduleFormProps, 'fields' | 'errors'> {
  name: 'misfire' | 'overlap'
  word: string
  words: Record<string, string>
}

const Choice = ({ name, word, words, fields, errors }: ChoiceProps) => (
  <div class="field" data-field={name}>
    <label for={`s-${name}`}>{word as 'safe'}</label>
    <select id={`s-${name}`} name={own(name)} aria-describedby={errorId(name)}>
      {Object.entries(words).map(([choice, said]) => (
        <option value={choice} selected={choice === fields[name]}>
          {said as 'safe'}
        </option>
      ))}
    </select>
    <OwnError name={name} error={errors[name] ?? null} />
  </div>
)

const Retries = (props: ScheduleFormProps) => (
  <fieldset class="fields ruled-top">
    <legend class="label">When it goes wrong, try again</legend>
    <div class="fields two">
      <NumberField {...props} name="retry_count" word="Retries" unit="times" help="0: it is not tried again." />
      <NumberField {...props} name="retry_delay_sec" word="First wait" unit="seconds" />
      <NumberField
        {...props}
        name="retry_factor"
        word="Backoff factor"
        unit="times"
        step="any"
        help="Each wait is so much longer than the one before."
      />
      <NumberField {...props} name="retry_delay_max_sec" word="Longest wait" unit="seconds" />
      <NumberField
        {...props}
        name="retry_jitter"
        word="Jitter"
        unit="0 to 1"
        step="any"
        help="The part of a wait that chance adds or takes away."
      />
    </div>
    <Checks name="retry_on" word="After" words={retryWords} {...props} />
  </fieldset>
)

const Heartbeat = (props: ScheduleFormProps) => {
  const { heartbeatHost, fields, errors } = props
  return (
    <fieldset class="fields ruled-top">
      <legend class="label">Heartbeat</legend>
      <div class="field" data-field="heartbeat_url">
        <label for="s-heartbeat_url">Address to call</label>
        <input
          {...textProps('heartbeat_url', fields, errors)}
          type="url"
          placeholder="https://hc-ping.com/…"
          aria-describedby={`s-heartbeat_url-help ${errorId('heartbeat_url')}`}
        />
        <p class="help" id="s-heartbeat_url-help">
          {heartbeatHost === null ? (
            'A dead man’s switch: whoever is there raises the alarm when no call comes.'
          ) : (
            <>
              <b safe>{heartbeatHost}</b> is called, at an address that is kept: type another one to change it.
            </>
          )}
        </p>
        <OwnError name="heartbeat_url" error={errors.heartbeat_url ?? null} />
      </div>
      {heartbeatHost === null ? (
        ''
      ) : (
        <label class="check row">
          <input type="checkbox" name=":heartbeat_remove" value="1" />
          Call nobody any more
        </label>
      )}
      <Checks name="heartbeat_signals" word="Told of" words={signalWords} {...props} />
    </fieldset>
  )
}

interface ChecksProps extends Pick<ScheduleFormProps, 'errors'> {
  name: 'retry_on' | 'heartbeat_signals'
  word: string
  words: Record<string, string>
  fields: ScheduleFields
}

const Checks = ({ name, word, words, fields, errors }: ChecksProps) => (
  <fieldset class="field" data-field={name}>
    <legend>{word as 'safe'}</legend>
    <div class="checks">
      {Object.entries(words).map(([choice, said]) => (
        <label class="check row">
          <input type="checkbox" name={own(name)} value={choice} checked={fields[name].includes(choice)} />
          {said as 'safe'}
        </label>
      ))}
    </div>
    <OwnError name={name} error={errors[name] ?? null} />
  </fieldset>
)
