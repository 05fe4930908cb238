/** The door: signing in, and the second factor. Small forms, alone in their page. */
import { attr } from './attr.ts'
import { Page } from './layout.tsx'
import { Icon, Note } from './parts.tsx'
import { markup, say, type Text, t } from './texts.ts'
import { LanguageForm } from './user-menu.tsx'
import type { Viewed } from './viewer.ts'

interface GateProps {
  title: string
  intro: JSX.Element
  children: JSX.Element | JSX.Element[]
  wide?: boolean
}

export const Gate = ({ title, intro, children, wide = false, viewer }: GateProps & Viewed) => (
  <Page title={title} current={null} kind="gate" viewer={viewer}>
    <div class={wide ? 'gate wide' : 'gate'}>
      <div class="intro">
        <h1 safe>{title}</h1>
        {intro as 'safe'}
      </div>
      {children as 'safe'}
      <LanguageForm />
    </div>
  </Page>
)

/** What was refused, above the fields; it takes the focus. */
export const Refused = ({ problem }: { problem: string | null }) =>
  problem === null ? (
    ''
  ) : (
    <Note kind="bad" icon="failed" id="form-message" alert title={say('That did not work')}>
      <p safe>{problem}</p>
    </Note>
  )

export const passwordHelp: Text = 'At least 10 characters. A few words in a row are easy to keep and hard to guess.'

/** A new password; never filled by us. */
export const NewPassword = ({
  id,
  label = t('Password'),
  help = t(passwordHelp),
}: {
  id: string
  label?: string
  help?: string
}) => (
  <div class="field">
    <label for={id}>{label as 'safe'}</label>
    <div class="inlay" x-data="reveal">
      <input
        id={id}
        name="new_password"
        type="password"
        x-bind:type="type"
        required
        minlength="10"
        maxlength="1024"
        autocomplete="new-password"
        aria-describedby={`${id}-help`}
      />
      <RevealButton />
    </div>
    <p class="help" id={`${id}-help`}>
      {help as 'safe'}
    </p>
  </div>
)

export const CurrentPassword = ({ id, label = t('Password') }: { id: string; label?: string }) => (
  <div class="field">
    <label for={id}>{label as 'safe'}</label>
    <div class="inlay" x-data="reveal">
      <input
        id={id}
        name="password"
        type="password"
        x-bind:type="type"
        required
        maxlength="1024"
        autocomplete="current-password"
      />
      <RevealButton />
    </div>
  </div>
)

const RevealButton = () => (
  <button
    class="quiet only small needs-js"
    type="button"
    x-on:click="toggle"
    aria-label={t('Show or hide')}
    title={t('Show or hide')}
  >
    <Icon name="eye" />
  </button>
)

interface UserNameProps {
  name: string
  label: string
  help?: string
  focus?: boolean
}

export const UserName = ({ name, label, help, focus = false }: UserNameProps) => (
  <div class="field">
    <label for="user-name" safe>
      {label}
    </label>
    <input
      id="user-name"
      name="name"
      required
      maxlength="64"
      autocomplete="username"
      autocapitalize="off"
      spellcheck="false"
      value={attr(name)}
      autofocus={focus}
      aria-describedby={help ? 'user-name-help' : undefined}
    />
    {help ? (
      <p class="help" id="user-name-help" safe>
        {help}
      </p>
    ) : (
      ''
    )}
  </div>
)

export interface SignInProps {
  name: string
  /** A path of ours to go on to; empty: the start page. */
  next: string
  problem: string | null
  /** Of who else signs people in here. */
  provider: { name: string; href: string } | null
  /** After signing out. */
  bye?: boolean
}

export const SignInPage = ({ name, next, problem, provider, bye = false }: SignInProps) => (
  <Gate
    title={say('Sign in')}
    intro={<p>{bye ? t('You are signed out here.') : t('To run scripts and see what they did.')}</p>}
  >
    <form class="panel" method="post" action="/sign-in" aria-label={t('Sign in')}>
      <div class="body fields">
        <Refused problem={problem} />
        <UserName name={name} label={say('Name')} focus={problem === null} />
        <CurrentPassword id="sign-in-password" />
        <NextField next={next} />
      </div>
      <footer>
        <button class="primary" type="submit">
          {t('Sign in')}
        </button>
      </footer>
    </form>
    {provider === null ? (
      ''
    ) : (
      <>
        <p class="or">{t('or')}</p>
        <a class="button" href={attr(provider.href)}>
          <Icon name="key" />
          <span safe>{say('Sign in with {name}', { name: provider.name })}</span>
        </a>
      </>
    )}
    <p class="after help">
      {markup(
        'Forgotten it? An administrator makes a new password under Users; on the gateway’s machine {command} does.',
        { command: <code>scriptgateway password NAME</code> },
      )}
    </p>
  </Gate>
)

const NextField = ({ next }: { next: string }) =>
  next === '' ? '' : <input type="hidden" name="next" value={attr(next)} />

export interface CodeProps {
  /** Stands for the password that was right; short-lived, and good for this step alone. */
  ticket: string
  next: string
  problem: string | null
}

export const CodePage = ({ ticket, next, problem }: CodeProps) => (
  <Gate title={say('One more step')} intro={<p>{t('Your account asks for a code beside the password.')}</p>}>
    <form class="panel" method="post" action="/sign-in/code" aria-label={t('Second factor')}>
      <div class="body fields">
        <Refused problem={problem} />
        <CodeField
          help={t('From your authenticator app. A recovery code does, too, once each.')}
          focus={problem === null}
        />
        <input type="hidden" name="ticket" value={attr(ticket)} />
        <NextField next={next} />
      </div>
      <footer>
        <button class="primary" type="submit">
          {t('Sign in')}
        </button>
      </footer>
    </form>
    <p class="after help">
      {t('Lost both? An administrator can remove the second factor.')} <a href="/sign-in">{t('Start again')}</a>
    </p>
  </Gate>
)

export const CodeField = ({ help, focus = false }: { help: string; focus?: boolean }) => (
  <div class="field">
    <label for="one-time-code">{t('Code|to sign in with')}</label>
    <input
      id="one-time-code"
      name="code"
      class="mono"
      required
      maxlength="64"
      autocomplete="one-time-code"
      autocapitalize="off"
      spellcheck="false"
      autofocus={focus}
      aria-describedby="one-time-code-help"
    />
    <p class="help" id="one-time-code-help">
      {help as 'safe'}
    </p>
  </div>
)
