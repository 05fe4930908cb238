/** The history of a script's file: every save, what it changed, and back to it. */
import { bytes as bytesWords } from '../public/js/format.js'
import type { Script } from '../src/scripts/model.ts'
import type { Version } from '../src/scripts/versions.ts'
import type { Stretch } from '../src/scripts/versions-diff.ts'
import { ActForm } from './actions.tsx'
import { attr, query } from './attr.ts'
import { highlight } from './highlight.ts'
import { Ago, CopyButton, exact, Icon, Note } from './parts.tsx'
import { markup, say, type Text, t } from './texts.ts'
import { BothTexts, DiffView } from './versions-diff.tsx'
import { How, VersionList } from './versions-list.tsx'

export const versionViews = ['before', 'current', 'file'] as const
/** Against the one before it, against the one in force, or as it is. */
export type VersionView = (typeof versionViews)[number]

export interface ShownVersion {
  version: Version
  view: VersionView
  /** What it is compared with; null for `file`. */
  other: Version | null
  /** Of the two, the older one first; null where they differ too much. */
  stretches: Stretch[] | null
  /** Of the older and of the newer one; of `file` the same. */
  texts: { before: string; after: string }
}

export interface VersionsProps {
  script: Script
  versions: Version[]
  total: number
  /** From 1. */
  page: number
  pages: number
  /** null: there is none. */
  shown: ShownVersion | null
  /** What was restored just now, as which version, and what was in force before. */
  done: { from: number; version: number; undo: number | null } | null
  /** Why a restore did not happen. */
  refused: string | null
  /** Whether a version was asked for that is not kept. */
  isLost: boolean
  now: number
}

export const VersionsTab = (props: VersionsProps) => (
  <>
    <Notes {...props} />
    {props.shown === null ? (
      <NoVersions />
    ) : (
      <div class="split versions">
        <VersionList {...props} />
        <VersionPanel {...props} shown={props.shown} />
      </div>
    )}
  </>
)

const Notes = ({ script, done, refused, isLost }: VersionsProps) => (
  <>
    {refused === null ? (
      ''
    ) : (
      <Note kind="bad" icon="failed" id="form-message" alert title={say('Nothing was restored')}>
        <p safe>{refused}</p>
      </Note>
    )}
    {done === null ? (
      ''
    ) : (
      <Note kind="info" icon="success" id="form-message" title={say('Version {n} is in force again', { n: done.from })}>
        <p>{t('Its content is version {n} now. What was there before is kept.', { n: done.version })}</p>
        {done.undo === null ? (
          ''
        ) : (
          <div class="row">
            <RestoreForm script={script} version={done.undo} isUndo />
          </div>
        )}
      </Note>
    )}
    {isLost ? (
      <Note kind="warn" icon="warn" title={say('That version is not kept any more')}>
        <p>{t('The oldest go when there are more than the setting versions_max says.')}</p>
      </Note>
    ) : (
      ''
    )}
  </>
)

const NoVersions = () => (
  <div class="panel">
    <div class="empty">
      <Icon name="history" />
      <h2>{t('No version yet')}</h2>
      <p>
        {t(
          'Every save of this script is kept here, and every change of its file on the disk: compare them, and go back to any of them.',
        )}
      </p>
    </div>
  </div>
)

const viewWords = {
  before: 'Against the one before',
  current: 'Against the one in force',
  file: 'The whole file',
} satisfies Record<VersionView, Text>

const VersionPanel = ({ script, shown, now }: VersionsProps & { shown: ShownVersion }) => {
  const { version, view } = shown
  const content = `/api/scripts/${script.id}/versions/${version.version}/content`
  return (
    <section class="panel" aria-labelledby="h-version">
      <header>
        <h2 id="h-version">{t('Version {n}', { n: version.version })}</h2>
        <small class="muted">
          <How version={version} /> · <Ago at={version.created_at} now={now} /> · {bytesWords(version.bytes) as 'safe'}
        </small>
        <div class="row push">
          <a
            class="button quiet only small"
            href={content}
            download={attr(script.filename.split('/').at(-1))}
            title={t('Download version {n}', { n: version.version })}
            aria-label={t('Download version {n}', { n: version.version })}
          >
            <Icon name="download" />
          </a>
          {version.is_current ? '' : <RestoreForm script={script} version={version.version} />}
        </div>
      </header>
      <div class="bar">
        <nav class="tabs" aria-label={t('What is shown')}>
          {viewsOf(shown).map((one) => (
            <a
              href={`/scripts/${script.id}/versions${query({ version: version.version, view: one })}`}
              aria-current={one === view ? 'true' : undefined}
            >
              {t(viewWords[one])}
            </a>
          ))}
        </nav>
        {view === 'file' ? (
          <span class="push">
            <CopyButton from="version-text" label={say('Copy this version')} />
          </span>
        ) : (
          ''
        )}
      </div>
      <Shown script={script} {...shown} />
    </section>
  )
}

/** The first one has none before it, and the one in force nothing to be compared with. */
const viewsOf = ({ version, view, other }: ShownVersion): VersionView[] =>
  versionViews.filter(
    (one) =>
      one === 'file' ||
      one === view ||
      (one === 'before' ? version.version > 1 : !version.is_current && other?.version !== version.version),
  )

const Shown = ({ script, view, version, other, stretches, texts }: ShownVersion & { script: Script }) => {
  if (view === 'file' || other === null)
    return (
      <div class="code bare">
        <pre tabindex="0" id="version-text">
          {'\n'}
          {highlight(texts.after, script.runtime === 'python' ? 'python' : 'js') as 'safe'}
        </pre>
      </div>
    )
  const [older, newer] = [Math.min(version.version, other.version), Math.max(version.version, other.version)]
  return (
    <>
      <p class="diff-heads">
        <span>{t('Version {n}', { n: older })}</span>
        <span>{t('Version {n}', { n: newer })}</span>
      </p>
      {stretches === null ? (
        <BothTexts {...texts} />
      ) : stretches.some(({ kind }) => kind === 'changed') ? (
        <DiffView stretches={stretches} />
      ) : (
        <p class="body muted">{t('Both are the same.')}</p>
      )}
    </>
  )
}

/** Asks first, but not to take back what was done just now. */
const RestoreForm = ({ script, version, isUndo = false }: { script: Script; version: number; isUndo?: boolean }) => (
  <ActForm
    action={`/scripts/${script.id}/versions/${version}/restore`}
    icon={isUndo ? 'refresh' : 'history'}
    label={say(isUndo ? 'Undo, back to version {n}' : 'Restore version {n}', { n: version })}
    word={say(isUndo ? 'Undo' : 'Restore')}
    kind="plain"
    fields={{ if_match: script.state === 'missing' ? '*' : script.content_hash }}
    confirm={
      isUndo
        ? undefined
        : {
            question: say('Restore version {n}?', { n: version }),
            text: say(
              'The file becomes what it was then, and is read again at once. What it is now stays in this list.',
            ),
            yes: say('Restore'),
          }
    }
  />
)

/** For the page of a run: which version of the file it ran. */
export const VersionLink = ({ scriptId, version }: { scriptId: number; version: Version }) =>
  markup('{link}, {time}', {
    link: (
      <a href={`/scripts/${scriptId}/versions?version=${version.version}`}>
        {t('Version {n}', { n: version.version })}
      </a>
    ),
    time: <span class="muted">{exact(version.created_at) as 'safe'}</span>,
  })
