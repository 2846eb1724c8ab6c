import { expect, test } from "vitest"
import { flaws } from "../JournalWalk.ts"
import { climateOf } from "../JournalClimate.ts"
import { seeded } from "../Seeded.ts"
import { VirtualJournal } from "../VirtualJournal.ts"
import { virtualPeers } from "../VirtualPeer.ts"
import { SimulatedFaults } from "./SimulatedFaults.ts"

/** Five peers that have come to rest. */
const five = (): { readonly journal: VirtualJournal; readonly faults: SimulatedFaults } => {
  const { journal } = climateOf(1, seeded(1), undefined)
  const ring = { seed: 1, latencyMs: [0.3, 2] as const, suspectTicks: 3 }
  const calm = { ...journal, ring, journal: { ...journal.journal, replicas: 3 }, torn: 0 }
  const virtual = new VirtualJournal(calm, virtualPeers(5))
  virtual.ring.run(3_000)
  return { journal: virtual, faults: new SimulatedFaults(virtual) }
}

const suspects = (journal: VirtualJournal, at: string): ReadonlyArray<string> =>
  [...journal.ring.state(at).detector.suspected.values()].map(({ peer }) => peer.name)

test.each([
  ["kill", (faults: SimulatedFaults) => faults.kill("p1")],
  ["tear", (faults: SimulatedFaults) => faults.tear("p1")],
  ["wipe", (faults: SimulatedFaults) => faults.wipe("p1")],
  ["pause", (faults: SimulatedFaults) => faults.pause("p1")],
  ["leave", (faults: SimulatedFaults) => faults.leave("p1")],
  ["cut", (faults: SimulatedFaults) => ["p0", "p2", "p3", "p4"].forEach((one) => faults.cut("p1", one))],
  ["hold", (faults: SimulatedFaults) => ["p0", "p2", "p3", "p4"].forEach((one) => faults.hold("p1", one))],
  [
    "slow",
    (faults: SimulatedFaults) => ["p0", "p2", "p3", "p4"].forEach((one) => faults.slow("p1", one, 900)),
  ],
] as const)("%s is noticed, and peace undoes it", (_, fault) => {
  const { faults, journal } = five()
  expect(flaws(journal)).toEqual([])
  fault(faults)
  const noticed = (): boolean => ["p0", "p2", "p3", "p4"].some((at) => suspects(journal, at).includes("p1"))
  expect(journal.ring.runUntil(noticed, 5_000)).toBeDefined()
  journal.ring.run(4_000)
  faults.peace()
  const isWhole = (): boolean =>
    journal.ring.states().length === 5 &&
    flaws(journal).length === 0 &&
    faults.running().every((at) => suspects(journal, at).length === 0)
  expect(journal.ring.runUntil(isWhole, 30_000)).toBeDefined()
})

/** What p1 hears of p0 from now on. */
const heard = (journal: VirtualJournal): (() => number) => {
  let count = 0
  const stepped = journal.stepped.bind(journal)
  Object.assign(journal, {
    stepped: (...[before, event, after, commands]: Parameters<VirtualJournal["stepped"]>): void => {
      if (before.config.self.name === "p1" && event.type === "message" && event.from.name === "p0") count++
      stepped(before, event, after, commands)
    },
  })
  return () => count
}

test.each(["hold", "cut"] as const)("what is said during a %s arrives afterwards, or never", (verb) => {
  const { faults, journal } = five()
  const { ring } = journal
  const sent: Array<string> = []
  ring.onSend = (from, to) => {
    if (from.name === "p0" && to.name === "p1") sent.push(to.name)
  }
  const count = heard(journal)
  ring.run(50)
  faults[verb]("p0", "p1")
  ring.run(5)
  const before = { sent: sent.length, heard: count() }
  ring.run(2_000)
  expect(sent.length).toBeGreaterThan(before.sent)
  expect(count()).toBe(before.heard)
  const during = sent.length - before.sent
  faults.heal("p0", "p1")
  // Longer than anything is on its way, and shorter than until the next heartbeat.
  ring.run(3)
  const late = count() - before.heard
  expect(late >= during).toBe(verb === "hold")
})

test("clocks go wrong for one peer alone, and a newcomer becomes a member", () => {
  const { faults, journal } = five()
  faults.skew("p1", -60_000)
  faults.join("p9")
  journal.ring.run(5_000)
  const now = (name: string): number => journal.ring.state(name).nowMs
  expect(now("p0") - now("p1")).toBe(60_000)
  expect(journal.ring.state("p9").phase).toBe("member")
})
