/** What may have been behind a failure. A hint and no verdict: how the run ended is told by its exit code alone. */
import type { Run } from '../src/runs/model.ts'
import type { Script } from '../src/scripts/model.ts'
import { AddHint } from './dependencies-tab.tsx'
import { PolicyLink, Raise, SettingLink } from './limits.tsx'
import { isolationWord } from './run-details.tsx'

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
    text: (_, script) => (
      <>
        It may have had more files open than a process may: let it close what it has read, or raise{' '}
        <Raise setting="open_files_max" script={script} />
      </>
    ),
  },
  {
    said: /\bEFBIG\b|File too large|SIGXFSZ/i,
    text: (_, script) => (
      <>
        It may have written a file larger than it may: let it write several, or raise{' '}
        <Raise setting="file_bytes_max" script={script} />
      </>
    ),
  },
  {
    said: /\bPermissionError\b|\bEACCES\b|\bEROFS\b|\bEPERM\b|Permission denied|Read-only file system|Operation not permitted/i,
    fits: isConfined,
    text: ({ isolation }, script) => (
      <>
        What confines it (<span safe>{isolationWord(isolation!)}</span>) may have refused it. Without more it writes to{' '}
        <code>OUTPUT_DIR</code> and <code>/tmp</code> only; <PolicyLink script={script} word="its policy" /> says what
        else it may write, read, reach and start, and <SettingLink name="allow_write" /> says it for every script.
      </>
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
      It did not find <code safe>{missing.module}</code>, which none of its packages has:{' '}
      {missing.package === null ? (
        <>
          declare what has it under <a href={`/scripts/${script.id}?tab=dependencies`}>Dependencies</a>.
        </>
      ) : (
        <>
          declare <code safe>{missing.package}</code>, and it is installed before the next run.
        </>
      )}
    </p>
    {missing.package === null ? '' : <AddHint scriptId={script.id} name={missing.package} />}
  </div>
)
