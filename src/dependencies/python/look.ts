/** What the indexes have of one package. pip does not say why it found nothing: not who refused it, nor what it passed over. */
import type { InstallJob } from '../model.ts'
import { shownAddress } from './index-env.ts'

export interface Seen {
  /** Without credentials. */
  index: string
  /** HTTP status that refused it. */
  status?: number
  /** Why it could not be reached. */
  problem?: string
  isTls?: boolean
  /** Names of files, and the Python that each asks for. */
  files?: { name: string; python: string | null }[]
}

/** One request to each index, with the standard library alone; at most 16 MiB of each answer. */
const program = `
import base64, html, json, os, re, ssl, sys, urllib.error, urllib.parse, urllib.request
seen = []
for address in os.environ["INDEXES"].split():
    parts = urllib.parse.urlsplit(address)
    plain = urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/") + "/" + sys.argv[1] + "/", "", ""))
    request = urllib.request.Request(plain, headers={"Accept": "text/html"})
    if parts.username is not None:
        login = urllib.parse.unquote(parts.username) + ":" + urllib.parse.unquote(parts.password or "")
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read(16 * 1024 * 1024).decode("utf-8", "replace")
        files = []
        for attributes, name in re.findall(r"<a\\s([^>]*)>([^<]*)</a>", text):
            asks = re.search(r'data-requires-python="([^"]*)"', attributes)
            files.append({"name": html.unescape(name).strip(), "python": html.unescape(asks[1]) if asks else None})
        seen.append({"files": files})
    except urllib.error.HTTPError as error:
        seen.append({"status": error.code})
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        seen.append({"problem": str(reason), "isTls": isinstance(reason, ssl.SSLError)})
print(json.dumps(seen))
`

/** `name`: normalised. Rejects as `runTool` does. */
export async function lookFor(
  name: string,
  python: string,
  { sources, runTool }: Pick<InstallJob, 'sources' | 'runTool'>,
): Promise<Seen[]> {
  const indexes = [sources.pipIndexUrl, ...sources.pipExtraIndexUrls]
  const env = { INDEXES: indexes.join(' ') }
  const { stdout } = await runTool({ argv: [python, '-I', '-c', program, name], env, isStdoutKept: true })
  const seen = JSON.parse(stdout) as Omit<Seen, 'index'>[]
  return seen.map((one, at) => ({ ...one, index: shownAddress(indexes[at] ?? '') }))
}
