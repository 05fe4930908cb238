/** What can be done to a run, and how long it has been going on. */
import { clock } from '../public/js/format.js'
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'
import { say, type Text, t } from './texts.ts'

/** A time that goes on; the browser counts. */
export const Elapsed = ({ since, now }: { since: string; now: number }) => (
  <time datetime={since} data-since>
    {clock(now - Date.parse(since)) as 'safe'}
  </time>
)

/** Asks first where there is JavaScript; the answer of the post is the run's page. */
export const StopForm = ({
  runId,
  name,
  small = false,
  isQueued = false,
}: {
  runId: number
  name: string
  small?: boolean
  isQueued?: boolean
}) => {
  const words = isQueued ? queuedWords : runningWords
  return (
    <form
      class="inline"
      data-stay
      method="post"
      action={`/executions/${runId}/cancel`}
      data-confirm={t(words.question)}
      data-confirm-text={t(words.text)}
      data-confirm-yes={t(words.yes)}
      data-confirm-no={t(words.no)}
    >
      <button
        type="submit"
        class={small ? 'quiet only small' : 'danger'}
        aria-label={t(words.label, { name })}
        title={t(words.verb)}
      >
        <Icon name="stop" />
        {small ? '' : t(words.verb)}
      </button>
    </form>
  )
}

const runningWords = {
  verb: 'Stop',
  label: 'Stop {name}',
  question: 'Stop this run?',
  text: 'The script and everything it started are ended. Files written so far are kept.',
  yes: 'Stop run',
  no: 'Let it run',
} satisfies Record<string, Text>
const queuedWords = {
  verb: 'Cancel',
  label: 'Cancel {name}',
  question: 'Cancel this run?',
  text: 'It leaves the queue, and nothing of it is run.',
  yes: 'Cancel run',
  no: 'Let it wait',
} satisfies Record<string, Text>

interface Confirm {
  question: string
  text: string
  /** The verb of the question. */
  yes: string
  no?: string
}

/**
 * A small form that posts one act: in a table an icon, elsewhere an icon and a word. `fields`: what is posted. `confirm`: asked first
 * where there is JavaScript. `label` says what is done to what, `title` what a pointer is told; all that is given is plain text.
 */
export const ActForm = ({
  action,
  icon,
  word,
  label = word ?? '',
  title = label,
  fields = {},
  confirm,
  kind = 'quiet',
  isSmall = true,
  wraps = false,
  disabled = false,
  id,
  data = {},
}: {
  action: string
  icon?: string
  word?: string
  /** Left out where the word says it all. */
  label?: string
  title?: string
  fields?: Record<string, string | number>
  confirm?: Confirm
  kind?: 'quiet' | 'plain' | 'danger' | 'primary'
  isSmall?: boolean
  /** Its word may be long. */
  wraps?: boolean
  disabled?: boolean
  /** Of the button: focus stays on it when its form is swapped. */
  id?: string
  /** Attributes of the form, such as `hx-post`; ours, and never what a visitor said. */
  data?: Record<string, string>
}) => (
  <form
    class="inline"
    method="post"
    action={attr(action)}
    data-confirm={confirm && attr(confirm.question)}
    data-confirm-text={confirm && attr(confirm.text)}
    data-confirm-yes={confirm && attr(confirm.yes)}
    data-confirm-no={confirm && attr(confirm.no ?? say('Cancel'))}
    {...data}
  >
    {Object.entries(fields).map(([name, value]) => (
      <input type="hidden" name={attr(name)} value={attr(value)} />
    ))}
    <button
      type="submit"
      id={id}
      class={
        [
          kindClasses[kind],
          kind === 'danger' && !word && 'quiet',
          !word && 'only',
          isSmall && 'small',
          wraps && 'any-wrap',
        ]
          .filter(Boolean)
          .join(' ') || undefined
      }
      aria-label={label === word ? undefined : attr(label)}
      title={title === word ? undefined : attr(title)}
      disabled={disabled}
    >
      {icon ? <Icon name={icon} /> : ''}
      {word ? <span safe>{word}</span> : ''}
    </button>
  </form>
)

const kindClasses = { quiet: 'quiet', plain: '', danger: 'danger', primary: 'primary' } as const
