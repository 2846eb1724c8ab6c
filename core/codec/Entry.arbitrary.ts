import fc from "fast-check"
import type { Entry } from "../replication/Entry.ts"
import { clients } from "./Message.arbitrary.ts"

const blocks = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 126, maxLength: 130 }))

/** Every entry that the codec allows, but for large ones. */
export const entries: fc.Arbitrary<Entry> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("request" as const),
      client: clients,
      id: fc.oneof(clients, fc.constantFrom("key:x", "d".repeat(512))),
      at: fc.oneof(fc.nat(), fc.maxSafeNat()),
      replay: fc.constantFrom("compare", "run", "skip"),
      request: blocks,
      response: blocks,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("expire" as const), client: clients, at: fc.maxSafeNat() }),
  },
)
