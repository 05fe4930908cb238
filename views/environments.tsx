/** The environments on disk: size, age, which scripts need them, and cleaning up. */
import { count } from '../public/js/format.js'
import type { CacheEntry, CacheStatus } from '../src/dependencies/view-model.ts'
import { attr } from './attr.ts'
import { Ago, Icon, Note, size } from './parts.tsx'

export interface EnvironmentsProps {
  cache: CacheStatus
  /** Names of scripts by id. */
  names: Map<number, string>
  /** Only administrators clean up. */
  mayClean: boolean
  /** What has just been removed, as a sentence. */
  cleaned: string | null
  now: number
}

export const Environments = (props: EnvironmentsProps) => {
  const { cache, cleaned, mayClean } = props
  return (
    <section class="panel" id="cache" aria-labelledby="h-cache">
      <header>
        <h2 id="h-cache">Environments on disk</h2>
        <span class="count">{cache.items.length}</span>
        <small class="push muted">
          {size(cache.bytes)}, and {size(cache.download_bytes)} of downloads
        </small>
      </header>
      {cleaned === null ? (
        ''
      ) : (
        <div class="body">
          <Note kind="info" icon="success" title="Cleaned up">
            <p safe>{cleaned}</p>
          </Note>
        </div>
      )}
      {cache.items.length === 0 ? <p class="body muted">There are none yet.</p> : <Table {...props} />}
      {mayClean ? <CleanUp cache={cache} /> : ''}
    </section>
  )
}

const Table = (props: EnvironmentsProps) => (
  <section class="scroll cards" tabindex="0" aria-label="Environments">
    <table class="plain-table">
      <caption class="sr">Environments</caption>
      <thead>
        <tr>
          <th>Environment</th>
          <th>Packages</th>
          <th class="n">Size</th>
          <th>Last used</th>
          <th>Needed by</th>
          {props.mayClean ? (
            <th>
              <span class="sr">Actions</span>
            </th>
          ) : (
            ''
          )}
        </tr>
      </thead>
      <tbody>
        {props.cache.items.map((entry) => (
          <Row {...props} entry={entry} />
        ))}
      </tbody>
    </table>
  </section>
)

const stateWords: Record<CacheEntry['state'], string> = { ready: '', building: 'being built', broken: 'broken' }

const Row = ({ entry, names, mayClean, now }: EnvironmentsProps & { entry: CacheEntry }) => {
  const { environment, runtime, state, requirements, packages, bytes, last_used_at, used_by, in_use } = entry
  return (
    <tr>
      <td class="c-name mono">
        <span title={attr(environment)} safe>
          {environment.slice(0, hashShown)}
        </span>
        <small safe>
          {[runtime === 'python' ? 'Python' : 'JavaScript', stateWords[state]].filter(Boolean).join(', ')}
        </small>
      </td>
      <td class="any-wrap" data-label="Packages" title={attr(requirements.join('\n'))}>
        {count(packages) as 'safe'}
        <small class="cut mono" safe>
          {requirements.join(', ')}
        </small>
      </td>
      <td class="n" data-label="Size">
        {size(bytes)}
      </td>
      <td data-label="Last used">
        {in_use > 0 ? (
          'now'
        ) : last_used_at === null ? (
          <span class="muted">never</span>
        ) : (
          <Ago at={last_used_at} now={now} />
        )}
      </td>
      <td class="any-wrap" data-label="Needed by">
        <span>
          <UsedBy ids={used_by} names={names} />
        </span>
      </td>
      {mayClean ? (
        <td class="acts">
          <RemoveForm entry={entry} />
        </td>
      ) : (
        ''
      )}
    </tr>
  )
}

const hashShown = 12
const usersShown = 3

const UsedBy = ({ ids, names }: { ids: number[]; names: Map<number, string> }) =>
  ids.length === 0 ? (
    <span class="muted">no script</span>
  ) : (
    <>
      {ids.slice(0, usersShown).map((id, index) => (
        <>
          {(index > 0 ? ', ' : '') as 'safe'}
          <a href={`/scripts/${id}?tab=dependencies`} safe>
            {names.get(id) ?? `script ${id}`}
          </a>
        </>
      ))}
      {(ids.length > usersShown ? ` and ${ids.length - usersShown} more` : '') as 'safe'}
    </>
  )

const RemoveForm = ({ entry: { environment, used_by, in_use } }: { entry: CacheEntry }) => (
  <form
    class="inline"
    method="post"
    action="/dependencies/cache"
    data-confirm="Remove this environment?"
    data-confirm-text={
      used_by.length > 0 ? 'Scripts need it: it is installed again before their next run.' : 'No script needs it.'
    }
    data-confirm-yes="Remove"
    data-confirm-no="Keep it"
  >
    <input type="hidden" name="environment" value={attr(environment)} />
    <button
      class="quiet danger only small"
      type="submit"
      disabled={in_use > 0}
      aria-label={attr(`Remove ${environment.slice(0, hashShown)}`)}
      title={in_use > 0 ? 'A run has it now' : 'Remove'}
    >
      <Icon name="trash" />
    </button>
  </form>
)

const CleanUp = ({ cache }: { cache: CacheStatus }) => (
  <footer>
    <form class="row" method="post" action="/dependencies/cache">
      <label for="older-than">Remove what no script needs</label>
      <select id="older-than" name="older_than_days">
        <option value="">{`not used for ${cache.kept_days} days` as 'safe'}</option>
        <option value="7">not used for 7 days</option>
        <option value="1">not used for a day</option>
        <option value="0">at once</option>
      </select>
      <label class="check">
        <input type="checkbox" name="downloads" value="1" />
        and downloads
      </label>
      <button type="submit">
        <Icon name="trash" />
        Clean up
      </button>
    </form>
  </footer>
)
