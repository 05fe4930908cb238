/** The versions of a script's file, the newest first, and how each came to be. */
import type { Version } from '../src/scripts/versions.ts'
import { query } from './attr.ts'
import { Ago } from './parts.tsx'
import { plural, say, type Text, t } from './texts.ts'
import type { VersionsProps } from './versions.tsx'

const howWords = {
  created: 'Created',
  saved: 'Saved',
  restored: 'Restored',
  uploaded: 'Uploaded',
  imported: 'Imported',
  disk: 'Changed on the disk',
} satisfies Record<Version['how'], Text>

/** What became of the file, and by whom. */
export const How = ({ version }: { version: Version }) => (
  <>
    {version.restored_from === null
      ? version.how === 'disk' && version.version === 1
        ? t('Found on the disk')
        : t(howWords[version.how])
      : t('Restored from version {n}', { n: version.restored_from })}
    {version.by === null ? '' : t(' by {name}', { name: version.by })}
  </>
)

export const VersionList = ({ script, versions, total, page, pages, shown, now }: VersionsProps) => (
  <section class="panel" aria-labelledby="h-versions">
    <header>
      <h2 id="h-versions">{t('Versions')}</h2>
      <small class="muted push">{plural(total, '1 is kept', '{n} are kept')}</small>
    </header>
    <ol class="version-list">
      {versions.map((version) => (
        <li>
          <a
            href={`/scripts/${script.id}/versions${query({ version: version.version, view: linkView(shown), page: page > 1 ? page : null })}`}
            aria-current={shown?.version.version === version.version ? 'true' : undefined}
          >
            <b>{t('Version {n}', { n: version.version })}</b>
            {version.is_current ? <span class="chip allow">{t('In force')}</span> : ''}
            <Counts version={version} />
            <small>
              <How version={version} />
            </small>
            <Ago at={version.created_at} now={now} />
          </a>
        </li>
      ))}
    </ol>
    {pages > 1 ? (
      <footer class="row">
        {page > 1 ? (
          <a class="button small" href={`?page=${page - 1}`}>
            {t('Newer')}
          </a>
        ) : (
          ''
        )}
        {page < pages ? (
          <a class="button small" href={`?page=${page + 1}`}>
            {t('Older')}
          </a>
        ) : (
          ''
        )}
      </footer>
    ) : (
      ''
    )}
  </section>
)

/** From one to the next in the same view; the usual one needs no words. */
const linkView = (shown: VersionsProps['shown']) =>
  shown && shown.view !== 'before' && shown.other ? shown.view : null

/** +3 −1 */
const Counts = ({ version: { lines_added: added, lines_removed: removed } }: { version: Version }) =>
  added === null || removed === null ? (
    <span class="counts muted" title={t('Too much changed to count')}>
      ±
    </span>
  ) : (
    <span class="counts" title={say('{added} lines added, {removed} removed', { added, removed })}>
      <span class="plus">{`+${added}` as 'safe'}</span> <span class="minus">{`−${removed}` as 'safe'}</span>
    </span>
  )
