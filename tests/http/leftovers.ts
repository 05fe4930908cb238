/** What runs left in DATA_DIR/tmp: folders of theirs, uploads, files anywhere. Empty spare folders may wait there. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export function leftovers(dataDir: string): string[] {
  const all = readdirSync(join(dataDir, 'tmp'), { recursive: true, withFileTypes: true })
  const isOfARun = (name: string) => name.startsWith('run-') || name.startsWith('u-')
  return all.filter((entry) => entry.isFile() || isOfARun(entry.name)).map(({ name }) => name)
}
