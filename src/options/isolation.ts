/** How scripts are confined, and what those may touch that do not say so themselves. */
import { option, startOnly } from './option.ts'

export const isolationOptions = {
  isolation: option(
    'str',
    'ISOLATION',
    'auto',
    'How scripts are confined: the best that the host can do, or one level.',
    { startOnly, choices: ['auto', 'bwrap', 'landlock', 'plain'] },
  ),
  require_isolation: option(
    'bool',
    'REQUIRE_ISOLATION',
    false,
    'Whether the gateway refuses to start where nothing confines scripts, and a script where not all that it asks for can be enforced.',
    { startOnly },
  ),
  script_uid_base: option(
    'int',
    'SCRIPT_UID_BASE',
    50_000,
    'Where the gateway runs as root: each script gets a user id of its own from here on (10,000 of them); 0: they stay root, without its rights.',
    { startOnly, min: 0, max: 2_000_000_000 },
  ),
  allow_net: option(
    'list',
    'ALLOW_NET',
    ['*'],
    'What a script that does not say so itself may connect to: * for everything, or TCP ports.',
    { item: { pattern: /^(\*|\d{1,5})$/, words: '* or port numbers' } },
  ),
  allow_read: option(
    'list',
    'ALLOW_READ',
    ['*'],
    'What a script that does not say so itself may read beside its own folder: * for everything but the data folder, or absolute paths.',
    { item: { pattern: /^(\*|\/.*)$/, words: '* or absolute paths' } },
  ),
  allow_write: option(
    'list',
    'ALLOW_WRITE',
    [],
    'Where a script that does not say so itself may write beside OUTPUT_DIR and /tmp: absolute paths, or * for everything but the folders of data and scripts.',
    { item: { pattern: /^(\*|\/.*)$/, words: '* or absolute paths' } },
  ),
  allow_env: option(
    'list',
    'ALLOW_ENV',
    ['*'],
    'Global variables that a script is given that does not name them itself: * for all but secrets, or names.',
    { item: { pattern: /^(\*|[A-Za-z_][A-Za-z0-9_]*)$/, words: '* or names of variables' } },
  ),
  allow_run: option(
    'list',
    'ALLOW_RUN',
    ['*'],
    'Programs that a script that does not say so itself may start: * for all, or absolute paths.',
    { item: { pattern: /^(\*|\/.*)$/, words: '* or absolute paths' } },
  ),
}
