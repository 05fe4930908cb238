/** Everything that changes scripts over HTTP, with one turn for all of it: two changes of files never overlap. */
import { createEditor, type EditorDeps } from './editor.ts'
import { createPolicyEditor, type PolicyHost } from './policy-editor.ts'
import { createTurn } from './turn.ts'
import { createUploads } from './upload.ts'

export type Editing = ReturnType<typeof createEditing>

export function createEditing(deps: Omit<EditorDeps, 'inTurn'> & PolicyHost) {
  const all = { ...deps, inTurn: createTurn() }
  return { ...createEditor(all), upload: createUploads(all), policy: createPolicyEditor(all) }
}
