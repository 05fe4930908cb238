// Ruff on a thread of its own: { id, act: 'check' | 'format', text } in, { id, result } or { id, error } out.
import init, { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-web'

/** Errors, and what is most likely one; matters of style are the formatter's. */
const settings = {
  'line-length': 100,
  'indent-width': 4,
  format: { 'indent-style': 'space', 'quote-style': 'double' },
  lint: { select: ['E711', 'E712', 'E721', 'E722', 'E9', 'F', 'B006', 'B015', 'B018', 'W605', 'PLE'] },
}

const ready = init({ module_or_path: new URL('ruff_wasm_bg.wasm', self.location.href) }).then(
  () => new Workspace(settings, PositionEncoding.Utf16),
)

self.addEventListener('message', async ({ data: { id, act, text } }) => {
  try {
    const workspace = await ready
    self.postMessage({ id, result: act === 'format' ? workspace.format(text) : workspace.check(text) })
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) })
  }
})
