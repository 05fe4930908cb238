/** What every program needs of the system around it. */
import { lstatSync, readlinkSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { realPath } from './paths.ts'
import { mayRead } from './reach.ts'

/** Programs and libraries. Links among them (`/bin` → `usr/bin`) are made again where the root is a new one. */
const programFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store', '/gnu/store']

/** Of /etc: how names, users, time, certificates and libraries are found; no passwords, keys or configurations of services. */
const etcNames =
  'alpine-release alternatives ca-certificates debian_version fedora-release fonts gai.conf group host.conf hosts ' +
  'ld-musl-x86_64.path ld.so.cache ld.so.conf ld.so.conf.d ld.so.preload localtime lsb-release mime.types nsswitch.conf ' +
  'os-release passwd pki redhat-release resolv.conf services ssl/certs ssl/openssl.cnf ssl/cert.pem'

/** Interpreters ask how many processors there are. */
const sysFolders = ['/sys/devices/system/cpu']

/** Devices without a way out. */
export const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map((name) => `/dev/${name}`)

/** What a program may know of the machine where it must not see other processes. */
export const procFiles = 'cpuinfo filesystems loadavg meminfo self/mounts stat sys uptime version vmstat'
  .split(' ')
  .map((name) => `/proc/${name}`)

/** What no script sees unless it is listed: sockets of the system's services, and other programs' temporary files. */
export const sharedFolders = ['/run', '/var/run', '/tmp', '/var/tmp']

export interface SystemPlaces {
  /** Real paths that exist. */
  readable: string[]
  /** [target, link]. */
  links: [string, string][]
}

const nobody = -1

/** What a program needs that sees nothing else. */
export function findSystem(): SystemPlaces {
  const paths = [...programFolders, ...etcNames.split(' ').map((name) => `/etc/${name}`), ...sysFolders]
  const links = paths.flatMap((path) => {
    const target = linkTarget(path)
    return target === null || isUnder(dirname(path), paths) ? [] : [[target, path] as [string, string]]
  })
  const real = paths.flatMap((path) => realPath(path) ?? []).filter((path) => mayRead(path, nobody))
  return { readable: [...new Set(real)].sort(), links }
}

const isUnder = (folder: string, paths: string[]) => paths.includes(folder)

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null
  } catch {
    return null
  }
}

/**
 * Where an interpreter's files are: the folder above its `bin`, and that of the one it is a link to (a virtual environment's
 * leads to the system's). Only the file where it stands alone, as this very program does.
 */
export function treesOf(interpreter: string, isAlone = false): string[] {
  const files = [interpreter, realPath(interpreter)].filter((path) => path !== null)
  return [...new Set(files.map((file) => (isAlone ? file : treeOf(file))))]
}

function treeOf(file: string): string {
  const folder = dirname(file)
  const tree = dirname(folder)
  return basename(folder) === 'bin' && tree !== '/' ? tree : file
}

/** The loader that the kernel starts for every dynamic program, wherever it lies on this machine. */
export const loaders = () =>
  [
    '/lib64/ld-linux-x86-64.so.2',
    '/lib/ld-linux-aarch64.so.1',
    '/lib/ld-musl-x86_64.so.1',
    '/lib/ld-musl-aarch64.so.1',
  ].flatMap((path) => realPath(path) ?? [])
