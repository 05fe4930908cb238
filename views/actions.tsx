/** What can be done to a run, and how long it has been going on. */
import { clock } from '../public/js/format.js'
import { attr } from './attr.ts'
import { Icon } from './parts.tsx'

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
      data-confirm={words.question}
      data-confirm-text={words.text}
      data-confirm-yes={`${words.verb} run`}
      data-confirm-no={words.no}
    >
      <button
        type="submit"
        class={small ? 'quiet only small' : 'danger'}
        aria-label={attr(`${words.verb} ${name}`)}
        title={words.verb}
      >
        <Icon name="stop" />
        {(small ? '' : words.verb) as 'safe'}
      </button>
    </form>
  )
}

const runningWords = {
  verb: 'Stop',
  question: 'Stop this run?',
  text: 'The script and everything it started are ended. Files written so far are kept.',
  no: 'Let it run',
}
const queuedWords = {
  verb: 'Cancel',
  question: 'Cancel this run?',
  text: 'It leaves the queue, and nothing of it is run.',
  no: 'Let it wait',
}
