/** Loaded before every test file (bunfig.toml): on two busy cores a browser or a build needs more than five seconds. */
import { setDefaultTimeout } from 'bun:test'

setDefaultTimeout(30_000)
