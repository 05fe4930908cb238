/** The gateway itself: where it listens, what it calls itself, how it finds scripts. */
import { isUrl, option, startOnly } from './option.ts'

export const gatewayOptions = {
  host: option('str', 'HOST', '127.0.0.1', 'Address to listen on; 0.0.0.0 for every one of this machine.', {
    startOnly,
  }),
  port: option('int', 'PORT', 8001, 'TCP port; 0 lets the system choose.', { startOnly, min: 0, max: 65535 }),
  base_url: option(
    'str',
    'BASE_URL',
    '',
    'Address under which users reach the gateway, with the path of it behind a proxy; empty: http://localhost:PORT.',
    { isUrl },
  ),
  data_dir: option('str', 'DATA_DIR', './data', 'Folder for the database, logs, results and caches.', { startOnly }),
  scripts_dir: option('str', 'SCRIPTS_DIR', './scripts_repo', 'Folder with the scripts: python/ and js/.', {
    startOnly,
  }),
  python: option('str', 'PYTHON', 'python3', 'Python interpreter, a name on PATH or an absolute path.', { startOnly }),
  log_level: option('str', 'LOG_LEVEL', 'info', "How much the gateway's own log says.", {
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  }),
  scan_interval_sec: option(
    'float',
    'SCAN_INTERVAL_SEC',
    5,
    'Seconds between two scans of the scripts folder; file events come in between.',
    { min: 0.2, max: 86_400 },
  ),
  scan_ignore_patterns: option(
    'list',
    'SCAN_IGNORE_PATTERNS',
    ['node_modules', 'venv', 'env', 'site-packages', '*.test.*', 'test_*.py', '*.d.ts', '*.config.*'],
    'File and folder names that are not scripts (glob patterns).',
  ),
  schema_timeout_sec: option(
    'float',
    'SCHEMA_TIMEOUT_SEC',
    10,
    'Seconds that a script has to answer --_sys_get_schema.',
    { min: 0.1, max: 120 },
  ),
  drain_sec: option(
    'float',
    'DRAIN_SEC',
    10,
    'Seconds that running scripts get to finish when the gateway is stopped.',
    { min: 0, max: 3600 },
  ),
}
