import { expect, test } from "vitest"
import { freshName } from "./FreshName.ts"

test("names are 32 hexadecimal digits, all different, also beyond what is drawn at once", () => {
  const names = Array.from({ length: 5_000 }, freshName)
  expect(new Set(names).size).toBe(5_000)
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{32}$/)
})
