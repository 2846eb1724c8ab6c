/** What two answers to the same request may differ in without meaning anything, as the operator declared it. */
export interface Noise {
  /** JSON pointers (RFC 6901) of values that are not compared, nor whether they are there. */
  readonly pointers: ReadonlySet<string>
  /** Taken out of text bodies, and of the strings in JSON ones, in this order before they are compared. */
  readonly patterns: ReadonlyArray<RegExp>
}

export const NO_NOISE: Noise = { pointers: new Set(), patterns: [] }

/**
 * Reads the values of `--ignore`: what begins with `/` is a JSON pointer, anything else a regular expression (of
 * JavaScript, with `^` and `$` at line breaks). A pattern that is to begin with a slash can be written `[/]...`.
 *
 * @returns the noise, or one line that names the bad value and the remedy (never both).
 */
export const parseNoise = (flags: ReadonlyArray<string>): Noise | { readonly problem: string } => {
  const pointers = new Set<string>()
  const patterns: Array<RegExp> = []
  for (const flag of flags) {
    if (flag.startsWith("/")) {
      const wrong = /~(?![01])/.exec(flag)
      if (wrong !== null) {
        return refusal(flag, "in a JSON pointer ~ must be written ~0, and / within a name ~1")
      }
      pointers.add(flag)
      continue
    }
    const pattern = flag === "" ? EMPTY : compile(flag)
    if (typeof pattern === "string") return refusal(flag, pattern)
    patterns.push(pattern)
  }
  return { pointers, patterns }
}

const EMPTY = "it is empty; give a JSON pointer (/pid) or a regular expression (pid: [0-9]+)"

const refusal = (flag: string, why: string): { readonly problem: string } => ({
  problem: `--ignore ${JSON.stringify(flag)}: ${why}`,
})

const compile = (source: string): RegExp | string => {
  try {
    return new RegExp(source, "gmu")
  } catch (error) {
    const what = error instanceof Error ? error.message.slice(error.message.lastIndexOf(": ") + 2) : "?"
    return `it is no regular expression (${what}); put \\ before a character that is meant as itself`
  }
}

/** What is left of `text` when the declared patterns are taken out. */
export const withoutNoise = (text: string, noise: Noise): string => {
  let left = text
  for (const pattern of noise.patterns) left = left.replaceAll(pattern, "")
  return left
}
