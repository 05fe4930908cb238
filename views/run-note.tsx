/** Why a run ended badly, and what to do next. */

import { plain } from '../public/js/ansi.js'
import type { Run, RunStatus } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import { CopyButton, Icon } from './parts.tsx'

type BadEnd = Exclude<RunStatus, 'queued' | 'running' | 'success'>

interface Advice {
  kind: 'bad' | 'warn' | ''
  icon: string
  /** Where the run has no reason of its own. */
  title: string
  next: (script: Script) => JSX.Element
}

const scriptLink = (script: Script) => <a href={`/scripts/${script.id}?tab=code`}>the script</a>

const advice: Record<BadEnd, Advice> = {
  failed: {
    kind: 'bad',
    icon: 'failed',
    title: 'The script failed',
    next: (script) => (
      <p>
        What it said last is at the end of the log. Change the values and run it again, or look at {scriptLink(script)}.
      </p>
    ),
  },
  timeout: {
    kind: 'warn',
    icon: 'timeout',
    title: 'Stopped at its time limit',
    next: () => (
      <p>
        If it needs longer, raise <a href="/settings#timeout_min">the time limit</a>; else see in the log where it
        waited.
      </p>
    ),
  },
  killed: {
    kind: 'bad',
    icon: 'killed',
    title: 'Stopped at a limit',
    next: () => (
      <p>
        Let it print or write less, or raise <a href="/settings#output_bytes_max">the limit</a>.
      </p>
    ),
  },
  cancelled: {
    kind: '',
    icon: 'cancelled',
    title: 'Stopped before its end',
    next: () => <p>Files written before that are kept. The same values are in the form, to run it again.</p>,
  },
  interrupted: {
    kind: 'warn',
    icon: 'interrupted',
    title: 'The gateway stopped while it ran',
    next: () => <p>It does not go on by itself. The same values are in the form, to run it again.</p>,
  },
}

/** Empty while there is nothing to say, so that it can be swapped in. */
export const RunNote = ({ run, script }: { run: Run; script: Script }) => (
  <div id="run-note" aria-live="polite">
    {Object.hasOwn(advice, run.status) ? (
      <BadEndNote run={run} script={script} told={advice[run.status as BadEnd]} />
    ) : (
      ''
    )}
  </div>
)

const BadEndNote = ({ run, script, told }: { run: Run; script: Script; told: Advice }) => {
  const error = lastWords(run.stderr)
  return (
    <div class={told.kind === '' ? 'note' : `note ${told.kind}`}>
      <Icon name={told.icon} />
      <strong safe>{run.reason || told.title}</strong>
      {error && run.status === 'failed' ? (
        <p>
          <code id="run-error" safe>
            {error}
          </code>
        </p>
      ) : (
        ''
      )}
      {run.error && run.error.message !== run.reason && run.error.type !== 'script' ? (
        <p safe>{run.error.message}</p>
      ) : (
        ''
      )}
      {told.next(script) as 'safe'}
      {run.status === 'failed' && error ? (
        <div class="row">
          <button class="small needs-js" type="button" data-log-last-error>
            Go to the error in the log
          </button>
          <CopyButton from="run-stderr" label="Copy the end of stderr" word="Copy error" />
          <template id="run-stderr" safe>
            {plain(run.stderr)}
          </template>
        </div>
      ) : (
        ''
      )}
    </div>
  )
}

const errorCharsMax = 400

/** The last line of stderr that says something: for Python the exception, for Bun the line before its version. */
function lastWords(stderr: string): string {
  const lines = plain(stderr)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^Bun v[\d.]+/.test(line))
  const named = lines.findLast((line) => /^[\w.]*(Error|Exception|Interrupt)\b|^error:/i.test(line))
  return (named ?? lines.at(-1) ?? '').slice(0, errorCharsMax)
}
