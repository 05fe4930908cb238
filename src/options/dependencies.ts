/** Where packages come from, what may be installed, and how long it is kept. */
import { isPath, isUrl, MiB, option } from './option.ts'

const names = { pattern: /^(@[a-z0-9~-][\w.~-]*\/)?[A-Za-z0-9*][\w.~-]*$/, words: 'names of packages, or *' }
const addresses = { pattern: /^https?:\/\/[^\s@]+$/, words: 'http(s) addresses without a user in them' }

export const dependenciesOptions = {
  deps_auto_install: option(
    'bool',
    'DEPS_AUTO_INSTALL',
    true,
    'Whether what scripts declare is installed in the background when it is found or changed; else when it is first needed, or asked for.',
  ),
  pip_index_url: option(
    'str',
    'PIP_INDEX_URL',
    '',
    'Index that Python packages come from; empty: https://pypi.org/simple.',
    { isUrl, loginIn: 'pip_index_secret' },
  ),
  pip_extra_index_urls: option('list', 'PIP_EXTRA_INDEX_URLS', [], 'Further indexes of Python packages.', {
    item: addresses,
  }),
  pip_index_secret: option(
    'str',
    'PIP_INDEX_SECRET',
    '',
    "Name of everybody's secret that holds USER:PASSWORD for PIP_INDEX_URL, or lines of ADDRESS USER:PASSWORD, one for each index.",
  ),
  npm_config_registry: option(
    'str',
    'NPM_CONFIG_REGISTRY',
    '',
    'Registry that JavaScript packages come from; empty: https://registry.npmjs.org.',
    { isUrl, loginIn: 'npm_registry_secret' },
  ),
  npm_registry_secret: option(
    'str',
    'NPM_REGISTRY_SECRET',
    '',
    "Name of everybody's secret that holds the token for NPM_CONFIG_REGISTRY.",
  ),
  deps_offline: option(
    'bool',
    'DEPS_OFFLINE',
    false,
    'Whether nothing is fetched: packages come from the cache and from WHEEL_DIR alone.',
  ),
  wheel_dir: option(
    'str',
    'WHEEL_DIR',
    '',
    'Absolute path of a folder with wheels, outside of DATA_DIR, looked into beside the index.',
    { isPath },
  ),
  deps_url_prefixes: option(
    'list',
    'DEPS_URL_PREFIXES',
    [],
    'Beginnings of addresses that a package may be fetched from directly (name @ https://…); by default none.',
    { item: addresses },
  ),
  npm_scripts_allowed: option(
    'list',
    'NPM_SCRIPTS_ALLOWED',
    [],
    'npm packages whose install scripts are run; by default none.',
    { item: names },
  ),
  pip_builds_allowed: option(
    'list',
    'PIP_BUILDS_ALLOWED',
    [],
    'Python packages that may be built from source, which runs their code; by default only wheels are installed.',
    { item: names },
  ),
  install_slots: option('int', 'INSTALL_SLOTS', 2, 'Installations at the same time.', { min: 1, max: 32 }),
  install_timeout_min: option('float', 'INSTALL_TIMEOUT_MIN', 15, 'Minutes that an installation may take.', {
    min: 0.01,
    max: 24 * 60,
  }),
  install_bytes_max: option('int', 'INSTALL_BYTES_MAX', 4096 * MiB, 'Bytes that one environment may have.', {
    max: 1024 ** 4,
    min: MiB,
  }),
  deps_cache_days: option(
    'float',
    'DEPS_CACHE_DAYS',
    30,
    'Days that an environment is kept which no script needs any more; 0: until somebody cleans up.',
    { min: 0, max: 36_500 },
  ),
  installation_retention_days: option(
    'float',
    'INSTALLATION_RETENTION_DAYS',
    90,
    'Days that installations and their logs are kept.',
    { min: 0, max: 36_500 },
  ),
}
