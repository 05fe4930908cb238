/** Versions of made-up scripts, kept as the gateway keeps them, in a database of their own. */

import { silentLog } from '../../src/log.ts'
import type { PageVersions } from '../../src/pages/versions.tsx'
import { hashOf, refuseStale } from '../../src/scripts/etag.ts'
import type { Script } from '../../src/scripts/model.ts'
import { createVersions } from '../../src/scripts/versions.ts'
import { createVersionStore } from '../../src/scripts/versions-store.ts'
import { memoryDatabase } from '../harness/database.ts'
import { epoch } from './samples.ts'

export type FakeVersions = PageVersions & {
  /** Another content of the script's file; `by` null: on the disk. */
  put(id: number, content: string, by: string | null): void
}

/** Script 3 has a few, others none. */
export function fakeVersions(scripts: Script[]): FakeVersions {
  const database = memoryDatabase()
  for (const { id, slug } of scripts)
    database.$client.run(
      `INSERT INTO scripts (id, runtime, filename, slug, created_at, updated_at) VALUES (?, 'python', ?, ?, 0, 0)`,
      [id, slug, slug],
    )
  const find = (id: number) => scripts.find((script) => script.id === id)!
  let now = epoch - 86_400_000 * 3
  const versions = createVersions({
    store: createVersionStore(database),
    catalog: {
      get: (id) => ({ row: { contentHash: find(id).content_hash, missingSince: null }, runnable: {} }) as never,
    },
    setting: (() => 100) as never,
    clock: { now: () => now } as never,
    log: silentLog(),
  })
  const bytes = (content: string) => new TextEncoder().encode(content)
  const put: FakeVersions['put'] = (id, content, by) => {
    now += 3_600_000 * 7
    if (by === null) versions.keepBefore(id, bytes(content))
    else versions.save(id, bytes(content), { how: 'saved', by })
    find(id).content_hash = hashOf(bytes(content))
  }
  if (scripts.length > 0) {
    put(3, samples[0]!, null)
    put(3, samples[1]!, 'anna')
    put(3, samples[2]!, null)
    put(3, samples[3]!, 'token "n8n" of anna')
  }
  return {
    ...versions,
    put,
    async restore(id, version, hash) {
      refuseStale(hash, find(id).content_hash)
      const content = versions.bytes(id, version)
      versions.save(id, content, { how: 'restored', by: 'anna', from: version })
      find(id).content_hash = hashOf(content)
    },
  }
}

const first = `"""Resize images."""
import argparse
import json
import os
import sys

ARGS_MAP = {
    "images": {"flag": "--images", "type": "file", "required": True, "help": "What is resized."},
    "width": {"flag": "--width", "type": "int", "default": 800, "min": 16, "max": 8000, "help": "Pixels."},
}


def main(images, width):
    names = []
    for path in images:
        name = os.path.basename(path)
        names.append(name)
        print(f"resizing {name}", file=sys.stderr)
    return {"names": names, "width": width}


if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print(json.dumps(ARGS_MAP))
        sys.exit(0)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", action="append")
    parser.add_argument("--width", type=int, default=800)
    options = parser.parse_args()
    print(json.dumps(main(options.images, options.width)))
`
const second = first.replace('"default": 800', '"default": 1600').replace('default=800', 'default=1600')
const samples = [
  first,
  second,
  `${second}# checked on the host\n`,
  second
    .replace(
      '    "width":',
      '    "format": {"flag": "--format", "type": "choice", "choices": ["webp", "jpeg"], "help": "<b>What</b> comes out."},\n    "width":',
    )
    .replace('    names = []\n', '')
    .replace('        names.append(name)\n', '')
    .replace('{"names": names, "width": width}', '[os.path.basename(path) for path in images]'),
]
