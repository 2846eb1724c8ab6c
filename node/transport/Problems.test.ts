import { expect, test } from "vitest"
import { Problems } from "./Problems.ts"

test("of each kind a few lines a minute are said, the rest is counted", () => {
  let now = 0
  const said: Array<string> = []
  const problems = new Problems(
    (text) => said.push(text),
    () => now,
  )
  for (let i = 0; i < 1_000; i++) problems.report("a", `a${i}`)
  problems.report("b", "b\nof\u0007two lines")
  expect(said).toEqual(["a0", "a1", "a2", "a3", "a4", "b of two lines"])
  now = 60_000
  problems.report("a", "again")
  problems.report("a", "and again")
  expect(said.slice(6)).toEqual(["again (and 995 more like it, left out)", "and again"])
})
