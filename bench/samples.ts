/** The scripts that are measured. All have a sidecar by hand: discovery is not what is measured with them. */

export const trivialPython = 'if __name__ == "__main__":\n    print("hello")\n'
export const trivialJavascript = 'module.exports = {}\nconsole.log("hello")\n'

/** Prints a line every `everyMs`, each with the time it was printed, in nanoseconds since 1970. */
export const clockPython = ({ lines, everyMs }: { lines: number; everyMs: number }) => `import time
if __name__ == "__main__":
    time.sleep(1)  # the followers come first
    for number in range(${lines}):
        time.sleep(${everyMs} / 1000)
        print(f"at {time.time_ns()} #{number}")
`

/** Prints as many megabytes as its parameter says, in lines of 100 characters. */
export const floodPython = `import argparse, sys
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mb", type=int)
    block = ("x" * 99 + "\\n") * 1000
    for _ in range(parser.parse_args().mb * 10):
        sys.stdout.write(block)
`
export const floodParams = { mb: { flag: '--mb', type: 'int', required: true, min: 1, max: 1000 } }

/** A script and its sidecar, as files below SCRIPTS_DIR. */
export function withSidecar(path: string, content: string, params: object = {}): Record<string, string> {
  const [, folder, stem] = /^(.*)\/([^/]+)\.\w+$/.exec(path) ?? []
  return { [path]: content, [`${folder}/.${stem}._map.json`]: JSON.stringify(params) }
}

/** `count` small scripts; every tenth has no sidecar and answers for itself, so that a first start has to ask it. */
export function manyScripts(count: number): Record<string, string> {
  const files: Record<string, string> = {}
  for (let number = 1; number <= count; number++) {
    const map = {
      width: { type: 'int', required: true, help: `Width ${number}` },
      title: { type: 'str', default: 'x' },
    }
    const path = `python/group${number % 20}/script${number}.py`
    if (number % 10 > 0) Object.assign(files, withSidecar(path, `# ${number}\n${trivialPython}`, map))
    else files[path] = selfDescribing(JSON.stringify(map))
  }
  return files
}

const selfDescribing = (map: string) => `import sys
if __name__ == "__main__":
    if "--_sys_get_schema" in sys.argv:
        print('${map}')
`
