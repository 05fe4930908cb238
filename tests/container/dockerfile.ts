/** Reads a Dockerfile as far as the tests need it: one entry for each instruction, in order. */
export interface Instruction {
  /** In capitals. */
  name: string
  /** `--from=build` and the like, without the dashes. */
  flags: Record<string, string>
  /** The rest of the instruction, on one line. */
  text: string
}

export function parseDockerfile(source: string): Instruction[] {
  const lines = source.split('\n').filter((line) => !/^\s*#/.test(line)) // comments go before lines are joined
  return lines
    .join('\n')
    .replaceAll(/\\\s*\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseInstruction)
}

function parseInstruction(line: string): Instruction {
  const [name = '', ...words] = line.trim().split(/\s+/)
  const flags: Record<string, string> = {}
  while (words[0]?.startsWith('--')) {
    const [key = '', ...value] = words.shift()!.slice(2).split('=')
    flags[key] = value.join('=')
  }
  return { name: name.toUpperCase(), flags, text: words.join(' ') }
}

/** `A=1 B=2` of an ENV instruction. */
export const parseEnv = (text: string): Record<string, string> =>
  Object.fromEntries(text.split(' ').map((pair) => pair.split('=', 2) as [string, string]))
