/** What comes in: bodies, uploads, fetched and local files. */
import { MiB, option } from './option.ts'

export const filesOptions = {
  body_bytes_max: option('int', 'BODY_BYTES_MAX', 16 * MiB, 'Bytes of a request body, uploaded files aside.', {
    min: 1024,
    max: 1024 * MiB,
  }),
  upload_bytes_max: option('int', 'UPLOAD_BYTES_MAX', 1024 * MiB, 'Bytes of one uploaded or fetched file.', {
    min: 1024,
    max: 1024 ** 4,
  }),
  local_file_access_patterns: option(
    'list',
    'LOCAL_FILE_ACCESS_PATTERNS',
    [],
    'Absolute glob patterns of local files that callers may name as a file parameter.',
    { item: { pattern: /^\//, words: 'absolute patterns' } },
  ),
  fetch_private_addresses: option(
    'bool',
    'FETCH_PRIVATE_ADDRESSES',
    false,
    'Whether a file parameter may be fetched from loopback and private networks.',
  ),
  fetch_timeout_sec: option('float', 'FETCH_TIMEOUT_SEC', 60, 'Seconds to fetch a file parameter from its address.', {
    min: 0.1,
    max: 3600,
  }),
}
