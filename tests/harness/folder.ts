/** A folder that is gone when the tests of the file are done. */
import { afterAll } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function tempFolder(name = 'scriptgateway-'): string {
  const folder = mkdtempSync(join(tmpdir(), name))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Waits until `ask` answers something true; fails with `what` after `ms`. Asks the less often, the longer it takes. */
export async function eventually<T>(what: string, ask: () => T | Promise<T>, ms = 10_000): Promise<NonNullable<T>> {
  const start = performance.now()
  const end = start + ms
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain: ${what}`)
    await Bun.sleep(Math.min(5 + (performance.now() - start) / 10, 50))
  }
}
