/** A scripts folder of its own, with what declares packages in it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { options } from '../../../src/config.ts'
import type { Found } from '../../../src/dependencies/declared/find.ts'
import { createDeclarations } from '../../../src/dependencies/declared/find.ts'
import { renderRequirement } from '../../../src/dependencies/declared/pep508.ts'
import type { Setting } from '../../../src/settings/settings.ts'
import { tempFolder } from '../../harness/folder.ts'

export function createPlace() {
  const scriptsDir = tempFolder('declared-')
  const values: Record<string, unknown> = {}
  const setting: Setting = (name) => (values[name] ?? options[name].default) as never
  const put = (files: Record<string, string>) => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(scriptsDir, file)), { recursive: true })
      writeFileSync(join(scriptsDir, file), text)
    }
  }
  put({ 'python/x.py': 'print(1)\n', 'python/g/h/x.py': 'print(1)\n', 'js/x.js': '', 'js/g/h/x.js': '' })
  const script = (file: string) => {
    const [folder = ''] = file.split('/')
    const path = join(scriptsDir, file)
    return { file: path, dir: dirname(path), runtime: { name: folder === 'js' ? 'js' : 'python', folder } } as const
  }
  return {
    ...{ scriptsDir, setting, values, put, script },
    declarations: createDeclarations({ scriptsDir, setting }),
    path: (file: string) => join(scriptsDir, file),
  }
}

/** `scope file: requirements`, and what is wrong. */
export function shown({ declaration, shadowed }: Found) {
  if (!declaration) return null
  const { scope, file, requirements, lockFile, problems } = declaration
  return {
    ...{ scope, file, lockFile, problems },
    requirements: requirements.map((one) => renderRequirement(one)),
    shadowed: shadowed.map((source) => `${source.scope} ${source.file}`),
  }
}
