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
export const StopForm = ({ runId, name, small = false }: { runId: number; name: string; small?: boolean }) => (
  <form
    class="inline"
    method="post"
    action={`/executions/${runId}/cancel`}
    data-confirm="Stop this run?"
    data-confirm-text="The script and everything it started are ended. Files written so far are kept."
    data-confirm-yes="Stop run"
    data-confirm-no="Let it run"
  >
    <button type="submit" class={small ? 'quiet only small' : 'danger'} aria-label={attr(`Stop ${name}`)} title="Stop">
      <Icon name="stop" />
      {small ? '' : 'Stop'}
    </button>
  </form>
)
