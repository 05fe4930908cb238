/** What the tests of files share: a folder of their own, gone afterwards, and what is left in it. */
import { afterAll } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GatewayError } from '../../src/errors.ts'

/** Absolute path of a new folder that is removed when the file's tests are done. */
export function disposableFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `sg-${name}-`))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function subfolder(parent: string): string {
  const folder = join(parent, crypto.randomUUID())
  mkdirSync(folder)
  return folder
}

/** Names of everything below a folder. */
export const everythingIn = (folder: string) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String).sort() : []

/** What a promise, or a function, fails with; fails itself when it is anything but an error meant for clients. */
export async function failureOf(action: () => unknown): Promise<GatewayError> {
  try {
    await action()
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('It did not fail.')
}

/** Polls until `condition` holds; throws after `timeoutMs`. */
export async function until(condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not so after ${timeoutMs} ms: ${condition}`)
    await Bun.sleep(5)
  }
}
