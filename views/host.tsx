/** What holds scripts to their limits and permissions on this host, as it was found out at the start. */
import type { HostReport } from '../src/host.ts'
import { Note } from './parts.tsx'
import { isolationWord } from './run-details.tsx'
import { currentLanguage, gap, say, type Text, t } from './texts.ts'
import { isAtLeast, type Viewed } from './viewer.ts'

export const HostPanel = ({ isolation, limits, viewer }: HostReport & Viewed) => (
  <section class="panel" id="host" aria-labelledby="h-host">
    <header>
      <h2 id="h-host">{t('Confinement and limits')}</h2>
    </header>
    <div class="body fields">
      <Unconfined level={isolation.level} viewer={viewer} />
      <dl class="facts-list">
        <dt>{t('Confined by')}</dt>
        <dd safe>{isolationWord(isolation.level)}</dd>
        <dt>{t('Enforced')}</dt>
        <dd safe>{enforcedText(isolation.enforces)}</dd>
        <dt>{t('Scripts run as')}</dt>
        <dd safe>{/^\d/.test(isolation.user) ? say('users {range}', { range: isolation.user }) : isolation.user}</dd>
        <dt>{t('Limits held by')}</dt>
        <dd safe>
          {limits.level === null
            ? limits.otherwise
            : say('{level} ({controllers}), and beside it {otherwise}', {
                ...{ level: limits.level, controllers: limits.controllers.join(', '), otherwise: limits.otherwise },
              })}
        </dd>
        <Why reasons={[...isolation.reasons, ...(limits.reason === null ? [] : [limits.reason])]} />
      </dl>
    </div>
  </section>
)

/** Where users look: nobody should believe that a policy holds where it does not. */
export const Unconfined = ({ level, viewer }: { level: string } & Viewed) =>
  level === 'plain' ? (
    <Note kind="warn" icon="warn" title={say('Scripts are not confined on this host')}>
      <p>
        {t(
          'Nothing keeps a script from the files of the gateway and of other scripts, and permissions of policies are not enforced.',
        )}
        {gap()}
        {isAtLeast(viewer, 'admin') ? <a href="/settings#host">{t('Why, and what would help')}</a> : ''}
      </p>
    </Note>
  ) : (
    ''
  )

const Why = ({ reasons }: { reasons: string[] }) =>
  reasons.length === 0 ? (
    ''
  ) : (
    <>
      <dt>{t('Why not better')}</dt>
      <dd>
        {reasons.map((reason) => (
          <p safe>{reason}</p>
        ))}
      </dd>
    </>
  )

const enforcedText = (names: string[]) =>
  names.length === 0
    ? say('nothing')
    : new Intl.ListFormat(currentLanguage(), { type: 'unit' }).format(
        names.map((name) => (Object.hasOwn(enforcedWords, name) ? say(enforcedWords[name]!) : name)),
      )

const enforcedWords: Record<string, Text> = {
  read: 'what is read',
  write: 'what is written',
  net: 'no network',
  ports: 'lists of ports',
  run: 'lists of programs',
  pid: 'processes of others out of sight',
  proc: 'a /proc of its own',
  tmp: 'a /tmp of its own',
  user: 'a user for each script',
  limits: 'limits of each process',
}
