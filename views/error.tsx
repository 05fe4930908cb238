/** The page for an address that leads nowhere, and for a request that was refused. */
import { Page } from './layout.tsx'
import { Icon } from './parts.tsx'
import { markup, t } from './texts.ts'
import { isKnown, type Viewed } from './viewer.ts'

export interface ErrorProps extends Viewed {
  status: number
  title: string
  message: string
  /** A form was sent, and what was typed into it is one step back: signing in must not take its place. */
  isForm?: boolean
}

export const ErrorPage = ({ status, title, message, isForm = false, viewer }: ErrorProps) => (
  <Page title={title} current={null} viewer={viewer}>
    <div class="panel">
      <div class="empty">
        <Icon name={icons[status] ?? 'warn'} />
        <h1 safe>{title}</h1>
        {status === 401 && isForm ? <Typed /> : <p safe>{message}</p>}
        {status === 403 ? <WhoToAsk viewer={viewer} /> : ''}
        <div class="row">
          {status === 401 ? (
            <a class="button primary" href="/sign-in" target={isForm ? '_blank' : undefined} rel="noopener">
              {t('Sign in')}
            </a>
          ) : isKnown(viewer) || status !== 403 ? (
            <>
              <a class="button primary" href="/">
                {t('All scripts')}
              </a>
              <a class="button" href="/executions">
                {t('Executions')}
              </a>
            </>
          ) : (
            <a class="button primary" href="/">
              {t('Start page')}
            </a>
          )}
        </div>
      </div>
    </div>
  </Page>
)

const Typed = () => (
  <>
    <p>{t('You are signed out, and nothing was done.')}</p>
    <p>
      {t(
        'Sign in in the tab that opens. Then come back to this one and go back one page: what you typed is still there.',
      )}
    </p>
  </>
)

const icons: Record<number, string> = { 401: 'key', 403: 'lock', 404: 'search' }

const WhoToAsk = ({ viewer }: Viewed) =>
  isKnown(viewer) && viewer.kind === 'user' ? (
    <p>
      {markup(
        'You are signed in as {name}. An administrator can give you the right, on your page under Users or on the script’s under Access.',
        { name: <b safe>{viewer.name}</b> },
      )}
    </p>
  ) : (
    ''
  )
