import { readAssetsVersion, readEditorVersion, readMainModules } from '../public/assets.macro.ts' with { type: 'macro' }

const version = readAssetsVersion()
const editorVersion = readEditorVersion()

/** The address of one of our own files; it changes with every build, so browsers keep it for good. */
export const asset = (path: string) => `/assets/${version}/${path}`

/** All that the script of each page imports, which it needs before it begins. */
export const mainModules = readMainModules()

/** The address of a file of the code editor, without its name: it changes with the packages only. */
export const editorAssets = `/assets/editor/${editorVersion}/`
