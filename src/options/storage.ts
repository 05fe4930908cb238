/** What is kept, and for how long. */
import { MiB, option } from './option.ts'

export const storageOptions = {
  disk_free_bytes_min: option(
    'int',
    'DISK_FREE_BYTES_MIN',
    128 * MiB,
    'Bytes that stay free on the disk of DATA_DIR: with less, new runs are refused.',
    { min: 0, max: 1024 ** 4 },
  ),
}
