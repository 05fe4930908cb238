/** What a caller is shown of installations: environments are shared, and nobody learns by them of scripts that it may not see. */
import type { Caller } from '../http/caller.ts'
import type { Follow } from '../logs/follow.ts'
import type { Catalog } from '../scripts/catalog.ts'
import type { Installation } from './model.ts'

type Sees = Pick<Caller, 'may' | 'seesAll'>

/** Whether a caller may see a script; one that is gone hides nothing. */
export const isScriptShown = (catalog: Catalog, caller: Sees, id: number): boolean => {
  if (caller.seesAll) return true
  const entry = catalog.get(id)
  return !entry || caller.may('see', entry.row)
}

/** Without the script that it was begun for, and the place of its declaration, where the caller may not see that one. */
export function shownInstallation(catalog: Catalog, caller: Sees, installation: Installation): Installation {
  const { script_id: id } = installation
  if (id === null || isScriptShown(catalog, caller, id)) return installation
  return { ...installation, script_id: null, file: '', started_by: null }
}

export function shownFollow(catalog: Catalog, caller: Sees, follow: Follow<Installation>): Follow<Installation> {
  const shown = (installation: Installation) => shownInstallation(catalog, caller, installation)
  return { ...follow, run: () => shown(follow.run()), finished: follow.finished.then(shown) }
}
