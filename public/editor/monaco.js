// What the editor of the Code tab takes of Monaco: its own features, and the languages that scripts are written in.
import 'monaco-editor/features/register.all'
import 'monaco-editor/languages/definitions/python/register'
import 'monaco-editor/languages/definitions/javascript/register'
import 'monaco-editor/languages/definitions/typescript/register'

export {
  editor,
  KeyCode,
  KeyMod,
  languages,
  MarkerSeverity,
  MarkerTag,
  Range,
  Uri,
} from 'monaco-editor/editor/editor.api'
export * as typescript from 'monaco-editor/languages/features/typescript/register'
