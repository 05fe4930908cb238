/** Where somebody is signed in, each to be ended. */
import type { Session } from '../src/access/model.ts'
import { ActForm } from './actions.tsx'
import { Ago, exact } from './parts.tsx'
import { markup, say, t } from './texts.ts'

export interface SessionsProps {
  sessions: Session[]
  /** Where the forms post to. */
  action: string
  /** One's own: the current one is marked, and stays. */
  isOwn?: boolean
  now: number
}

export const SessionsPanel = ({ sessions, action, isOwn = false, now }: SessionsProps) => (
  <section class="panel" id="sessions" aria-labelledby="h-sessions">
    <header>
      <h2 id="h-sessions">{t('Sessions')}</h2>
      <span class="count">{sessions.length}</span>
    </header>
    {sessions.length === 0 ? (
      <p class="body muted">{t('Signed in nowhere.')}</p>
    ) : (
      <table class="plain-table">
        <caption class="sr">{t('Sessions')}</caption>
        <tbody>
          {sessions.toSorted(currentFirst).map((session) => (
            <tr>
              <td>
                <b safe>{browserWords(session.user_agent)}</b>{' '}
                {session.is_current ? <span class="chip allow">{t('This one')}</span> : ''}
                <small>
                  <span class="mono" safe>
                    {session.address ?? say('address unknown')}
                  </span>
                  {markup(', since {day}', {
                    day: <time datetime={session.created_at}>{exact(session.created_at).slice(0, 10) as 'safe'}</time>,
                  })}
                </small>
              </td>
              <td class="n muted">
                <Ago at={session.last_seen_at} now={now} />
              </td>
              <td class="acts">{session.is_current ? '' : <EndForm action={action} session={session} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    {sessions.filter(({ is_current }) => !is_current).length === 0 ? (
      ''
    ) : (
      <footer>
        <ActForm
          kind="plain"
          isSmall={false}
          action={action}
          fields={{ act: 'others' }}
          word={isOwn ? say('Sign out everywhere else') : say('End all sessions')}
        />
      </footer>
    )}
  </section>
)

const currentFirst = (a: Session, b: Session) => Number(b.is_current) - Number(a.is_current)

const EndForm = ({ action, session }: { action: string; session: Session }) => (
  <ActForm
    action={action}
    icon="close"
    fields={{ id: session.id, act: 'end' }}
    title={say('End this session')}
    label={say('End the session of {browser}', { browser: browserWords(session.user_agent) })}
  />
)

const browsers: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^python-requests\/|^Python/i, 'Python'],
]
const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]
const agentCharsShown = 60

/** "Firefox on Windows", as far as the header tells; a program by the beginning of what it calls itself. */
export function browserWords(userAgent: string): string {
  const named = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(userAgent))?.[1]
  const [browser, system] = [named(browsers), named(systems)]
  if (browser) return system ? say('{browser} on {system}', { browser, system }) : browser
  if (userAgent.trim() === '') return say('Unknown browser')
  return userAgent.length > agentCharsShown ? `${userAgent.slice(0, agentCharsShown)} …` : userAgent
}
