import { hash } from "node:crypto"
import { expect, test, vi } from "vitest"
import type { Sha256 } from "../../core/replication/Chain.ts"
import type { Hash } from "../../core/replication/Durable.ts"
import { eachSeed } from "./EachSeed.ts"
import { walk, type WalkOptions } from "./JournalWalk.ts"

// Seconds of work at most, on a machine that may be doing a lot else.
vi.setConfig({ testTimeout: 120_000 })

const sha256: Sha256 = (bytes) => hash("sha256", bytes) as Hash

/** A seed that is run again tells what happened before it failed. */
const options: WalkOptions = { sha256, traced: import.meta.env["RING_SEED"] !== undefined }

test("whatever fails, every promise of the journal is kept at every step, and all is whole again afterwards", () => {
  eachSeed(24, (seed) => {
    expect(walk(seed, options).answered).toBeGreaterThan(0)
  })
})

test("the same seed is the same walk", () => {
  eachSeed(2, (seed) => {
    expect(walk(seed, options)).toEqual(walk(seed, options))
  })
})
