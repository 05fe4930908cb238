import { readAssetsVersion } from '../public/assets.macro.ts' with { type: 'macro' }

const version = readAssetsVersion()

/** The address of one of our own files; it changes with every build, so browsers keep it for good. */
export const asset = (path: string) => `/assets/${version}/${path}`
