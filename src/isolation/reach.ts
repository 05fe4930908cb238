/** Whether a user who owns nothing may go there: the gateway gives scripts users of their own, in no group. */
import type { Stats } from 'node:fs'
import { statOf } from './paths.ts'

const [READ, ENTER] = [4, 1]

export const mayEnter = (folder: string, uid: number) => has(statOf(folder), uid, ENTER)

/** A file's text; a folder's names and what is in it. */
export function mayRead(path: string, uid: number): boolean {
  const stat = statOf(path)
  return has(stat, uid, stat?.isDirectory() ? READ | ENTER : READ)
}

function has(stat: Stats | null, uid: number, bits: number): boolean {
  if (!stat) return false
  const granted = stat.uid === uid ? stat.mode >> 6 : stat.gid === uid ? stat.mode >> 3 : stat.mode
  return (granted & bits) === bits
}
