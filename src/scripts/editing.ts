/** Everything that changes scripts over HTTP, with one turn for all of it: two changes of files never overlap. */
import type { Db } from '../db/open.ts'
import type { Log } from '../log.ts'
import { createDeleted, type ScriptRights } from './deleted.ts'
import { createEditor, type EditorDeps } from './editor.ts'
import { createPolicyEditor, type PolicyHost } from './policy-editor.ts'
import { createRemoval, type RemovalDeps } from './removal.ts'
import type { Scanner } from './scanner.ts'
import { createSchemaEditor } from './schema-editor.ts'
import { createTurn } from './turn.ts'
import { createUploads } from './upload.ts'
import { createVersions } from './versions.ts'
import { createVersionStore } from './versions-store.ts'

export type Editing = ReturnType<typeof createEditing>

interface EditingDeps
  extends Omit<EditorDeps, 'inTurn' | 'versions'>,
    Pick<RemovalDeps, 'forget' | 'broughtBack'>,
    PolicyHost {
  db: Db
  log: Log
  /** Absolute. */
  dataDir: string
  rights: ScriptRights
  scanner: Pick<Scanner, 'scan' | 'chooseSchema'>
}

export function createEditing(deps: EditingDeps) {
  const versions = createVersions({ ...deps, store: createVersionStore(deps.db) })
  const all = { ...deps, versions, inTurn: createTurn() }
  const schema = createSchemaEditor(all)
  const removal = createRemoval({ ...all, deleted: createDeleted(deps) })
  return {
    ...createEditor(all),
    ...removal,
    upload: createUploads(all),
    policy: createPolicyEditor(all),
    schema,
    versions,
  }
}
