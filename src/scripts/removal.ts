/** The end of a script: its files go, then its runs, then its row; and the way back from there, as long as it is kept. */
import { createReadStream } from 'node:fs'
import { mkdir, rm, symlink, unlink } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { GatewayError, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Entry, findEntry } from './catalog.ts'
import type { Deleted, KeptFile, KeptScript } from './deleted.ts'
import type { EditorDeps } from './editor.ts'
import type { RuntimeName } from './model.ts'
import { ownPackagesNames } from './packages-files.ts'
import { fileError, resolveEntry } from './place.ts'
import { policyName } from './policy-file.ts'
import { sidecarNames } from './sidecar.ts'
import { lstatOrNull, stampOf, statOrNull } from './stamp.ts'
import { stageFile } from './write.ts'

export interface RemovalDeps
  extends Pick<EditorDeps, 'catalog' | 'store' | 'scanner' | 'runtimes' | 'scriptsDir' | 'inTurn'> {
  deleted: Deleted
  log: Log
  /** Ends the script's runs and removes what is left of them, and of what names it. */
  forget(script: { id: number; slug: string }): Promise<void>
  /** It is there again: for whoever has in memory that it was not. */
  broughtBack(): void
}

export function createRemoval(deps: RemovalDeps) {
  const { catalog, store, scanner, runtimes, scriptsDir, inTurn, deleted, forget, broughtBack, log } = deps
  const rootOf = (name: RuntimeName) => join(scriptsDir, runtimes[name].folder)

  /**
   * Its file, its sidecar, policy and list of packages, its runs and their results go; other files of its group stay. `by`: who may
   * have it back for a while; without, nobody. Answers whether that can be. Throws `not_found`.
   */
  async function remove(idOrSlug: string, by: string | null = null): Promise<boolean> {
    const entry = findEntry(catalog, idOrSlug)
    const { slug, row } = entry
    await inTurn(() => takeAway(entry))
    await scanner.scan() // from here on it is missing, and no run is accepted
    await forget({ id: row.id, slug })
    store.remove(row.id)
    catalog.refresh([row.id])
    return deleted.offer(row, by)
  }

  async function takeAway(entry: Entry): Promise<void> {
    const files = await filesOf(rootOf(entry.row.runtime), entry)
    await deleted.keep(entry.row, files)
    try {
      for (const path of files) await removeIfThere(path)
    } catch (error) {
      await deleted.giveUp(entry.row.id, { put })
      throw error
    }
  }

  /** What was deleted comes back as it was, its runs aside. Throws `conflict`, and what `refuse` throws. */
  async function bringBack(id: number, by: string, refuse: (script: KeptScript['row']) => void): Promise<void> {
    await inTurn(async () => {
      if (!deleted.find(id, by))
        throw new GatewayError('conflict', `Script ${id} cannot be brought back: it was deleted too long ago.`)
      try {
        await deleted.restore(id, { check, refuse: ({ row }) => refuse(row), put })
      } finally {
        catalog.refresh([id]) // a scan may have seen it, also where it is not there again
      }
    })
    await scanner.scan()
    catalog.refresh([id])
    broughtBack()
  }

  async function check({ row, files, folder: before }: KeptScript): Promise<void> {
    const isTaken =
      store.isSlugTaken(row.slug) ||
      catalog.list().some(({ row: other }) => other.runtime === row.runtime && other.filename === row.filename)
    if (isTaken) throw inTheWay(row.filename)
    const folder = dirname(await resolveEntry(rootOf(row.runtime), row.filename))
    if (folder !== before)
      // a link by now, to what may be another's
      throw new GatewayError(
        'conflict',
        `The folder of "${row.filename}" leads elsewhere by now: put that right first.`,
      )
    for (const { name } of files) if (await lstatOrNull(join(folder, name))) throw inTheWay(name)
  }

  /** The script itself comes last: nobody finds it without its policy. */
  async function put({ row, files }: KeptScript, from: string, { isRepeated }: { isRepeated: boolean }): Promise<void> {
    const folder = dirname(await resolveEntry(rootOf(row.runtime), row.filename))
    const made: string[] = []
    try {
      await mkdir(folder, { recursive: true })
      for (const [index, file] of [...files.entries()].reverse()) {
        const path = join(folder, file.name)
        if (isRepeated && (await lstatOrNull(path))) continue
        await putFile(path, file, join(from, String(index)))
        made.push(path)
      }
    } catch (error) {
      for (const path of made) await rm(path, { force: true })
      throw fileError(error, `"${row.filename}"`)
    }
  }

  /** Not what somebody put there since the gateway died. */
  async function isToGo({ row, files }: KeptScript): Promise<boolean> {
    const path = await resolveEntry(rootOf(row.runtime), row.filename)
    const [there, own] = [await lstatOrNull(path), files[0]]
    return !there || (own?.name === basename(path) && own.stamp === stampOf(there))
  }

  return {
    remove,
    bringBack,
    /** What this one deleted a moment ago and can have back. */
    deletedBy: (id: number, by: string) => deleted.find(id, by),
    /** The first scan, and before and after it what a crash left half done: nothing of that keeps the gateway from serving. */
    async firstScan(): Promise<void> {
      const told = (error: unknown) =>
        log.error({ error: messageOf(error) }, 'what became of a deleted script is for the next start')
      const left = await deleted.takeUp((id) => store.get(id) !== undefined, { put, isToGo }).catch(told)
      await scanner.scan()
      if (left && left.back.length > 0) catalog.refresh(left.back)
      for (const id of left?.going ?? []) if (catalog.get(id)) await remove(String(id)).catch(told)
    },
    tidyDeleted: deleted.tidy,
  }
}

const inTheWay = (name: string) =>
  new GatewayError('conflict', `There is another "${name}" by now: move that away, or rename it, first.`)

async function putFile(path: string, { mode, link }: KeptFile, copy: string): Promise<void> {
  if (link !== undefined) return symlink(link, path)
  const staged = await stageFile(path, createReadStream(copy), mode)
  try {
    await staged.commit({ isNew: true })
  } finally {
    await staged.discard()
  }
}

/** Absolute; the script's own first. */
async function filesOf(root: string, { row, runtime }: Entry): Promise<string[]> {
  const path = await resolveEntry(root, row.filename)
  const stem = basename(path, extname(path))
  const beside = (name: string) => join(dirname(path), name)
  const others = runtime.extensions.map((extension) => beside(stem + extension)).filter((other) => other !== path)
  const rivals = await Promise.all(others.map(statOrNull))
  if (rivals.some((stats) => stats !== null)) return [path] // what is beside it is that one's
  const own = [...sidecarNames(stem), policyName(stem), ...ownPackagesNames(runtime.name, stem)]
  return [path, ...own.map(beside)]
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(error, `"${basename(path)}"`)
  }
}
