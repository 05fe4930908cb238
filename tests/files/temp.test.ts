import { describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanLeftovers, makeUploadFolder, removeFolder } from '../../src/files/temp.ts'
import { disposableFolder, everythingIn, subfolder } from './harness.ts'

const root = disposableFolder('temp')

describe('temporary folders', () => {
  test('are made below the folder for all of them, each a new one', async () => {
    const tmpDir = join(root, 'not', 'there', 'yet')
    const folders = await Promise.all([makeUploadFolder(tmpDir), makeUploadFolder(tmpDir), makeUploadFolder(tmpDir)])
    expect(new Set(folders).size).toBe(3)
    expect(folders[0]).toStartWith(`${tmpDir}/uploads/`)
    expect(folders[2]).toStartWith(`${tmpDir}/uploads/`)
    for (const folder of folders) expect(existsSync(folder)).toBe(true)
  })

  test('are removed with all that is in them, also without rights, and when they are gone', async () => {
    const folder = await makeUploadFolder(subfolder(root))
    mkdirSync(join(folder, 'a/b'), { recursive: true })
    writeFileSync(join(folder, 'a/b/c'), 'x')
    chmodSync(join(folder, 'a/b'), 0)
    chmodSync(join(folder, 'a'), 0o500)
    await removeFolder(folder)
    await removeFolder(folder)
    expect(existsSync(folder)).toBe(false)
  })

  test('of a dead gateway go; the new ones that are made meanwhile stay', async () => {
    const tmpDir = subfolder(root)
    const old = await makeUploadFolder(tmpDir)
    writeFileSync(join(old, 'x'), 'x')
    writeFileSync(join(tmpDir, 'a file'), 'x')
    mkdirSync(join(tmpDir, '.old-that-another-start-did-not-finish'))
    const { moved, done } = cleanLeftovers(tmpDir)
    await moved
    const made = await makeUploadFolder(tmpDir)
    await done
    expect(everythingIn(tmpDir)).toEqual(['uploads', made.slice(tmpDir.length + 1)])
  })

  test('are cleaned where there were none', async () => {
    const tmpDir = join(root, 'new')
    await cleanLeftovers(tmpDir).done
    expect(everythingIn(tmpDir)).toEqual([])
  })
})
