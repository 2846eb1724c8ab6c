import { parseArgs } from "node:util"
import type { Flag, Flags, ValuesOf } from "./Flag.ts"

/**
 * The values of `flags` in `args`, or undefined when there is anything to say about them: help asked for, a mistake,
 * or a way of writing that only effect/cli reads. Whatever this function reads, effect/cli reads to the same values.
 */
export const readPlainArgs = <F extends Flags>(
  flags: F,
  args: ReadonlyArray<string>,
): ValuesOf<F> | undefined => {
  const written = tokenize(flags, args)
  if (written === undefined) return undefined
  const values: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(flags)) {
    try {
      values[name] = valueOf(flag, written.get(name) ?? [])
    } catch {
      return undefined
    }
  }
  return values as ValuesOf<F>
}

const valueOf = (flag: Flag, texts: ReadonlyArray<string>): unknown => {
  switch (flag.kind) {
    case "switch":
      return texts.length > 0
    case "many":
      return texts.map((text) => flag.read(text))
    case "required":
    case "optional": {
      const [text] = texts
      if (text !== undefined) return flag.read(text)
      if (flag.kind === "required") throw new RangeError("missing")
      return flag.fallback
    }
  }
}

const tokenize = (flags: Flags, args: ReadonlyArray<string>): Map<string, Array<string>> | undefined => {
  const written = new Map<string, Array<string>>()
  try {
    const { tokens } = parseArgs({
      args: [...args],
      options: Object.fromEntries(
        Object.entries(flags).map(([name, flag]) => [
          name,
          { type: flag.kind === "switch" ? ("boolean" as const) : ("string" as const), multiple: true },
        ]),
      ),
      allowPositionals: false,
      tokens: true,
    })
    for (const token of tokens) {
      if (token.kind !== "option") return undefined
      const texts = written.get(token.name) ?? []
      if (texts.length > 0 && flags[token.name]?.kind !== "many") return undefined
      written.set(token.name, [...texts, token.value ?? ""])
    }
    return written
  } catch {
    return undefined
  }
}
