/** Who one is, and the pages about that; and what every page says while nobody is asked who they are. */
import { Icon } from './parts.tsx'
import { isAtLeast, roleWord, type Viewer } from './viewer.ts'

/** Native: a popover opens and closes without JavaScript. */
export const UserMenu = ({ viewer }: { viewer: Viewer }) => (
  <>
    <button class="quiet user" type="button" popovertarget="user-menu">
      <Icon name="user" />
      <span class="cut" safe>
        {viewer.kind === 'off' ? 'Everybody' : viewer.name}
      </span>
      {viewer.kind === 'user' ? <span class="sr">and your account</span> : ''}
    </button>
    <div class="menu at-top" id="user-menu" popover="auto">
      <p class="who">
        <b class="cut" safe>
          {viewer.kind === 'off' ? 'Everybody' : viewer.name}
        </b>
        <small class="muted">
          {(viewer.kind === 'off' ? 'Nobody has to sign in' : roleWord(viewer.role)) as 'safe'}
        </small>
      </p>
      <hr />
      {viewer.kind === 'user' ? (
        <a href="/account">
          <Icon name="key" />
          Account and tokens
        </a>
      ) : (
        ''
      )}
      {isAtLeast(viewer, 'admin') ? (
        <>
          <a href="/users">
            <Icon name="user" />
            Users
          </a>
          <a href="/audit">
            <Icon name="history" />
            Audit log
          </a>
          <a href="/settings#backup">
            <Icon name="box" />
            Backup
          </a>
        </>
      ) : (
        ''
      )}
      {viewer.sessionId !== null ? (
        <>
          <hr />
          <form method="post" action="/sign-out">
            <button type="submit">
              <Icon name="right" />
              Sign out
            </button>
          </form>
        </>
      ) : (
        ''
      )}
    </div>
  </>
)

export const OpenToAll = ({ viewer }: { viewer: Viewer | null | undefined }) =>
  viewer?.kind === 'off' ? (
    <aside class="banner" aria-label="Access control">
      <Icon name="warn" />
      <p>
        <strong>Access control is off:</strong> everybody who reaches this address can run code. Start the gateway
        without <code>AUTH=off</code> to turn it on; its terminal then shows the link to make the first administrator.
      </p>
    </aside>
  ) : (
    ''
  )
