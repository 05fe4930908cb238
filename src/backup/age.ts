/** Encryption with a passphrase in the format of age (https://age-encryption.org/v1): `age -d` opens it, too. */
import { GatewayError, invalid } from '../errors.ts'

export const passphraseLengthMin = 12
const passphraseLengthMax = 1000
/** 2^16 rounds of scrypt and 64 MiB: a quarter of a second in which nobody is served; age's own choice takes four times that. */
const workFactor = 16
const magic = 'age-encryption.org/'
/** Loaded when it is needed: it takes a tenth of a start. */
const age = () => import('age-encryption')

/** Throws `validation`. `path`: JSON pointer to where it was given. */
export function checkPassphrase(passphrase: string, path: string): void {
  if (passphrase.length < passphraseLengthMin || passphrase.length > passphraseLengthMax)
    throw invalid(path, `must have ${passphraseLengthMin} to ${passphraseLengthMax} characters: five random words do`)
}

export async function encrypt(
  plain: ReadableStream<Uint8Array>,
  passphrase: string,
): Promise<ReadableStream<Uint8Array>> {
  const encrypter = new (await age()).Encrypter()
  encrypter.setPassphrase(passphrase)
  encrypter.setScryptWorkFactor(workFactor)
  return encrypter.encrypt(plain)
}

export const isEncrypted = (beginning: Uint8Array) =>
  new TextDecoder().decode(beginning.subarray(0, magic.length)) === magic

/** Throws `validation` for another passphrase. What is damaged makes the stream fail where it is. */
export async function decrypt(
  sealed: ReadableStream<Uint8Array>,
  passphrase: string,
): Promise<ReadableStream<Uint8Array>> {
  const decrypter = new (await age()).Decrypter()
  decrypter.addPassphrase(passphrase)
  try {
    return await decrypter.decrypt(sealed)
  } catch (error) {
    throw new GatewayError('validation', 'The passphrase is not right, or the file is damaged.', { cause: error })
  }
}
