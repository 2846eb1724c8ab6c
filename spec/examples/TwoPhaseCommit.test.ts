import { expect, test } from "vitest"
import { explored } from "../explorer/Explore.ts"
import { verdictOf } from "../explorer/Report.ts"
import { retell } from "../explorer/Retell.ts"
import { system } from "./TwoPhaseCommit.ts"

test("two-phase commit agrees, and always comes to an end", () => {
  const report = explored(system({ impatient: false }))
  expect(report).toMatchObject({ isComplete: true, unseen: [] })
  expect(verdictOf(report)).toBe("holds")
})

test("a participant that gives up after its vote is found out by the shortest behaviour there is", () => {
  const impatient = system({ impatient: true })
  const [finding] = explored(impatient).findings
  expect(finding?.name).toBe("Agreement")
  expect(retell(impatient, finding?.way ?? []).filter((line) => /^\d/.test(line))).toEqual([
    "1  vote-yes 0",
    "2  give-up 0",
    "3  vote-yes 1",
    "4  decide",
    "5  learn 1",
  ])
})
