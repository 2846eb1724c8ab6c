import { expect, test } from "vitest"
import { NO_NOISE, parseNoise, withoutNoise } from "./Noise.ts"

test("pointers and patterns are told apart by the slash", () => {
  const noise = parseNoise(["/pid", "pid: [0-9]+", "/a~1b/~0/", "[/]x"])
  expect(noise).toEqual({ pointers: new Set(["/pid", "/a~1b/~0/"]), patterns: [/pid: [0-9]+/gmu, /[/]x/gmu] })
  expect(parseNoise([])).toEqual(NO_NOISE)
})

test.each([
  ["", '--ignore "": it is empty; give a JSON pointer (/pid) or a regular expression (pid: [0-9]+)'],
  ["/a~2", '--ignore "/a~2": in a JSON pointer ~ must be written ~0, and / within a name ~1'],
  ["/a~", '--ignore "/a~": in a JSON pointer ~ must be written ~0, and / within a name ~1'],
  [
    "pid: [0-9",
    '--ignore "pid: [0-9": it is no regular expression (Unterminated character class); put \\ before a character that is meant as itself',
  ],
  [
    "a)",
    "--ignore \"a)\": it is no regular expression (Unmatched ')'); put \\ before a character that is meant as itself",
  ],
])("%j is refused", (flag, problem) => {
  expect(parseNoise(["/fine", flag])).toEqual({ problem })
})

test("patterns are taken out one after another, everywhere, line by line", () => {
  const noise = parseNoise(["^b$", "[0-9]+"])
  if ("problem" in noise) throw new Error(noise.problem)
  expect(withoutNoise("a1\nb\nc22 b", noise)).toBe("a\n\nc b")
})
