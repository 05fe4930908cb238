/** Tar archives byte by byte: what no tool would write. */
import { gzipSync } from 'node:zlib'

export interface Item {
  name: string
  /** 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 folder, 6 pipe, L a long name, x what pax says. */
  type?: string
  body?: string | Uint8Array
  link?: string
  mode?: number
  /** What the header says, whatever the body is. */
  size?: number
  prefix?: string
}

/** Blocks of one entry (POSIX.1-1988, ustar). */
export function block({ name, type = '0', body = '', link = '', mode = 0o644, size, prefix = '' }: Item): Buffer {
  const bytes = Buffer.from(body)
  const head = Buffer.alloc(512)
  head.write(name, 0, 100)
  head.write(`${mode.toString(8).padStart(7, '0')}\0`, 100)
  head.write('0000000\0', 108)
  head.write('0000000\0', 116)
  head.write(`${(size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124)
  head.write('00000000000\0', 136)
  head.write('        ', 148)
  head.write(type, 156)
  head.write(link, 157, 100)
  head.write('ustar\x0000', 257)
  head.write(prefix, 345, 155)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

export const tarOf = (items: Item[]) => Buffer.concat([...items.map(block), Buffer.alloc(1024)])

export const tarGz = (items: Item[]) => gzipSync(tarOf(items))

/** What pax says of the entry that follows. */
export function pax(values: Record<string, string>): Item {
  const records = Object.entries(values).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`
    let length = Buffer.byteLength(rest) + 1
    while (Buffer.byteLength(`${length}${rest}`) !== length) length++
    return `${length}${rest}`
  })
  return { name: 'PaxHeader', type: 'x', body: records.join('') }
}

export async function* chunked(bytes: Uint8Array, size = 1000) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}
