import { test } from "vitest"
import { expectPlaced } from "./testing/Placement.ts"

test.for([1, 2, 3, 5, 8])("1,000 clients of a ring of %i land where sorted ids say", (peers) =>
  expectPlaced(peers),
)
