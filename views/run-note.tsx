/** Why a run ended badly, and what to do next. Fragment: #run-note. */
import { plain } from '../public/js/ansi.js'
import { count } from '../public/js/format.js'
import type { Run, RunStatus } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import type { OnInterrupt } from '../src/scripts/policy-model.ts'
import { LimitAdvice, limitTitle, PolicyLink, SettingLink } from './limits.tsx'
import { CopyButton, Icon, Note } from './parts.tsx'
import { RunLink } from './run-facts.tsx'
import { type MissingModule, RunHint } from './run-hint.tsx'
import { gap, markup, say, type Text, t } from './texts.ts'

interface NoteProps {
  run: Run
  script: Script
  /** Runs that repeat this one. */
  repeats: Run[]
  /** What becomes of this script's interrupted runs. */
  onInterrupt: OnInterrupt
  /** What its last words say it did not find. */
  missing?: MissingModule | null
  /** Whoever may not is not sent to its code and policy, which they would be refused. */
  mayEdit?: boolean
}

type BadEnd = Exclude<RunStatus, 'queued' | 'running' | 'success'>

interface Advice {
  kind: 'bad' | 'warn' | ''
  /** Where the run has no reason of its own. */
  title: Text
  next(props: NoteProps): JSX.Element
}

const advice: Record<BadEnd, Advice> = {
  failed: {
    kind: 'bad',
    title: 'The script failed',
    next: ({ run, script, missing = null }) =>
      run.started_at === null ? (
        <NeverStarted run={run} script={script} />
      ) : (
        <>
          <RunHint run={run} script={script} missing={missing} />
          <p>
            {markup(
              'What it said last is at the end of the log. Change the values and run it again, or look at {script}.',
              {
                script: <a href={`/scripts/${script.id}?tab=code`}>{t('the script')}</a>,
              },
            )}
          </p>
        </>
      ),
  },
  timeout: { kind: 'warn', title: 'Stopped at its time limit', next: (props) => <OverLimit {...props} /> },
  killed: { kind: 'bad', title: 'Stopped at a limit', next: (props) => <OverLimit {...props} /> },
  cancelled: {
    kind: '',
    title: 'Stopped before its end',
    next: ({ run }) => (
      <p>
        {run.started_at === null ? t('Nothing of it was run.') : t('Files written before that are kept.')}
        {gap()}
        {t('The same values are in the form, to run it again.')}
      </p>
    ),
  },
  interrupted: {
    kind: 'warn',
    title: 'The gateway stopped while it ran',
    next: (props) => <Interrupted {...props} />,
  },
}

/** Empty while there is nothing to say, so that it can be swapped in. */
export const RunNote = (props: NoteProps) => (
  <div id="run-note" aria-live="polite">
    {Object.hasOwn(advice, props.run.status) ? <BadEndNote {...props} /> : <WaitNote run={props.run} />}
  </div>
)

const WaitNote = ({ run: { waiting_for_installation: id } }: Pick<NoteProps, 'run'>) =>
  id === null ? (
    ''
  ) : (
    <Note kind="info" icon="box" title={say('Its packages are being installed')}>
      <p>
        {t('It begins by itself when they are there.')}
        {gap()}
        <a href={`/dependencies/installations/${id}`}>{t('See how far it is')}</a>
      </p>
    </Note>
  )

const BadEndNote = (props: NoteProps) => {
  const { run, mayEdit = true } = props
  const { kind, title, next } = advice[run.status as BadEnd]
  const error = run.status === 'failed' ? lastWords(run.stderr) : ''
  return (
    <div class={kind === '' ? 'note' : `note ${kind}`}>
      <Icon name={run.status} />
      <Title run={run} otherwise={say(title)} />
      {error ? (
        <p>
          <code id="run-error" safe>
            {error}
          </code>
        </p>
      ) : (
        ''
      )}
      {(mayEdit || run.status === 'cancelled' ? next(props) : <ForOthers run={run} />) as 'safe'}
      {error ? <ErrorButtons run={run} /> : ''}
    </div>
  )
}

/** How `couldNot` (src/dependencies/build-words.ts) says it; a test holds the two together. */
const packagesReason = 'Its packages could not be installed: '

/** Nothing of the script's own is in the log, and other values would not help. */
const NeverStarted = ({ run, script }: Pick<NoteProps, 'run' | 'script'>) => (
  <p>
    {run.reason?.startsWith(packagesReason)
      ? markup('The script was not started. {tab} shows what was tried and installs again.', {
          tab: <a href={`/scripts/${script.id}?tab=dependencies`}>{t('Dependencies')}</a>,
        })
      : t('Nothing of it was run.')}
    {gap()}
    {t('The same values are in the form, to run it again.')}
  </p>
)

/** What somebody can do who may not edit the script. */
const ForOthers = ({ run }: { run: Run }) => (
  <p>
    {run.started_at === null
      ? t('Nothing of it was run.')
      : run.status === 'failed'
        ? t('What it said last is at the end of the log.')
        : run.status === 'interrupted'
          ? t('Its log has what it did until then.')
          : t('See in the log what it did. Who may edit the script can change its limits.')}
  </p>
)

/** How `replacedReason` (src/runs/second-start.ts) says it; a test holds the two together. */
const replaced = /^It was replaced by run (\d{1,15}) /

const Title = ({ run, otherwise }: { run: Run; otherwise: string }) => {
  const replacement = run.status === 'cancelled' ? replaced.exec(run.reason ?? '')?.[1] : undefined
  if (replacement === undefined) return <strong safe>{limitTitle(run) ?? run.reason ?? otherwise}</strong>
  return <strong>{markup('It was replaced by run {run}', { run: <RunLink id={Number(replacement)} /> })}</strong>
}

const OverLimit = ({ run, script }: NoteProps) =>
  run.limit ? (
    <LimitAdvice hit={run.limit} script={script} />
  ) : (
    <p>
      {markup('See what it did in the log, or raise its limit: {tab} shows them all.', {
        tab: <PolicyLink script={script} to="Limits and permissions" />,
      })}
    </p>
  )

const Interrupted = ({ run, script, repeats, onInterrupt }: NoteProps) => {
  const retry = repeats.find(({ attempt }) => attempt > run.attempt)
  if (retry)
    return (
      <p>
        {markup('It is run again by itself: run {run}, attempt {n}.', {
          run: <RunLink id={retry.id} />,
          n: count(retry.attempt) as 'safe',
        })}
      </p>
    )
  if (run.retry_at !== null) return <p>{t('It is tried again by itself, as its schedule says.')}</p>
  if (onInterrupt === 'retry' && run.started_at !== null)
    return (
      <p>
        {markup(
          'The gateway runs it again at its next start ({setting}). Where it did not, the run had been tried too often or its values fit no more, and the gateway’s log says which.',
          { setting: <SettingLink name="on_interrupt" /> },
        )}
      </p>
    )
  return (
    <p>
      {markup(
        'It does not go on by itself; the same values are in the form, to run it again. To have the gateway do that, write {line} into {policy}, or set {setting} for every script.',
        {
          line: <code>"on_interrupt": "retry"</code>,
          policy: <PolicyLink script={script} to="its policy" />,
          setting: <SettingLink name="on_interrupt" />,
        },
      )}
    </p>
  )
}

/** What installed its packages has printed elsewhere: the log of a run that never started does not have it. */
const ErrorButtons = ({ run: { stderr, started_at } }: { run: Run }) => (
  <div class="row">
    {started_at === null ? (
      ''
    ) : (
      <button class="small needs-js" type="button" data-log-last-error>
        {t('Go to the error in the log')}
      </button>
    )}
    <CopyButton from="run-stderr" label={say('Copy the end of stderr')} word={say('Copy error')} />
    <template id="run-stderr" safe>
      {plain(stderr)}
    </template>
  </div>
)

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
