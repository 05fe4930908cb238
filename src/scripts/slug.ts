/** Names that routes of the API have beside /api/scripts/{id}. */
const reserved = ['upload', 'batch', 'scan']
const slugLengthMax = 60

/** A name for addresses, unique for life: from the file's stem, then with its group, then with a number. */
export function chooseSlug(filename: string, isTaken: (slug: string) => boolean): string {
  const [stem = '', ...groups] = filename
    .replace(/\.[^./]+$/, '')
    .split('/')
    .reverse()
  const group = groups.reverse().join('-')
  const isFree = (slug: string) => slug !== '' && !reserved.includes(slug) && !isTaken(slug)
  const short = slugify(stem)
  const long = slugify(short && group ? `${group}-${stem}` : stem)
  for (const slug of [short, long]) if (isFree(slug)) return slug
  const base = long || 'script'
  for (let number = long ? 2 : 1; ; number++) if (isFree(`${base}-${number}`)) return `${base}-${number}`
}

/** Letters and digits of any language stay, so a Chinese name stays readable; never digits alone, which are ids. */
function slugify(text: string): string {
  const slug = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  const short = [...slug].slice(0, slugLengthMax).join('').replace(/-+$/, '')
  return /^\p{N}+$/u.test(short) ? `script-${short}` : short
}
