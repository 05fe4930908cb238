/** What a script may touch, its limits and how its runs are treated; and the file that says so, to edit. */
import type { Problem } from '../src/errors.ts'
import type { PolicyContent } from '../src/scripts/policy-editor.ts'
import { attr } from './attr.ts'
import { Unconfined } from './host.tsx'
import { CopyButton, Icon, Note } from './parts.tsx'
import { Limits, Permissions, Treatment } from './policy-facts.tsx'
import { say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export interface PolicyTabProps extends Viewed {
  /** Of the script. */
  id: number
  /** null where the file may not be read from here. */
  content: PolicyContent | null
  unreadable: string | null
  /** What the form holds: the file, or what was typed and refused. */
  text: string
  message: string | null
  problems: Problem[]
  saved: boolean
  /** By name: for what a policy may only narrow. */
  settings: Record<string, unknown>
  /** What confines scripts on this host. */
  isolation: string
}

export const PolicyTab = ({ content, unreadable, settings, isolation, viewer, ...form }: PolicyTabProps) => (
  <div class="split even">
    <div class="stack-4">
      <Unconfined level={isolation} viewer={viewer} />
      <InVain warnings={content?.warnings ?? []} />
      {content?.policy && content.effective ? (
        <>
          <Permissions policy={content.policy} effective={content.effective} />
          <Limits policy={content.policy} effective={content.effective} settings={settings} />
          <Treatment policy={content.policy} effective={content.effective} settings={settings} />
        </>
      ) : (
        <Note kind="bad" icon="lock" title={say('No run is accepted')}>
          <p>{t('What this script may do is not known until its policy can be read. It does not run before.')}</p>
        </Note>
      )}
    </div>
    {content ? (
      <PolicyForm content={content} {...form} />
    ) : (
      <Note kind="warn" icon="warn" title={say('The policy cannot be edited here')}>
        <p safe>{unreadable ?? ''}</p>
      </Note>
    )}
  </div>
)

/** What no run would tell before it fails, or does nothing. */
const InVain = ({ warnings }: Pick<PolicyContent, 'warnings'>) =>
  warnings.length === 0 ? (
    ''
  ) : (
    <Note kind="warn" icon="warn" title={say('Not everything it names is to be had')}>
      {warnings.map((warning) => (
        <p safe>{warning}</p>
      ))}
    </Note>
  )

const PolicyForm = ({
  id,
  content: { file, hash },
  text,
  message,
  problems,
  saved,
}: Pick<PolicyTabProps, 'id' | 'text' | 'message' | 'problems' | 'saved'> & { content: PolicyContent }) => (
  <form class="panel" id="policy-form" method="post" action={`/scripts/${id}/policy`} aria-labelledby="h-policy">
    <header>
      <h2 id="h-policy">{t('Policy file')}</h2>
      <small class="mono muted push cut" safe>
        {file}
      </small>
    </header>
    <div class="body fields">
      {saved ? (
        <Note kind="info" icon="success" title={say('Saved')}>
          <p>{t('It is in force for the next run.')}</p>
        </Note>
      ) : (
        ''
      )}
      {message === null ? (
        ''
      ) : (
        <Note kind="bad" icon="failed" id="policy-message" alert title={message}>
          {problems.map((problem) => (
            <p>
              {problem.path === '' ? '' : <code safe>{problem.path}</code>} <span safe>{problem.message}</span>
            </p>
          ))}
        </Note>
      )}
      <div class="field">
        <label for="policy-text">{t('What it says')}</label>
        <input type="hidden" name="etag" value={attr(hash)} />
        <textarea
          id="policy-text"
          name="text"
          class="mono"
          rows="14"
          spellcheck="false"
          autocapitalize="off"
          aria-invalid={message === null ? undefined : 'true'}
          aria-describedby={message === null ? 'policy-help' : 'policy-message policy-help'}
          autofocus={message !== null}
          placeholder={attr('{\n  "permissions": { "net": false }\n}')}
        >
          {'\n'}
          {Bun.escapeHTML(text) as 'safe'}
        </textarea>
        <p class="help" id="policy-help">
          {t(
            'JSON. What is left out is as the settings say; a limit can only be narrower than its setting. Paths are absolute or from the script’s folder.',
          )}
        </p>
      </div>
      <details>
        <summary>{t('Everything it can say')}</summary>
        <div class="code">
          <pre tabindex="0" id="policy-example">
            {policyExample}
          </pre>
          <CopyButton from="policy-example" label={say('Copy the example')} />
        </div>
      </details>
    </div>
    <footer>
      <button class="primary" type="submit" name="act" value="save">
        {t('Save')}
      </button>
      {hash === null ? (
        ''
      ) : (
        <button class="danger push" type="submit" name="act" value="remove">
          <Icon name="trash" />
          {t('Remove the file')}
        </button>
      )}
    </footer>
  </form>
)

export const policyExample = `{
  "permissions": {
    "net": [443],
    "read": ["../shared", "/srv/pictures"],
    "write": false,
    "env": ["API_KEY"],
    "run": ["ffmpeg"]
  },
  "limits": {
    "timeout_min": 2,
    "memory_bytes_max": 268435456,
    "cpu_sec_max": 60,
    "processes_max": 16,
    "open_files_max": 128,
    "file_bytes_max": 104857600,
    "output_bytes_max": 104857600,
    "log_bytes_max": 1048576,
    "upload_bytes_max": 52428800
  },
  "queue": { "slots": 1, "priority": 10, "second_start": "queue", "rate_per_min": 60 },
  "on_interrupt": "retry",
  "retention": { "days": 30, "runs": 100, "bytes": 1073741824 }
}`
