/** What may have been behind a failure. A hint and no verdict: how the run ended is told by its exit code alone. */
import type { Run } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import { AddHint } from './dependencies-tab.tsx'
import { PolicyLink, Raise, SettingLink } from './limits.tsx'
import { isolationWord } from './run-details.tsx'
import { markup, t } from './texts.ts'

interface Hint {
  /** In the last of stderr. */
  said: RegExp
  fits?(run: Run): boolean
  text(run: Run, script: Script): JSX.Element
}

const isConfined = ({ isolation }: Run) => isolation !== null && isolation !== 'plain'

/** The first that fits is shown. */
const hints: Hint[] = [
  {
    said: /\bEMFILE\b|Too many open files/i,
    text: (_, script) =>
      markup('It may have had more files open than a process may: let it close what it has read, or raise {limit}', {
        limit: <Raise setting="open_files_max" script={script} />,
      }),
  },
  {
    said: /\bEFBIG\b|File too large|SIGXFSZ/i,
    text: (_, script) =>
      markup('It may have written a file larger than it may: let it write several, or raise {limit}', {
        limit: <Raise setting="file_bytes_max" script={script} />,
      }),
  },
  {
    said: /\bPermissionError\b|\bEACCES\b|\bEROFS\b|\bEPERM\b|Permission denied|Read-only file system|Operation not permitted/i,
    fits: isConfined,
    text: ({ isolation }, script) =>
      markup(
        'What confines it ({isolation}) may have refused it. Without more it writes to {output} and {tmp} only; {policy} says what else it may write, read, reach and start, and {setting} says it for every script.',
        {
          isolation: <span safe>{isolationWord(isolation!)}</span>,
          output: <code>OUTPUT_DIR</code>,
          tmp: <code>/tmp</code>,
          policy: <PolicyLink script={script} to="its policy" />,
          setting: <SettingLink name="allow_write" />,
        },
      ),
  },
]

/** A module that a run did not find, and the package that has it as a rule. */
export interface MissingModule {
  module: string
  package: string | null
}

/** Empty where nothing is known. `missing`: what it said it did not find. */
export function RunHint({ run, script, missing }: { run: Run; script: Script; missing: MissingModule | null }) {
  if (run.status !== 'failed') return ''
  if (missing) return <MissingHint script={script} missing={missing} />
  const text = `${run.stderr}\n${run.signal ?? ''}`
  const hint = hints.find(({ said, fits }) => said.test(text) && (fits?.(run) ?? true))
  return hint ? <p id="run-hint">{hint.text(run, script) as 'safe'}</p> : ''
}

const MissingHint = ({ script, missing }: { script: Script; missing: MissingModule }) => (
  <div id="run-hint" class="stack-1">
    <p>
      {missing.package === null
        ? markup('It did not find {module}, which none of its packages has: declare what has it under {tab}.', {
            module: <code safe>{missing.module}</code>,
            tab: <a href={`/scripts/${script.id}?tab=dependencies`}>{t('Dependencies')}</a>,
          })
        : markup(
            'It did not find {module}, which none of its packages has: declare {package}, and it is installed before the next run.',
            { module: <code safe>{missing.module}</code>, package: <code safe>{missing.package}</code> },
          )}
    </p>
    {missing.package === null ? '' : <AddHint scriptId={script.id} name={missing.package} />}
  </div>
)
