/** Filters of system calls, as the bytes of a classic BPF program that the kernel takes (`struct sock_filter[]`). */
import { alwaysRefused, filelessPrograms, inspected, unknownCalls } from './syscalls.ts'

export const netKinds = ['all', 'ports', 'ports and names', 'none'] as const
export type NetKind = (typeof netKinds)[number]
export interface FilterKind {
  net: NetKind
  /** Only listed programs may be started. */
  isRunListed: boolean
}

type Instruction = [code: number, jumpTrue: number, jumpFalse: number, k: number]

const [LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN] = [0x20, 0x15, 0x35, 0x45, 0x54, 0x06]
const allow: Instruction = [RETURN, 0, 0, 0x7fff0000]
const kill: Instruction = [RETURN, 0, 0, 0x80000000]
const refuse = (errno: number): Instruction => [RETURN, 0, 0, 0x00050000 | errno]
const [EPERM, EACCES, ENOSYS, EAFNOSUPPORT] = [1, 13, 38, 97]

const loadNumber: Instruction = [LOAD, 0, 0, 0]
const loadMachine: Instruction = [LOAD, 0, 0, 4]
/** The lower half of an argument: what flags and small numbers are in. */
const loadArgument = (index: number): Instruction => [LOAD, 0, 0, 16 + index * 8]

/** Throws nothing; `machine` is process.arch. Null for one whose calls we have no numbers of. */
export function makeFilter({ net, isRunListed }: FilterKind, machine: string = process.arch): Uint8Array | null {
  const column = machine === 'x64' ? 0 : machine === 'arm64' ? 1 : null
  if (column === null) return null
  const numbers = (calls: Record<string, readonly [number | null, number | null]>) =>
    Object.values(calls).flatMap((call) => call[column] ?? [])
  const number = (name: keyof typeof inspected) => inspected[name][column]!
  const refused = [...numbers(alwaysRefused), ...(isRunListed ? numbers(filelessPrograms) : [])]
  return toBytes([
    loadMachine,
    ...unless(EQUAL, column === 0 ? 0xc000003e : 0xc00000b7, [kill]),
    loadNumber,
    // x32 calls have numbers of their own on the same machine.
    ...(column === 0 ? when(AT_LEAST, 0x40000000, [kill]) : []),
    ...refused.flatMap((call) => when(EQUAL, call, [refuse(EPERM)])),
    ...numbers(unknownCalls).flatMap((call) => when(EQUAL, call, [refuse(ENOSYS)])),
    // No namespace of any kind: the CLONE_NEW… flags.
    ...when(EQUAL, number('clone'), [loadArgument(0), ...when(ANY_BIT, 0x7e020000, [refuse(EPERM)]), allow]),
    // TIOCSTI and TIOCLINUX type into the terminal of whoever started the gateway.
    ...when(EQUAL, number('ioctl'), [loadArgument(1), ...oneOf([0x5412, 0x541c], [refuse(EPERM)]), allow]),
    ...when(EQUAL, number('socket'), socketRules[net]),
    ...(net === 'ports' || net === 'ports and names' ? connectingSends(number) : []),
    allow,
  ])
}

const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16]
const [SOCK_STREAM, SOCK_DGRAM, SOCK_TYPE_MASK] = [1, 2, 0xf]
const [IPPROTO_DEFAULT, IPPROTO_TCP, IPPROTO_UDP] = [0, 6, 17]

/** TCP with nothing that Landlock does not hold (MPTCP, SMC, datagrams); the routing socket is how names are resolved. */
const tcpOnly = [
  loadArgument(1),
  [AND, 0, 0, SOCK_TYPE_MASK] as Instruction,
  ...unless(EQUAL, SOCK_STREAM, [refuse(EACCES)]),
  loadArgument(2),
  ...oneOf([IPPROTO_DEFAULT, IPPROTO_TCP], [allow]),
  refuse(EACCES),
]
const tcpAndDatagrams = [
  loadArgument(1),
  [AND, 0, 0, SOCK_TYPE_MASK] as Instruction,
  ...when(EQUAL, SOCK_DGRAM, [loadArgument(2), ...oneOf([IPPROTO_DEFAULT, IPPROTO_UDP], [allow]), refuse(EACCES)]),
  ...tcpOnly,
]
const socketRules: Record<NetKind, Instruction[]> = {
  all: [loadArgument(0), ...oneOf([AF_UNIX, AF_INET, AF_INET6, AF_NETLINK], [allow]), refuse(EAFNOSUPPORT)],
  ports: [loadArgument(0), ...when(EQUAL, AF_NETLINK, [allow]), ...oneOf([AF_INET, AF_INET6], tcpOnly), refuse(EACCES)],
  'ports and names': [
    loadArgument(0),
    ...when(EQUAL, AF_NETLINK, [allow]),
    ...oneOf([AF_INET, AF_INET6], tcpAndDatagrams),
    refuse(EACCES),
  ],
  none: [refuse(EACCES)],
}

/** MSG_FASTOPEN connects while it sends, past the place where ports are looked at. */
const connectingSends = (number: (name: keyof typeof inspected) => number) =>
  (
    [
      ['sendto', 3],
      ['sendmsg', 2],
      ['sendmmsg', 3],
    ] as const
  ).flatMap(([name, flags]) =>
    when(EQUAL, number(name), [loadArgument(flags), ...when(ANY_BIT, 0x20000000, [refuse(EACCES)]), allow]),
  )

/** Goes through `then` when the comparison holds, else past it; a jump reaches 255 instructions. */
function when(comparison: number, k: number, then: Instruction[]): Instruction[] {
  return [[comparison, 0, then.length, k], ...then]
}
function unless(comparison: number, k: number, then: Instruction[]): Instruction[] {
  return [[comparison, then.length, 0, k], ...then]
}
function oneOf(values: number[], then: Instruction[]): Instruction[] {
  return [
    ...values.map((k, index): Instruction => {
      const isLast = index === values.length - 1
      return [EQUAL, values.length - 1 - index, isLast ? then.length : 0, k]
    }),
    ...then,
  ]
}

function toBytes(program: Instruction[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(program.length * 8))
  program.forEach(([code, jumpTrue, jumpFalse, k], index) => {
    bytes.setUint16(index * 8, code, true)
    bytes.setUint8(index * 8 + 2, jumpTrue)
    bytes.setUint8(index * 8 + 3, jumpFalse)
    bytes.setUint32(index * 8 + 4, k >>> 0, true)
  })
  return new Uint8Array(bytes.buffer)
}
