/** What a gateway serves beside pages and scripts, whatever it was started from. */
import { expect } from 'bun:test'

/** Of its first page, of the code editor of this script, and of its document. */
export async function expectEveryAsset(url: string, slug: string): Promise<void> {
  const page = await (await fetch(`${url}/`)).text()
  expect(page).toContain('/scripts/1')
  const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"#]+)"/g)].map(([, path]) => path ?? '')
  expect(assets.length).toBeGreaterThan(3)
  const code = await (await fetch(`${url}/scripts/${slug}?tab=code`)).text()
  const editor = /data-vendor="([^"]+)"/.exec(code)?.[1] ?? ''
  for (const name of ['monaco.js', 'monaco.css', 'ts.worker.js', 'ruff_wasm_bg.wasm', 'types.json']) {
    const answer = await fetch(url + editor + name, { headers: { 'accept-encoding': 'gzip' } })
    expect([name, answer.status, (await answer.arrayBuffer()).byteLength > 100_000]).toEqual([name, 200, true])
  }
  for (const path of [...assets, '/assets/swagger/swagger-ui.js', '/assets/swagger/swagger-ui.css', '/openapi.json'])
    expect([path, (await fetch(url + path)).status]).toEqual([path, 200])
}

/** Waits until it has said that its scripts are ready; answers all that it said, and where it serves. */
export async function untilReady(stdout: ReadableStream<Uint8Array>): Promise<{ said: string; url: string }> {
  const reader = stdout.getReader() // left open: what it says later is no broken pipe
  let said = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`It ended before its scripts were ready: ${said}`)
    said += new TextDecoder().decode(value)
    if (said.includes(' ready')) return { said, url: /http:\/\/localhost:\d+/.exec(said)?.[0] ?? '' }
  }
}
