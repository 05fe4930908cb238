/** A reverse proxy that shows a gateway below a path, as nginx and Caddy do: with the path taken away, or left. */
export interface ProxyOptions {
  base: string
  strips: boolean
  /** Asked late: the gateway may have to know the proxy's address. */
  upstream(): string
}

export interface Proxy {
  /** Its address with the base path. */
  url: string
  /** What was asked for outside of the base path. */
  strays: string[]
  /** Paths that reached the gateway. */
  passed: string[]
  stop(): void
}

/** Listens on loopback. */
export function startProxy({ base, strips, upstream }: ProxyOptions): Proxy {
  const strays: string[] = []
  const passed: string[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search, host } = new URL(request.url)
      if (pathname !== base && !pathname.startsWith(`${base}/`)) {
        strays.push(pathname)
        return new Response('nothing here', { status: 404 })
      }
      const path = strips ? pathname.slice(base.length) || '/' : pathname
      passed.push(path)
      const headers = new Headers(request.headers)
      headers.delete('host')
      headers.set('x-forwarded-for', '203.0.113.9')
      headers.set('x-forwarded-proto', 'http')
      headers.set('x-forwarded-host', host)
      return fetch(upstream() + path + search, {
        ...{ method: request.method, headers, redirect: 'manual', decompress: false, signal: request.signal },
        body: ['GET', 'HEAD'].includes(request.method) ? undefined : await request.arrayBuffer(),
      })
    },
  })
  return { url: `http://localhost:${server.port}${base}`, strays, passed, stop: () => void server.stop(true) }
}
