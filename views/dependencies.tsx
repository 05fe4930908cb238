/** What scripts declare and how that stands, the global sets, the environments, the last installations. Fragment: #declaring. */
import { count } from '../public/js/format.js'
import type { RuntimeName } from '../src/scripts/model.ts'
import { type DeclaringProps, DeclaringScripts, declaringTotal } from './declaring.tsx'
import { Environments, type EnvironmentsProps } from './environments.tsx'
import { GlobalPanel, type GlobalProps, GlobalState } from './globals.tsx'
import { Installations, type NamedInstallation } from './installations.tsx'
import { Page } from './layout.tsx'
import { UndoRemove } from './packages.tsx'
import { Icon, Note, Partial } from './parts.tsx'
import { plural, say, t } from './texts.ts'
import type { Viewed } from './viewer.ts'

export interface DependenciesProps extends Viewed {
  declaring: Omit<DeclaringProps, 'now'>
  globals: Omit<GlobalProps, 'now'>[]
  /** For who may see it. */
  cache: Omit<EnvironmentsProps, 'now'> | null
  installations: NamedInstallation[]
  /** Whether whoever looks may run, and edit, some of the scripts. */
  mayInstall: boolean
  mayUpdate: boolean
  /** What has just been done, as a sentence. */
  done: string | null
  /** From the packages of everybody, to be declared again. */
  removed: { name: string; version: string; runtime: RuntimeName } | null
  /** What was refused, where it belongs to no form. */
  message: string | null
  now: number
}

export const DependenciesPage = (props: DependenciesProps) => (
  <Page title={say('Dependencies')} current="dependencies" kind="dependencies" now={props.now} viewer={props.viewer}>
    <div class="head">
      <h1>{t('Dependencies')}</h1>
      <p>{saying(props.declaring)}</p>
      <BatchForm {...props} />
    </div>
    {props.message ? (
      <Note kind="bad" icon="failed" id="form-message" alert title={say('Nothing was changed')}>
        <p safe>{props.message}</p>
      </Note>
    ) : props.done ? (
      <Note kind="info" icon="success" title={say('Done')}>
        <p safe>{props.done}</p>
        {props.removed ? (
          <UndoRemove
            action="/dependencies/packages"
            fields={{ runtime: props.removed.runtime }}
            removed={props.removed}
          />
        ) : (
          ''
        )}
      </Note>
    ) : (
      ''
    )}
    <DeclaringScripts {...props.declaring} now={props.now} />
    <div class="split even">
      {props.globals.map((one) => (
        <GlobalPanel {...one} now={props.now} />
      ))}
    </div>
    {props.cache ? <Environments {...props.cache} now={props.now} /> : ''}
    <Installations items={props.installations} now={props.now} />
  </Page>
)

/** Each takes the place of the element with its id. */
export const DependenciesFragments = ({ declaring, globals, installations, now }: DependenciesProps) => (
  <>
    <Partial id="declaring">
      <DeclaringScripts {...declaring} now={now} />
    </Partial>
    {
      globals
        .map((one) => (
          <Partial id={`global-${one.view.runtime}-state`}>
            <GlobalState {...one} now={now} />
          </Partial>
        ))
        .join('') as 'safe'
    }
    <Partial id="installations">
      <Installations items={installations} now={now} />
    </Partial>
  </>
)

function saying({ counts }: DependenciesProps['declaring']) {
  const total = declaringTotal(counts)
  if (total === 0) return t('No script declares packages.')
  if (counts.ready === total)
    return plural(total, 'One script declares packages, all ready.', '{n} scripts declare packages, all ready.')
  const ready = { ready: count(counts.ready) }
  return plural(
    total,
    'One script declares packages, {ready} ready.',
    '{n} scripts declare packages, {ready} ready.',
    ready,
  )
}

const BatchForm = ({ mayInstall, mayUpdate }: DependenciesProps) =>
  !mayInstall ? (
    ''
  ) : (
    <form class="row push" method="post" action="/dependencies/install">
      <button type="submit" name="act" value="install">
        <Icon name="download" />
        {t('Install what is missing')}
      </button>
      {mayUpdate ? (
        <button
          type="submit"
          name="act"
          value="update"
          title={t('Installs the newest versions that the declarations allow, and renews the locks')}
        >
          <Icon name="refresh" />
          {t('Update all')}
        </button>
      ) : (
        ''
      )}
    </form>
  )
