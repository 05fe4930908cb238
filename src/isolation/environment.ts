/** A script's variables must not act on the programs that confine it. */

/** What the loader, the C library and its translations obey, in whichever program they find it. */
const actsOnPrograms =
  /^(LD_|MALLOC_|GLIBC_|GCONV_PATH$|GETCONF_DIR$|LOCPATH$|NLSPATH$|LANGUAGE$|OUTPUT_CHARSET$|TEXTDOMAIN)/

/** `late`: `NAME=value` for those that may be set only when the program is confined. */
export function splitEnvironment(env: Record<string, string>) {
  const early: Record<string, string> = {}
  const late: string[] = []
  for (const [name, value] of Object.entries(env))
    if (actsOnPrograms.test(name)) late.push(`${name}=${value}`)
    else early[name] = value
  return { early, late }
}

/** Before a variable's name: Bun obeys none of these, and the launcher takes it away. */
const prefix = '.:'
/** Interpreted only, by one thread: what runs once is not worth compiling, and saves 1.5 ms. */
const launcherEnvironment = {
  BUN_BE_BUN: '1',
  BUN_JSC_useBaselineJIT: '0',
  BUN_JSC_useDFGJIT: '0',
  BUN_JSC_useConcurrentGC: '0',
}
/** By these the gateway finds a run's processes (`ProcessSpec.mark`), also while the launcher is starting. */
const marks = ['OUTPUT_DIR', 'RUN_ID']

export function prefixEnvironment(env: Record<string, string>): Record<string, string> {
  const prefixed: Record<string, string> = { ...launcherEnvironment }
  for (const [name, value] of Object.entries(env)) prefixed[prefix + name] = value
  for (const name of marks) if (env[name] !== undefined) prefixed[name] = env[name]
  return prefixed
}
