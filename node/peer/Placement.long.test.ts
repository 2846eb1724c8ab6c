import { expect, test } from "vitest"
import { misplaced } from "./testing/Placement.ts"

/** 64 peers and their services share two cores here: with heartbeats made for machines of their own they would suspect one another. */
const PATIENT = ["--tick", "500ms", "--suspect-after", "10s"]

test("1,000 clients of a ring of 64 land where sorted ids say", async () => {
  expect(await misplaced(64, PATIENT)).toEqual([])
}, 180_000)
