import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { PeerReport } from "../../peer/PeerReport.ts"
import { cellsOf } from "../../peer/JournalReport.ts"
import { journalStatusOf, writeBytes, writeJournal } from "./JournalStatus.ts"
import { exitCodeOf, statusOf } from "./RingStatus.ts"
import { writeStatus } from "./Status.ts"
import type { Answer } from "./Survey.ts"
import { genesisAt, idealJournals, journalWith } from "./testing/Journals.ts"

const heard = (report: PeerReport): Answer => ({ address: report.self.ring, report, roundTripMs: 1 })

test("journals in order: every cell is led once and copied as often as it can be, and nothing is amiss", () => {
  const places = fc.uniqueArray(fc.integer({ min: 0, max: 4095 }), { minLength: 1, maxLength: 7 })
  fc.assert(
    fc.property(places, (all) => {
      const genesis = genesisAt(all)
      const reports = idealJournals(all, genesis)
      const status = journalStatusOf(genesis, reports)
      const copies = Math.min(3, all.length)
      const sum = (key: "leads" | "follows" | "sessions"): number =>
        (status?.peers ?? []).reduce((total, peer) => total + peer[key], 0)
      expect([sum("leads"), sum("follows"), sum("sessions")]).toEqual([128, 128 * (copies - 1), all.length])
      expect(status).toMatchObject({
        durability: "disk",
        standby: "warm",
        epoch: 1,
        viewChanges: 128,
        commit: 5 * 128,
        lag: 0,
        sessions: all.length,
        bytes: 1_000 * all.length,
        fenced: { count: 0, clients: [] },
        leaderless: 0,
        thin: 0,
        reasons: [],
      })
      expect(status?.cells).toHaveLength(128)
      expect(exitCodeOf(statusOf(genesis, reports.map(heard)))).toBe(0)
    }),
  )
})

describe("verdicts", () => {
  const all = [100, 1100, 2100, 3100]
  const genesis = genesisAt(all, 16)
  const reports = idealJournals(all, genesis)
  const status = (changed: ReadonlyArray<PeerReport>) => statusOf(genesis, changed.map(heard))

  test("a peer's copies are gone: its cells have too few, and those that it led nobody serves", () => {
    const three = reports.slice(0, 3)
    const found = status(three)
    expect(exitCodeOf(found)).toBe(2)
    expect(found.reasons).toContain("cells 8-11: nobody serves; p3100 of p3100 p100 p1100 is missing")
    expect(found.reasons).toContain("cells 0-3: 2 of 3 copies (p1100 p2100)")
  })

  test("a copy less, while every cell is served, is degraded", () => {
    const [first, ...rest] = reports
    if (first === undefined) throw new Error("four reports")
    const cells = cellsOf(first.journal).filter(({ leads }) => leads)
    const found = status([{ ...first, journal: journalWith(cells) }, ...rest])
    expect(exitCodeOf(found)).toBe(1)
    expect(found.journal).toMatchObject({ leaderless: 0, thin: 8 })
  })

  test("a fence is degraded, and names the clients", () => {
    const [first, ...rest] = reports
    if (first === undefined) throw new Error("four reports")
    const clients = Array.from({ length: 7 }, (_, i) => `client ${i}`)
    const journal = { ...first.journal, fenced: { count: 9, clients } }
    const found = status([{ ...first, journal }, ...rest])
    expect(exitCodeOf(found)).toBe(1)
    expect(found.reasons).toEqual([
      `9 sessions are fenced ("client 0" "client 1" "client 2" "client 3" "client 4" and 4 more); see 'ringstead session show CLIENT'`,
    ])
  })

  test("what a member lacks is its lag, and no verdict", () => {
    const [first, ...rest] = reports
    if (first === undefined) throw new Error("four reports")
    const cells = cellsOf(first.journal).map((cell) =>
      cell.leads ? cell : { ...cell, length: 3, commit: 3 },
    )
    const found = status([{ ...first, journal: journalWith(cells) }, ...rest])
    expect(exitCodeOf(found)).toBe(0)
    expect(found.journal?.lag).toBe(16)
    expect(found.journal?.peers[0]).toMatchObject({ name: "p100", lag: 16 })
  })

  test("peers that keep their journals differently are mixed", () => {
    const [first, ...rest] = reports
    if (first === undefined) throw new Error("four reports")
    const journal = { ...first.journal, durability: "memory" as const }
    expect(status([{ ...first, journal }, ...rest]).journal).toMatchObject({
      durability: "mixed",
      standby: "warm",
    })
  })

  test("in the mode stateless there is none", () => {
    expect(journalStatusOf({ ...genesis, mode: "stateless" }, reports)).toBeNull()
    expect(
      journalStatusOf(
        genesis,
        reports.map((report) => ({ ...report, journal: null })),
      ),
    ).toBeNull()
  })

  test("what it looks like", () => {
    const found = status(reports)
    if (found.journal === null) throw new Error("a journal")
    expect(writeJournal(found.journal)).toMatchInlineSnapshot(`
      "journal: durability disk, warm standby, epoch 1 (16 view changes), 80 entries committed, lag 0, 4 sessions, 0 fenced, 3.9 KiB
      PEER   LEADS  FOLLOWS  SESSIONS  FENCED  BEHIND  UNREADY  LAG  PENDING  JOURNAL
      p100       4        8         1       0       0        0    0        0   1000 B
      p1100      4        8         1       0       0        0    0        0   1000 B
      p2100      4        8         1       0       0        0    0        0   1000 B
      p3100      4        8         1       0       0        0    0        0   1000 B"
    `)
    expect(writeStatus(found)).toContain(writeJournal(found.journal))
  })
})

test("sizes for people", () => {
  expect([0, 1_023, 1_024, 1_536, 16 * 2 ** 20, 5 * 2 ** 40, 5 * 2 ** 50].map(writeBytes)).toEqual([
    "0 B",
    "1023 B",
    "1 KiB",
    "1.5 KiB",
    "16 MiB",
    "5 TiB",
    "5120 TiB",
  ])
})
