/** Who looks at a page. What they may not do is not shown; the server refuses it anyway. */
import type { Caller, Guarded, Right } from '../src/http/caller.ts'
import type { Text } from './texts.ts'

/** A caller, as far as pages are concerned. */
export type Viewer = Pick<Caller, 'kind' | 'name' | 'userId' | 'sessionId' | 'role' | 'isLimited' | 'may' | 'is'> & {
  /** Times of schedules that were missed and that nobody has seen, of the scripts that they see; left out where the page does not know. */
  readonly missed?: number
}

/** What every page is given; null, or left out: nobody in particular, who is shown nothing to do. */
export interface Viewed {
  viewer?: Viewer | null
}

export const mayDo = (viewer: Viewer | null | undefined, right: Right, script: Guarded): boolean =>
  viewer?.may(right, script) ?? false

/** Whether the role is at least this one. */
export const isAtLeast = (viewer: Viewer | null | undefined, role: NonNullable<Viewer['role']>): boolean =>
  viewer?.is(role) ?? false

/** Somebody who came in, and not a visitor of the sign-in page. */
export const isKnown = (viewer: Viewer | null | undefined): viewer is Viewer =>
  viewer !== null && viewer !== undefined && viewer.kind !== 'nobody'

export const roleWords = {
  viewer: 'Viewer',
  operator: 'Operator',
  editor: 'Editor',
  admin: 'Administrator',
} as const satisfies Record<string, Text>

/** What each role may do, as one reads it beside a choice. */
export const roleHelp = {
  viewer: 'sees scripts, runs, logs and results',
  operator: 'also runs scripts and stops runs',
  editor: 'also changes code, policies, variables and adds scripts',
  admin: 'also settings, users and everything that is restricted',
} as const satisfies Record<string, Text>

/** What each role may do, said on its own. */
export const roleSays = {
  viewer: 'sees scripts, runs, logs and results',
  operator: 'sees scripts and runs, runs scripts and stops runs',
  editor: 'runs scripts, and changes code, policies and variables',
  admin: 'everything, with settings and users',
} as const satisfies Record<string, Text>

export const roleWord = (role: NonNullable<Viewer['role']> | null) => (role === null ? 'Only grants' : roleWords[role])
