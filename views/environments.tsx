/** The environments on disk: size, age, which scripts need them, and cleaning up. */
import { bytes as bytesOf, count } from '../public/js/format.js'
import type { CacheEntry, CacheStatus } from '../src/dependencies/view-model.ts'
import { ActForm } from './actions.tsx'
import { attr } from './attr.ts'
import { Ago, Icon, Note, size } from './parts.tsx'
import { plural, say, type Text, t } from './texts.ts'

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
        <h2 id="h-cache">{t('Environments on disk')}</h2>
        <span class="count">{cache.items.length}</span>
        <small class="push muted">
          {t('{size}, and {downloads} of downloads', {
            size: bytesOf(cache.bytes),
            downloads: bytesOf(cache.download_bytes),
          })}
        </small>
      </header>
      {cleaned === null ? (
        ''
      ) : (
        <div class="body">
          <Note kind="info" icon="success" title={say('Cleaned up')}>
            <p safe>{cleaned}</p>
          </Note>
        </div>
      )}
      {cache.items.length === 0 ? <p class="body muted">{t('There are none yet.')}</p> : <Table {...props} />}
      {mayClean ? <CleanUp cache={cache} /> : ''}
    </section>
  )
}

const Table = (props: EnvironmentsProps) => (
  <section class="scroll cards" tabindex="0" aria-label={t('Environments')}>
    <table class="plain-table">
      <caption class="sr">{t('Environments')}</caption>
      <thead>
        <tr>
          <th>{t('Environment')}</th>
          <th>{t('Packages')}</th>
          <th class="n">{t('Size')}</th>
          <th>{t('Last used')}</th>
          <th>{t('Needed by')}</th>
          {props.mayClean ? (
            <th>
              <span class="sr">{t('Actions')}</span>
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

const stateWords = { building: 'being built', broken: 'broken' } satisfies Record<string, Text>

const Row = ({ entry, names, mayClean, now }: EnvironmentsProps & { entry: CacheEntry }) => {
  const { environment, runtime, state, requirements, packages, bytes, last_used_at, used_by, in_use } = entry
  return (
    <tr>
      <td class="c-name mono">
        <span title={attr(environment)} safe>
          {environment.slice(0, hashShown)}
        </span>
        <small safe>
          {[runtime === 'python' ? 'Python' : 'JavaScript', state !== 'ready' && say(stateWords[state])]
            .filter(Boolean)
            .join(', ')}
        </small>
      </td>
      <td class="any-wrap" data-label={t('Packages')} title={attr(requirements.join('\n'))}>
        {count(packages) as 'safe'}
        <small class="cut mono" safe>
          {requirements.join(', ')}
        </small>
      </td>
      <td class="n" data-label={t('Size')}>
        {size(bytes)}
      </td>
      <td data-label={t('Last used')}>
        {in_use > 0 ? (
          t('now')
        ) : last_used_at === null ? (
          <span class="muted">{t('never')}</span>
        ) : (
          <Ago at={last_used_at} now={now} />
        )}
      </td>
      <td class="any-wrap" data-label={t('Needed by')}>
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
    <span class="muted">{t('no script')}</span>
  ) : (
    <>
      {ids.slice(0, usersShown).map((id, index) => (
        <>
          {(index > 0 ? ', ' : '') as 'safe'}
          <a href={`/scripts/${id}?tab=dependencies`} safe>
            {names.get(id) ?? say('script {id}', { id })}
          </a>
        </>
      ))}
      {ids.length > usersShown ? t(' and {n} more', { n: ids.length - usersShown }) : ''}
    </>
  )

const RemoveForm = ({ entry: { environment, used_by, in_use } }: { entry: CacheEntry }) => (
  <ActForm
    kind="danger"
    action="/dependencies/cache"
    icon="trash"
    fields={{ environment }}
    disabled={in_use > 0}
    title={in_use > 0 ? say('A run has it now') : say('Remove')}
    label={say('Remove {name}', { name: environment.slice(0, hashShown) })}
    confirm={{
      question: say('Remove this environment?'),
      text:
        used_by.length > 0
          ? say('Scripts need it: it is installed again before their next run.')
          : say('No script needs it.'),
      yes: say('Remove'),
      no: say('Keep it'),
    }}
  />
)

const CleanUp = ({ cache }: { cache: CacheStatus }) => (
  <footer>
    <form class="row" method="post" action="/dependencies/cache">
      <label for="older-than">{t('Remove what no script needs')}</label>
      <select id="older-than" name="older_than_days">
        <option value="">{plural(cache.kept_days, 'not used for a day', 'not used for {n} days')}</option>
        <option value="7">{plural(7, 'not used for a day', 'not used for {n} days')}</option>
        <option value="1">{t('not used for a day')}</option>
        <option value="0">{t('at once')}</option>
      </select>
      <label class="check">
        <input type="checkbox" name="downloads" value="1" />
        {t('and downloads')}
      </label>
      <button type="submit">
        <Icon name="trash" />
        {t('Clean up')}
      </button>
    </form>
  </footer>
)
