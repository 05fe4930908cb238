/**
 * The content types we tell clients, by the file's extension: one small table, so that a listed result and the file as
 * it is served never disagree. Below `files` and `results` because both need it.
 */

/** Without parameters (`text/plain`, no charset); what is not in the table is `application/octet-stream`. */
export function contentTypeOf(filename: string): string {
  return byExtension.get(extensionOf(filename)) ?? unknownType
}

/** With the dot, in lower case; empty when there is none. `.bashrc` has none, `a.tar.gz` has `.gz`. */
export function extensionOf(filename: string): string {
  const dot = filename.lastIndexOf('.')
  return dot > 0 && dot < filename.length - 1 ? filename.slice(dot).toLowerCase() : ''
}

/** The usual extension of a content type (parameters allowed), with the dot; `.bin` when nobody knows. */
export function extensionForType(contentType: string): string {
  return byType.get((contentType.split(';')[0] ?? '').trim().toLowerCase()) ?? '.bin'
}

export const unknownType = 'application/octet-stream'

const office = 'application/vnd.openxmlformats-officedocument'
const openDocument = 'application/vnd.oasis.opendocument'

/** The first extension of a type is the one we give to files that come without. */
const table: Record<string, string> = {
  'text/plain': 'txt log text ini cfg conf',
  'text/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'text/markdown': 'md markdown',
  'text/html': 'html htm xhtml',
  'text/css': 'css',
  'text/javascript': 'js mjs cjs',
  'text/calendar': 'ics',
  'text/vcard': 'vcf',
  'text/vtt': 'vtt',
  'text/x-python': 'py',
  'application/x-subrip': 'srt',
  'application/json': 'json',
  'application/x-ndjson': 'ndjson jsonl',
  'application/geo+json': 'geojson',
  'application/xml': 'xml xsl xslt',
  'application/yaml': 'yaml yml',
  'application/toml': 'toml',
  'application/sql': 'sql',
  'application/pdf': 'pdf',
  'application/postscript': 'ps eps',
  'application/rtf': 'rtf',
  'application/zip': 'zip',
  'application/gzip': 'gz tgz',
  'application/x-bzip2': 'bz2',
  'application/x-xz': 'xz',
  'application/zstd': 'zst',
  'application/x-7z-compressed': '7z',
  'application/x-rar-compressed': 'rar',
  'application/x-tar': 'tar',
  'application/vnd.sqlite3': 'sqlite db sqlite3',
  'application/vnd.apache.parquet': 'parquet',
  'application/wasm': 'wasm',
  'application/epub+zip': 'epub',
  'application/msword': 'doc',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.ms-powerpoint': 'ppt',
  [`${office}.wordprocessingml.document`]: 'docx',
  [`${office}.spreadsheetml.sheet`]: 'xlsx',
  [`${office}.presentationml.presentation`]: 'pptx',
  [`${openDocument}.text`]: 'odt',
  [`${openDocument}.spreadsheet`]: 'ods',
  [`${openDocument}.presentation`]: 'odp',
  'image/png': 'png',
  'image/apng': 'apng',
  'image/jpeg': 'jpg jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'image/heif': 'heif',
  'image/jxl': 'jxl',
  'image/bmp': 'bmp',
  'image/tiff': 'tif tiff',
  'image/x-icon': 'ico',
  'image/svg+xml': 'svg',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/ogg': 'ogg oga opus',
  'audio/flac': 'flac',
  'audio/mp4': 'm4a',
  'audio/aac': 'aac',
  'audio/midi': 'mid midi',
  'video/mp4': 'mp4 m4v',
  'video/webm': 'webm',
  'video/quicktime': 'mov',
  'video/x-matroska': 'mkv',
  'video/x-msvideo': 'avi',
  'video/mpeg': 'mpg mpeg',
  'video/ogg': 'ogv',
  'font/ttf': 'ttf',
  'font/otf': 'otf',
  'font/woff': 'woff',
  'font/woff2': 'woff2',
}

/** Other names that clients use for the same types. */
const alsoCalled: Record<string, string> = {
  'image/jpg': 'jpg',
  'image/vnd.microsoft.icon': 'ico',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/mp3': 'mp3',
  'audio/x-m4a': 'm4a',
  'text/xml': 'xml',
  'text/json': 'json',
  'text/yaml': 'yaml',
  'application/javascript': 'js',
  'application/x-gzip': 'gz',
  'application/x-zip-compressed': 'zip',
  'application/xhtml+xml': 'xhtml',
}

const byExtension = new Map<string, string>(
  Object.entries(table).flatMap(([type, names]) => names.split(' ').map((name) => [`.${name}`, type] as const)),
)
const byType = new Map<string, string>([
  ...Object.entries(table).map(([type, names]) => [type, `.${names.split(' ')[0]}`] as const),
  ...Object.entries(alsoCalled).map(([type, name]) => [type, `.${name}`] as const),
])
