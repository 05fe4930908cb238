/** What holds scripts to their limits and permissions on this host, as it was found out at the start. */
import type { HostReport } from '../src/host.ts'
import { Note } from './parts.tsx'
import { isolationWord } from './run-details.tsx'
import { isAtLeast, type Viewed } from './viewer.ts'

export const HostPanel = ({ isolation, limits, viewer }: HostReport & Viewed) => (
  <section class="panel" id="host" aria-labelledby="h-host">
    <header>
      <h2 id="h-host">Confinement and limits</h2>
    </header>
    <div class="body fields">
      <Unconfined level={isolation.level} viewer={viewer} />
      <dl class="facts-list">
        <dt>Confined by</dt>
        <dd safe>{isolationWord(isolation.level)}</dd>
        <dt>Enforced</dt>
        <dd safe>{isolation.enforces.map((name) => enforcedWords[name] ?? name).join(', ') || 'nothing'}</dd>
        <dt>Scripts run as</dt>
        <dd safe>{/^\d/.test(isolation.user) ? `users ${isolation.user}` : isolation.user}</dd>
        <dt>Limits held by</dt>
        <dd safe>
          {limits.level === null
            ? limits.otherwise
            : `${limits.level} (${limits.controllers.join(', ')}), and beside it ${limits.otherwise}`}
        </dd>
        <Why reasons={[...isolation.reasons, ...(limits.reason === null ? [] : [limits.reason])]} />
      </dl>
    </div>
  </section>
)

/** Where users look: nobody should believe that a policy holds where it does not. */
export const Unconfined = ({ level, viewer }: { level: string } & Viewed) =>
  level === 'plain' ? (
    <Note kind="warn" icon="warn" title="Scripts are not confined on this host">
      <p>
        Nothing keeps a script from the files of the gateway and of other scripts, and permissions of policies are not
        enforced. {isAtLeast(viewer, 'admin') ? <a href="/settings#host">Why, and what would help</a> : ''}
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
      <dt>Why not better</dt>
      <dd>
        {reasons.map((reason) => (
          <p safe>{reason}</p>
        ))}
      </dd>
    </>
  )

const enforcedWords: Record<string, string> = {
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
