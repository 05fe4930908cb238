/** A run's folders become its script's own. */
import { lchownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from './host.ts'
import type { Confinement } from './model.ts'

/** `uid` null: the gateway's own user, who may have lost them to an earlier script. Throws an Error when one is not there. */
export function giveAway({ writable, tempDir, owned }: Confinement, host: Host, uid: number | null) {
  if (!host.canChangeUser) return
  const owner = uid ?? host.uid
  for (const path of [...writable, tempDir]) give(path, owner)
  for (const path of owned) giveWhole(path, owner)
}

/** Links themselves, never what they lead to. Says whether it is a folder. */
function give(path: string, owner: number): boolean {
  const stat = lstatSync(path)
  if (stat.uid !== owner) lchownSync(path, owner, owner)
  return stat.isDirectory()
}

function giveWhole(path: string, owner: number) {
  if (give(path, owner)) for (const name of readdirSync(path)) giveWhole(join(path, name), owner)
}
