import fc from "fast-check"
import { expect, test } from "vitest"
import { fromHex } from "../../../core/ring/RingId.ts"
import { leaderById } from "./LeaderById.ts"
import { type LookupReport, writeLookup } from "./Lookup.ts"
import { contactAt, idAt } from "./testing/Views.ts"

test("the leader by id is the first member at or after the home, clockwise", () => {
  const places = fc.uniqueArray(fc.integer({ min: 0, max: 4095 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(places, fc.integer({ min: 0, max: 4095 }), (all, home) => {
      const distance = (place: number): number => (place - home + 4096) % 4096
      const nearest = all.toSorted((a, b) => distance(a) - distance(b))[0]
      expect(leaderById(all.map(contactAt), idAt(home))?.name).toBe(`p${nearest}`)
    }),
  )
  expect(leaderById([], idAt(0))).toBeUndefined()
})

const report: LookupReport = {
  client: "alice",
  key: fromHex("522b276a356bdf39013dfabea2cd43e141ecc9e8"),
  cell: 41,
  home: fromHex(`53${"f".repeat(38)}`),
  asked: "p1",
  problem: null,
  leader: { name: "p6", id: idAt(6), http: "127.0.0.1:1" },
  hops: 2,
  path: ["p1", "p4", "p6"],
  expected: "p6",
}

test("what it looks like: found, found elsewhere, not found", () => {
  expect(writeLookup(report, 128)).toMatchInlineSnapshot(`
    "client  alice
    key     522b276a356bdf39013dfabea2cd43e141ecc9e8
    cell    41 of 128, home 53ffffffffffffffffffffffffffffffffffffff
    leader  p6 at http://127.0.0.1:1/
    hops    2, asked p1
    path    p1 -> p4 -> p6
    by id   p6"
  `)
  expect(writeLookup({ ...report, expected: "p7", path: null }, 128)).toContain("ringstead check-ring")
  expect(writeLookup({ ...report, leader: null, problem: "p1 is busy", path: null }, 128)).toMatch(
    /leader +not found: p1 is busy\nby id/,
  )
})
