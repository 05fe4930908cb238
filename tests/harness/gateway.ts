/** The gateway's command line, for tests that start it as a process. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dir, '../..')
/** Where `npm test` puts the executable that it builds beside the suite; unset when a file is run by itself. */
const built = process.env.BUILT_GATEWAY

/**
 * The executable, or the sources as long as it is not there: they need half a second of a core for each start, it needs a
 * twentieth of that. Both do the same; tests/e2e/binary.test.ts tells of the executable alone.
 */
export const gatewayCommand = (): string[] =>
  built && existsSync(built)
    ? [built]
    : [process.execPath, `--tsconfig-override=${root}/tsconfig.json`, `${root}/src/main.ts`]
