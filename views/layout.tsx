/** The page around every page. */
import { count } from '../public/js/format.js'
import { asset } from './assets.ts'
import { attr } from './attr.ts'
import { GoButton, GoDialog } from './go.tsx'
import { Icon } from './parts.tsx'
import { currentLanguage, type Text, t } from './texts.ts'
import { OpenToAll, UserMenu } from './user-menu.tsx'
import { isAtLeast, isKnown, type Viewed, type Viewer } from './viewer.ts'

export type NavKey = 'scripts' | 'executions' | 'schedules' | 'dependencies' | 'notifications' | 'settings' | null

export interface PageProps extends Viewed {
  title: string
  current: NavKey
  /** What the page is to its scripts: `run`, `dashboard` …; they attach to it. */
  kind?: string
  /** The server's clock, ms: the browser's may be wrong. */
  now?: number
  children: JSX.Element | JSX.Element[]
}

/** `isFor`: whom it leads anywhere. */
const nav: { key: Exclude<NavKey, null> | 'api'; href: string; word: Text; isFor?(viewer: Viewer): boolean }[] = [
  { key: 'scripts', href: '/', word: 'Scripts' },
  { key: 'executions', href: '/executions', word: 'Executions' },
  { key: 'schedules', href: '/schedules', word: 'Schedules' },
  { key: 'dependencies', href: '/dependencies', word: 'Dependencies' },
  {
    key: 'notifications',
    href: '/notifications',
    word: 'Notifications',
    isFor: (viewer) => isAtLeast(viewer, 'admin'),
  },
  { key: 'settings', href: '/settings', word: 'Settings', isFor: (viewer) => isAtLeast(viewer, 'admin') },
  { key: 'api', href: '/scripts-swagger.html', word: 'API' },
]

/** htmx: nothing but our own origin, no style element of its own, error answers swapped like others. */
const htmxConfig = '{"includeIndicatorCSS":false,"mode":"same-origin","defaultSwap":"outerHTML"}'

/** What main.js asks for and waits for: named here it comes at the same time. */
const awaited = (kind?: string) => [
  ...(currentLanguage() === 'zh-CN' ? ['js/texts-zh.js'] : []),
  ...(kind === 'run' || kind === 'installation' ? ['js/log.js'] : []),
]

/** A whole page, with its doctype. */
export const Page = ({ title, current, kind, now, viewer, children }: PageProps) => (
  <>
    {'<!doctype html>'}
    <html lang={currentLanguage()} data-now={now === undefined ? undefined : String(now)}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title safe>{`${title} · ScriptGateway`}</title>
        <meta name="htmx-config" content={htmxConfig} />
        <link rel="icon" href={asset('favicon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={asset('app.css')} />
        <script src={asset('js/theme.js')} />
        <script type="module" src={asset('js/main.js')} />
        {awaited(kind).map((path) => (
          <link rel="modulepreload" href={asset(path)} />
        ))}
      </head>
      <body data-page={kind ? attr(kind) : undefined}>
        <a class="skip button" href="#main">
          {t('Skip to content')}
        </a>
        <Top current={current} viewer={viewer} />
        <OpenToAll viewer={viewer} />
        <main id="main">{children as 'safe'}</main>
        <ConfirmDialog />
        <KeysDialog />
        {isKnown(viewer) ? <GoDialog /> : ''}
        <div class="toasts" role="status" aria-live="polite" id="toasts" />
      </body>
    </html>
  </>
)

const Top = ({ current, viewer }: { current: NavKey } & Viewed) => (
  <header class="top">
    <a class="brand" href="/">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <use href={`${asset('favicon.svg')}#mark`} />
      </svg>
      ScriptGateway
    </a>
    {isKnown(viewer) ? <Nav current={current} viewer={viewer} /> : ''}
    <div class="row">
      {isKnown(viewer) ? <GoButton /> : ''}
      {isKnown(viewer) ? <KeysButton /> : ''}
      <button
        class="quiet only needs-js"
        type="button"
        data-theme-switch
        aria-label={t('Theme: system')}
        title={t('Theme: system')}
      >
        <Icon name="theme" />
      </button>
      {isKnown(viewer) ? <UserMenu viewer={viewer} /> : ''}
    </div>
  </header>
)

const Nav = ({ current, viewer }: { current: NavKey; viewer: Viewer }) => (
  <nav aria-label={t('Main')}>
    {nav
      .filter(({ isFor }) => isFor?.(viewer) ?? true)
      .map(({ key, href, word }) => (
        <a href={href} aria-current={key === current ? 'page' : undefined}>
          {t(word)}
          {key === 'schedules' ? <MissedCount missed={viewer.missed ?? 0} /> : ''}
        </a>
      ))}
  </nav>
)

/** Nobody who was not there should learn of it weeks later: every page says so. */
const MissedCount = ({ missed }: { missed: number }) =>
  missed === 0 ? (
    ''
  ) : (
    <span class="count missed" title={t('Times that were missed, and that nobody has seen yet')}>
      {count(missed) as 'safe'} <span class="sr">{t('missed')}</span>
    </span>
  )

const KeysButton = () => (
  <button
    class="quiet only needs-js hint"
    type="button"
    data-open="keys"
    aria-label={t('Keyboard shortcuts')}
    title={t('Keyboard shortcuts (?)')}
  >
    ?
  </button>
)

/** Filled by whoever asks (a form with `data-confirm`), with text only. */
const ConfirmDialog = () => (
  <dialog id="confirm" aria-labelledby="h-confirm">
    <header>
      <h2 id="h-confirm">{t('Are you sure?')}</h2>
    </header>
    <div class="content">
      <p id="confirm-text" />
    </div>
    <footer>
      <button type="button" data-close id="confirm-no">
        {t('Cancel')}
      </button>
      <button class="danger solid" type="button" id="confirm-yes">
        {t('Continue')}
      </button>
    </footer>
  </dialog>
)

const keys: [string, Text][] = [
  ['Ctrl K', 'Go to a script, a page or a run'],
  ['/', 'Search'],
  ['↑ ↓ j k', 'Previous and next row'],
  ['Enter', 'Open the row'],
  ['r', 'Run the script of the row'],
  ['e', 'Edit the script of the row'],
  ['x', 'Select the row'],
  ['Ctrl Enter', 'Run the form'],
  ['Ctrl S', 'Save the code'],
  ['f', 'Follow the log'],
  ['n  N', 'Next and previous match'],
  ['Esc', 'Close or clear'],
  ['?', 'This list'],
]

const KeysDialog = () => (
  <dialog id="keys" aria-labelledby="h-keys">
    <header>
      <h2 id="h-keys">{t('Keyboard')}</h2>
    </header>
    <div class="content">
      <dl class="facts-list">
        {keys.map(([key, what]) => (
          <>
            <dt>
              <kbd>{key as 'safe'}</kbd>
            </dt>
            <dd>{t(what)}</dd>
          </>
        ))}
      </dl>
    </div>
    <footer>
      <button type="button" data-close>
        {t('Close')}
      </button>
    </footer>
  </dialog>
)
