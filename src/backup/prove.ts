import { GatewayError } from '../errors.ts'
import type { UnpackedFile } from '../files/unpack.ts'
import { manifestName, type PackedFile } from './model.ts'

/** The same files as the manifest says, of the same size and content, and no others. Throws `validation`. */
export function proveFiles({ files }: { files: PackedFile[] }, unpacked: UnpackedFile[]): void {
  const there = new Map(unpacked.map((file) => [file.path, file]))
  there.delete(manifestName)
  for (const { path, size, sha256 } of files) {
    const file = there.get(path)
    if (!file) throw new GatewayError('validation', `The archive is not whole: "${path}" is missing.`)
    if (file.size !== size || file.sha256 !== sha256)
      throw new GatewayError('validation', `The archive was changed: "${path}" is not as it was saved.`)
    there.delete(path)
  }
  for (const path of there.keys()) throw new GatewayError('validation', `The archive was changed: "${path}" was added.`)
}
