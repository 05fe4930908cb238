/** What lies on the disk, what goes next, and a button that does it now. */
import type { LastPass, Removed, StorageStatus } from '../src/retention/model.ts'
import { Ago, Icon, Note, size } from './parts.tsx'

export interface StorageProps {
  status: StorageStatus
  /** The server's clock, ms. */
  now: number
}

export const StoragePanel = ({ status, now }: StorageProps) => (
  <section class="panel" id="storage" aria-labelledby="h-storage">
    <header>
      <h2 id="h-storage">Storage</h2>
    </header>
    <div class="body fields">
      <Notes {...status} />
      <Facts status={status} now={now} />
    </div>
    <footer>
      <form method="post" action="/settings/storage">
        <button type="submit" disabled={status.is_running}>
          <Icon name="refresh" />
          Clean up now
        </button>
      </form>
      <p class="help">
        It happens by itself every minute. The settings whose names hold <code>retention</code> say what is kept.
      </p>
    </footer>
  </section>
)

const Notes = ({ disk, is_running, last }: StorageStatus) => (
  <>
    {disk.problem ? (
      <Note kind="bad" icon="failed" title="No run is accepted">
        <p safe>{disk.problem}</p>
      </Note>
    ) : (
      ''
    )}
    {last?.problem ? (
      <Note kind="warn" icon="warn" title="The last clean-up is not complete">
        <p safe>{last.problem}</p>
      </Note>
    ) : (
      ''
    )}
    {is_running ? (
      <Note kind="info" icon="running" title="A clean-up is under way">
        <p>It goes slowly, so that nobody has to wait for it.</p>
      </Note>
    ) : (
      ''
    )}
  </>
)

const Facts = ({ status: { kept, disk, due, bytes_max, last }, now }: StorageProps) => (
  <dl class="facts-list">
    <dt>History</dt>
    <dd>
      {counted(kept.runs, 'run') as 'safe'}
      {kept.oldest_at ? (
        <>
          , the oldest from <Ago at={kept.oldest_at} now={now} />
        </>
      ) : (
        ''
      )}
    </dd>
    <dt>Logs</dt>
    <dd>{size(kept.log_bytes)}</dd>
    <dt>Files and long results</dt>
    <dd>{size(kept.output_bytes)}</dd>
    <dt>Together</dt>
    <dd>
      {size(kept.log_bytes + kept.output_bytes)}
      {bytes_max === null ? ', no limit' : <> of {size(bytes_max)}</>}
    </dd>
    <dt>Database</dt>
    <dd>{size(kept.database_bytes)}</dd>
    <dt>Free on the disk</dt>
    <dd>
      {disk.free_bytes === null ? 'unknown' : size(disk.free_bytes)}, of which {size(disk.free_bytes_min)} stay free
    </dd>
    <dt>Goes next</dt>
    <dd>{dueWords(due) as 'safe'}</dd>
    <dt>Last clean-up</dt>
    <dd>{last ? <Last last={last} now={now} /> : 'Nothing had to go since the start.'}</dd>
  </dl>
)

const Last = ({ last, now }: { last: LastPass; now: number }) => (
  <>
    <Ago at={last.finished_at} now={now} />, removed {removedWords(last.removed) as 'safe'}
  </>
)

const dueWords = ({ runs, logs, outputs, bytes_over }: StorageStatus['due']) =>
  listed([
    runs > 0 && counted(runs, 'run'),
    logs > 0 && counted(logs, 'log'),
    outputs > 0 && `files of ${counted(outputs, 'run')}`,
    bytes_over > 0 && `${size(bytes_over)} over the limit`,
  ])

const removedWords = ({ runs, logs, outputs, orphans, temp_items, bytes, temp_bytes }: Removed) => {
  const words = listed([
    runs > 0 && counted(runs, 'run'),
    logs > 0 && counted(logs, 'log'),
    outputs > 0 && `files of ${counted(outputs, 'run')}`,
    orphans > 0 && `${counted(orphans, 'file')} of runs that were gone`,
    temp_items > 0 && counted(temp_items, 'temporary file'),
  ])
  return bytes + temp_bytes > 0 ? `${words}: ${size(bytes + temp_bytes)}` : words
}

const listed = (words: (string | false)[]) => words.filter(Boolean).join(', ') || 'nothing'

const counted = (n: number, what: string) => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`
