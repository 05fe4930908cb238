/** What the terminal says of a gateway that has started. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { isLoopback } from '../http/guard.ts'

/** As the system lists them, by name. */
type Interfaces = Record<string, Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[] | undefined>

/**
 * Where people reach a gateway that listens on `host`. `localUrl`: where programs of this machine do. Without one particular
 * address it is the machine's first of IPv4.
 */
export function reachableUrl(host: string, localUrl: string, interfaces: Interfaces = networkInterfaces()): string {
  if (isLoopback(host)) return localUrl
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? [])
  const first = all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
  const address = ['0.0.0.0', '::'].includes(host) ? first : host
  return address === undefined
    ? localUrl
    : localUrl.replace('//localhost:', `//${address.includes(':') ? `[${address}]` : address}:`)
}

/** `url`: of the dashboard, without a slash at the end. */
export function readyWords({ active = 0, error = 0 }: { active?: number; error?: number }, url: string): string {
  const broken = error === 0 ? '' : `, ${error} ${error === 1 ? 'has' : 'have'} an error: ${url}/?state=error`
  return `${active} ${active === 1 ? 'script is' : 'scripts are'} ready${broken}.`
}
