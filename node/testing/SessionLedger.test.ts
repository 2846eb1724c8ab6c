import fc from "fast-check"
import { expect, test } from "vitest"
import { SessionLedger } from "./SessionLedger.ts"

const CLEAN = { clientsThatLostState: 0, updatesLost: 0, appliedTwice: 0 }

/** What happens to a request: answered, lost before it was applied, lost after it. */
const fates = fc.array(fc.constantFrom("answered", "not applied", "answer lost"), { maxLength: 40 })

/** A shop that forgets and repeats nothing; the counter that it ends with. */
const serve = (ledger: SessionLedger, script: ReadonlyArray<string>): number => {
  let count = 0
  for (const fate of script) {
    if (fate !== "not applied") count++
    if (fate === "answered") ledger.answered("alice", "visits", count, true)
    else ledger.failed("alice", "visits")
  }
  return count
}

test("a shop that applies every request at most once, and each that it answers, is clean", () => {
  fc.assert(
    fc.property(fates, (script) => {
      const ledger = new SessionLedger()
      serve(ledger, script)
      expect(ledger.verdict()).toEqual(CLEAN)
    }),
    { seed: 5 },
  )
})

test("a shop that forgets n acknowledged steps is found to have lost n", () => {
  fc.assert(
    fc.property(fates, fc.nat(), (script, some) => {
      const ledger = new SessionLedger()
      const count = serve(ledger, [...script, "answered"])
      const lost = 1 + (some % count)
      ledger.answered("alice", "visits", count + 1 - lost, true)
      expect(ledger.verdict()).toEqual({ clientsThatLostState: 1, updatesLost: lost, appliedTwice: 0 })
    }),
    { seed: 5 },
  )
})

test("steps that nobody took are told from those that may have been", () => {
  const ledger = new SessionLedger()
  ledger.answered("alice", "visits", 1, true)
  ledger.failed("alice", "visits")
  ledger.answered("alice", "visits", 3, true)
  expect(ledger.verdict()).toEqual(CLEAN)
  ledger.answered("alice", "visits", 5, true)
  ledger.answered("alice", "teas", 1, false)
  expect(ledger.verdict()).toEqual({ ...CLEAN, appliedTwice: 2 })
})

test("clients do not count for one another", () => {
  const ledger = new SessionLedger()
  ledger.answered("alice", "visits", 1, true)
  ledger.answered("bob", "visits", 1, true)
  ledger.answered("alice", "visits", 1, true)
  ledger.answered("bob", "visits", 1, true)
  expect(ledger.verdict()).toEqual({ clientsThatLostState: 2, updatesLost: 2, appliedTwice: 0 })
})
