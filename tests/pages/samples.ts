/** Scripts, parameters, runs and log lines to show pages with. */
import type { LogLine, Result, Run, RunStatus } from '../../src/runs/model.ts'
import type { ArgsMap, Param, Script } from '../../src/scripts/model.ts'

export const epoch = Date.parse('2026-11-21T03:20:00Z')
export const iso = (secondsAgo: number) => new Date(epoch - secondsAgo * 1000).toISOString()

export const param = (name: string, rest: Partial<Param> = {}): Param => ({
  name,
  flag: `--${name}`,
  type: 'str',
  declaredType: rest.type ?? 'str',
  isUnknownType: false,
  required: false,
  help: '',
  default: undefined,
  choices: null,
  multiple: false,
  min: null,
  max: null,
  pattern: null,
  secret: false,
  storeTrue: false,
  ...rest,
})

export const script = (id: number, filename: string, rest: Partial<Script> = {}): Script => ({
  id,
  slug: filename
    .replace(/^.*\//, '')
    .replace(/\.[^.]+$/, '')
    .replaceAll('_', '-'),
  filename,
  runtime: filename.endsWith('.py') ? 'python' : 'js',
  group: filename.includes('/') ? filename.slice(0, filename.lastIndexOf('/')) : '',
  alias: null,
  description: '',
  tags: [],
  state: 'active',
  error: null,
  warnings: [],
  params: {} as ArgsMap,
  schema_source: 'script',
  schema_differs: false,
  content_hash: 'hash',
  policy: {},
  last_run: null,
  created_at: iso(90_000),
  updated_at: iso(90_000),
  ...rest,
})

export const run = (id: number, scriptId: number, status: RunStatus, rest: Partial<Run> = {}): Run => {
  const isOver = status !== 'queued' && status !== 'running'
  return {
    id,
    script_id: scriptId,
    status,
    trigger: 'form',
    params: {},
    exit_code: status === 'success' ? 0 : status === 'failed' ? 1 : null,
    signal: null,
    reason: null,
    error: null,
    queued_at: iso(86),
    started_at: status === 'queued' ? null : iso(84),
    finished_at: isOver ? iso(2) : null,
    duration_ms: isOver ? 82_000 : null,
    result: null,
    ...{ files: [], log_expired_at: null, files_expired_at: null },
    stderr: '',
    log_lines: 1268,
    log_bytes: 97_000,
    ...{
      started_by: '127.0.0.1',
      asked_by: '127.0.0.1',
      host: 'host',
      content_hash: 'hash',
      environment_hash: null,
      isolation: 'landlock',
    },
    ...{ environment: null, waiting_for_installation: null },
    ...{ queue_ms: 0, queue_position: null, priority: 0, cpu_ms: null, memory_bytes_peak: null, processes_peak: null },
    ...{ output_bytes: 0, limit: null, retry_of: null, attempt: 1 },
    ...{ first_attempt_id: null, next_attempt_id: null, retry_at: null, schedule_id: null, occurrence_id: null },
    ...rest,
  }
}

export const resizeParams: Param[] = [
  param('images', { type: 'file', declaredType: 'image', required: true, help: 'ZIP, JPEG, PNG or TIFF' }),
  param('width', { type: 'int', required: true, min: 16, max: 8000, help: 'Longest side in pixels' }),
  param('format', { type: 'choice', choices: ['webp', 'avif', 'jpeg'], default: 'webp' }),
  param('quality', { type: 'float', min: 0, max: 1, default: 0.82 }),
  param('profile', {
    type: 'choice',
    choices: ['keep', 'sRGB', 'Display P3', 'Adobe RGB (1998)'],
    help: 'Colour profile',
  }),
  param('sizes', { type: 'int', multiple: true, help: 'Also make these widths' }),
  param('strip', { type: 'bool', default: true, help: 'Remove EXIF and GPS' }),
  param('dry_run', { type: 'bool', help: 'Report, write nothing' }),
  param('options', { type: 'json', default: { sharpen: 0.4, background: '#ffffff' }, help: 'Passed to the encoder' }),
  param('hook', { type: 'url', help: 'Called when done' }),
  param('token', { secret: true, help: 'CDN token' }),
  param('mood', { declaredType: 'colour', isUnknownType: true, default: '"a" & <b>' }),
]

export const table: Result = {
  type: 'json',
  data: {
    ok: true,
    elapsed_s: 126.04,
    images: ['harbour', 'market-night', 'studio-03', 'orchard', 'bridge-fog', 'portrait-lee'].map((name, i) => ({
      name: `${name}.webp`,
      width: 2400 - i * 100,
      height: 1600,
      size: 412_000 + i * 1000,
      profile: i % 2 ? 'P3' : 'sRGB',
    })),
    skipped: [{ name: 'broken.tif', why: { code: 3, text: '<script>alert(1)</script>' } }],
  },
}

export const files = [
  {
    url: '/static/resize/1/catalogue-autumn-webp.zip',
    filename: 'catalogue-autumn-webp.zip',
    size: 88_289_280,
    content_type: 'application/zip',
  },
  {
    url: '/static/resize/1/contact-sheet.webp',
    filename: 'contact-sheet.webp',
    size: 1_153_433,
    content_type: 'image/webp',
  },
  { url: '/static/resize/1/report.csv', filename: 'report.csv', size: 98_304, content_type: 'text/csv' },
]

export const names: [string, string, string[]][] = [
  ['ops/nightly_backup.py', 'Dump PostgreSQL, encrypt it and copy it to the NAS', ['ops', 'critical']],
  ['media/transcode_video.py', 'H.264 and AV1 ladder from one source file', ['media', 'ffmpeg']],
  ['images/resize_images.py', 'Resize, convert and strip metadata from a batch of images', ['images', 'batch']],
  ['sync/sync_crm.ts', 'Pull changed contacts and upsert them into the warehouse', ['sync', 'crm', 'hourly']],
  ['geocode_addresses.py', 'Add coordinates to a CSV of addresses', ['geo', 'csv']],
  ['finance/invoice_report.ts', 'Monthly invoices as PDF, with a CSV summary', ['finance', 'pdf']],
  ['price_watch.js', 'Compare competitor prices, alert when one moves more than 5%', ['web', 'alerts']],
  ['ops/certificate_check.py', 'Warn 21 days before a TLS certificate expires', ['ops', 'tls']],
  ['ml/train_forecast.py', 'Train the sales forecast', ['ml']],
  ['media/pdf_ocr.py', 'Searchable PDF from scans, English and Chinese', ['media', 'pdf', 'ocr']],
  ['ops/export_metrics.ts', 'Write yesterday’s figures to the object store', ['ops', 'metrics']],
  ['ops/rotate_keys.py', 'Rotate the service keys and restart what uses them', ['ops', 'critical']],
  ['warehouse_vacuum.py', 'Vacuum and analyse the warehouse’s largest tables', ['data']],
  ['newsletter_digest.js', 'Collect the week’s posts and send the digest', ['mail']],
  ['qr_labels.py', 'Printable sheet of QR labels from a list of codes', ['labels', 'pdf']],
  ['<img src=x onerror=alert(1)>.py', 'A hostile name, "quoted" & <b>bold</b>', ['<i>', '"x"']],
]
export const lastStatuses: (RunStatus | null)[] = [
  'running',
  'running',
  'success',
  'failed',
  'queued',
  'success',
  'timeout',
  'success',
  'failed',
  'killed',
  'success',
  'cancelled',
  'interrupted',
  'success',
  null,
  'success',
]

export const sampleLines: LogLine[] = Array.from({ length: 1268 }, (_, i) => {
  const n = i + 1
  const stream = n % 97 === 0 ? 'stderr' : n === 1 ? 'system' : 'stdout'
  const line =
    n === 1
      ? 'Starting Python 3.12'
      : n % 97 === 0
        ? 'warning: stairwell.tif has no colour profile, assuming sRGB'
        : n === 1268
          ? '\u001b[34m[ 700/1204] ███████\u001b[0m\r\u001b[34m[ 812/1204]\u001b[0m ███████████████████\u001b[2m░░░░░░░░░\u001b[0m \u001b[1m67%\u001b[0m  9.6 images/s, 41 s left'
          : `\u001b[32mok\u001b[0m    image-${n}.jpg  \u001b[2m6000×4000 →\u001b[0m 1600×1066  570 KB  ${n % 5 ? 'P3' : 'sRGB'} <b>`
  return { seq: n, stream, ts: new Date(epoch - (1270 - n) * 60).toISOString(), line }
})
