/** Who one is, and the pages about that; and what every page says while nobody is asked who they are. */
import { Icon } from './parts.tsx'
import { currentLanguage, gap, type Language, languages, markup, say, t } from './texts.ts'
import { isAtLeast, roleWord, type Viewer } from './viewer.ts'

/** Native: a popover opens and closes without JavaScript. */
export const UserMenu = ({ viewer }: { viewer: Viewer }) => (
  <>
    <button class="quiet user" type="button" popovertarget="user-menu">
      <Icon name="user" />
      <span class="cut" safe>
        {viewer.kind === 'off' ? say('Everybody') : viewer.name}
      </span>
      {viewer.kind === 'user' ? <span class="sr">{t('and your account')}</span> : ''}
    </button>
    <div class="menu at-top" id="user-menu" popover="auto">
      <p class="who">
        <b class="cut" safe>
          {viewer.kind === 'off' ? say('Everybody') : viewer.name}
        </b>
        <small class="muted">{viewer.kind === 'off' ? t('Nobody has to sign in') : t(roleWord(viewer.role))}</small>
      </p>
      <hr />
      {viewer.kind === 'user' ? (
        <a href="/account">
          <Icon name="key" />
          {t('Account and tokens')}
        </a>
      ) : (
        ''
      )}
      {isAtLeast(viewer, 'admin') ? (
        <>
          <a href="/users">
            <Icon name="user" />
            {t('Users')}
          </a>
          <a href="/audit">
            <Icon name="history" />
            {t('Audit log')}
          </a>
          <a href="/settings/log">
            <Icon name="terminal" />
            {t('Gateway log')}
          </a>
          <a href="/settings#backup">
            <Icon name="box" />
            {t('Backup')}
          </a>
        </>
      ) : (
        ''
      )}
      <hr />
      <LanguageForm />
      {viewer.sessionId !== null ? (
        <>
          <hr />
          <form method="post" action="/sign-out">
            <button type="submit">
              <Icon name="right" />
              {t('Sign out')}
            </button>
          </form>
        </>
      ) : (
        ''
      )}
    </div>
  </>
)

/** Each language by its own name: who cannot read the page finds it. */
export const LanguageForm = () => (
  <form method="post" action="/language" class="languages" aria-label={t('Language')}>
    {(Object.keys(languages) as Language[]).map((language) => (
      <button
        type="submit"
        name="language"
        value={language}
        lang={language}
        aria-pressed={language === currentLanguage() ? 'true' : 'false'}
      >
        {languages[language]}
      </button>
    ))}
  </form>
)

export const OpenToAll = ({ viewer }: { viewer: Viewer | null | undefined }) =>
  viewer?.kind === 'off' ? (
    <aside class="banner" aria-label={t('Access control')}>
      <Icon name="warn" />
      <p>
        <strong>{t('Access control is off.')}</strong>
        {gap()}
        {markup(
          'Everybody who reaches this address can run code. Start the gateway without {setting} to turn it on; its terminal then shows the link to make the first administrator.',
          { setting: <code>AUTH=off</code> },
        )}
      </p>
    </aside>
  ) : (
    ''
  )
