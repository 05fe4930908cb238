/** On the page of a script: that its packages are not there, or not all of what it imports. */
import type { DependenciesView } from '../src/dependencies/view-model.ts'
import type { Script } from '../src/scripts/model.ts'
import { Note } from './parts.tsx'
import { gap, markup, say, t } from './texts.ts'
import { mayDo, type Viewed } from './viewer.ts'

interface PackagesNoteProps extends Viewed {
  script: Script
  view: DependenciesView
}

/** Empty where nothing keeps it from running; `public/js/live.js` asks for it again. */
export const PackagesNote = (props: PackagesNoteProps) => (
  <div id="packages-note" aria-live="polite">
    {noteOf(props) as 'safe'}
  </div>
)

function noteOf({ script, view, viewer }: PackagesNoteProps): JSX.Element {
  const { state, installation, reason } = view
  const tab = `/scripts/${script.id}?tab=dependencies`
  if (state === 'installing')
    return (
      <Note kind="info" icon="running" title={say('Its packages are being installed')}>
        <p>
          {t('A run that is started now waits for them.')}
          {gap()}
          {installation ? <a href={`/dependencies/installations/${installation.id}`}>{t('See how far it is')}</a> : ''}
        </p>
      </Note>
    )
  if (state === 'missing')
    return (
      <Note kind="info" icon="info" title={say('Its packages are not installed yet')}>
        <p>
          {markup('They are installed before its next run, or now under {tab}.', {
            tab: <a href={tab}>{t('Dependencies')}</a>,
          })}
        </p>
      </Note>
    )
  if (state === 'failed' || state === 'refused')
    return (
      <Note
        kind="bad"
        icon="failed"
        title={state === 'failed' ? say('Its packages could not be installed') : say('What it declares is refused')}
      >
        <p class="lines" safe>
          {reason ?? view.problems.map(({ message }) => message).join('\n')}
        </p>
        <p>
          {installation && state === 'failed' ? (
            <a href={`/dependencies/installations/${installation.id}`}>{t('See what the installer said')}</a>
          ) : (
            <a href={tab}>{t('See what it declares')}</a>
          )}
        </p>
      </Note>
    )
  const lacking = view.hints.filter(({ is_found, is_optional }) => !is_found && !is_optional)
  if (lacking.length === 0) return ''
  return (
    <Note kind="warn" icon="warn" title={say('It imports what nothing declares')}>
      <p>
        {lacking.map(({ module }, index) => (
          <>
            {index > 0 ? t(', ') : ''}
            <code safe>{module}</code>
          </>
        ))}
        {mayDo(viewer, 'edit', script) ? (
          <>
            {': '}
            <a href={tab}>{t('declare what it needs')}</a>.
          </>
        ) : (
          '.'
        )}
      </p>
    </Note>
  )
}
