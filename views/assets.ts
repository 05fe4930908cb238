import { readAssetsVersion, readEditorVersion } from '../public/assets.macro.ts' with { type: 'macro' }

const version = readAssetsVersion()
const editorVersion = readEditorVersion()

/** The address of one of our own files; it changes with every build, so browsers keep it for good. */
export const asset = (path: string) => `/assets/${version}/${path}`

/** The address of a file of the code editor, without its name: it changes with the packages only. */
export const editorAssets = `/assets/editor/${editorVersion}/`
