import { expect, test } from "vitest"
import { misplaced } from "./testing/Placement.ts"

test.for([1, 2, 3, 8])("1,000 clients of a ring of %i land where sorted ids say", async (peers) => {
  expect(await misplaced(peers)).toEqual([])
})
