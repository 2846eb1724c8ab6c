import { hash } from "node:crypto"
import { expect, test } from "vitest"
import type { Hash } from "../../core/replication/Durable.ts"
import { schedules } from "./Schedules.ts"

const sha256 = (bytes: Uint8Array): Hash => hash("sha256", bytes) as Hash

test.each(schedules)("every promise of the journal is kept: $name", ({ play }) => {
  expect(play(sha256).answers.get("a1")).toBe("ada: a1")
})
