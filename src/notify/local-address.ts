/** Addresses to which nothing is sent: told when they are saved, not when the first message is lost. */
import { isIP } from 'node:net'
import { kindOfIp } from '../http/ip-kinds.ts'

/**
 * What of a channel's shown configuration, or of the setting, is plainly this machine or link-local. Names are not looked
 * up: a name service may say something else tomorrow, and a try says so.
 */
export function localWarnings(shown: Record<string, unknown>, isAllowed: boolean): string[] {
  if (isAllowed) return []
  return [shown.url, shown.api_url, shown.host]
    .filter((address) => typeof address === 'string' && address !== '')
    .map((address) => hostIn(address as string))
    .filter(isLocal)
    .map(
      (host) =>
        `Nothing will arrive: ${host} is this machine or link-local, where nothing is sent unless the setting notify_local_addresses is on.`,
    )
}

/** Of an address, or of a host with or without a port. */
function hostIn(address: string): string {
  if (isIP(address)) return address
  const { hostname = address } = URL.parse(address.includes('://') ? address : `http://${address}`) ?? {}
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function isLocal(host: string): boolean {
  if (!isIP(host)) return /^(.*\.)?localhost\.?$/i.test(host)
  return ['loopback', 'link_local'].includes(kindOfIp(host))
}
