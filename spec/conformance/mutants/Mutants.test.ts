import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { mutants } from "./Mutants.ts"

const root = new URL("../../../", import.meta.url)

test("names are different", () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  "%s: each of its texts occurs once in the shipped code, and is changed",
  (_, { patches }) => {
    expect(patches.length).toBeGreaterThan(0)
    for (const { file, find, replace } of patches) {
      const text = readFileSync(new URL(file, root), "utf8")
      expect([file, text.split(find).length - 1]).toEqual([file, 1])
      expect(replace).not.toBe(find)
    }
  },
)
