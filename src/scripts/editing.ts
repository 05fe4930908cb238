/** Everything that changes scripts over HTTP, with one turn for all of it: two changes of files never overlap. */
import { createEditor, type EditorDeps } from './editor.ts'
import { createPolicyEditor, type PolicyHost } from './policy-editor.ts'
import type { Scanner } from './scanner.ts'
import { createSchemaEditor } from './schema-editor.ts'
import { createTurn } from './turn.ts'
import { createUploads } from './upload.ts'

export type Editing = ReturnType<typeof createEditing>

interface EditingDeps extends Omit<EditorDeps, 'inTurn'>, PolicyHost {
  scanner: Pick<Scanner, 'scan' | 'chooseSchema'>
}

export function createEditing(deps: EditingDeps) {
  const all = { ...deps, inTurn: createTurn() }
  const schema = createSchemaEditor(all)
  return { ...createEditor(all), upload: createUploads(all), policy: createPolicyEditor(all), schema }
}
